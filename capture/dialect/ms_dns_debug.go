// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A msDNS reads the debug log of the DNS server in Windows Server 2008 R2 to 2025
// (dns.log). A visit is a query that was received; what was sent, and what came back
// from other servers, is the same look-up again. The date is written as the
// server's language writes it. Source: the heading that the server puts into the
// log, and Microsoft's "DNS Logging and Diagnostics".
type msDNS struct{}

func newMSDNS(o Options) Parser { return newParser(o, &msDNS{}) }

func (m *msDNS) read(k *kit, b []byte) error {
	i := bytes.Index(b, []byte(" PACKET "))
	if i < 0 || i > 48 {
		return m.other(b)
	}
	w, ok := m.when(k, b[:i])
	if !ok {
		return ErrTime
	}
	rest := b[i+len(" PACKET "):]
	var f [4][]byte // place in memory, protocol, direction, address
	for n := range f {
		f[n], rest = cut(rest)
	}
	if string(f[1]) != "UDP" && string(f[1]) != "TCP" || string(f[2]) != "Rcv" && string(f[2]) != "Snd" {
		return ErrFields
	}
	xid, rest := cut(rest)
	word, rest := cut(rest)
	if string(f[2]) == "Snd" || string(word) == "R" {
		return ErrNoise
	}
	if len(xid) != 4 || string(word) != "Q" {
		return ErrNoise // updates and notices
	}
	end := bytes.IndexByte(rest, ']')
	if end < 0 {
		return ErrFields
	}
	kind, name := cut(rest[end+1:])
	if len(kind) == 0 {
		return ErrFields
	}
	e := &k.entry
	e.dns, e.client, e.host = true, f[3], k.counted(bytes.TrimSpace(name))
	e.action = safeguard.ActionUnknown
	return k.clock.set(w, e)
}

// when reads the date and time, which the number of the thread follows.
func (m *msDNS) when(k *kit, b []byte) (w civil, ok bool) {
	i := bytes.LastIndexByte(bytes.TrimRight(b, " "), ' ')
	if i < 0 {
		return w, false
	}
	b = b[:i]
	american := bytes.HasSuffix(b, []byte("M")) || bytes.HasSuffix(b, []byte("m"))
	if w, ok = readCivil(b, k.clock.monthFirst || american && !k.clock.decided); ok && w.order != eitherOrder {
		k.clock.decided, k.clock.monthFirst = true, w.order == monthDay
	}
	return w, ok && w.dated && w.timed
}

// counted turns "(3)www(6)school(7)example(0)" into "www.school.example"; newer
// servers also write ".www.school.example.".
func (k *kit) counted(name []byte) []byte {
	if len(name) == 0 || name[0] != '(' {
		return bytes.TrimPrefix(name, []byte("."))
	}
	start := len(k.bytes)
	for len(name) > 0 && name[0] == '(' {
		i := bytes.IndexByte(name, ')')
		if i < 0 {
			break
		}
		n, ok := number(name[1:i])
		name = name[i+1:]
		if !ok || n > len(name) || n == 0 {
			break
		}
		if len(k.bytes) > start {
			k.bytes = append(k.bytes, '.')
		}
		k.bytes = append(k.bytes, name[:n]...)
		name = name[n:]
	}
	return k.bytes[start:]
}

// other knows the heading, other entries, and the details of packets.
func (m *msDNS) other(b []byte) error {
	for _, known := range []string{"DNS Server log", "Log file", "Message logging key", "Field #", "-------",
		"Information for", "Rcv ", "Snd ", "UDP ", "TCP ", "XID ", "QCOUNT", "QUESTION SECTION"} {
		if bytes.HasPrefix(bytes.TrimLeft(b, " \t"), []byte(known)) {
			return ErrNoise
		}
	}
	for _, context := range []string{" EVENT ", " Note: ", " LOOKUP ", " RECURSE ", " REMOTE ", " DSWRITE ", " DSPOLL ", " INIT ", " TIMEOUT ", " TNCSAM "} {
		if i := bytes.Index(b[:min(len(b), 48)], []byte(context)); i > 8 && isDigit(b[0]) {
			return ErrNoise
		}
	}
	return ErrFormat
}

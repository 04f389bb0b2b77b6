// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// frameFields is how many fields may stand before the tag that names Squid: three
// of the date, a year, and the host twice when it was relayed.
const frameFields = 6

// cutFrame drops a syslog prefix as pfSense and rsyslog write it, such as
//
//	<166>Aug 21 22:08:13 proxy.example (squid-1)[6802]:
//
// and returns the message. RFC 3164 section 4.1; the priority may be missing, and
// the date may be of RFC 3339. With a priority, it is whatever frame syslog knows,
// under any program's name: RFC 5424, or the tag that a relay was told to use.
func cutFrame(line []byte) (message []byte, ok bool) {
	if rest, framed := cutPriority(line); framed {
		var f frame
		if message = f.strip(line); len(message) > 0 && len(message) < len(rest) {
			return message, true
		}
	}
	b := line
	if b[0] == '<' {
		i := bytes.IndexByte(b, '>')
		if i < 2 || i > 4 || !allDigits(b[1:i]) {
			return nil, false
		}
		b = b[i+1:]
	}
	for range frameFields + 1 {
		var f []byte
		f, b = cut(b)
		if len(f) == 0 {
			return nil, false
		}
		if f[len(f)-1] == ':' && bytes.Contains(f, []byte("squid")) {
			b = bytes.TrimLeft(b, " ")
			return b, len(b) > 0
		}
	}
	return nil, false
}

// isCacheLog reports whether b is a line of cache.log, "2019/10/11 08:55:28 kid1|
// …" or "2019/10/11 08:55:28| …", or the parent process's word on its children:
// both end up among the visits when everything goes to one syslog file.
func isCacheLog(b []byte) bool {
	if bytes.HasPrefix(b, []byte("Squid Parent: ")) {
		return true
	}
	const stamp = "dddd/dd/dd dd:dd:dd"
	if len(b) <= len(stamp) {
		return false
	}
	for i := range len(stamp) {
		if stamp[i] == 'd' && !isDigit(b[i]) || stamp[i] != 'd' && b[i] != stamp[i] {
			return false
		}
	}
	b = b[len(stamp):]
	if b[0] == '|' {
		return true
	}
	if b[0] == '.' { // a fraction, with debug_options of newer versions
		_, b = cut(b)
	}
	f, _ := cut(b)
	return bytes.HasPrefix(f, []byte("kid")) || bytes.HasPrefix(f, []byte("|"))
}

// linked reads a native line whose first two fields a collector took for a
// telephone number and made a link of: "[1598040493.253 325](tel:1598040493.253 325) …".
func (s *squid) linked(line []byte, slab *secret.Slab, v *safeguard.Visit) error {
	i := bytes.Index(line, []byte("](tel:"))
	if i < 0 {
		return ErrFormat
	}
	sec, nsec, elapsed, ok := cutEpoch(line[1:i])
	n := bytes.IndexByte(line[i:], ')')
	if !ok || n < 0 || !isNumber(bytes.TrimLeft(elapsed, " ")) {
		return ErrFormat
	}
	// The link's text ends where the link itself does: its end is the elapsed time
	// again, so the rest of the line reads like any other.
	end := i + n
	return s.native(sec, nsec, replaceBehind(line, end), slab, v)
}

// replaceBehind returns line from the last field before its byte at end on, with
// that byte skipped as if it were not there.
func replaceBehind(line []byte, end int) []byte {
	start := bytes.LastIndexByte(line[:end], ' ')
	if start < 0 || end+1 >= len(line) {
		return nil
	}
	return append(append(make([]byte, 0, len(line)), line[start:end]...), line[end+1:]...)
}

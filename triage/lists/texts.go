// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// local are the names in hosts files that are the machine itself.
var local = map[string]bool{
	"localhost": true, "localhost.localdomain": true, "local": true, "broadcasthost": true, "ip6-localhost": true,
	"ip6-loopback": true, "ip6-localnet": true, "ip6-mcastprefix": true, "ip6-allnodes": true, "ip6-allrouters": true,
	"ip6-allhosts": true, "0.0.0.0": true,
}

// hostsLine reads "0.0.0.0 name name …": each name for itself only.
func (l *loader) hostsLine(b []byte) {
	fields := bytes.Fields(b)
	if len(fields) < 2 || !isSink(fields[0]) {
		l.skip(SkipForm)
		return
	}
	for _, f := range fields[1:] {
		if local[string(f)] {
			l.skip(SkipLocal)
			continue
		}
		l.name(exact, f)
	}
}

// isSink reports whether b is an address that hosts files send names to.
func isSink(b []byte) bool {
	switch string(b) {
	case "0.0.0.0", "127.0.0.1", "::", "::1", "0", "::0":
		return true
	}
	return false
}

// adblockLine reads the rules of AdGuard and Adblock Plus that speak of a host and
// nothing else: "||host^", with "@@" before it an exception, with "$important" behind it
// above exceptions; a bare name, or a line of a hosts file, for itself only. A rule about
// requests inside pages is passed over, never shortened to its host.
func (l *loader) adblockLine(b []byte) {
	switch {
	case b[0] == '!', b[0] == '[':
		return // a comment, or the heading
	case bytes.Contains(b, []byte("##")), bytes.Contains(b, []byte("#@#")), bytes.Contains(b, []byte("#?#")), bytes.Contains(b, []byte("#%#")), bytes.Contains(b, []byte("#$#")):
		l.skip(SkipPart)
		return
	case b[0] == '#':
		return
	case b[0] == '/':
		l.skip(SkipExpression)
		return
	}
	if fields := bytes.Fields(b); len(fields) > 1 && isSink(fields[0]) {
		b, _, _ = bytes.Cut(b, []byte("#"))
		l.hostsLine(b)
		return
	}
	rule, allow := bytes.CutPrefix(b, []byte("@@"))
	rule, options, _ := bytes.Cut(rule, []byte("$"))
	k := domain
	if allow {
		k = allowDomain
	}
	switch string(bytes.ToLower(options)) {
	case "":
	case "important":
		if !allow {
			k = important
		}
	default:
		l.skip(SkipPart)
		return
	}
	if rest, ok := bytes.CutPrefix(rule, []byte("||")); ok {
		rest, whole := bytes.CutSuffix(rest, []byte("^"))
		switch {
		case bytes.ContainsAny(rest, "/?=&"):
			l.skip(SkipPart)
		case !whole || bytes.ContainsAny(rest, "*^|"):
			l.skip(SkipPattern) // without its end, "||bad.example" covers bad.example.org too
		default:
			l.name(k, rest)
		}
		return
	}
	if bytes.ContainsAny(rule, "|^*/?=& ") {
		l.skip(SkipPattern)
		return
	}
	if bytes.IndexByte(rule, '.') < 0 {
		l.skip(SkipForm)
		return
	}
	if k == domain {
		k = exact
	} else if k == allowDomain {
		k = allowExact
	}
	l.name(k, rule)
}

// rpz reads a response policy zone (draft-vixie-dnsop-dns-rpz): a master file whose
// owners are names below the zone. "*.name" covers what is below name and not name
// itself. CNAME rpz-passthru takes a name out; any other answer puts it in.
func (l *loader) rpz() error {
	var owner []byte
	open := 0 // brackets
	read := func(b []byte) {
		starts := b[0] != ' ' && b[0] != '\t'
		if i := bytes.IndexByte(b, ';'); i >= 0 {
			b = b[:i]
		}
		inside := open > 0
		open += bytes.Count(b, []byte("(")) - bytes.Count(b, []byte(")"))
		fields := bytes.Fields(b)
		if inside || len(fields) == 0 {
			return
		}
		switch strings.ToUpper(string(fields[0])) {
		case "$ORIGIN":
			if len(fields) > 1 {
				l.origin = "." + strings.ToLower(strings.Trim(string(fields[1]), "."))
			}
			return
		case "$TTL", "$INCLUDE", "$GENERATE":
			return
		}
		if starts {
			owner = append(owner[:0], fields[0]...)
			fields = fields[1:]
		}
		// Time to live and class may stand before the type, in either order.
		for len(fields) > 0 && (strings.EqualFold(string(fields[0]), "IN") || fields[0][0] >= '0' && fields[0][0] <= '9') {
			fields = fields[1:]
		}
		if len(fields) < 2 || len(owner) == 0 || string(owner) == "@" {
			return
		}
		l.zoneRule(owner, string(bytes.ToUpper(fields[0])), string(bytes.ToLower(fields[1])))
	}
	f, err := os.Open(l.source.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	l.newest = info.ModTime()
	scan := bufio.NewScanner(f) // white space at the start of a line means something here
	scan.Buffer(make([]byte, 4096), maxLine)
	for scan.Scan() {
		if b := bytes.TrimRight(bytes.TrimPrefix(scan.Bytes(), []byte("\xef\xbb\xbf")), " \t\r"); len(b) > 0 {
			read(b)
		}
	}
	if scan.Err() != nil {
		return errors.New("a line is longer than 64 KiB")
	}
	return nil
}

// zoneRule enters one record of a zone.
func (l *loader) zoneRule(owner []byte, kindOf, answer string) {
	name := strings.ToLower(string(owner))
	if full, ok := strings.CutSuffix(name, "."); ok {
		// An owner that is written out lies in the zone, or says nothing to us.
		if name, ok = strings.CutSuffix(full, l.origin); !ok || l.origin == "" {
			l.skip(SkipForm)
			return
		}
	}
	k, low := domain, domain
	switch kindOf {
	case "CNAME":
		switch {
		case answer == "rpz-passthru." || strings.TrimSuffix(answer, ".") == name:
			k = allowExact
		case answer == "rpz-tcp-only.":
			l.skip(SkipServer)
			return
		}
	case "A", "AAAA", "TXT":
	default:
		return // SOA, NS and the like are the zone's own
	}
	for _, suffix := range []string{".rpz-client-ip", ".rpz-nsdname", ".rpz-nsip"} {
		if strings.HasSuffix(name, suffix) {
			l.skip(SkipServer)
			return
		}
	}
	if ip, ok := strings.CutSuffix(name, ".rpz-ip"); ok {
		name = zoneAddress(ip)
		if name == "" {
			l.skip(SkipServer)
			return
		}
	}
	low = exact
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		name, low = rest, below
	}
	if k == allowExact {
		if low == below {
			low = allowBelow
		} else {
			low = allowExact
		}
	}
	l.name(low, []byte(name))
}

// zoneAddress reads "32.9.113.0.203": the length of the prefix, and the address
// backwards, "zz" for the zeros of IPv6. Only whole addresses can be asked for.
func zoneAddress(s string) string {
	parts := strings.Split(s, ".")
	bits, err := strconv.Atoi(parts[0])
	if err != nil {
		return ""
	}
	var text string
	for _, p := range parts[1:] {
		switch {
		case text == "":
			text = p
		case bits == 32 && len(parts) == 5:
			text = p + "." + text
		default:
			text = p + ":" + text
		}
	}
	if bits == 128 {
		text = strings.NewReplacer(":zz:", "::", "zz:", "::", ":zz", "::").Replace(text)
	}
	a, err := netip.ParseAddr(text)
	if err != nil || bits != a.BitLen() {
		return ""
	}
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// addressColumns are headings under which a CSV file has its addresses, best first.
var addressColumns = []string{"url", "domain", "host", "hostname", "site", "address", "website", "fqdn", "indicator", "value"}

// csv reads a table with or without a heading. Without one, its first column is the
// address.
func (l *loader) csv() error {
	f, err := os.Open(l.source.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	l.newest = info.ModTime()
	disk := &watched{Reader: f}
	in := bufio.NewReader(disk)
	if b, err := in.Peek(3); err == nil && string(b) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3)
	}
	r := csv.NewReader(in)
	r.Comment, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace, r.ReuseRecord = '#', -1, true, true, true
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			l.skip(SkipForm)
			if disk.failed {
				return errors.New("cannot be read")
			}
			continue
		}
		if first && l.heading(row) {
			continue
		}
		if len(row) <= l.fields || row[l.fields] == "" {
			l.skip(SkipForm)
			continue
		}
		l.address([]byte(strings.TrimSpace(row[l.fields])), true)
	}
}

// watched notes that reading failed: the errors of the parser do not say whether it
// was the text or the disk.
type watched struct {
	io.Reader
	failed bool
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	w.failed = err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// heading finds the column of addresses, if the row is a heading.
func (l *loader) heading(row []string) bool {
	for _, want := range addressColumns {
		for i, name := range row {
			if strings.EqualFold(strings.TrimSpace(name), want) {
				l.fields = i
				return true
			}
		}
	}
	return false
}

// hashLine reads the SHA-256 of an expression, as 64 hex digits. See
// target.Expressions.
func (l *loader) hashLine(b []byte) {
	var h hashRecord
	if n, err := hex.Decode(h.sum[:], b[:min(len(b), 64)]); err != nil || n != 32 || len(b) != 64 {
		l.skip(SkipForm)
		return
	}
	h.list = uint8(l.list)
	l.hashes = append(l.hashes, h)
}

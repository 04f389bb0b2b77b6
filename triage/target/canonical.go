// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ErrAddress is returned for what holds no host at all. It is the only error of
// this package, and says nothing of what was read.
var ErrAddress = errors.New("no address of a host")

// maxAddress is the most of an address that is looked at, in bytes: longer ones
// do not fit a request of any common server.
const maxAddress = 64 << 10

// Canonical returns the one spelling of an address that lists are compared with,
// after the rules of Safe Browsing v5 ("URLs and Hashing"): fragment, user and
// port gone, percent-encoding undone until nothing changes, host in lower case
// and ASCII, any spelling of an IPv4 address dotted, dots and slashes of the path
// resolved, what must be escaped escaped. The query is kept. It is total but for
// ErrAddress, and canonical addresses come out as they went in.
func Canonical(address []byte) ([]byte, error) {
	b := withoutControls(address)
	if len(b) > maxAddress {
		b = b[:maxAddress]
	}
	if i := bytes.IndexByte(b, '#'); i >= 0 {
		b = b[:i]
	}
	b = bytes.Trim(b, " ")
	scheme, rest := splitScheme(b)
	authority, tail := splitAuthority(rest)
	host, err := canonicalHost(authority)
	if err != nil {
		return nil, err
	}
	path, query, hasQuery := bytes.Cut(tail, []byte("?"))
	out := make([]byte, 0, len(b)+16)
	out = append(out, lower(scheme)...)
	out = append(out, "://"...)
	delimiters := "/?\\@:"
	if host[0] == '[' && host[len(host)-1] == ']' {
		delimiters = "/?\\@" // an IPv6 address keeps its colons
	}
	out = appendEscaped(out, host, delimiters)
	out = appendEscaped(out, resolve(unescapeAll(path)), "?")
	if hasQuery {
		out = append(out, '?')
		out = appendEscaped(out, unescapeAll(query), "")
	}
	return out, nil
}

// withoutControls drops TAB, CR and LF, which browsers drop too.
func withoutControls(b []byte) []byte {
	if !bytes.ContainsAny(b, "\t\r\n") {
		return b
	}
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c != '\t' && c != '\r' && c != '\n' {
			out = append(out, c)
		}
	}
	return out
}

// splitScheme cuts "http://" off; an address without a scheme is taken for http.
func splitScheme(b []byte) (scheme, rest []byte) {
	i := bytes.Index(b, []byte("://"))
	if i <= 0 || i > 16 {
		return []byte("http"), bytes.TrimPrefix(b, []byte("//"))
	}
	for _, c := range b[:i] {
		if !isAlnum(c) && c != '+' && c != '-' && c != '.' {
			return []byte("http"), b
		}
	}
	return b[:i], b[i+3:]
}

// splitAuthority cuts off what stands before the path, without user and port.
func splitAuthority(b []byte) (host, tail []byte) {
	i := bytes.IndexAny(b, "/?\\")
	if i < 0 {
		i = len(b)
	}
	host, tail = b[:i], b[i:]
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	host, _ = splitPort(host)
	return host, tail
}

// splitPort cuts ":443" off, minding IPv6 in brackets. The port is 0 if there is
// none.
func splitPort(host []byte) ([]byte, int) {
	if len(host) > 0 && host[0] == '[' {
		if j := bytes.IndexByte(host, ']'); j >= 0 {
			return host[:j+1], portOf(host[j+1:])
		}
		return host, 0
	}
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && bytes.IndexByte(host, ':') == i {
		return host[:i], portOf(host[i:])
	}
	return host, 0
}

func portOf(b []byte) int {
	n := 0
	for i, c := range b {
		if i == 0 && c == ':' {
			continue
		}
		if c < '0' || c > '9' || n > 65535 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// canonicalHost returns a host in its one spelling.
func canonicalHost(host []byte) ([]byte, error) {
	h := collapseDots(lower(unescapeAll(host)))
	if ip, ok := bracketed(h); ok {
		return ip, nil
	}
	if !isASCII(h) && utf8.Valid(h) {
		// What IDNA does not know is escaped byte by byte, as the rules say. What
		// it does know may turn into dots and digits.
		if a, err := idna.Lookup.ToASCII(string(h)); err == nil {
			h = collapseDots([]byte(a))
		}
	}
	if len(h) == 0 {
		return nil, ErrAddress
	}
	if ip, ok := ipv4(h); ok {
		return ip, nil
	}
	return h, nil
}

// bracketed reads an IPv6 address, with or without brackets. One that stands for
// an IPv4 address is written as that.
func bracketed(h []byte) ([]byte, bool) {
	inner := h
	if len(h) > 1 && h[0] == '[' && h[len(h)-1] == ']' {
		inner = h[1 : len(h)-1]
	} else if bytes.Count(h, []byte(":")) < 2 {
		return nil, false
	}
	a, err := netip.ParseAddr(string(inner))
	if err != nil || a.Zone() != "" {
		return nil, false
	}
	if a.Is4In6() {
		return []byte(a.Unmap().String()), true
	}
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(a) {
		b := a.As16()
		return []byte(netip.AddrFrom4([4]byte(b[12:])).String()), true
	}
	if a.Is4() {
		return []byte(a.String()), true
	}
	return []byte("[" + a.String() + "]"), true
}

func collapseDots(h []byte) []byte {
	h = bytes.Trim(h, ".")
	if !bytes.Contains(h, []byte("..")) {
		return h
	}
	out := make([]byte, 0, len(h))
	for i, c := range h {
		if c != '.' || h[i-1] != '.' {
			out = append(out, c)
		}
	}
	return out
}

// ipv4 reads every spelling of an IPv4 address: one to four parts, decimal, octal
// or hexadecimal, the last part filling what is left.
func ipv4(h []byte) ([]byte, bool) {
	parts := bytes.Split(h, []byte("."))
	if len(parts) > 4 {
		return nil, false
	}
	var addr uint64
	for i, p := range parts {
		// strconv's error, which would quote the part, is dropped here.
		n, err := strconv.ParseUint(string(p), 0, 64)
		if err != nil || len(p) == 0 || bytes.ContainsAny(p, "_bo+") && !isHexSpelling(p) {
			return nil, false
		}
		if i == len(parts)-1 {
			bits := uint(8 * (4 - i))
			n &= 1<<bits - 1 // as resolvers do: 276.2.3 is 20.2.0.3
			addr = addr<<bits | n
		} else {
			addr = addr<<8 | n&0xff
		}
	}
	a := netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)})
	return []byte(a.String()), true
}

// isHexSpelling reports whether p is 0x and hex digits, in which b may stand.
func isHexSpelling(p []byte) bool {
	return bytes.HasPrefix(p, []byte("0x")) && !bytes.ContainsAny(p, "_o+")
}

// resolve takes out "/./", "/../" and doubled slashes.
func resolve(path []byte) []byte {
	if len(path) == 0 {
		return []byte("/")
	}
	out := make([]byte, 0, len(path)+1)
	segments := bytes.Split(path, []byte("/"))
	for i, s := range segments {
		last := i == len(segments)-1
		switch {
		case len(s) == 0 && !last:
		case len(s) == 1 && s[0] == '.':
			if last {
				out = append(out, '/')
			}
		case len(s) == 2 && s[0] == '.' && s[1] == '.':
			if j := bytes.LastIndexByte(out, '/'); j >= 0 {
				out = out[:j]
			}
			if last {
				out = append(out, '/')
			}
		default:
			out = append(out, '/')
			out = append(out, s...)
		}
	}
	if len(out) == 0 {
		out = append(out, '/')
	}
	return out
}

// unescapeAll undoes percent-encoding until nothing changes.
func unescapeAll(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	return appendUnescaped(make([]byte, 0, len(b)), b)
}

// appendUnescaped appends b to dst without its percent-encoding, however many
// layers there are. It goes over b once: what a layer leaves can only complete an
// escape at the end of what was written, so a line made of nested escapes costs no
// more than another.
func appendUnescaped(dst, b []byte) []byte {
	start := len(dst)
	for _, c := range b {
		dst = append(dst, c)
		for n := len(dst); n-start >= 3 && dst[n-3] == '%'; n = len(dst) {
			hi, lo := unhex(dst[n-2]), unhex(dst[n-1])
			if hi < 0 || lo < 0 {
				break
			}
			dst[n-3] = byte(hi<<4 | lo)
			dst = dst[:n-2]
		}
	}
	return dst
}

// appendEscaped escapes what a canonical address may not hold in clear, and the
// delimiters that would make a part end earlier when it is read again.
func appendEscaped(dst, b []byte, delimiters string) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range b {
		if c <= 0x20 || c >= 0x7f || c == '#' || c == '%' || strings.IndexByte(delimiters, c) >= 0 {
			dst = append(dst, '%', digits[c>>4], digits[c&15])
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// lower returns b with ASCII letters in lower case; other bytes stay as they are,
// where bytes.ToLower would replace what is not UTF-8.
func lower(b []byte) []byte {
	out := append([]byte(nil), b...)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

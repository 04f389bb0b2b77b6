// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// maxColumns is how many columns of a table's line are read; PAN-OS has 121.
const maxColumns = 160

// split cuts a line at every sep into k.columns, after RFC 4180 and what products
// make of it: space before a quote, quotes that are not doubled, a space before the
// first column. ok is false where a quote is never closed: the last column then
// holds all the rest.
func (k *kit) split(b []byte, sep byte) (ok bool) {
	k.columns = k.columns[:0]
	for len(k.columns) < maxColumns {
		if i := firstQuote(b, sep); i >= 0 {
			value, rest, closed := k.quotedColumn(b[i+1:], sep)
			k.columns = append(k.columns, value)
			if !closed {
				return false
			}
			if rest == nil {
				return true
			}
			b = rest
			continue
		}
		i := bytes.IndexByte(b, sep)
		if i < 0 {
			k.columns = append(k.columns, b)
			return true
		}
		k.columns = append(k.columns, b[:i])
		b = b[i+1:]
	}
	return true
}

// firstQuote returns where a column's opening quote stands, or -1. Only spaces may
// stand before it.
func firstQuote(b []byte, sep byte) int {
	for i, c := range b {
		if c == '"' {
			return i
		}
		if c != ' ' {
			break
		}
	}
	return -1
}

// quotedColumn reads from behind the opening quote to the closing one, which a
// separator or the end follows. rest is nil at the end of the line.
func (k *kit) quotedColumn(b []byte, sep byte) (value, rest []byte, closed bool) {
	doubled := false
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		i += n
		behind := b[i+1:]
		if len(behind) > 0 && behind[0] == '"' && !(len(behind) > 1 && i == 0 && behind[1] == sep) {
			doubled = true
			i++
			continue
		}
		behind = bytes.TrimLeft(behind, " ")
		switch {
		case len(behind) == 0:
			return k.undoubled(b[:i], doubled), nil, true
		case behind[0] == sep:
			return k.undoubled(b[:i], doubled), behind[1:], true
		}
	}
	return b, nil, false
}

func (k *kit) undoubled(b []byte, doubled bool) []byte {
	if !doubled {
		return b
	}
	start := len(k.bytes)
	for i := 0; i < len(b); i++ {
		k.bytes = append(k.bytes, b[i])
		if b[i] == '"' && i+1 < len(b) && b[i+1] == '"' {
			i++
		}
	}
	return k.bytes[start:]
}

// splitTabs cuts a line at every TAB. TABs that rsyslog has escaped as #011 are
// TABs.
func (k *kit) splitTabs(b []byte) {
	if bytes.IndexByte(b, '\t') < 0 && bytes.Contains(b, []byte("#011")) {
		start := len(k.bytes)
		for {
			i := bytes.Index(b, []byte("#011"))
			if i < 0 {
				break
			}
			k.bytes = append(append(k.bytes, b[:i]...), '\t')
			b = b[i+4:]
		}
		k.bytes = append(k.bytes, b...)
		b = k.bytes[start:]
	}
	k.columns = k.columns[:0]
	for len(k.columns) < maxColumns {
		i := bytes.IndexByte(b, '\t')
		if i < 0 {
			k.columns = append(k.columns, b)
			return
		}
		k.columns = append(k.columns, b[:i])
		b = b[i+1:]
	}
}

// column returns the i-th column, or nothing where the line has fewer.
func (k *kit) column(i int) []byte {
	if i < 0 || i >= len(k.columns) {
		return nil
	}
	return k.columns[i]
}

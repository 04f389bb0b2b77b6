// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decode returns the text of r: uncompressed if it is gzip or zstd, and as UTF-8 if it is
// UTF-16 with a byte order mark. It looks at the first bytes when it is first
// read, and passes on an end of file without taking it for the last word: r may
// have more later.
func decode(r io.Reader) io.Reader { return &decoder{r: r} }

// A decoder finds out what it reads.
type decoder struct {
	r     io.Reader
	text  io.Reader // nil until it is known
	head  []byte    // the first bytes, until it is
	inner bool      // r is uncompressed already: what looks like gzip inside is left alone
}

func (d *decoder) Read(b []byte) (int, error) {
	if d.text == nil {
		if err := d.look(); err != nil {
			return 0, err
		}
	}
	return d.text.Read(b)
}

// look reads the first two bytes and chooses by them. A single byte before the
// end of the file is plain text.
func (d *decoder) look() error {
	for len(d.head) < 2 {
		var c [2]byte
		n, err := d.r.Read(c[:2-len(d.head)])
		d.head = append(d.head, c[:n]...)
		if err != nil && len(d.head) < 2 {
			if len(d.head) == 0 || !errors.Is(err, io.EOF) {
				return err
			}
			break
		}
	}
	switch kindOf(d.head) {
	case kindGzip:
		if d.inner {
			break
		}
		text, err := unpack(&joined{d.head, d.r}, gunzip)
		if err != nil {
			return err
		}
		d.text = &decoder{r: text, inner: true}
		return nil
	case kindZstd:
		if d.inner {
			break
		}
		text, err := unpack(&joined{d.head, d.r}, unzstd)
		if err != nil {
			return err
		}
		d.text = &decoder{r: text, inner: true}
		return nil
	case kindUTF16:
		d.text = newUTF16(d.r)
		return nil
	}
	d.text = &joined{d.head, d.r}
	return nil
}

// The kinds of files that can be told by their first two bytes.
const (
	kindPlain = iota
	kindGzip
	kindZstd
	kindUTF16
)

func kindOf(head []byte) int {
	switch {
	case len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b:
		return kindGzip
	case len(head) >= 2 && head[0] == 0x28 && head[1] == 0xb5: // no text begins so
		return kindZstd
	case len(head) >= 2 && head[0] == 0xff && head[1] == 0xfe:
		return kindUTF16
	}
	return kindPlain
}

// joined reads the bytes of head and then r. Unlike io.MultiReader it does not
// take an end of file for the last word.
type joined struct {
	head []byte
	r    io.Reader
}

func (j *joined) Read(b []byte) (int, error) {
	if len(j.head) > 0 {
		n := copy(b, j.head)
		j.head = j.head[n:]
		return n, nil
	}
	return j.r.Read(b)
}

// utf16Reader turns little-endian UTF-16 into UTF-8. Half a character at the end
// waits for the rest of it.
type utf16Reader struct {
	r    *bufio.Reader
	unit [2]byte // a code unit that is not complete
	half bool    // its first byte is there
	high rune    // a high surrogate that waits for its low one, or 0
	out  []byte  // decoded, not read yet
	room [2 * utf8.UTFMax]byte
}

func newUTF16(r io.Reader) io.Reader { return &utf16Reader{r: bufio.NewReaderSize(r, 16<<10)} }

func (u *utf16Reader) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if len(u.out) > 0 {
			m := copy(b[n:], u.out)
			u.out = u.out[m:]
			n += m
			continue
		}
		c, err := u.r.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil // the error comes again
			}
			return 0, err
		}
		if !u.half {
			u.unit[0], u.half = c, true
			continue
		}
		u.unit[1], u.half = c, false
		u.take(rune(binary.LittleEndian.Uint16(u.unit[:])))
	}
	return n, nil
}

// take decodes one code unit. A surrogate without its other half becomes U+FFFD.
func (u *utf16Reader) take(c rune) {
	u.out = u.room[:0]
	if u.high != 0 {
		high := u.high
		u.high = 0
		r := utf16.DecodeRune(high, c)
		u.out = utf8.AppendRune(u.out, r)
		if r != utf8.RuneError {
			return
		}
	}
	if c >= 0xd800 && c < 0xdc00 {
		u.high = c
		return
	}
	u.out = utf8.AppendRune(u.out, c)
}

// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"compress/gzip"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxWindow bounds what a zstd file may make us hold, in bytes. zstd's own
	// levels up to 19 need 8 MiB; "--long" of more than 2^25 is refused.
	maxWindow = 32 << 20

	// Real logs shrink to a fifth to a fiftieth. What unpacks to more than
	// maxRatio times its size, and to more than freeText, was made to fill
	// something, and is broken off. Nothing here would be filled, but time.
	maxRatio = 400
	freeText = 1 << 30
)

// errDamaged says that packed text is damaged from here on, breaks off, or
// unpacks to more than a log would. It quotes nothing of it.
var errDamaged = errors.New("packed text is damaged or breaks off")

// errExpands is the errDamaged of what unpacks to more than a log would.
var errExpands = errors.Join(errDamaged, errors.New("it unpacks to more than any log"))

// brokenOff reports whether packed text ended before its end, or cannot be
// unpacked from here on.
func brokenOff(err error) bool { return errors.Is(err, errDamaged) }

func gunzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

func unzstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

// unpack returns the text packed in r. Whatever is wrong with the packing is
// errDamaged; an error of r itself stays what it is.
func unpack(r io.Reader, how func(io.Reader) (io.Reader, error)) (io.Reader, error) {
	in := &remembering{r: r}
	text, err := how(in)
	if err != nil {
		return nil, in.fault(err)
	}
	return &unpacked{in: in, text: text, free: freeText}, nil
}

// unpacked is packed text being read.
type unpacked struct {
	in   *remembering
	text io.Reader
	n    int64 // bytes of text so far
	free int64 // bytes that are never too many
	err  error // that ended it
}

func (u *unpacked) Read(b []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.text.Read(b)
	u.n += int64(n)
	switch {
	case u.n > u.free && u.n > u.in.n*maxRatio:
		u.err = errExpands
	case err != nil:
		u.err = u.in.fault(err)
	}
	return n, u.err
}

// remembering counts what is read, and keeps the error that r itself gave.
type remembering struct {
	r   io.Reader
	n   int64
	err error
}

func (m *remembering) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// fault returns what err means: the end, an error of the reading, or damage.
func (m *remembering) fault(err error) error {
	switch {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return io.EOF
	case m.err != nil:
		return m.err
	}
	return errDamaged
}

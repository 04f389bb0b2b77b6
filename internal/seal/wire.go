// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"encoding/binary"
	"time"
)

// A writer lays out a part: big endian, lengths as 32 bits before what they
// measure.
type writer struct{ b []byte }

func (w *writer) u8(v uint8)       { w.b = append(w.b, v) }
func (w *writer) u32(v uint32)     { w.b = binary.BigEndian.AppendUint32(w.b, v) }
func (w *writer) u64(v uint64)     { w.b = binary.BigEndian.AppendUint64(w.b, v) }
func (w *writer) fixed(v []byte)   { w.b = append(w.b, v...) }
func (w *writer) text(v string)    { w.u32(uint32(len(v))); w.b = append(w.b, v...) }
func (w *writer) bytes(v []byte)   { w.u32(uint32(len(v))); w.b = append(w.b, v...) }
func (w *writer) time(v time.Time) { w.u64(uint64(v.Unix())) }
func (w *writer) flag(v bool) {
	if v {
		w.u8(1)
		return
	}
	w.u8(0)
}

// room writes v and fills it with zeros to size. The caller has checked that it fits.
func (w *writer) room(v string, size int) {
	w.u8(uint8(len(v)))
	w.b = append(w.b, v...)
	w.b = append(w.b, make([]byte, size-len(v))...)
}

// A reader takes a part apart. The first fault sticks: what is read after it is
// zero, and done reports it.
type reader struct {
	b   []byte
	err error
}

// magic reads four bytes: three that name the kind of part, and its version.
func (r *reader) magic(want string) {
	got := r.fixed(4)
	if r.err != nil || string(got) == want {
		return
	}
	r.err = ErrFormat
	if string(got[:3]) == want[:3] {
		r.err = ErrVersion
	}
}

func (r *reader) fixed(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.fail(ErrFormat)
		return make([]byte, min(n, 64))
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u8() uint8 { return r.fixed(1)[0] }

func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.fixed(4)) }

func (r *reader) u64() uint64 { return binary.BigEndian.Uint64(r.fixed(8)) }

func (r *reader) hash() (h [32]byte) { copy(h[:], r.fixed(32)); return h }

func (r *reader) id() (id [16]byte) { copy(id[:], r.fixed(16)); return id }

// bytes reads a length and what it measures, at most limit bytes, without copying.
func (r *reader) bytes(limit int) []byte {
	n := r.u32()
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(limit) {
		r.fail(ErrSize)
		return nil
	}
	if uint64(n) > uint64(len(r.b)) {
		r.fail(ErrFormat)
		return nil
	}
	return r.fixed(int(n))
}

func (r *reader) text(limit int) string { return string(r.bytes(limit)) }

func (r *reader) flag() bool {
	v := r.u8()
	if v > 1 {
		r.fail(ErrFormat)
	}
	return v == 1
}

// time reads seconds since 1970, within the years 1 to 9999.
func (r *reader) time() time.Time {
	v := int64(r.u64())
	if v < -62135596800 || v > 253402300799 {
		r.fail(ErrFormat)
		return time.Time{}
	}
	return time.Unix(v, 0).UTC()
}

// count reads a number of things of which there may be at most limit, and of
// which each takes at least size bytes.
func (r *reader) count(limit, size int) int {
	n := r.u32()
	if r.err == nil && (uint64(n) > uint64(limit) || uint64(n)*uint64(size) > uint64(len(r.b))) {
		r.fail(ErrFormat)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

// room reads what writer.room wrote: the filling must be zeros.
func (r *reader) room(size int) string {
	n := int(r.u8())
	b := r.fixed(size)
	if r.err != nil {
		return ""
	}
	if n > size || !allZero(b[n:]) {
		r.fail(ErrFormat)
		return ""
	}
	return string(b[:n])
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// done reports the first fault, or ErrFormat if anything is left over.
func (r *reader) done() error {
	if r.err == nil && len(r.b) != 0 {
		r.err = ErrFormat
	}
	return r.err
}

func allZero(b []byte) bool {
	var or byte
	for _, c := range b {
		or |= c
	}
	return or == 0
}

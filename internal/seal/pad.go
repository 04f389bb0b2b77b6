// SPDX-License-Identifier: Apache-2.0

package seal

import "encoding/binary"

// The sizes in bytes that the plain text of a body is padded to. The three
// bodies of an envelope or append always take the same one, so that neither the
// use of hand-over nor the length of a name shows.
var (
	envelopeBuckets = []int{4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
	appendBuckets   = []int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10}
)

// bucketFor returns the smallest bucket that takes n bytes and their length, or
// ErrSize.
func bucketFor(n int, buckets []int) (int, error) {
	for _, b := range buckets {
		if n+4 <= b {
			return b, nil
		}
	}
	return 0, ErrSize
}

// pad lays out doc in exactly size bytes: its length, itself, zeros.
func pad(doc []byte, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, uint32(len(doc)))
	copy(b[4:], doc)
	return b
}

// Unpad returns what was padded. It returns ErrFormat unless the length fits and
// all that follows is zero. It does not copy.
func Unpad(plain []byte) ([]byte, error) {
	if len(plain) < 4 {
		return nil, ErrFormat
	}
	n := binary.BigEndian.Uint32(plain)
	rest := plain[4:]
	if uint64(n) > uint64(len(rest)) || !allZero(rest[n:]) {
		return nil, ErrFormat
	}
	return rest[:n:n], nil
}

// sealBodies pads three documents to one bucket, encrypts each to its own public
// half, and wipes them.
func sealBodies(docs [Parts][]byte, buckets []int, to Halves) (out [Parts][]byte, err error) {
	longest := 0
	for _, d := range docs {
		longest = max(longest, len(d))
	}
	size, err := bucketFor(longest, buckets)
	if err != nil {
		return out, err
	}
	for i, d := range docs {
		plain := pad(d, size)
		out[i], err = EncryptTo(plain, to.Part(Part(i+1)))
		clear(plain)
		clear(d)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"github.com/sealwatch/sealwatch/capture/intake"
)

// count returns an Emit that counts.
func count(n *int) intake.Emit {
	return func(context.Context, *intake.Line) error { *n++; return nil }
}

func TestZstd(t *testing.T) {
	data := zstdOf([]byte("a\nb\n"))
	for name, r := range map[string]io.Reader{
		"at once": bytes.NewReader(data), "byte by byte": iotest.OneByteReader(bytes.NewReader(data)),
		"two frames": bytes.NewReader(append(zstdOf([]byte("a\n")), zstdOf([]byte("b\n"))...)),
	} {
		var got []kept
		res, err := intake.Read(t.Context(), r, keep(&got))
		if err != nil || res.Truncated {
			t.Fatalf("%s: %v, truncated %v", name, err, res.Truncated)
		}
		check(t, texts(got), []string{"a", "b"})
	}
}

func TestDamagedZstdYieldsItsGoodLines(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(z, strings.Repeat("a line that is whole\n", 100))
	_ = z.Flush()
	whole := b.Len()
	_, _ = io.WriteString(z, strings.Repeat("another\n", 100))
	_ = z.Close()
	var got []kept
	res, err := intake.Read(t.Context(), bytes.NewReader(b.Bytes()[:whole+5]), keep(&got))
	if err != nil || !res.Truncated || len(got) < 100 {
		t.Errorf("%d lines, truncated %v, %v", len(got), res.Truncated, err)
	}
	refused := errors.New("disk")
	if _, err := intake.Read(t.Context(), io.MultiReader(bytes.NewReader(b.Bytes()[:whole]), iotest.ErrReader(refused)), keep(&got)); !errors.Is(err, refused) {
		t.Errorf("an error of the disk is taken for damage: %v", err)
	}
}

// TestTooLargeAWindowIsRefused holds that a file cannot make us hold what it wants.
func TestTooLargeAWindowIsRefused(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(256<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(z, strings.Repeat("x\n", 1<<20))
	_ = z.Flush()
	_, _ = io.WriteString(z, strings.Repeat("y\n", 1<<20))
	_ = z.Close()
	var n int
	res, err := intake.Read(t.Context(), &b, count(&n))
	if err != nil || !res.Truncated || n != 0 {
		t.Errorf("%d lines, truncated %v, %v", n, res.Truncated, err)
	}
}

// TestExpansionIsBounded unpacks far more than any log would give.
func TestExpansionIsBounded(t *testing.T) {
	text := strings.Repeat("\n", 64<<20)
	for name, data := range map[string][]byte{"gzip": compressed(t, text), "zstd": zstdOf([]byte(text))} {
		res, err := intake.ReadBounded(t.Context(), bytes.NewReader(data), 1<<20, count(new(int)))
		if err != nil || !res.Truncated || res.Bytes > 60<<20 {
			t.Errorf("%s: %d bytes given out, truncated %v, %v", name, res.Bytes, res.Truncated, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package receive_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// BenchmarkReceive sends lines of 500 bytes over TCP, through the sealed spool and
// out again, until all are read and gone from the disk.
func BenchmarkReceive(b *testing.B) {
	s := openSpool(b, options(b.TempDir(), newKey(b)))
	r, err := receive.Listen(b.Context(), receive.Options{Protocol: receive.TCP, Address: "127.0.0.1:0", Keep: s.Put})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	line := []byte("<134>" + strings.Repeat("x", 494) + "\n")
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		c := dial(b, r, "tcp")
		for range b.N {
			_, _ = c.Write(line)
		}
	}()
	var last safeguard.Bookmark
	for n := 0; n < b.N; {
		m, err := s.Read(ctx, func(_ context.Context, _ receive.Message, at safeguard.Position) error {
			last = safeguard.Bookmark{File: at.File, Offset: at.End}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if n += m; m == 0 {
			s.Wait(ctx, time.Second)
			continue
		}
		if err := s.Done(last); err != nil {
			b.Fatal(err)
		}
	}
}

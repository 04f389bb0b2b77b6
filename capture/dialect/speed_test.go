// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// readOwn returns a function that reads the visits of a dialect's own log once, and how many
// they are.
func readOwn(t testing.TB, name string) (once func(), visits int) {
	p := dialect.Dialects[name](fixed())
	slab, v := new(secret.Slab), new(safeguard.Visit)
	var lines [][]byte
	for _, l := range own(t, name) {
		*v = safeguard.Visit{}
		if dialect.Read(p, l, slab, v) == nil {
			lines = append(lines, l)
		}
	}
	return func() {
		for _, l := range lines {
			slab.Reset()
			*v = safeguard.Visit{Raw: slab.Text(l)}
			if err := dialect.Read(p, l, slab, v); err != nil {
				t.Fatal(err)
			}
		}
	}, len(lines)
}

// TestNoDialectAllocatesPerLine: millions of lines an hour leave nothing to collect.
func TestNoDialectAllocatesPerLine(t *testing.T) {
	for name := range dialect.Dialects {
		once, _ := readOwn(t, name)
		once() // buffers grow once
		if n := testing.AllocsPerRun(100, once); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

// BenchmarkDialects says how many lines a second each dialect reads on one core.
func BenchmarkDialects(b *testing.B) {
	for _, name := range dialect.Ordered(dialect.Dialects) {
		b.Run(name, func(b *testing.B) {
			once, visits := readOwn(b, name)
			b.ReportAllocs()
			for b.Loop() {
				once()
			}
			b.ReportMetric(float64(b.N*visits)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

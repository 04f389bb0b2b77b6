// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

func BenchmarkHost(b *testing.B) {
	dir := b.TempDir()
	list := filepath.Join(dir, "list")
	write(b, list, many(0, 1_000_000))
	x, _, err := lists.Compile(filepath.Join(dir, "index"), []lists.Source{{Name: "l", Path: list, Format: "plain", Category: safeguard.Gambling}})
	if err != nil {
		b.Fatal(err)
	}
	hosts := make([][]byte, 1<<17)
	for i := range hosts {
		hosts[i] = fmt.Appendf(nil, "www.other%d.example", i*7)
	}
	for b.Loop() {
		for i := range hosts[:1000] {
			x.Host(hosts[(i*7919)%len(hosts)])
		}
	}
}

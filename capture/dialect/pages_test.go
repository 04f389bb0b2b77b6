// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
)

// TestEveryDialectHasAPage: what can be read, somebody can find out how to send.
func TestEveryDialectHasAPage(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "sources")
	index, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range dialect.Dialects {
		page, err := os.ReadFile(filepath.Join(folder, name+".md"))
		if err != nil {
			t.Errorf("%s has no page: %v", name, err)
			continue
		}
		for _, want := range []string{"Dialect `" + name + "`", "## Switch its log on and send it here", "\n1. ", "## What it can tell", "## What it cannot"} {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s.md lacks %q", name, want)
			}
		}
		if !strings.Contains(string(index), "("+name+".md)") {
			t.Errorf("README.md does not list %s", name)
		}
		if dialect.Product(name) == name {
			t.Errorf("%s has no name that people call it by", name)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestInstallPageIsRight reads every command of docs/install.md as the program would.
func TestInstallPageIsRight(t *testing.T) {
	data, err := os.ReadFile("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\\\n", " ")
	read := 0
	for line := range strings.Lines(text) {
		command, ok := strings.CutPrefix(line, "    sealwatch ")
		if !ok {
			continue
		}
		read++
		parser, err := kong.New(&commands{}, kong.Name("sealwatch"), kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(command)); err != nil {
			t.Errorf("sealwatch %s: %v", strings.TrimSpace(command), err)
		}
	}
	if read < 4 {
		t.Errorf("only %d commands were read", read)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestCommandsOfThePagesAreRight reads every command of the technicians' pages, and of the
// systemd units, as the program would.
func TestCommandsOfThePagesAreRight(t *testing.T) {
	var text strings.Builder
	for _, path := range []string{
		"docs/install.md", "docs/notices.md", "docs/detection.md", "deployments/systemd/sealwatch.service", "deployments/systemd/sealwatch-watch.service",
	} {
		data, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(strings.ReplaceAll(strings.ReplaceAll(string(data), "\\\n", " "), "ExecStart=/usr/bin/", "    "))
	}
	read := 0
	for line := range strings.Lines(text.String()) {
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
	if read < 11 {
		t.Errorf("only %d commands were read", read)
	}
}

// SPDX-License-Identifier: Apache-2.0

package laws_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/licences.md")

// allowed are the licences that may be linked: permissive, and weak copyleft at most.
var allowed = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "MPL-2.0"}

// systems are those that make check builds for.
var systems = []string{"linux", "darwin", "windows"}

type module struct{ Path, Version, Dir string }

// linked adds the modules that the commands link on a system.
func linked(t *testing.T, system string, modules map[string]module) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/sealwatch", "./cmd/sealopen")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l struct {
			Module *struct {
				module
				Main bool
			}
		}
		if err := d.Decode(&l); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if m := l.Module; m != nil && !m.Main {
			modules[m.Path] = m.module
		}
	}
}

// TestLicences recognises the licence of every module that is linked into a
// command on any system, and keeps docs/licences.md current.
func TestLicences(t *testing.T) {
	modules := map[string]module{}
	for _, system := range systems {
		linked(t, system, modules)
	}
	if len(modules) < 10 {
		t.Fatalf("only %d modules: the list was not read", len(modules))
	}
	var paths []string
	for p := range modules {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var b strings.Builder
	b.WriteString("# Licences of what is linked\n\nMade by `go test ./internal/laws -run Licences -update`. Linked on Linux, macOS or Windows; modules that are only used by tests and tools are not listed.\n\n" +
		"| module | version | licence |\n|---|---|---|\n")
	for _, p := range paths {
		m := modules[p]
		licence := licenceOf(m.Dir)
		if !slices.Contains(allowed, licence) {
			t.Errorf("%s: licence %q is not among those that may be linked", p, licence)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p, m.Version, licence)
	}
	b.WriteString("\n`go-diceware` holds the Electronic Frontier Foundation's large word list, used under CC BY 3.0 US.\n")
	path := filepath.Join(root, "docs", "licences.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Error("docs/licences.md is not current: go test ./internal/laws -run Licences -update")
	}
}

// licenceOf recognises a licence by the sentences that make it.
func licenceOf(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
	more, _ := filepath.Glob(filepath.Join(dir, "COPYING*"))
	for _, f := range append(files, more...) {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		text := strings.Join(strings.Fields(string(data)), " ")
		switch {
		case strings.Contains(text, "Apache License Version 2.0"):
			return "Apache-2.0"
		case strings.Contains(text, "Mozilla Public License Version 2.0") || strings.Contains(text, "Mozilla Public License, version 2.0"):
			return "MPL-2.0"
		case strings.Contains(text, "Permission is hereby granted, free of charge"):
			return "MIT"
		case strings.Contains(text, "Permission to use, copy, modify, and/or distribute this software") || strings.Contains(text, "Permission to use, copy, modify, and distribute this software"):
			return "ISC"
		case strings.Contains(text, "Redistribution and use in source and binary forms"):
			if strings.Contains(text, "Neither the name") || strings.Contains(text, "may be used to endorse") || strings.Contains(text, "names of its contributors") {
				return "BSD-3-Clause"
			}
			return "BSD-2-Clause"
		}
	}
	return "unknown"
}

// TestLicencesBite shows that licences are told apart, and that one that may not be
// linked is seen.
func TestLicencesBite(t *testing.T) {
	bsd := "Redistribution and use in source and binary forms, with or without\nmodification, are permitted."
	for _, tt := range []struct{ text, want string }{
		{"Apache License\n  Version 2.0, January 2004", "Apache-2.0"},
		{"Mozilla Public License Version 2.0", "MPL-2.0"},
		{"Permission is hereby granted, free of charge, to any person", "MIT"},
		{"Permission to use, copy, modify, and/or distribute this software for any purpose", "ISC"},
		{bsd, "BSD-2-Clause"},
		{bsd + "\nNeither the name of the owner", "BSD-3-Clause"},
		{"GNU GENERAL PUBLIC LICENSE\nVersion 3", "unknown"},
		{"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3", "unknown"},
		{"All rights reserved.", "unknown"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := licenceOf(dir); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
	}
	if got := licenceOf(t.TempDir()); slices.Contains(allowed, got) || slices.Contains(allowed, "unknown") {
		t.Errorf("no licence at all: got %q", got)
	}
}

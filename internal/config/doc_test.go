// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/config.md")

// TestDocumentIsCurrent keeps docs/config.md equal to the comments of the structs,
// which are the only place where a key is described.
func TestDocumentIsCurrent(t *testing.T) {
	const path = "../../docs/config.md"
	want := document(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/config.md is not current: go test ./internal/config -update")
	}
}

func document(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var decls []ast.Decl
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	structs := map[string]*ast.StructType{}
	docs := map[string]string{}
	for _, d := range decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			ts := s.(*ast.TypeSpec)
			if st, ok := ts.Type.(*ast.StructType); ok {
				structs[ts.Name.Name], docs[ts.Name.Name] = st, g.Doc.Text()
			}
		}
	}
	var b strings.Builder
	b.WriteString("# sealwatch.yaml\n\nMade from the comments in `internal/config`; change it there.\n" +
		"An unknown key is a mistake, and `sealwatch check -c FILE` reports all mistakes at once.\n" +
		"Relative paths are relative to the folder of the file.\n")
	section(&b, structs, docs, "Config", "")
	return b.String()
}

func section(b *strings.Builder, structs map[string]*ast.StructType, docs map[string]string, name, prefix string) {
	for _, f := range structs[name].Fields.List {
		key := prefix + strings.Trim(strings.TrimPrefix(f.Tag.Value, "`yaml:"), "\"`")
		fmt.Fprintf(b, "\n## `%s`\n\n%s", key, f.Doc.Text())
		switch typ := f.Type.(type) {
		case *ast.Ident:
			if structs[typ.Name] != nil {
				section(b, structs, docs, typ.Name, key+".")
			}
		case *ast.ArrayType:
			if id, ok := typ.Elt.(*ast.Ident); ok && structs[id.Name] != nil {
				section(b, structs, docs, id.Name, key+"[].")
			}
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package laws holds the rules that this repository sets itself, as tests: who
// may import whom, who may reveal content, what never appears in code. The tables
// here are the rules; the tests read the tree and hold it to them, and each rule
// is shown to bite.
package laws

import (
	"go/ast"
	"go/token"
	"strings"
)

// Module is this module's path.
const Module = "github.com/sealwatch/sealwatch"

// A Package is what the import rules need to know of one.
type Package struct {
	Path    string   // without the module: "triage/lists"
	Imports []string // this module's packages only, in the same form
}

// strangers never import one another: they meet in internal/service.
var strangers = []string{"capture", "triage", "alerts"}

// siblings are the imports between the steps of one stage, each with its reason.
var siblings = map[[2]string]string{
	{"triage/lists", "triage/target"}: "entries of lists are compared in the spelling that target makes",
}

// afterSeal are the rooms beyond the seal: capture and triage must not know them,
// nor they capture and triage.
var afterSeal = []string{"internal/keep", "internal/ledger", "internal/gate", "internal/people", "internal/unseal", "internal/service"}

// beyond are the exceptions, each with its reason.
var beyond = map[[2]string]string{
	{"internal/service", "capture"}:               "wiring",
	{"internal/service", "triage"}:                "wiring",
	{"internal/unseal/founding", "triage/policy"}: "the demonstration school approves the preset",
}

// configReaders may read the configuration; steps have their own small Options.
var configReaders = []string{"internal/service", "cmd/sealwatch"}

// within reports whether path is root or lies below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func rootOf(path string, roots []string) string {
	for _, r := range roots {
		if within(path, r) {
			return r
		}
	}
	return ""
}

// Imports returns what is wrong with the imports of the packages, one line each.
func Imports(packages []Package) []string {
	var bad []string
	for _, p := range packages {
		for _, to := range p.Imports {
			if why := importFault(p.Path, to); why != "" {
				bad = append(bad, p.Path+" imports "+to+": "+why)
			}
		}
	}
	return bad
}

func importFault(from, to string) string {
	a, b := rootOf(from, strangers), rootOf(to, strangers)
	switch {
	case a != "" && b != "" && a != b:
		return "they are strangers, and meet in internal/service"
	case a != "" && a == b && from != a && to == a:
		return "a step never imports its stage"
	case a != "" && a == b && from != a && to != a && siblings[[2]string{from, to}] == "":
		return "a step never imports a sibling"
	}
	if a != "" && rootOf(to, afterSeal) != "" {
		return "nothing before the seal knows what comes after it"
	}
	if after := rootOf(from, afterSeal); after != "" && b != "" && !excepted(from, to) {
		return "nothing after the seal handles plaintext"
	}
	if to == "internal/config" && rootOf(from, configReaders) == "" {
		return "only the wiring and the commands read the configuration"
	}
	if within(to, "internal/unseal") && !within(from, "internal/unseal") && from != "cmd/sealopen" {
		return "only the reader's own program opens"
	}
	if (from == "internal/secret" || from == "internal/safeguard") && to != "internal/secret" {
		return "the nouns import nothing"
	}
	return ""
}

func excepted(from, to string) bool {
	for pair := range beyond {
		if from == pair[0] && within(to, pair[1]) {
			return true
		}
	}
	return false
}

// revealers may call secret.Text.Reveal.
var revealers = []string{"triage", "internal/seal"}

// A File is one parsed Go file of the tree.
type File struct {
	Package string // its folder
	Name    string
	Lines   int
	AST     *ast.File
	Fset    *token.FileSet
	Text    string
}

// limits of sizes; tables are excepted by name, with the reason.
const (
	maxFile     = 600
	maxFunction = 100
)

// forbidden are calls that have no place outside tests, with the reason.
var forbidden = map[string]string{
	"zap.Any":        "zap has no redaction of its own: typed fields only",
	"zap.Reflect":    "typed fields only",
	"zap.Inline":     "typed fields only",
	"zap.Stringer":   "typed fields only",
	"zap.Error":      "an error's text may come from a parser that quotes: log a code",
	"zap.ByteString": "bytes may be content",
	"zap.Binary":     "bytes may be content",
	"net.LookupHost": "nothing ever resolves a host", "net.LookupIP": "nothing ever resolves a host",
	"net.LookupAddr": "nothing ever resolves a host", "net.Dial": "nothing but the reader's program connects anywhere",
	"http.Get": "nothing fetches", "http.Post": "nothing fetches", "http.Head": "nothing fetches",
}

// errorLoggers may log an error's text, because their errors are closed sets.
var errorLoggers = map[string]string{
	"internal/keep": "its errors are its own, and never the database driver's",
}

// Files returns what is wrong with the code of production files, one line each.
func Files(files []File) []string {
	var bad []string
	for _, f := range files {
		add := func(pos token.Pos, text string) {
			where := f.Package + "/" + f.Name
			if pos.IsValid() {
				where = f.Fset.Position(pos).String()
			}
			bad = append(bad, where+": "+text)
		}
		if !strings.HasPrefix(f.Text, "// SPDX-License-Identifier: Apache-2.0\n\n") {
			add(token.NoPos, "no SPDX line, or no blank line after it")
		}
		if f.Lines > maxFile {
			add(token.NoPos, "does not fit in a head any more: over 600 lines")
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					add(n.Pos(), "init runs before anybody can see it")
				}
				if n.Body != nil && f.Fset.Position(n.End()).Line-f.Fset.Position(n.Pos()).Line > maxFunction {
					add(n.Pos(), n.Name.Name+" is longer than 100 lines")
				}
			case *ast.SelectorExpr:
				if why := selectorFault(f.Package, n); why != "" {
					add(n.Pos(), why)
				}
			}
			return true
		})
	}
	return bad
}

func selectorFault(pkg string, n *ast.SelectorExpr) string {
	if n.Sel.Name == "Reveal" && rootOf(pkg, revealers) == "" && pkg != "internal/secret" {
		return "reveals content, but " + pkg + " is not among the revealers"
	}
	if n.Sel.Name == "Sugar" {
		return "the sugared logger takes anything: typed fields only"
	}
	if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil {
		name := x.Name + "." + n.Sel.Name
		if name == "zap.Error" && errorLoggers[pkg] != "" {
			return ""
		}
		if why := forbidden[name]; why != "" {
			return name + ": " + why
		}
	}
	return ""
}

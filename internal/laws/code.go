// SPDX-License-Identifier: Apache-2.0

package laws

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

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

// limits of sizes, in lines.
const (
	maxFile     = 600
	maxFunction = 100
)

// tables may be longer, each function by folder and name with the reason. There
// is none today.
var tables = map[string]string{}

// A use is something of another package that has no place outside tests. A name
// that ends in "*" stands for all that begin so.
type use struct{ path, name, why string }

const (
	typedOnly = "zap has no redaction of its own: typed fields only"
	quotes    = "an error's text may come from a parser that quotes: log a code"
	noGlobals = "loggers are handed in"
	noNames   = "nothing ever resolves a host"
	noCalls   = "nothing but the reader's program connects anywhere"
)

var forbidden = []use{
	{"go.uber.org/zap", "Any", typedOnly},
	{"go.uber.org/zap", "Reflect", typedOnly},
	{"go.uber.org/zap", "Inline*", typedOnly},
	{"go.uber.org/zap", "Stringer*", typedOnly},
	{"go.uber.org/zap", "ByteString*", "bytes may be content"},
	{"go.uber.org/zap", "Binary", "bytes may be content"},
	{"go.uber.org/zap", "Error", quotes},
	{"go.uber.org/zap", "Errors", quotes},
	{"go.uber.org/zap", "NamedError", quotes},
	{"go.uber.org/zap", "S", noGlobals},
	{"go.uber.org/zap", "L", noGlobals},
	{"go.uber.org/zap", "ReplaceGlobals", noGlobals},
	{"net", "Lookup*", noNames},
	{"net", "Resolve*", noNames},
	{"net", "DefaultResolver", noNames},
	{"net", "Dial*", noCalls},
	{"net/http", "Get", noCalls},
	{"net/http", "Head", noCalls},
	{"net/http", "Post*", noCalls},
	{"net/http", "Client", noCalls},
	{"net/http", "DefaultClient", noCalls},
	{"net/http", "Transport", noCalls},
	{"net/http", "DefaultTransport", noCalls},
}

// allowed are the uses that a package has all the same, each with its reason.
var allowed = map[[2]string]string{
	{"internal/keep", "zap.Error"}:          "its errors are its own, and never the database driver's",
	{"cmd/sealopen", "net.Dialer"}:          "it speaks to the gate",
	{"cmd/sealopen", "http.Client"}:         "it speaks to the gate",
	{"cmd/sealopen", "http.Transport"}:      "it speaks to the gate",
	{"internal/outside", "http.Client"}:     "it asks a Sealwatch on another machine, at the address its operator set",
	{"internal/outside", "http.Transport"}:  "it asks a Sealwatch on another machine, at the address its operator set",
	{"cmd/sealwatch", "http.DefaultClient"}: "the health command asks its own gate, on this machine",
	{"cmd/sealwatch", "http.Client"}:        "the health command asks its own gate, which may speak TLS",
	{"cmd/sealwatch", "http.Transport"}:     "the health command asks its own gate, which may speak TLS",
}

// Files returns what is wrong with the code of production files, one line each.
func Files(files []File) []string {
	var bad []string
	for _, f := range files {
		r := reader{file: f, names: imported(f.AST)}
		if !strings.HasPrefix(f.Text, "// SPDX-License-Identifier: Apache-2.0\n\n") {
			r.add(token.NoPos, "no SPDX line, or no blank line after it")
		}
		if f.Lines > maxFile {
			r.add(token.NoPos, "does not fit in a head any more: over 600 lines")
		}
		for _, i := range f.AST.Imports {
			if i.Name != nil && i.Name.Name == "." {
				r.add(i.Pos(), "an import that hides where names come from")
			}
		}
		ast.Inspect(f.AST, r.visit)
		bad = append(bad, r.bad...)
	}
	return bad
}

// A reader reads one file.
type reader struct {
	file  File
	names map[string]string // import paths by the name they have in this file
	bad   []string
}

func (r *reader) add(pos token.Pos, text string) {
	where := r.file.Package + "/" + r.file.Name
	if pos.IsValid() {
		where = r.file.Fset.Position(pos).String()
	}
	r.bad = append(r.bad, where+": "+text)
}

func (r *reader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Name.Name == "init" && n.Recv == nil {
			r.add(n.Pos(), "init runs before anybody can see it")
		}
		line := func(p token.Pos) int { return r.file.Fset.Position(p).Line }
		if line(n.End())-line(n.Pos())+1 > maxFunction && tables[r.file.Package+"."+n.Name.Name] == "" {
			r.add(n.Pos(), n.Name.Name+" is longer than 100 lines")
		}
	case *ast.SelectorExpr:
		if why := r.selectorFault(n); why != "" {
			r.add(n.Pos(), why)
		}
	case *ast.CallExpr:
		r.call(n)
	}
	return true
}

func (r *reader) selectorFault(n *ast.SelectorExpr) string {
	pkg := r.file.Package
	if n.Sel.Name == "Reveal" && rootOf(pkg, revealers) == "" && pkg != "internal/secret" {
		return "reveals content, but " + pkg + " is not among the revealers"
	}
	if n.Sel.Name == "Sugar" {
		return "the sugared logger takes anything: typed fields only"
	}
	from := r.pathOf(n)
	if from == "" {
		return ""
	}
	for _, u := range forbidden {
		start, all := strings.CutSuffix(u.name, "*")
		if u.path != from || n.Sel.Name != start && !(all && strings.HasPrefix(n.Sel.Name, start)) {
			continue
		}
		if name := path.Base(from) + "." + n.Sel.Name; allowed[[2]string{pkg, name}] == "" {
			return name + ": " + u.why
		}
	}
	return ""
}

// call looks at what a call is given: an error's text in a log field, and a
// metric's label that is made on the spot rather than taken from a closed set.
func (r *reader) call(n *ast.CallExpr) {
	f, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	label := strings.HasSuffix(f.Sel.Name, "WithLabelValues")
	if !label && r.pathOf(f) != "go.uber.org/zap" {
		return
	}
	for _, arg := range n.Args {
		ast.Inspect(arg, func(inner ast.Node) bool {
			c, ok := inner.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := c.Fun.(*ast.SelectorExpr); label || ok && s.Sel.Name == "Error" && r.pathOf(s) == "" {
				why := quotes
				if label {
					why = "a metric's label is converted or computed: labels come from closed sets"
				}
				r.add(c.Pos(), why)
			}
			return true
		})
	}
}

// pathOf is the import path of the package that a selector picks from, or nothing.
func (r *reader) pathOf(n *ast.SelectorExpr) string {
	if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil {
		return r.names[x.Name]
	}
	return ""
}

func imported(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = p
	}
	return names
}

// SPDX-License-Identifier: Apache-2.0

package laws_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/laws"
)

const root = "../.."

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
	Deps       []string
	Module     *struct{ Path string }
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Doc,Imports,Deps,Module"}, args...)...)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := d.Decode(&l); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
}

// TestImportLaws holds the tree to the direction of docs/ARCHITECTURE.md.
func TestImportLaws(t *testing.T) {
	var packages []laws.Package
	for _, l := range goList(t, "./...") {
		p := laws.Package{Path: strings.TrimPrefix(l.ImportPath, laws.Module+"/")}
		for _, i := range l.Imports {
			p.Imports = append(p.Imports, strings.TrimPrefix(i, laws.Module+"/"))
		}
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("only %d packages: the tree was not read", len(packages))
	}
	for _, bad := range laws.Imports(packages) {
		t.Error(bad)
	}
}

// TestImportLawsBite shows that each law would be seen broken.
func TestImportLawsBite(t *testing.T) {
	for _, tt := range []struct{ from, to string }{
		{"triage", "capture"},
		{"capture/dialect", "triage/target"},
		{"triage/lexicon", "triage"},
		{"triage/lexicon", "triage/target"},
		{"triage", "internal/keep"},
		{"capture/intake", "internal/people"},
		{"internal/keep", "triage/policy"},
		{"internal/gate", "capture/dialect"},
		{"internal/keep", "internal/config"},
		{"internal/gate", "internal/unseal"},
		{"cmd/sealwatch", "internal/unseal/tell"},
		{"internal/safeguard", "internal/seal"},
		{"internal/secret", "go.uber.org/zap"},
		{"internal/unseal", "triage/policy"},
		{"cmd/sealopen", "internal/config"},
		{"internal/keep", "net/http"},
		{"internal/unseal/founding", "net/http"},
		{"triage/lists", "internal/seal"},
		{"triage/target", "internal/morning"},
		{"capture/dialect", "capture/intake"},
		{"triage/policy", "internal/service"},
		{"alerts", "triage/policy"},
		{"alerts", "capture"},
		{"alerts/channel", "internal/keep"},
		{"alerts/channel", "alerts"},
		{"internal/keep", "alerts"},
	} {
		if len(laws.Imports([]laws.Package{{Path: tt.from, Imports: []string{tt.to}}})) == 0 {
			t.Errorf("%s may import %s, and must not", tt.from, tt.to)
		}
	}
}

// TestImportLawsAllow shows that the laws are not simply deaf to everything.
func TestImportLawsAllow(t *testing.T) {
	for _, tt := range []struct{ from, to string }{
		{"capture", "capture/dialect"},
		{"alerts", "internal/keep"},
		{"internal/service", "alerts"},
		{"triage/lists", "triage/target"},
		{"triage/policy", "internal/seal"},
		{"internal/service", "triage"},
		{"internal/safeguard", "internal/secret"},
		{"internal/safeguard", "time"},
		{"cmd/sealopen", "net/http"},
		{"internal/unseal/founding", "triage/policy"},
	} {
		if bad := laws.Imports([]laws.Package{{Path: tt.from, Imports: []string{tt.to}}}); len(bad) != 0 {
			t.Errorf("%s may import %s: %v", tt.from, tt.to, bad)
		}
	}
}

// TestServiceNeverLinksUnseal follows every import of the service: what opens is
// not in it.
func TestServiceNeverLinksUnseal(t *testing.T) {
	for _, l := range goList(t, "./cmd/sealwatch") {
		for _, d := range l.Deps {
			if strings.HasPrefix(d, laws.Module+"/internal/unseal") {
				t.Errorf("cmd/sealwatch links %s", d)
			}
		}
	}
	for _, l := range goList(t, "./cmd/sealopen") {
		if !slices.Contains(l.Deps, laws.Module+"/internal/unseal") {
			t.Error("the test looks for a package that the reader's program does not link either")
		}
		for _, d := range l.Deps {
			if strings.HasPrefix(d, laws.Module+"/capture") {
				t.Errorf("cmd/sealopen links %s", d)
			}
		}
	}
}

// TestHouse reads every production file.
func TestHouse(t *testing.T) {
	files := readTree(t)
	for _, bad := range laws.Files(files) {
		t.Error(bad)
	}
	for _, l := range goList(t, "./...") {
		if bad := laws.Doc(l.ImportPath, l.Doc); bad != "" {
			t.Error(bad)
		}
	}
	for _, name := range []string{"go.mod", "tools/tools.mod"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range laws.Replaced(name, data) {
			t.Error(bad)
		}
	}
}

// TestHouseBites shows that the rules on code would be seen broken.
func TestHouseBites(t *testing.T) {
	head := "// SPDX-License-Identifier: Apache-2.0\n\npackage x\n"
	for name, text := range map[string]string{
		"no SPDX line":     "package x\n",
		"init":             head + "func init() {}\n",
		"a long function":  head + "func f() {\n" + strings.Repeat("\t_ = 1\n", 120) + "}\n",
		"a long file":      head + strings.Repeat("// line\n", 700),
		"reveal":           head + "func f(t T) []byte { return t.Reveal() }\n",
		"zap.Any":          head + "import \"go.uber.org/zap\"\nvar _ = zap.Any\n",
		"zap.Error":        head + "import \"go.uber.org/zap\"\nvar _ = zap.Error\n",
		"sugar":            head + "func f(l L) { l.Sugar() }\n",
		"a name looked up": head + "import \"net\"\nvar _ = net.LookupHost\n",
		"101 lines":        head + "func f() {\n" + strings.Repeat("\t_ = 1\n", 99) + "}\n",
		"renamed import":   head + "import z \"go.uber.org/zap\"\nvar _ = z.Any\n",
		"dot import":       head + "import . \"go.uber.org/zap\"\nvar _ = Any\n",
		"an error's text":  head + "import \"go.uber.org/zap\"\nfunc f(err error) { _ = zap.String(\"e\", err.Error()) }\n",
		"a named error":    head + "import \"go.uber.org/zap\"\nvar _ = zap.NamedError\n",
		"a connection":     head + "import \"net\"\nvar _ net.Dialer\n",
		"a fetch":          head + "import \"net/http\"\nvar _ = http.Get\n",
		"a client":         head + "import \"net/http\"\nvar _ http.Client\n",
		"a made-up label":  head + "func f(c C, b []byte) { c.WithLabelValues(string(b)) }\n",
		"a revealed label": head + "func f(c C, t T) { c.GetMetricWithLabelValues(\"a\", string(t.Reveal())) }\n",
		"a bound reveal":   head + "func f(t T) func() []byte { return t.Reveal }\n",
	} {
		if len(laws.Files([]laws.File{parse(t, "internal/gate", "x.go", text)})) == 0 {
			t.Errorf("not seen: %s", name)
		}
	}
}

// TestHouseAllows shows what the rules let through: ordinary code, up to the limits.
func TestHouseAllows(t *testing.T) {
	head := "// SPDX-License-Identifier: Apache-2.0\n\npackage x\n"
	for name, text := range map[string]string{
		"100 lines":     head + "func f() {\n" + strings.Repeat("\t_ = 1\n", 98) + "}\n",
		"600 lines":     head + strings.Repeat("// line\n", 597),
		"a typed field": head + "import \"go.uber.org/zap\"\nvar _ = zap.Int(\"n\", len(x))\nvar _ = zap.ErrorLevel\n",
		"a label":       head + "func f(c C, code string) { c.WithLabelValues(code, \"served\").Inc() }\n",
		"a method":      head + "func (t T) init() {}\n",
	} {
		if bad := laws.Files([]laws.File{parse(t, "internal/gate", "x.go", text)}); len(bad) != 0 {
			t.Errorf("%s: %v", name, bad)
		}
	}
	text := head + "func f(t T) []byte { return t.Reveal() }\n"
	if bad := laws.Files([]laws.File{parse(t, "triage/target", "x.go", text)}); len(bad) != 0 {
		t.Errorf("a revealer may not reveal: %v", bad)
	}
}

// walk calls f for each file of the tree that belongs to it.
func walk(t *testing.T, f func(path, name string) error) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return f(path, d.Name())
		}
		made := d.Name() == "node_modules" || filepath.Dir(path) == root && (d.Name() == "build" || d.Name() == "bin")
		if path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || made) {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readTree(t *testing.T) []laws.File {
	t.Helper()
	var files []laws.File
	walk(t, func(path, name string) error {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		files = append(files, parse(t, filepath.ToSlash(rel), name, string(data)))
		return err
	})
	if len(files) < 60 {
		t.Fatalf("only %d files: the tree was not read", len(files))
	}
	return files
}

func parse(t *testing.T, pkg, name, text string) laws.File {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, pkg+"/"+name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return laws.File{Package: pkg, Name: name, Lines: strings.Count(text, "\n"), AST: f, Fset: fset, Text: text}
}

// TestWords looks for words that have no place in what the school gets: promises
// of later work, and tests that are skipped for a reason that is not listed.
func TestWords(t *testing.T) {
	read := 0
	walk(t, func(path, name string) error {
		if !slices.Contains([]string{".go", ".md", ".sh", ".yaml", ".sql", ".mod"}, filepath.Ext(name)) && name != "Makefile" {
			return nil
		}
		read++
		data, err := os.ReadFile(path)
		for _, bad := range laws.Words(path, string(data)) {
			t.Error(bad)
		}
		return err
	})
	if read < 150 {
		t.Errorf("only %d files: the tree was not read", read)
	}
}

func TestWordsBite(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"a.go", "// TO" + "DO: later"},
		{"a.md", "This is not " + "implemented."},
		{"a_test.go", "\tt.Sk" + "ip(\"slow\")"},
		{"a_test.go", "\ttb.Sk" + "ipf(\"slow %d\", 1)"},
		{"a_test.go", "\tt.Sk" + "ipNow()"},
	} {
		if len(laws.Words(tt.name, tt.text)) == 0 {
			t.Errorf("%s: not seen: %s", tt.name, tt.text)
		}
	}
	if bad := laws.Words("a_test.go", "\tt.Sk"+"ip(\"corpus absent\")"); len(bad) != 0 {
		t.Error(bad)
	}
	if laws.Doc("x", "") == "" || laws.Doc("x", "SPDX-License-Identifier: Apache-2.0") == "" || laws.Doc("x", "Package x is.") != "" {
		t.Error("documentation is judged wrongly")
	}
	mod := "module x\n\ngo 1.26\n\nreplace example.test/a => ../a\n"
	if len(laws.Replaced("go.mod", []byte(mod))) == 0 || len(laws.Replaced("go.mod", []byte("module x\n\nreplace (\n\texample.test/a => ../a\n)\n"))) == 0 {
		t.Error("a replaced module is not seen")
	}
}

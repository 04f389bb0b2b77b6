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
			if own, ok := strings.CutPrefix(i, laws.Module+"/"); ok {
				p.Imports = append(p.Imports, own)
			}
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
	} {
		if len(laws.Imports([]laws.Package{{Path: tt.from, Imports: []string{tt.to}}})) == 0 {
			t.Errorf("%s may import %s, and must not", tt.from, tt.to)
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
		if l.Doc == "" && !strings.HasSuffix(l.ImportPath, "/leakcheck") || strings.Contains(l.Doc, "SPDX") {
			t.Errorf("%s has no package documentation", l.ImportPath)
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil || strings.Contains(string(mod), "\nreplace") {
		t.Errorf("go.mod: replace, or %v", err)
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
	} {
		if len(laws.Files([]laws.File{parse(t, "internal/gate", "x.go", text)})) == 0 {
			t.Errorf("not seen: %s", name)
		}
	}
}

func readTree(t *testing.T) []laws.File {
	t.Helper()
	var files []laws.File
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
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
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v", len(files), err)
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
// of later work, and tests that are skipped for any reason but an absent corpus.
func TestWords(t *testing.T) {
	unfinished := []string{"TO" + "DO", "FIX" + "ME", "X" + "XX", "not " + "implemented", "unimpl" + "emented"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".md", ".sh", ".yaml", ".sql"}, filepath.Ext(name)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range unfinished {
			if strings.Contains(string(data), w) {
				t.Errorf("%s: %q", path, w)
			}
		}
		if strings.HasSuffix(name, "_test.go") {
			for line := range strings.Lines(string(data)) {
				if strings.Contains(line, "t.Skip"+"(") && !strings.Contains(line, "corpus") || strings.Contains(line, "t.Skip"+"f(") && !strings.Contains(line, "corpus") {
					t.Errorf("%s: skips for another reason than an absent corpus: %s", path, strings.TrimSpace(line))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

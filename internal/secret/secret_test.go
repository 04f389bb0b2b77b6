// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	htmltemplate "html/template"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	_ "modernc.org/sqlite"

	"github.com/sealwatch/sealwatch/internal/secret"
)

const content = "marlow-secret-7431"

func text() secret.Text { return secret.New([]byte(content)) }

// Every way in which a Text may be held by something that is printed.
type exported struct{ Who secret.Text }

type unexported struct {
	n   int
	who secret.Text
}

type deep struct {
	inner *unexported
	all   []secret.Text
	named map[string]secret.Text
	any   any
}

func holders() map[string]any {
	t := text()
	return map[string]any{
		"value": t, "pointer": &t, "exported field": exported{t}, "unexported field": unexported{1, t},
		"pointer to struct": &unexported{1, t}, "slice": []secret.Text{t}, "array": [1]secret.Text{t},
		"map value": map[string]secret.Text{"a": t}, "any": []any{t},
		"deep": deep{&unexported{2, t}, []secret.Text{t}, map[string]secret.Text{"b": t}, unexported{3, t}},
	}
}

// leaks reports whether the content stands in what was printed, in any of the
// forms that verbs and encoders give to bytes: whole, in base64, or one by one.
func leaks(out string) bool {
	low := strings.ToLower(misfit.ReplaceAllString(out, "$1"))
	low = strings.Join(strings.Fields(low), " ")
	for _, whole := range []string{content, fmt.Sprintf("%x", content), fmt.Sprintf("% x", content), base64.StdEncoding.EncodeToString([]byte(content))[:20]} {
		if strings.Contains(low, strings.ToLower(whole)) {
			return true
		}
	}
	for _, verb := range []string{"%d", "%b", "%o", "0o%o", "0x%x", "%c", "%q", "%U", "%#U"} {
		for _, between := range []string{" ", ", ", ","} {
			var each []string
			for _, c := range []byte(content[:6]) {
				each = append(each, fmt.Sprintf(verb, c))
			}
			if strings.Contains(low, strings.ToLower(strings.Join(each, between))) {
				return true
			}
		}
	}
	return false
}

// misfit is how fmt prints a byte for a verb that does not fit it.
var misfit = regexp.MustCompile(`%!.\(uint8=\s*0*(\d+)\)`)

// verbs are all that fmt has, and some with flags.
var verbs = []string{"v", "+v", "#v", "s", "q", "+q", "#q", "x", "X", "# x", "d", "b", "o", "O", "c", "U", "#U", "t", "e", "g", "p", "T", "10v", "-5s", "w"}

// careless is what a Text must not be: its bytes stand one pointer away.
type careless struct{ b []byte }

// TestTheTestSeesContent shows that leaks would see each form: the same bytes,
// carelessly held, are found under every verb that prints them.
func TestTheTestSeesContent(t *testing.T) {
	silent := map[string]string{"T": "prints the type only"}
	for _, verb := range verbs {
		holder := struct{ who careless }{careless{[]byte(content)}}
		if out := fmt.Sprintf("%"+verb, holder); !leaks(out) && silent[verb] == "" {
			t.Errorf("%%%s is not seen: %s", verb, out)
		}
	}
	out, err := json.Marshal(map[string][]byte{"a": []byte(content)})
	if err != nil || !leaks(string(out)) {
		t.Errorf("base64 in JSON is not seen: %s, %v", out, err)
	}
	if leaks(fmt.Sprint(exported{text()}, len(content), &careless{})) {
		t.Error("content is seen where there is none")
	}
}

func TestNoVerbShowsIt(t *testing.T) {
	for name, v := range holders() {
		for _, verb := range verbs {
			if out := fmt.Sprintf("%"+verb, v); leaks(out) {
				t.Errorf("%s with %%%s: %s", name, verb, out)
			}
		}
		for _, out := range []string{fmt.Sprint(v), fmt.Sprintln(v), fmt.Errorf("x: %v", v).Error()} {
			if leaks(out) {
				t.Errorf("%s: %s", name, out)
			}
		}
	}
	if got := fmt.Sprintf("%s", text()); got != secret.Placeholder {
		t.Errorf("got %q, want %q", got, secret.Placeholder)
	}
}

func TestMarshallingFails(t *testing.T) {
	v := exported{text()}
	for name, marshal := range map[string]func() ([]byte, error){
		"json": func() ([]byte, error) { return json.Marshal(v) },
		"xml":  func() ([]byte, error) { return xml.Marshal(v) },
		"yaml": func() ([]byte, error) { return yaml.Marshal(v) },
		"gob": func() ([]byte, error) {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return b.Bytes(), err
		},
		"text":   func() ([]byte, error) { return text().MarshalText() },
		"binary": func() ([]byte, error) { return text().MarshalBinary() },
		"map":    func() ([]byte, error) { return json.Marshal(map[string]any{"a": text()}) },
	} {
		out, err := marshal()
		if err == nil || leaks(string(out)) || leaks(err.Error()) {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("SELECT ?", text()); err == nil || leaks(err.Error()) {
		t.Errorf("SQL argument: %v", err)
	}
}

// TestNoEncoderShowsIt gives every holder to every encoder. Some fail and some skip
// the field; none lets the content out, nor says it in the error.
func TestNoEncoderShowsIt(t *testing.T) {
	for name, v := range holders() {
		for kind, encode := range map[string]func(*bytes.Buffer) error{
			"json": func(b *bytes.Buffer) error { return json.NewEncoder(b).Encode(v) },
			"xml":  func(b *bytes.Buffer) error { return xml.NewEncoder(b).Encode(v) },
			"yaml": func(b *bytes.Buffer) error { return yaml.NewEncoder(b).Encode(v) },
			"gob":  func(b *bytes.Buffer) error { return gob.NewEncoder(b).Encode(v) },
		} {
			var out bytes.Buffer
			err := encode(&out)
			if shown := fmt.Sprint(out.String(), err); leaks(shown) {
				t.Errorf("%s as %s: %q", name, kind, shown)
			}
		}
	}
}

func TestLogsShowThePlaceholder(t *testing.T) {
	var out bytes.Buffer
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zap.DebugLevel)
	log := zap.New(core)
	for _, v := range holders() {
		log.Info("any", zap.Any("a", v), zap.Reflect("b", v))
		log.Sugar().Infow("sugar", "a", v)
		log.Sugar().Infof("%v %+v", v, v)
	}
	log.Info("typed", zap.Stringer("a", text()), zap.Error(text()), zap.Inline(object{text()}), zap.NamedError("b", fmt.Errorf("x: %w", text())))
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		for _, v := range holders() {
			slog.New(h).InfoContext(context.Background(), "slog", "a", v, slog.Any("b", v))
		}
	}
	if leaks(out.String()) {
		t.Errorf("content in the log:\n%s", out.String())
	}
	if !strings.Contains(out.String(), secret.Placeholder) {
		t.Error("not even the placeholder: the test logged nothing")
	}
}

// object is what a careless type would do to be logged inline.
type object struct{ t secret.Text }

func (o object) MarshalLogObject(e zapcore.ObjectEncoder) error {
	e.AddString("who", o.t.String())
	return e.AddReflected("what", o.t)
}

func TestErrorsAndTemplatesShowThePlaceholder(t *testing.T) {
	err := errors.Join(fmt.Errorf("read %v: %w", text(), text()), text())
	if leaks(err.Error()) || leaks(fmt.Sprintf("%+v", err)) {
		t.Errorf("error: %v", err)
	}
	for _, src := range []string{"{{.Who}}", "{{printf \"%v %s %q %x\" .Who .Who .Who .Who}}", "{{.}}", "{{print .}}"} {
		var out bytes.Buffer
		if err := template.Must(template.New("t").Parse(src)).Execute(&out, exported{text()}); leaks(fmt.Sprint(out.String(), err)) {
			t.Errorf("text/template %s: %s", src, out.String())
		}
		out.Reset()
		if err := htmltemplate.Must(htmltemplate.New("t").Parse(src)).Execute(&out, exported{text()}); leaks(fmt.Sprint(out.String(), err)) {
			t.Errorf("html/template %s: %s", src, out.String())
		}
	}
}

// TestPanicsShowThePlaceholder runs itself again and panics there: the runtime
// prints a panic's value to standard error.
func TestPanicsShowThePlaceholder(t *testing.T) {
	values := map[string]any{"text": text(), "struct": unexported{1, text()}, "error": fmt.Errorf("x: %w", text()), "pointer": &exported{text()}}
	if name := os.Getenv("SECRET_PANIC"); name != "" {
		panic(values[name])
	}
	for name := range values {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicsShowThePlaceholder$")
		cmd.Env = append(os.Environ(), "SECRET_PANIC="+name, "GOTRACEBACK=all")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "panic") {
			t.Fatalf("%s: did not panic: %v", name, err)
		}
		if leaks(string(out)) {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func TestTextsCannotBeCompared(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", "package x\nimport \"github.com/sealwatch/sealwatch/internal/secret\"\nfunc f(a, b secret.Text) bool { return a == b }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil), Error: func(err error) { faults = append(faults, err.Error()) }}
	_, _ = conf.Check("x", fset, []*ast.File{f}, nil)
	if len(faults) != 1 || !strings.Contains(faults[0], "cannot be compared") {
		t.Errorf("got %q, want that == does not compile", faults)
	}
}

func TestRevealCloneAndWipe(t *testing.T) {
	b := []byte(content)
	a := secret.New(b)
	c := a.Clone()
	a.Wipe()
	if string(c.Reveal()) != content {
		t.Errorf("the clone was wiped with the original")
	}
	if !bytes.Equal(b, make([]byte, len(content))) {
		t.Error("the bytes were not wiped")
	}
	var none secret.Text
	if !none.IsEmpty() || none.Reveal() != nil || !none.Clone().IsEmpty() || a.IsEmpty() {
		t.Error("emptiness is wrong")
	}
	none.Wipe()
}

func TestASlabDoesNotAllocate(t *testing.T) {
	var s secret.Slab
	b := []byte(content)
	if n := testing.AllocsPerRun(100, func() {
		s.Reset()
		for range 20 {
			if s.Text(b).IsEmpty() {
				t.Error("empty")
			}
		}
	}); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
	s.Reset()
	for range 100 { // more than a slab holds
		if string(s.Text(b).Reveal()) != content {
			t.Fatal("a Text of a full slab is wrong")
		}
	}
	owner := struct {
		n    int
		slab *secret.Slab
		in   secret.Slab
	}{1, &s, s}
	for _, verb := range []string{"v", "+v", "#v", "s", "x", "d"} {
		if out := fmt.Sprintf("%"+verb, owner) + fmt.Sprintf("%"+verb, &s); leaks(out) {
			t.Errorf("the slab prints content with %%%s: %s", verb, out)
		}
	}
}

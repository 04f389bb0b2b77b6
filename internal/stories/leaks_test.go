// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A leak is a mistake that somebody could make: in one file, old is replaced by
// broken.
type leak struct {
	name        string
	file        string
	old, broken string
	imports     string // to add to the file
	where       string // of what must be found; part of the place's name
}

// lineRead is where the service has just read a line.
const lineRead = "\tr.pipe.Mark(safeguard.Bookmark{"

// leaks are one mistake for every way out: log, metric, file, name of a file,
// panic value, answers, database, hash, error of a command.
var leaks = []leak{
	{name: "a line in the log", where: "stderr of the service", file: "internal/service/feeds.go", old: lineRead,
		broken: "\tr.log.Info(\"line read\", zap.ByteString(\"line\", l.Raw))\n" + lineRead},
	{name: "a line in base64 in the log at debug level", where: "stderr of the service: base64", file: "internal/service/feeds.go", old: lineRead, imports: `"encoding/base64"`,
		broken: "\tr.log.Debug(\"line read\", zap.String(\"line\", base64.StdEncoding.EncodeToString(l.Raw)))\n" + lineRead},
	{name: "the start of a line in hex in the log", where: "stderr of the service: hex", file: "internal/service/feeds.go", old: lineRead, imports: `"encoding/hex"`,
		broken: "\tr.log.Info(\"line read\", zap.String(\"line\", hex.EncodeToString(l.Raw)))\n" + lineRead},
	{name: "a line as a metric's label", where: "/metrics", file: "internal/service/feeds.go", old: lineRead, imports: `"strings"`,
		broken: "\tr.metrics.Source(strings.ToValidUTF8(string(l.Raw), \"\")).Update(health.Reading{Visits: 1}, r.now())\n" + lineRead},
	{name: "the start of a line in hex as the address of a mail", where: "mail: hex", file: "internal/service/feeds.go", old: lineRead, imports: `"encoding/hex"`,
		broken: "\t_ = SendTest(context.Background(), r.cfg.Notices.Mail, hex.EncodeToString(l.Raw)+\"@oakfield.example\")\n" + lineRead},
	{name: "a line in a temporary file", where: "last-line.tmp", file: "internal/service/feeds.go", old: lineRead, imports: `"os"`,
		broken: "\t_ = os.WriteFile(r.cfg.State+\"/last-line.tmp\", l.Raw, 0o600)\n" + lineRead},
	{name: "an account as the name of a file", where: "its name", file: "triage/flush.go", old: "\t\ts := p.storyOf(q, open)\n", imports: `"os"`,
		broken: "\t\t_ = os.WriteFile(os.Getenv(\"SEALWATCH_TEST_DIR\")+\"/\"+string(account(q.finding.Visit.User.Reveal())), nil, 0o600)\n\t\ts := p.storyOf(q, open)\n"},
	{name: "what a panic says", where: "stderr of a service that ended", file: "internal/service/guard.go", old: "\t\tif recover() != nil {\n",
		broken: "\t\tif v := recover(); v != nil {\n\t\t\twhat = fmt.Sprint(what, v)\n"},
	{name: "the path of a request in the answer", where: "answer to a stranger", file: "internal/gate/route.go", old: "\t\t\tanswer(w, fail(api.CodeNotFound))\n",
		broken: "\t\t\tf := fail(api.CodeNotFound)\n\t\t\tf.Say = r.URL.Path\n\t\t\tanswer(w, f)\n"},
	{name: "the body of a request in the answer", where: "answer to a stranger", file: "internal/gate/route.go", old: "\tif err := d.Decode(v); err != nil {\n\t\treturn fail(api.CodeBadRequest)\n",
		broken: "\tif err := d.Decode(v); err != nil {\n\t\tf := fail(api.CodeBadRequest)\n\t\tf.Say = err.Error()\n\t\treturn f\n"},
	{name: "a line in the database", where: "sealwatch.db", file: "triage/flush.go", old: "\t\ts := p.storyOf(q, open)\n",
		broken: "\t\tbatch.Bookmarks = append(batch.Bookmarks, safeguard.Bookmark{Source: string(q.finding.Visit.Raw.Reveal())})\n\t\ts := p.storyOf(q, open)\n"},
	{name: "the unsalted hash of an account in the database", where: "sha256", file: "triage/flush.go", old: "\t\ts := p.storyOf(q, open)\n", imports: `"crypto/sha256"`,
		broken: "\t\tsum := sha256.Sum256(q.finding.Visit.User.Reveal())\n\t\tbatch.Evidence = append(batch.Evidence, [16]byte(sum[:16]))\n\t\ts := p.storyOf(q, open)\n"},
	{name: "a line in what analyse prints", where: "analyse", file: "internal/service/analyse.go", imports: `"os"`,
		old:    "\tline := func(ctx context.Context, l *intake.Line) error { return reader.Line(ctx, l, pipe.Visit) }\n",
		broken: "\tline := func(ctx context.Context, l *intake.Line) error {\n\t\t_, _ = os.Stderr.Write(l.Raw)\n\t\treturn reader.Line(ctx, l, pipe.Visit)\n\t}\n"},
	{name: "a line in what init prints", where: "init", file: "internal/install/log.go", old: "\tfor _, l := range lines {\n\t\tclear(l)\n",
		broken: "\tfor _, l := range lines {\n\t\t_, _ = os.Stderr.Write(l)\n\t\tclear(l)\n"},
	{name: "lines that wait to be judged, unsealed", where: "what waits of", file: "internal/service/receiving.go",
		old:    "\t\tSeal: func(plain []byte) ([]byte, error) { return seal.EncryptTo(plain, key.Recipient()) },\n\t\tOpen: key.Decrypt,",
		broken: "\t\tSeal: func(plain []byte) ([]byte, error) { _ = key; return append([]byte(nil), plain...), nil },\n\t\tOpen: func(b []byte) ([]byte, error) { return b, nil },"},
	{name: "a message that was received, in the log", where: "stderr of the service", file: "capture/receive/receive.go", old: "\t\tr.tally.kept(int64(b.lines))\n",
		broken: "\t\tr.tally.kept(int64(b.lines))\n\t\tr.log.Info(\"kept\", zap.ByteString(\"lines\", b.data))\n"},
	{name: "a labelled row in what evaluate prints", where: "evaluate", file: "internal/evaluation/rows.go", old: "\trow.visit = visit(row.Kind, text)\n", imports: `"os"`,
		broken: "\trow.visit = visit(row.Kind, text)\n\t_, _ = os.Stderr.Write(text)\n"},
	{name: "a labelled row in the file of predictions", where: "predictions.tsv", file: "internal/evaluation/rows.go", old: "\trow.visit = visit(row.Kind, text)\n",
		broken: "\trow.visit = visit(row.Kind, text)\n\trow.ID += string(text)\n"},
	{name: "what a rehearsal keeps", where: "check", file: "triage/rehearsal/rehearsal.go", old: "\tone := c.look(v)\n", imports: `"os"`,
		broken: "\tone := c.look(v)\n\t_, _ = os.Stderr.Write(v.User.Reveal())\n"},
}

// TestLeakingBuildsAreFound builds the service with each leak and wants the canary
// to find it. A leak whose place in the code is gone must be written anew.
func TestLeakingBuildsAreFound(t *testing.T) {
	for _, l := range leaks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			program := buildLeaking(t, l)
			s := newSchool(t)
			run := runCanary(t, s, program, leakEvents, quick)
			if !slices.ContainsFunc(run.leaks, func(found string) bool { return strings.Contains(found, l.where) }) {
				t.Errorf("the canary did not find it; it found %q", run.leaks)
			}
		})
	}
	t.Run("nothing is found where nothing leaks", func(t *testing.T) {
		t.Parallel()
		if run := runCanary(t, newSchool(t), killable(t), leakEvents, quick); len(run.leaks) > 0 {
			t.Errorf("found %q", run.leaks)
		}
	})
}

// leakEvents is enough for every kind of event several times in each of the canary's feeds.
const leakEvents = 160

// buildLeaking returns the service built with the leak, without touching the tree.
func buildLeaking(t *testing.T, l leak) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, filepath.FromSlash(l.file))
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	if strings.Count(text, l.old) != 1 {
		t.Fatalf("%s: the place of this leak is gone; write it anew", l.file)
	}
	text = strings.Replace(text, l.old, l.broken, 1)
	if l.imports != "" && !strings.Contains(text, "\t"+l.imports+"\n") {
		text = strings.Replace(text, "import (\n", "import (\n\t"+l.imports+"\n", 1)
	}
	dir := t.TempDir()
	replacement := filepath.Join(dir, "leaking.go")
	overlay := filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]map[string]string{"Replace": {path: replacement}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{replacement: []byte(text), overlay: data} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "sealwatch")
	if err := build(program, "./cmd/sealwatch", "-tags", "killpoints", "-overlay", overlay); err != nil {
		t.Fatal(err)
	}
	return program
}

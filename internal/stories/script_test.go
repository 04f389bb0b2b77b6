// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwatch/sealwatch/internal/postbox"
)

// TestScripts runs the stories of testdata/script. Beside testscript's own verbs
// there are: school (a fresh one in $WORK/school), serve and unserve, one verb a
// person (lead, deputy, head, chair, external, technician), thief (sealopen with
// whatever arguments), exits N,… VERB…, and item NAME (the most urgent id of the
// list that was printed last), sink and unsink (a mail server), mailto CONFIG, and
// mails ADDRESS N.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setUpScript,
		Condition: func(cond string) (bool, error) {
			if cond != "corpus" {
				return false, errors.New("unknown condition")
			}
			_, err := os.Stat(corpus())
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"school": cmdSchool, "serve": cmdServe, "unserve": cmdUnserve,
			"exits": cmdExits, "item": cmdItem, "sql": cmdSQL,
			"sink": cmdSink, "unsink": cmdUnsink, "mailto": cmdMailTo, "mails": cmdMails,
			"lead": as("dsl"), "deputy": as("deputy"), "head": as("head"), "chair": as("chair"),
			"external": as("external"), "technician": as("technician"),
		},
	})
}

func setUpScript(env *testscript.Env) error {
	env.Setenv("PATH", programs.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("CORPUS", corpus())
	env.Values[serverKey{}] = new(*server)
	env.Values[sinkKey{}] = new(*postbox.Postbox)
	return nil
}

type serverKey struct{}

func cmdSchool(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(copySchool(ts.MkAbs("school")))
}

func cmdServe(ts *testscript.TestScript, neg bool, _ []string) {
	srv, err := startServer(sealwatch(), ts.MkAbs("school/sealwatch.yaml"))
	if neg {
		if err == nil {
			srv.stop()
			ts.Fatalf("the service started")
		}
		return
	}
	ts.Check(err)
	*ts.Value(serverKey{}).(**server) = srv
	ts.Setenv("URL", srv.url)
	ts.Defer(srv.stop)
}

func cmdUnserve(ts *testscript.TestScript, _ bool, _ []string) {
	(*ts.Value(serverKey{}).(**server)).stop()
}

// as returns the verb that runs sealopen as the person.
func as(person string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		args = append(personArgs(ts.Getenv("URL"), ts.MkAbs("school"), person), args...)
		err := ts.Exec("sealopen", args...)
		if neg != (err != nil) {
			ts.Fatalf("sealopen as %s: %v", person, err)
		}
	}
}

// cmdExits runs a program or a person's verb and wants the exit code.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	want := strings.Split(args[0], ",")
	people := map[string]string{
		"lead": "dsl", "deputy": "deputy", "head": "head", "chair": "chair",
		"external": "external", "technician": "technician",
	}
	program, rest := args[1], args[2:]
	if p, ok := people[program]; ok {
		program, rest = "sealopen", append(personArgs(ts.Getenv("URL"), ts.MkAbs("school"), p), rest...)
	}
	err := ts.Exec(program, rest...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if !slices.Contains(want, strconv.Itoa(got)) {
		ts.Fatalf("%s: exit %d, want %s", args[1], got, args[0])
	}
}

// cmdItem sets a variable to the first id of the list --json printed last.
func cmdItem(ts *testscript.TestScript, _ bool, args []string) {
	var items []item
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &items))
	if len(items) == 0 {
		ts.Fatalf("the list is empty")
	}
	ts.Setenv(args[0], items[0].ID)
}

// corpus returns the folder of real sample logs, which may be absent.
func corpus() string {
	if dir := os.Getenv("SEALWATCH_CORPUS"); dir != "" {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join("..", "..", dir)
		}
		abs, _ := filepath.Abs(dir)
		return abs
	}
	abs, _ := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data"))
	return abs
}

// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwatch/sealwatch/internal/postbox"
)

// openPostbox starts a mail server of the test's own.
func openPostbox(t testing.TB) *postbox.Postbox {
	t.Helper()
	p, err := postbox.Open("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// mailTo sets the mail server of a school, and every day as one on which it is open.
func mailTo(config, server string) error {
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, "\nnotices:\n  morning: \"00:00\"\n  days: [mon, tue, wed, thu, fri, sat, sun]\n"+
		"  mail: {server: %q, tls: none, from: sealwatch@oakfield.example}\n", server)
	return err
}

// critical is the subject of the notice that cannot wait, as it is sent.
const critical = "=?UTF-8?q?Open_Sealwatch_now_=E2=80=94_do_not_wait?="

// criticals counts the notices to a person that could not wait.
func criticals(p *postbox.Postbox, address string) (n int) {
	for _, l := range p.To(address) {
		if l.Subject() == critical {
			n++
		}
	}
	return n
}

// within waits for something that another process does.
func within(t testing.TB, d time.Duration, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within %s: %s", d, what)
}

type sinkKey struct{}

// cmdSink starts a mail server: $SINK is its address.
func cmdSink(ts *testscript.TestScript, _ bool, _ []string) {
	p, err := postbox.Open("127.0.0.1:0", nil)
	ts.Check(err)
	*ts.Value(sinkKey{}).(**postbox.Postbox) = p
	ts.Setenv("SINK", p.Addr)
	ts.Defer(func() { _ = p.Close() })
}

func cmdUnsink(ts *testscript.TestScript, _ bool, _ []string) {
	_ = (*ts.Value(sinkKey{}).(**postbox.Postbox)).Close()
}

// cmdMailTo makes a configuration use the mail server.
func cmdMailTo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(mailTo(ts.MkAbs(args[0]), ts.Getenv("SINK")))
}

// cmdMails waits until an address has so many letters, and prints the last one.
func cmdMails(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	p := *ts.Value(sinkKey{}).(**postbox.Postbox)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got := p.To(args[0]); len(got) >= want {
			if len(got) > want {
				break
			}
			if want > 0 {
				_, err := ts.Stdout().Write([]byte(strings.ReplaceAll(got[want-1].Text, "\r\n", "\n")))
				ts.Check(err)
			}
			return
		}
	}
	ts.Fatalf("%s has %d letters, want %d", args[0], len(p.To(args[0])), want)
}

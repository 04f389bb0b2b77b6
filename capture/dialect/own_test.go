// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

var updateOwn = flag.Bool("update-own", false, "rewrite the golden files of own.log")

// fixed are options that make a reading the same on every day.
func fixed() dialect.Options {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return dialect.Options{Zone: london, Now: func() time.Time { return time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC) }}
}

// own returns the lines of the log that we made for a dialect.
func own(t testing.TB, name string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name, "own.log"))
	if err != nil {
		t.Fatalf("%s has no log of our own: %v", name, err)
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// TestOwnLogs holds what every dialect reads of a log that we made to a file that a person
// can read beside it.
func TestOwnLogs(t *testing.T) {
	for name, make := range dialect.Dialects {
		var got strings.Builder
		p, visits := make(fixed()), 0
		for _, line := range own(t, name) {
			var slab secret.Slab
			var v safeguard.Visit
			switch err := dialect.Read(p, line, &slab, &v); err {
			case nil:
				visits++
				fmt.Fprintf(&got, "%s assumed=%t user=%s client=%s device=%s %s url=%s host=%s action=%v category=%s evidence=%v\n",
					v.Time.Format(time.RFC3339Nano), v.ZoneAssumed, v.User.Reveal(), v.Client.Reveal(), v.Device.Reveal(), v.Method, v.URL.Reveal(), v.Host.Reveal(),
					v.Action, v.Category.Reveal(), v.Evidence)
			default:
				fmt.Fprintf(&got, "%v\n", err)
			}
		}
		golden := filepath.Join("testdata", name, "own.golden")
		if *updateOwn {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != got.String() {
			t.Errorf("%s: not as in %s:\n%s", name, golden, got.String())
		}
		if visits == 0 {
			t.Errorf("%s: no visit", name)
		}
		if got, sure := dialect.Recognise(own(t, name)); got != name || sure < 0.5 {
			t.Errorf("%s is taken for %q at %.2f", name, got, sure)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"testing"

	"github.com/sealwatch/sealwatch/triage/lists"
)

func TestWhatIsClearIsForgottenWithItsIndex(t *testing.T) {
	x, _ := load(t, "plain", "bad.example\n")
	shelf := lists.NewShelf(nil)
	r := shelf.Reader()
	r.SetClear([]byte("a.example:443"))
	if r.Clear([]byte("a.example:443")) {
		t.Error("clear without an index")
	}
	shelf.Put(x)
	if r.Clear([]byte("a.example:443")) {
		t.Error("clear before anybody said so")
	}
	r.SetClear([]byte("a.example:443"))
	if !r.Clear([]byte("a.example:443")) || r.Clear([]byte("b.example:443")) || r.Clear(nil) {
		t.Error("not what was said")
	}
	y, _ := load(t, "plain", "a.example\n")
	shelf.Put(y)
	if r.Clear([]byte("a.example:443")) {
		t.Error("what an earlier index said holds for a new one")
	}
}

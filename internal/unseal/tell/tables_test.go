// SPDX-License-Identifier: Apache-2.0

package tell_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/sethvargo/go-diceware/diceware"

	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

// TestReaderTables keeps what the Reader in the browser says equal to what sealopen
// says, and its word list equal to the one that passphrases are drawn from.
func TestReaderTables(t *testing.T) {
	var words []string
	list := diceware.WordListEffLarge()
	for a := 1; a <= 6; a++ {
		for b := 1; b <= 6; b++ {
			for c := 1; c <= 6; c++ {
				for d := 1; d <= 6; d++ {
					for e := 1; e <= 6; e++ {
						words = append(words, list.WordAt((((a*10+b)*10+c)*10+d)*10+e))
					}
				}
			}
		}
	}
	for path, v := range map[string]any{
		"../../../web/src/gen/tell.json":  tell.AllTables(),
		"../../../web/src/gen/words.json": words,
	} {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is not current: go test ./internal/unseal/tell -update", path)
		}
	}
}

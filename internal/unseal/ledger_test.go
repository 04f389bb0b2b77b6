// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

type hashes []tlog.Hash

func (m hashes) ReadHashes(indexes []int64) (out []tlog.Hash, _ error) {
	for _, i := range indexes {
		out = append(out, m[i])
	}
	return out, nil
}

// checkpoint signs the head of the leaves as the ledger of the school does.
func checkpoint(key seal.LedgerKey, school string, leaves [][]byte) []byte {
	var m hashes
	for n, leaf := range leaves {
		m = append(m, must(tlog.StoredHashes(int64(n), leaf, m))...)
	}
	root := must(tlog.TreeHash(int64(len(leaves)), m))
	text := fmt.Sprintf("%s\n%d\n%s\nat %s\n", ledger.Origin(school), len(leaves),
		base64.StdEncoding.EncodeToString(root[:]), noon.Format(time.RFC3339))
	return must(note.Sign(&note.Note{Text: text}, must(note.NewSigner(key.Secret()))))
}

func TestCheckLedger(t *testing.T) {
	key := must(seal.CreateCredentials(t.TempDir()+"/a", "ledger.oakfield.example")).Ledger
	foreign := must(seal.CreateCredentials(t.TempDir()+"/b", "ledger.oakfield.example")).Ledger
	leaves := [][]byte{[]byte("one"), []byte("two"), []byte("three"), []byte("four"), []byte("five")}
	other := [][]byte{[]byte("one"), []byte("TWO"), []byte("three"), []byte("four"), []byte("five")}
	kept := checkpoint(key, "oakfield", leaves[:3])
	for _, tt := range []struct {
		name       string
		leaves     [][]byte
		checkpoint []byte
		kept       []byte
		want       error // nil: it holds
	}{
		{"the first look", leaves, checkpoint(key, "oakfield", leaves), nil, nil},
		{"a later look", leaves, checkpoint(key, "oakfield", leaves), kept, nil},
		{"nothing new", leaves[:3], kept, kept, nil},
		{"an entry changed", other, checkpoint(key, "oakfield", leaves), nil, ledger.ErrChanged},
		{"an entry changed and signed anew", other, checkpoint(key, "oakfield", other), kept, ledger.ErrForked},
		{"an entry left out", slices.Delete(slices.Clone(leaves), 1, 2), checkpoint(key, "oakfield", leaves), nil, ledger.ErrRemoved},
		{"an entry put in", append(slices.Clone(leaves), []byte("six")), checkpoint(key, "oakfield", leaves), nil, ledger.ErrInserted},
		{"two exchanged", [][]byte{leaves[1], leaves[0], leaves[2], leaves[3], leaves[4]}, checkpoint(key, "oakfield", leaves), nil, ledger.ErrChanged},
		{"an older state", leaves[:2], checkpoint(key, "oakfield", leaves[:2]), kept, ledger.ErrRolledBack},
		{"another key", leaves, checkpoint(foreign, "oakfield", leaves), nil, ledger.ErrCheckpoint},
		{"another school", leaves, checkpoint(key, "elmfield", leaves), nil, ledger.ErrCheckpoint},
		{"no checkpoint", leaves, nil, nil, ledger.ErrCheckpoint},
		{"a kept checkpoint that is none", leaves, checkpoint(key, "oakfield", leaves), []byte("none"), ledger.ErrCheckpoint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := unseal.CheckLedger(tt.leaves, tt.checkpoint, tt.kept, "oakfield", key.Verifier())
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && (r.Size != int64(len(tt.leaves)) || !r.At.Equal(noon)) {
				t.Errorf("size %d, at %s", r.Size, r.At)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/unseal"
)

// TestWords computes words anew, from the list that the browser has and by the rule of
// docs/formats.md. The two vectors stand there too: they bind what screens show.
func TestWords(t *testing.T) {
	var list []string
	if err := json.Unmarshal(must(os.ReadFile("../../web/src/gen/words.json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, purpose := range []string{unseal.WordsHead, unseal.WordsLeader, unseal.WordsSchool, unseal.WordsPerson} {
		for i := range uint32(200) {
			hash := sha256.Sum256(binary.BigEndian.AppendUint32(nil, i))
			sum := sha256.Sum256([]byte("sealwatch/words/v1\n" + purpose + "\n" + string(hash[:])))
			n, rest := new(big.Int).SetBytes(sum[:]), new(big.Int)
			var want []string
			for range 6 {
				n.QuoRem(n, big.NewInt(7776), rest)
				want = append(want, list[rest.Int64()])
			}
			if got := unseal.Words(purpose, hash); !slices.Equal(got, want) {
				t.Fatalf("%s %x: %q, want %q", purpose, hash, got, want)
			}
		}
	}
	var zeros [32]byte
	for purpose, want := range map[string]string{
		unseal.WordsHead:   "aware anaerobic stir unbent sector visible",
		unseal.WordsSchool: "stimulant cobbler pasty chatroom backer trimness",
	} {
		if got := strings.Join(unseal.Words(purpose, zeros), " "); got != want {
			t.Errorf("%s: %q, want %q", purpose, got, want)
		}
	}
}

func TestSchoolWordsOfAKey(t *testing.T) {
	hash := sha256.Sum256([]byte("a founding"))
	k := unseal.Key{Founding: hex.EncodeToString(hash[:])}
	if got := k.SchoolWords(); !slices.Equal(got, unseal.Words("school", hash)) {
		t.Errorf("%q", got)
	}
	for _, f := range []string{"", "ab", "zz" + strings.Repeat("a", 62)} {
		if got := (unseal.Key{Founding: f}).SchoolWords(); got != nil {
			t.Errorf("%q: %q", f, got)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"

	"github.com/sethvargo/go-diceware/diceware"
)

// listWords is how many words the EFF's large list has: 6 to the power of 5.
const listWords = 7776

// What six words stand for; docs/formats.md, Words.
const (
	WordsHead   = "head"   // what the headteacher's screen shows at a founding
	WordsLeader = "leader" // what the second leader's shows
	WordsSchool = "school" // what everybody of a school sees
	WordsPerson = "person" // what a new person's screen shows
)

// Words turns a hash into six words of the EFF's large list, for one purpose, so that
// two people can compare it by voice. The browser's half is web/src/words.ts.
func Words(purpose string, hash [32]byte) []string {
	sum := sha256.Sum256(append([]byte("sealwatch/words/v1\n"+purpose+"\n"), hash[:]...))
	n, size, at := new(big.Int).SetBytes(sum[:]), big.NewInt(listWords), new(big.Int)
	var out []string
	for range passphraseWords {
		n.DivMod(n, size, at)
		out = append(out, wordAt(int(at.Int64())))
	}
	return out
}

// wordAt returns a word by its place in the list, from 0, which is in the order of rolls
// of five dice: the list has them by the digits of the roll.
func wordAt(place int) string {
	roll := 0
	for unit := 1; unit <= 10_000; unit *= 10 {
		roll += (place%6 + 1) * unit
		place /= 6
	}
	return diceware.WordListEffLarge().WordAt(roll)
}

// SchoolWords returns the six words of the school that the key was made for, or none
// for a key that does not know of a founding.
func (k Key) SchoolWords() []string {
	b, err := hex.DecodeString(k.Founding)
	if err != nil || len(b) != sha256.Size {
		return nil
	}
	return Words(WordsSchool, [32]byte(b))
}

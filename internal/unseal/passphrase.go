// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/sethvargo/go-diceware/diceware"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// passphraseWords of the EFF's large list of 7,776 words give 77.5 bits.
const passphraseWords = 6

// ErrNoPassphrase is returned where a table of passphrases has no line for the person.
var ErrNoPassphrase = errors.New("the file has no passphrase for this key's person")

// NewPassphrase returns six words of the EFF's large list, drawn by the
// system's random numbers and with single spaces between.
func NewPassphrase() (string, error) {
	words, err := diceware.GenerateWithWordList(passphraseWords, diceware.WordListEffLarge())
	if err != nil {
		return "", fmt.Errorf("draw a passphrase: %w", err)
	}
	return strings.Join(words, " "), nil
}

// ReadPassphrase finds the person's passphrase in a file: either a table of
// "name: words" lines, in which "#" begins a comment, or the passphrase alone. The
// error is ErrNoPassphrase.
func ReadPassphrase(data []byte, person safeguard.PersonID) (string, error) {
	var alone []string
	table := false
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, words, ok := strings.Cut(line, ":")
		if !ok {
			alone = append(alone, line)
			continue
		}
		table = true
		if strings.TrimSpace(name) == string(person) && fold(words) != "" {
			return fold(words), nil
		}
	}
	if lines.Err() != nil || table || len(alone) != 1 {
		return "", ErrNoPassphrase
	}
	return fold(alone[0]), nil
}

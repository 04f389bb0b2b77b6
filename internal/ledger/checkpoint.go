// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is a head of the ledger: all that its Size first leaves hold, in
// one hash.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	At     time.Time // when it was signed; kept to the second
}

// maxCheckpoint bounds a signed checkpoint in bytes.
const maxCheckpoint = 4 << 10

// text lays out c as c2sp.org/tlog-checkpoint has it, with one extension line:
// "at" and the time. It is inside the signature so that "intact up to" is as
// trustworthy as the rest.
func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" +
		base64.StdEncoding.EncodeToString(c.Root[:]) + "\nat " + c.At.UTC().Format(time.RFC3339) + "\n"
}

// OpenCheckpoint checks a signed checkpoint with the ledger's verifier key, as it
// stands in the manifest, and reads it. The error is ErrCheckpoint. The caller
// compares Origin.
func OpenCheckpoint(signed []byte, verifierKey string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifierKey)
	if err != nil || len(signed) > maxCheckpoint {
		return Checkpoint{}, ErrCheckpoint
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, ErrCheckpoint // note errors may quote what they read
	}
	return parseCheckpoint(n.Text)
}

// parseCheckpoint reads what text returns, and nothing else. tlog.ParseTree cannot:
// its first line is that of the Go checksum database.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] == "" {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{Origin: lines[0]}
	var errs [3]error
	var root []byte
	c.Size, errs[0] = strconv.ParseInt(lines[1], 10, 64)
	root, errs[1] = base64.StdEncoding.DecodeString(lines[2])
	c.At, errs[2] = time.Parse("at "+time.RFC3339, lines[3])
	if errs != [3]error{} || c.Size < 0 || len(root) != tlog.HashSize {
		return Checkpoint{}, ErrCheckpoint
	}
	copy(c.Root[:], root)
	c.At = c.At.UTC()
	if c.text() != text {
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}

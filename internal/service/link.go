// SPDX-License-Identifier: Apache-2.0

package service

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// LinkTime is how long a founding link holds: long enough to hand it to two people who
// wait for it, too short for one that lies in a mailbox.
const LinkTime = 15 * time.Minute

// LinkFile is where, in the state folder, it stands which founding link is the newest.
const LinkFile = "founding-link.json"

// ErrFounded means that a founding link is asked for where there is a school already.
var ErrFounded = errors.New("the school is founded already")

// A foundingLink is what is kept of a founding link: nothing that opens it.
type foundingLink struct {
	TokenHash []byte    `json:"token_hash"` // SHA-256 of "sealwatch/token/v1\n" and the token
	Ends      time.Time `json:"ends"`
}

// NewLink makes the token of a new founding link, in place of any other, and says when it
// ends. Only its hash is kept. The error is ErrFounded where it would be of no use.
func NewLink(state string, now time.Time) (token string, ends time.Time, err error) {
	if _, err := os.Stat(filepath.Join(state, "root")); err == nil {
		return "", time.Time{}, ErrFounded
	}
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	ends = now.Add(LinkTime).UTC().Truncate(time.Second)
	sum := sha256.Sum256([]byte("sealwatch/token/v1\n" + token))
	data, err := json.Marshal(foundingLink{TokenHash: sum[:], Ends: ends})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("write the founding link: %w", err)
	}
	if err := replaceFile(filepath.Join(state, LinkFile), data); err != nil {
		return "", time.Time{}, fmt.Errorf("write the founding link: %w", err)
	}
	return token, ends, nil
}

// replaceFile writes a file that only its owner can read, whole or not at all. It belongs
// to whoever the folder belongs to, so that a link that root asked for can be read by the
// account that the service runs as.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = giveTo(f.Name(), filepath.Dir(path))
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

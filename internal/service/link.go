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

	"github.com/sealwatch/sealwatch/internal/config"
)

// LinkTime is how long a founding link holds: long enough to hand it to two people who
// wait for it, too short for one that lies in a mailbox.
const LinkTime = 15 * time.Minute

// LinkFile is where, in the state folder, it stands which founding link is the newest.
const LinkFile = "founding-link.json"

// ErrFounded means that a founding link is asked for where there is a school already.
var ErrFounded = errors.New("the school is founded already; no founding link is needed any more, and none is given out. People join through the headteacher, who invites them from his own page")

// A foundingLink is what is kept of a founding link: nothing that opens it.
type foundingLink struct {
	TokenHash []byte    `json:"token_hash"` // SHA-256 of "sealwatch/token/v1\n" and the token
	Ends      time.Time `json:"ends"`
}

// founded reports whether there is a school: a manifest to verify, and the key for it.
func founded(cfg *config.Config) bool {
	if cfg.Root != "" {
		return true
	}
	_, err := os.Stat(cfg.RootFile())
	return err == nil
}

// NewLink makes a founding link, in place of any other, and returns the whole of
// it and when it ends. Only a hash of its token is kept. It returns ErrFounded, with
// ErrMend, where there is a school.
func NewLink(cfg *config.Config, now time.Time) (link string, ends time.Time, err error) {
	if founded(cfg) {
		return "", time.Time{}, fmt.Errorf("%w: %w", ErrFounded, ErrMend)
	}
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	token := base64.RawURLEncoding.EncodeToString(b)
	ends = now.Add(LinkTime).UTC().Truncate(time.Second)
	sum := sha256.Sum256([]byte("sealwatch/token/v1\n" + token))
	data, err := json.Marshal(foundingLink{TokenHash: sum[:], Ends: ends})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("write the founding link: %w", err)
	}
	if err := replaceFile(filepath.Join(cfg.State, LinkFile), data); err != nil {
		return "", time.Time{}, fmt.Errorf("write the founding link: %w: %w", err, ErrMend)
	}
	return cfg.Gate.Address() + "/found#" + token, ends, nil
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

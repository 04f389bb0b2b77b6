// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const receivedFile = "received.key"

// OpenReceivedKey returns the identity under which lines that came over the network
// wait on the disk. It lives in dir, which is to be in memory (tmpfs): a restart of the
// service finds it, a stolen disk has no key to what waits on it. fresh says that nothing
// waits: then another one takes its place, and what was there before is unreadable
// for ever.
func OpenReceivedKey(dir string, fresh bool) (Identity, error) {
	path := filepath.Join(dir, receivedFile)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Identity{}, fmt.Errorf("open the key of what is received: %w", err)
	}
	if !fresh {
		lines, _, err := readKeyFile(path, 1)
		if err == nil {
			if i, err := ParseIdentity(lines[0]); err == nil {
				return i, nil
			}
		}
		// Gone with a restart of the machine, or damaged: what waits is lost, and what
		// comes must not wait for it.
	}
	i, err := NewIdentity()
	if err != nil {
		return Identity{}, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Identity{}, fmt.Errorf("replace the key of what is received: %w", err)
	}
	if err := writeKeyFile(path, []string{i.Secret()}); err != nil {
		return Identity{}, fmt.Errorf("write the key of what is received: %w", err)
	}
	return i, nil
}

// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwatch/sealwatch/internal/seal"
)

func TestTheKeyOfWhatIsReceived(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	open := func(fresh bool) seal.Identity {
		t.Helper()
		i, err := seal.OpenReceivedKey(dir, fresh)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	first := open(false)
	if again := open(false); again.Secret() != first.Secret() {
		t.Error("a restart does not find the key")
	}
	second := open(true)
	if second.Secret() == first.Secret() {
		t.Error("the key stayed although nothing waited for it")
	}
	path := filepath.Join(dir, "received.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	for name, damage := range map[string]func() error{
		"gone":    func() error { return os.Remove(path) },
		"damaged": func() error { return os.WriteFile(path, []byte("sealwatch received key v1\nx\n"), 0o600) },
	} {
		before := open(false)
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if open(false).Secret() == before.Secret() {
			t.Errorf("%s: the key is still there", name)
		}
	}
}

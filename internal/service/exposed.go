// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate/api"
)

// old is how long a raw log that was read is still of use to the filter's own people.
const old = 7 * 24 * time.Hour

// exposed says who besides Sealwatch can read the raw log of a source, and how to close
// it. It looks at names, modes and owners, and opens nothing.
func exposed(src config.Source, now time.Time) []api.Exposed {
	if src.Path == "-" || src.Listens() || runtime.GOOS == "windows" {
		return nil
	}
	var out []api.Exposed
	add := func(say, do string) { out = append(out, api.Exposed{Source: src.Name, Say: say, Do: do}) }
	info, err := os.Stat(src.Path)
	if err != nil {
		add("The log cannot be looked at by the account that runs Sealwatch.", "Give the account the right to read it: "+src.Path)
		return out
	}
	out = append(out, openTo(src, src.Path, info)...)
	dir := filepath.Dir(src.Path)
	if d, err := os.Stat(dir); err == nil && d.Mode().Perm()&0o002 != 0 && d.Mode()&os.ModeSticky == 0 {
		add("Every account of this machine may change the files in the folder of the log.", "chmod o-w "+quote(dir))
	}
	copies, readable, oldest := 0, 0, now
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		i, err := e.Info()
		if err != nil || !i.Mode().IsRegular() || e.Name() == filepath.Base(src.Path) || !strings.HasPrefix(e.Name(), filepath.Base(src.Path)) {
			continue
		}
		copies++
		if i.Mode().Perm()&0o004 != 0 {
			readable++
		}
		if i.ModTime().Before(oldest) {
			oldest = i.ModTime()
		}
	}
	if readable > 0 {
		add("Every account of this machine may read older copies of the log that lie beside it.", "chmod o-rwx "+quote(src.Path)+".*, and set the mode that the rotation gives (logrotate: create 0640)")
	}
	if copies > 0 && now.Sub(oldest) > old {
		add(fmt.Sprintf("Older copies of the log lie beside it; the oldest is %s old. Sealwatch has no more use for them.", age(now.Sub(oldest))), "Keep a week at most (logrotate: daily, rotate 7), or what your school's policy says")
	}
	return out
}

// openTo says which accounts may read a log by its mode.
func openTo(src config.Source, path string, info os.FileInfo) []api.Exposed {
	var out []api.Exposed
	if info.Mode().Perm()&0o004 != 0 {
		out = append(out, api.Exposed{Source: src.Name, Say: "Every account of this machine may read the raw log.", Do: "chmod o-rwx " + quote(path)})
	}
	owner, group := ownersOf(info)
	if info.Mode().Perm()&0o040 != 0 && group != "" {
		out = append(out, api.Exposed{Source: src.Name, Say: "Everybody in the group " + group + " may read the raw log.", Do: "Look who is in it (getent group " + group + "). Only the filter and the account that runs Sealwatch need to be"})
	}
	if owner != "" && owner != "root" {
		out = append(out, api.Exposed{Source: src.Name, Say: "The raw log belongs to the account " + owner + ".", Do: "That must be the filter's own account, in which no person signs in. If a person does, give the log to the filter's account: chown"})
	}
	return out
}

// quote is for a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

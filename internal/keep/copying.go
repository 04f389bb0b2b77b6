// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	partEnd  = ".part"       // a copy that is not whole yet, or never became so
	markFile = "backup.json" // what a copy says of itself
)

// mark is what stands in markFile: nothing that depends on what was found.
type mark struct {
	Version int               `json:"v"` // 1
	Part    string            `json:"part"`
	School  string            `json:"school"`
	Made    time.Time         `json:"made"`
	Files   map[string]string `json:"files"` // SHA-256, hex
}

// copying is one copy on its way to its name.
type copying struct {
	parent, part, school string
	at                   time.Time
}

func (c *copying) prefix() string { return "sealwatch-" + c.part + "-" }
func (c *copying) name() string   { return c.prefix() + c.at.Format("20060102T150405Z") }
func (c *copying) folder() string { return filepath.Join(c.parent, c.name()+partEnd) }
func (c *copying) database() string {
	return filepath.Join(c.folder(), c.part+".db")
}

// take copies a database as of one moment, and the files beside it.
func (c *copying) take(ctx context.Context, from string, beside map[string]string, point func(string)) error {
	if err := os.MkdirAll(c.parent, 0o700); err != nil {
		return copyFault(err)
	}
	c.sweep()
	if regular(filepath.Join(c.parent, c.name())) {
		return fmt.Errorf("a backup of this second is there already: %w", ErrBusy)
	}
	if err := makeFolder(c.folder()); err != nil {
		return copyFault(err)
	}
	source, err := sql.Open("sqlite", fileURI(from, "ro"))
	if err != nil {
		return fault(err)
	}
	defer source.Close()
	point("backup-" + c.part)
	if _, err := source.ExecContext(ctx, `VACUUM INTO ?`, c.database()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault(err)
	}
	m := mark{Version: 1, Part: c.part, School: c.school, Made: c.at, Files: map[string]string{}}
	for name, path := range beside {
		if err := copyFile(path, filepath.Join(c.folder(), name)); errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return copyFault(err)
		}
		m.Files[name] = ""
	}
	m.Files[c.part+".db"] = ""
	for name := range m.Files {
		if m.Files[name], err = settle(filepath.Join(c.folder(), name)); err != nil {
			return copyFault(err)
		}
	}
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return ReplaceFile(filepath.Join(c.folder(), markFile), append(data, '\n'))
}

// finish gives a copy its name: from then on it counts.
func (c *copying) finish() (string, error) {
	to := filepath.Join(c.parent, c.name())
	if err := os.Rename(c.folder(), to); err != nil {
		return "", pathless(err)
	}
	return to, syncFolder(c.parent)
}

// abandon removes a copy that did not get its name.
func (c *copying) abandon() { _ = os.RemoveAll(c.folder()) }

// sweep removes what interrupted backups left.
func (c *copying) sweep() {
	entries, _ := os.ReadDir(c.parent)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), c.prefix()) && strings.HasSuffix(e.Name(), partEnd) {
			_ = os.RemoveAll(filepath.Join(c.parent, e.Name()))
		}
	}
}

// prune removes all copies but the newest n.
func (c *copying) prune(n int) error {
	old := copies(c.parent, c.part)
	for _, name := range old[:max(0, len(old)-n)] {
		if err := os.RemoveAll(filepath.Join(c.parent, name)); err != nil {
			return fmt.Errorf("remove an old backup: %w", pathless(err))
		}
	}
	return nil
}

// copies returns the names of the whole copies in a folder, the oldest first.
func copies(parent, part string) []string {
	entries, _ := os.ReadDir(parent)
	var out []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), "sealwatch-"+part+"-") && !strings.HasSuffix(e.Name(), partEnd) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out
}

// settle makes a file durable and its owner's only, and returns its SHA-256.
func settle(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), errors.Join(f.Chmod(0o600), f.Sync())
}

// copyFile copies a file into a new one.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// copyFault is an error of the file system without paths; no room left is ErrFull.
func copyFault(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) {
		return ErrFull
	}
	return pathless(err)
}

// fileURI names a database for SQLite.
func fileURI(path, mode string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	q := url.Values{"mode": {mode}, "_pragma": {"busy_timeout(2000)", "temp_store(memory)", "trusted_schema(0)"}}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(abs), RawQuery: q.Encode()}).String()
}

// openCopy opens a copy for reading and checks that SQLite finds it whole.
func openCopy(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", fileURI(path, "ro")+"&immutable=1")
	if err != nil {
		return nil, fault(err)
	}
	var says string
	err = db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&says)
	if err == nil && says == "ok" {
		return db, nil
	}
	_ = db.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, ErrAltered
}

// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

type databaseOptions struct {
	path       string
	migrations string // folder below migrations/
	busy       time.Duration
	pragmas    []string
}

// A database is one SQLite file: one connection that writes, and a few that only
// read and are never blocked by it (WAL).
type database struct {
	write *sql.DB
	read  *sql.DB
}

// openDatabase opens or makes a file and brings its tables up to date. The caller
// keeps other processes from doing the same meanwhile.
func openDatabase(ctx context.Context, o databaseOptions) (*database, error) {
	path, err := filepath.Abs(o.path)
	if err != nil {
		return nil, pathless(err)
	}
	// SQLite gives the WAL and its index the mode of the file itself.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, pathless(err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return nil, pathless(err)
	}
	d := &database{}
	d.write, err = sql.Open("sqlite", dsn(path, o, "immediate"))
	if err != nil {
		return nil, fault(err)
	}
	d.write.SetMaxOpenConns(1) // SQLite has one writer; queueing here is cheaper than there
	if err := migrate(ctx, d.write, o.migrations); err != nil {
		_ = d.close()
		return nil, err
	}
	d.read, err = sql.Open("sqlite", dsn(path, o, "deferred", "query_only(1)"))
	if err != nil {
		_ = d.close()
		return nil, fault(err)
	}
	d.read.SetMaxOpenConns(4) // each has a page cache of 2 MB
	return d, nil
}

// dsn names the file and how each connection to it is set up.
func dsn(path string, o databaseOptions, lock string, pragmas ...string) string {
	q := url.Values{"_txlock": {lock}}
	for _, p := range append([]string{
		fmt.Sprintf("busy_timeout(%d)", o.busy.Milliseconds()),
		"journal_mode(wal)",  // readers and the writer do not block each other
		"synchronous(full)",  // a commit that returned survives a power cut; normal may lose the last ones
		"foreign_keys(1)",    // erasing an envelope takes its parts along
		"temp_store(memory)", // no temporary files beside the ones we know
		"trusted_schema(0)",  // a trigger put in by somebody with the disk calls no function with side effects
	}, append(o.pragmas, pragmas...)...) {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB, folder string) error {
	sub, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return fmt.Errorf("find the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err == nil && current > target {
		return fmt.Errorf("written by a newer program (version %d, this one knows %d)", current, target)
	}
	if err == nil && current < target {
		_, err = p.Up(ctx)
	}
	if err != nil {
		return fmt.Errorf("bring the tables up to date: %w", fault(err))
	}
	return nil
}

func (d *database) close() error {
	if d == nil {
		return nil
	}
	var errs []error
	for _, db := range []*sql.DB{d.read, d.write} {
		if db != nil {
			if err := db.Close(); err != nil {
				errs = append(errs, fault(err))
			}
		}
	}
	return errors.Join(errs...)
}

// update runs f in one write transaction. Errors of the database become those of
// the closed set, those of f stay.
func (d *database) update(ctx context.Context, f func(tx *sql.Tx) error) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fault(err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err == nil {
		if err = f(tx); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
	}
	if err = fault(err); errors.Is(err, ErrStore) || errors.Is(err, ErrFull) {
		// After a failed fsync the kernel may report success for pages that it
		// dropped. The file is opened again before it is written to again.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return err
}

// view runs f in one read transaction: all that it reads is of one moment.
func (d *database) view(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fault(err)
	}
	defer func() { _ = tx.Rollback() }()
	return fault(f(tx))
}

// fault replaces errors of the driver, which may quote, by those of the closed
// set and the number of SQLite's result code. Other errors stay.
func fault(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	code := e.Code()
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_ROWID,
		sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		return ErrConflict
	}
	switch code & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_FULL:
		return ErrFull
	}
	return fmt.Errorf("%w (sqlite code %d)", ErrStore, code)
}

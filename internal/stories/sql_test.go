// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"
)

// cmdSQL runs a statement on a database file, as somebody with the disk could.
func cmdSQL(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(execSQL(ts.MkAbs(args[0]), args[1]))
}

func execSQL(file, statement string) error {
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// querySQL returns the first column of the first row.
func querySQL(t testing.TB, file, query string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// lockStore keeps the store from being written until the function that it returns is called.
func lockStore(t testing.TB, s *school) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", s.path("state", "store", "sealwatch.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
		_ = conn.Close()
		_ = db.Close()
	}
}

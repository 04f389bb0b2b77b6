// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// fuzzParser checks what must hold of any line in any dialect: it does not panic
// nor change the line; an error is one of the closed set; a visit has a time
// within reason, an address or a host, and its Texts are pieces of the line.
func fuzzParser(t *testing.T, p dialect.Parser, line []byte, cut bool) {
	before := bytes.Clone(line)
	var slab secret.Slab
	v := safeguard.Visit{Cut: cut}
	err := p.Parse(line, &slab, &v)
	if !bytes.Equal(line, before) {
		t.Fatal("the parser changed the line")
	}
	if err != nil {
		known := errors.Is(err, dialect.ErrNoise) || errors.Is(err, dialect.ErrBlank) ||
			slices.Contains(dialect.Codes(), dialect.Code(err))
		if !known || errors.Is(err, dialect.ErrPanic) {
			t.Fatalf("error %v is not of the closed set", err)
		}
		return
	}
	if v.Time.Year() < 1995 || v.Time.Year() > 2100 || v.Time.Location() != time.UTC {
		t.Fatalf("a visit at %v", v.Time)
	}
	if v.URL.IsEmpty() == v.Host.IsEmpty() {
		t.Fatal("a visit must have an address or a host, and not both")
	}
	for i, x := range []secret.Text{v.Client, v.URL, v.Host, v.Referrer, v.Agent, v.Mime, v.Category} {
		if !bytes.Contains(line, x.Reveal()) {
			t.Fatalf("field %d is not a piece of the line", i)
		}
	}
}

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

func FuzzAdGuardHome(f *testing.F)   { fuzzDialect(f, "adguard_home") }
func FuzzCEFGeneric(f *testing.F)    { fuzzDialect(f, "cef_generic") }
func FuzzCSVGeneric(f *testing.F)    { fuzzDialect(f, "csv_generic") }
func FuzzE2guardian(f *testing.F)    { fuzzDialect(f, "e2guardian") }
func FuzzFortigate(f *testing.F)     { fuzzDialect(f, "fortigate") }
func FuzzJSONGeneric(f *testing.F)   { fuzzDialect(f, "json_generic") }
func FuzzKVGeneric(f *testing.F)     { fuzzDialect(f, "kv_generic") }
func FuzzLEEFGeneric(f *testing.F)   { fuzzDialect(f, "leef_generic") }
func FuzzMSDNSDebug(f *testing.F)    { fuzzDialect(f, "ms_dns_debug") }
func FuzzPanos(f *testing.F)         { fuzzDialect(f, "panos") }
func FuzzPfblockerng(f *testing.F)   { fuzzDialect(f, "pfblockerng") }
func FuzzPiholeDnsmasq(f *testing.F) { fuzzDialect(f, "pihole_dnsmasq") }
func FuzzSophosCentral(f *testing.F) { fuzzDialect(f, "sophos_central") }
func FuzzSophosUTM(f *testing.F)     { fuzzDialect(f, "sophos_utm") }
func FuzzSophosXG(f *testing.F)      { fuzzDialect(f, "sophos_xg") }
func FuzzSquidguard(f *testing.F)    { fuzzDialect(f, "squidguard") }
func FuzzSuricataEVE(f *testing.F)   { fuzzDialect(f, "suricata_eve") }
func FuzzUmbrellaDNS(f *testing.F)   { fuzzDialect(f, "umbrella_dns") }
func FuzzUmbrellaProxy(f *testing.F) { fuzzDialect(f, "umbrella_proxy") }
func FuzzUnbound(f *testing.F)       { fuzzDialect(f, "unbound") }
func FuzzUntangleNGFW(f *testing.F)  { fuzzDialect(f, "untangle_ngfw") }
func FuzzZeekJSON(f *testing.F)      { fuzzDialect(f, "zeek_json") }
func FuzzZeekTSV(f *testing.F)       { fuzzDialect(f, "zeek_tsv") }
func FuzzZscalerZIA(f *testing.F)    { fuzzDialect(f, "zscaler_zia") }

// fuzzDialect gives a text of several lines to a dialect: some learn from one line how to
// read the next.
func fuzzDialect(f *testing.F, name string) {
	f.Helper()
	lines := own(f, name)
	f.Add(bytes.Join(lines, []byte("\n")))
	for _, l := range lines {
		for _, h := range hostile(l) {
			f.Add(h)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p := dialect.Dialects[name](fixed())
		for _, line := range bytes.Split(text, []byte("\n")) {
			holds(t, p, line)
		}
	})
}

// holds checks what must hold of any line in any dialect: it does not panic nor change the
// line; an error is one of the closed set; a visit has a time within reason or none, and an
// address or a host.
func holds(t *testing.T, p dialect.Parser, line []byte) error {
	t.Helper()
	before := bytes.Clone(line)
	var slab secret.Slab
	var v safeguard.Visit
	err := p.Parse(line, &slab, &v)
	if !bytes.Equal(line, before) {
		t.Fatal("the parser changed the line")
	}
	if err != nil {
		known := err == dialect.ErrNoise || err == dialect.ErrBlank || slices.Contains(dialect.Codes(), dialect.Code(err))
		if !known || errors.Is(err, dialect.ErrPanic) {
			t.Fatalf("error %v is not of the closed set", err)
		}
		return err
	}
	if !v.Time.IsZero() && (v.Time.Year() < 1995 || v.Time.Year() > 2100 || v.Time.Location() != time.UTC) {
		t.Fatalf("a visit at %v", v.Time)
	}
	if v.URL.IsEmpty() && v.Host.IsEmpty() {
		t.Fatal("a visit has neither an address nor a host")
	}
	return nil
}

// FuzzJoiner: whatever the lines are, every byte of them that is no white space, and no mark
// between records, comes out again, and no more is held back than a record may have.
func FuzzJoiner(f *testing.F) {
	for _, name := range []string{"json_generic", "suricata_eve", "csv_generic", "umbrella_dns"} {
		f.Add(bytes.Join(own(f, name), []byte("\n")))
	}
	f.Add([]byte("{\n\"a\": 1\n}\n{\"a\":1}{\"b\":2}\n[{\"a\":1},\n{\"b\":2}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var j dialect.Joiner
		lines, held := 0, 0
		for _, line := range bytes.Split(text, []byte("\n")) {
			records, pending := j.Add(line)
			lines += len(records)
			if held++; !pending {
				held = 0
			}
			if held > 401 {
				t.Fatal("more is held back than a record may have")
			}
		}
		if lines += len(j.Flush()); lines == 0 && len(bytes.Trim(text, " \t\r\n[]{}:,\"")) > 64 {
			t.Fatal("lines were swallowed")
		}
		if len(j.Flush()) > 0 {
			t.Fatal("given out twice")
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/install"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// squid is a made-up Squid log of n lines that ends now.
func squid(n int) string {
	var b strings.Builder
	at := time.Now().Add(-time.Duration(n) * 10 * time.Millisecond)
	for i := range n {
		at = at.Add(10 * time.Millisecond)
		fmt.Fprintf(&b, "%d.%03d     98 10.1.2.31 TCP_TUNNEL/200 5120 CONNECT www.oakfield.example:443 21zqmarker%d HIER_DIRECT/192.0.2.7 -\n",
			at.Unix(), at.Nanosecond()/1e6, i%50)
	}
	return b.String()
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

const everything = "keys keys/keeper.key keys/ledger.key keys/sealer.key keys/vault.key policy.yaml run sealwatch.yaml state"

func TestWhatIsMadeCanBeLoaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "school")
	logs := []string{write(t, filepath.Join(t.TempDir(), "squid", "access.log"), squid(200)), write(t, filepath.Join(t.TempDir(), "squid", "access.log"), "")}
	p, err := install.Prepare(t.Context(), install.Options{Dir: dir, Logs: logs, URL: "https://Sealwatch.School.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was made before it was asked for")
	}
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	if got := listing(t, dir); got != everything {
		t.Errorf("made %s", got)
	}
	cfg, err := config.Load(filepath.Join(dir, install.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ what, got, want string }{
		{"first source", cfg.Sources[0].Name + " " + cfg.Sources[0].Path, "squid " + logs[0]},
		{"second source", cfg.Sources[1].Name + " " + cfg.Sources[1].Path, "squid-2 " + logs[1]},
		{"listen", cfg.Gate.Listen, "127.0.0.1:7443"},
		{"address", cfg.Gate.Address(), "https://Sealwatch.School.example"},
		{"root", cfg.Root + cfg.Manifest, ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	keys, err := seal.LoadCredentials(cfg.Keys)
	if err != nil || len(keys.Exposed) > 0 || !strings.HasPrefix(keys.Ledger.Verifier(), "ledger.sealwatch.school.example+") {
		t.Errorf("keys: %v %v %s", err, keys.Exposed, keys.Ledger.Verifier())
	}
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "TLS proxy") {
		t.Errorf("notes: %q", p.Notes)
	}
}

// TestEveryExampleInTheConfigurationIsOne takes the # from the lines that show what could
// be set: a comment that check would refuse helps nobody.
func TestEveryExampleInTheConfigurationIsOne(t *testing.T) {
	p, err := install.Prepare(t.Context(), install.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	shown := 0
	for line := range strings.Lines(string(p.Configuration())) {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		rest, comment := strings.CutPrefix(strings.TrimLeft(line, " "), "# ")
		key, _, ok := strings.Cut(strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(rest, " "), "- "), "{"), ":")
		if comment && ok && !strings.Contains(key, " ") {
			line = indent + rest
			shown++
		}
		b.WriteString(line)
	}
	cfg, mistakes := config.Parse([]byte(b.String()))
	if len(mistakes) > 0 || shown < 14 {
		t.Fatalf("%d shown: %q\n%s", shown, mistakes, b.String())
	}
	if len(cfg.Sources) != 1 || len(cfg.Leases) != 1 || len(cfg.Lists) != 1 || cfg.Notices.Mail.Server == "" || !cfg.Gate.TLS() || cfg.Gate.URL == "" {
		t.Errorf("got %+v", cfg)
	}
}

func TestNothingIsWrittenOver(t *testing.T) {
	for _, name := range []string{"state", "run", "keys", "policy.yaml", "sealwatch.yaml"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), "precious")
		if _, err := install.Prepare(t.Context(), install.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), name+" already") {
			t.Errorf("%s: %v", name, err)
		}
		if got := listing(t, dir); got != name {
			t.Errorf("%s: left %s", name, got)
		}
	}
	// Something that came in between looking and writing.
	dir := t.TempDir()
	p, err := install.Prepare(t.Context(), install.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "keys", "sealer.key"), "precious")
	if err := p.Write(); err == nil || listing(t, dir) != "keys keys/sealer.key" {
		t.Errorf("%v; left %s", err, listing(t, dir))
	}
}

func TestAFailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a-file"), "")
	p, err := install.Prepare(t.Context(), install.Options{Dir: filepath.Join(dir, "a-file", "school")})
	if err == nil {
		err = p.Write()
	}
	if err == nil || listing(t, dir) != "a-file" {
		t.Errorf("%v; left %s", err, listing(t, dir))
	}
	// Folders that were made for it go again, and no others.
	top := t.TempDir()
	p, err = install.Prepare(t.Context(), install.Options{Dir: filepath.Join(top, "new", "school"), URL: "https://" + strings.Repeat("x", 300) + "\x01.example"})
	if err == nil {
		t.Fatal("an address with a control character was taken")
	}
	if p != nil || listing(t, top) != "" {
		t.Errorf("left %s", listing(t, top))
	}
}

func TestAllFaultsAreSaidAtOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "keys"), "")
	_, err := install.Prepare(t.Context(), install.Options{
		Dir: dir, Logs: []string{filepath.Join(dir, "absent.log"), dir}, URL: "school", Listen: "here", Certificate: filepath.Join(dir, "absent.pem"),
	})
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{"keys already", "absent.log: there is no such file", dir + ": is a folder", "--url school", "--key: missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not said: %s\n%v", want, err)
		}
	}
	if _, err := install.Prepare(t.Context(), install.Options{Dir: t.TempDir(), Listen: "0.0.0.0:7443"}); err == nil || !strings.Contains(err.Error(), "needs --certificate and --key") {
		t.Errorf("a network without a certificate: %v", err)
	}
}

// issue writes a certificate for host that signs itself.
func issue(t *testing.T, dir, host string, ends time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
}

func TestCertificates(t *testing.T) {
	in := time.Now().AddDate(0, 3, 0)
	for _, tt := range []struct {
		name, url, listen string
		ends              time.Time
		want              string // address that is listened on, or the fault
	}{
		{"for its name", "https://sealwatch.school.example", "", in, "0.0.0.0:443"},
		{"with a port", "https://sealwatch.school.example:7443", "", in, "0.0.0.0:7443"},
		{"on one address", "https://sealwatch.school.example", "192.0.2.9:8443", in, "192.0.2.9:8443"},
		{"for another name", "https://other.school.example", "", in, "it is not for other.school.example"},
		{"that has ended", "https://sealwatch.school.example", "", time.Now().AddDate(0, 0, -1), "it ended on"},
		{"without a name", "", "", in, "--url: missing"},
	} {
		cert, key := issue(t, t.TempDir(), "sealwatch.school.example", tt.ends)
		p, err := install.Prepare(t.Context(), install.Options{Dir: t.TempDir(), URL: tt.url, Listen: tt.listen, Certificate: cert, Key: key})
		switch {
		case err != nil && !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s: %v", tt.name, err)
		case err == nil && p.Listen != tt.want:
			t.Errorf("%s: got %s, want %s", tt.name, p.Listen, tt.want)
		case err == nil:
			if _, mistakes := config.Parse(p.Configuration()); len(mistakes) > 0 {
				t.Errorf("%s: %q", tt.name, mistakes)
			}
		}
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsSaidOfALog(t *testing.T) {
	foreign := strings.Repeat("<14>1 allowed 21zqmarker www.oakfield.example\n", 200)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"Squid", squid(2000), []string{"It is a Squid log: every line", "User names on 100 %", "Search words on 0 %, because connections are encrypted"}},
		{"longer than is looked at", strings.Repeat(foreign, 600) + squid(60_000), []string{"It is a Squid log: every line", "100 lines a second"}},
		{"compressed", packed(t, squid(2000)), []string{"It is a Squid log: every line", "User names on 100 %"}},
		{"some lines of another kind", strings.Repeat(squid(3)+"allowed 21zqmarker\n", 100), []string{"It is probably a Squid log: that is sure to 7", "About 30 % of lines could not be read"}},
		{"unknown", foreign, []string{"No format that Sealwatch reads is recognised"}},
		{"a few lines", squid(20), []string{"It is a Squid log", "too few lines yet"}},
		{"empty", "", []string{"No line is in it yet"}},
		{"half a line", "1784536800.202     98 10.1.2.31 TCP_", []string{"No line is in it yet"}},
	} {
		path := write(t, filepath.Join(t.TempDir(), "filter.log"), tt.text)
		f, err := install.Look(t.Context(), path, time.Now)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		f.Name = "filter"
		said := strings.Join(f.Say(), "\n")
		for _, want := range append(tt.want, path+": can be read.") {
			if !strings.Contains(said, want) {
				t.Errorf("%s: not said: %s\n%s", tt.name, want, said)
			}
		}
		if strings.Contains(said+fmt.Sprintf("%+v", f), "zqmarker") {
			t.Errorf("%s: says what stands on a line", tt.name)
		}
	}
	f := install.Feed{Path: "/var/log/squid/access.log", Group: "proxy"}
	if said := strings.Join(f.Say(), "\n"); !strings.Contains(said, "member of the group “proxy”") {
		t.Errorf("not readable: %s", said)
	}
}

func TestLogsInTheUsualPlaces(t *testing.T) {
	dir := t.TempDir()
	there := write(t, filepath.Join(dir, "squid", "access.log"), "")
	got := install.Found([]string{filepath.Join(dir, "absent"), dir, there})
	if !slices.Equal(got, []string{there}) {
		t.Errorf("got %q", got)
	}
}

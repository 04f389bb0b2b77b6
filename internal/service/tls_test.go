// SPDX-License-Identifier: Apache-2.0

package service_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

// issue writes a certificate for school.example that signs itself, and its key.
func issue(t *testing.T, g config.Gate, serial int64, ends time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "school.example"},
		NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends, DNSNames: []string{"school.example"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		path, kind string
		der        []byte
	}{{g.Certificate, "CERTIFICATE", cert}, {g.Key, "PRIVATE KEY", private}} {
		if err := os.WriteFile(f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func gateIn(dir string) config.Gate {
	return config.Gate{Listen: "127.0.0.1:0", Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// served returns the serial number of the certificate that a client is shown.
func served(t *testing.T, addr string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if v := conn.ConnectionState().Version; v != tls.VersionTLS13 {
		t.Errorf("spoken version %x", v)
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	g := gateIn(t.TempDir())
	start := time.Now()
	ends := start.AddDate(0, 2, 0)
	issue(t, g, 1, ends)
	core, logged := observer.New(zap.InfoLevel)
	var ahead atomic.Int64
	now := func() time.Time { return start.Add(time.Duration(ahead.Load())) }
	c, err := service.OpenCertificate(g, zap.New(core), now)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, scheme := c.Secure(raw)
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	if scheme != "https://" {
		t.Errorf("addresses begin with %s", scheme)
	}
	addr := raw.Addr().String()
	if got := served(t, addr); got != 1 {
		t.Fatalf("serial %d", got)
	}
	ahead.Add(int64(2 * time.Second))
	issue(t, g, 2, ends.AddDate(0, 1, 0))
	if got := served(t, addr); got != 2 {
		t.Errorf("after the renewal: serial %d", got)
	}
	if !c.Ends().Equal(ends.AddDate(0, 1, 0).Truncate(time.Second)) {
		t.Errorf("ends %v", c.Ends())
	}

	// A key that does not belong to the certificate, as between the two writes of a
	// renewal, and for longer than one look.
	if err := os.WriteFile(g.Key, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ahead.Add(int64(2 * time.Second))
		if got := served(t, addr); got != 2 {
			t.Errorf("broken: serial %d", got)
		}
	}
	if n := logged.FilterLevelExact(zap.WarnLevel).Len(); n != 1 {
		t.Errorf("%d warnings of one broken file", n)
	}
	if text := strings.Join(c.Amber(), " "); !strings.Contains(text, "cannot be used") {
		t.Errorf("amber: %q", text)
	}
	ahead.Add(int64(2 * time.Second))
	issue(t, g, 3, ends.AddDate(0, 2, 0))
	if got := served(t, addr); got != 3 || len(c.Amber()) != 0 {
		t.Errorf("mended: serial %d, amber %q", got, c.Amber())
	}
	for days, want := range map[int]string{100: "", 115: "ends on", 130: "ended on"} {
		ahead.Store(int64(days) * int64(24*time.Hour))
		if got := strings.Join(c.Amber(), " "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("after %d days: %q", days, got)
		}
	}
}

func TestACertificateThatCannotBeUsedIsSaidAtOnce(t *testing.T) {
	g := gateIn(t.TempDir())
	open := func() error {
		_, err := service.OpenCertificate(g, zap.NewNop(), time.Now)
		return err
	}
	if err := open(); !errors.Is(err, service.ErrMend) || !strings.Contains(err.Error(), "gate.certificate: "+g.Certificate) {
		t.Errorf("absent: %v", err)
	}
	issue(t, g, 1, time.Now().Add(time.Hour))
	if err := open(); err != nil {
		t.Error(err)
	}
	const inside = "marker-of-the-file"
	if err := os.WriteFile(g.Key, []byte(inside), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); !errors.Is(err, service.ErrMend) || !strings.Contains(err.Error(), "do not belong together") || strings.Contains(err.Error(), inside) {
		t.Errorf("no key: %v", err)
	}
	if c, err := service.OpenCertificate(config.Gate{Listen: "127.0.0.1:0"}, zap.NewNop(), time.Now); c != nil || err != nil || c.Amber() != nil {
		t.Errorf("none set: %v, %v", c, err)
	}
}

// TestTheGateSpeaksTLS starts the whole service and asks it, so that a certificate that is
// set is never passed over.
func TestTheGateSpeaksTLS(t *testing.T) {
	dir, cfg := school(t)
	cfg.Gate = gateIn(dir)
	issue(t, cfg.Gate, 7, time.Now().Add(time.Hour*24*60))
	s, err := service.New(t.Context(), service.Options{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	listening, done := make(chan string, 1), make(chan error, 1)
	s.OnListening = func(url string) { listening <- url }
	go func() { done <- s.Serve(ctx, strings.NewReader("")) }()
	var url string
	select {
	case url = <-listening:
	case err := <-done:
		t.Fatal(err)
	}
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	if !strings.HasPrefix(url, "https://") {
		t.Errorf("listening on %s", url)
	}
	if got := served(t, strings.TrimPrefix(url, "https://")); got != 7 {
		t.Errorf("serial %d", got)
	}
	roots := x509.NewCertPool()
	data, err := os.ReadFile(cfg.Gate.Certificate)
	if err != nil || !roots.AppendCertsFromPEM(data) {
		t.Fatal("read the certificate", err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	resp, err := client.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
		t.Errorf("%s %s", resp.Status, resp.Proto)
	}
}

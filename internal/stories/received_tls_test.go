// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// certified writes ca.pem, here.pem and here.key into the school's folder, and returns
// a sender's own certificate and the issuer.
func certified(t *testing.T, s *school) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	write := func(name, kind string, der []byte) {
		if err := os.WriteFile(s.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var issuer *x509.Certificate
	var issuerKey *ecdsa.PrivateKey
	issue := func(name string) tls.Certificate {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true,
		}
		parent, signer := issuer, issuerKey
		if parent == nil {
			c.IsCA, c.KeyUsage, parent, signer = true, x509.KeyUsageCertSign, c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	}
	ca := issue("issuer")
	issuer, issuerKey = ca.Leaf, ca.PrivateKey.(*ecdsa.PrivateKey)
	here := issue("sealwatch.example")
	private, err := x509.MarshalPKCS8PrivateKey(here.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write("ca.pem", "CERTIFICATE", ca.Certificate[0])
	write("here.pem", "CERTIFICATE", here.Certificate[0])
	write("here.key", "PRIVATE KEY", private)
	pool := x509.NewCertPool()
	pool.AddCert(issuer)
	return issue("filter.example"), pool
}

// TestASenderWhoIsKnownCountsMore sends the same of two pupils: of one by a sender with
// a certificate, of the other over plain TCP. It tells which one the lead may rely on.
func TestASenderWhoIsKnownCountsMore(t *testing.T) {
	s := newSchool(t)
	mine, pool := certified(t, s)
	plain := listening(t, s, "plain", "tcp")
	secured := listening(t, s, "secured", "tls")
	data, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "protocol: tls,", "protocol: tls, certificate: here.pem, key: here.key, clients: ca.pem, names: [filter.example],", 1)
	if err := os.WriteFile(s.config(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, sealwatch(), "check", "-c", s.config())
	for _, want := range []string{"Source secured: listens on tls " + secured, "Source plain: listens on tcp " + plain, "Source plain: senders do not have to show who they are"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("check: exit %d, want %q in\n%s%s", code, want, out, errs)
		}
	}
	srv := s.serve()
	line := func(account string) string {
		return fmt.Sprintf("<134>Jul 20 09:40:30 filter squid[12]: 1784536830.113    201 10.1.2.30 TCP_MISS/200 20111 GET https://www.google.com/search?q=i+want+to+end+my+life+tonight %s HIER_DIRECT/192.0.2.8 text/html\n", account)
	}
	if c, err := tls.Dial("tcp", secured, &tls.Config{RootCAs: pool, ServerName: "sealwatch.example"}); err == nil {
		_, _ = c.Write([]byte(line("21cstranger")))
		_, err = io.ReadAll(c)
		if err == nil {
			t.Error("a sender without a certificate was let in")
		}
		_ = c.Close()
	}
	a, err := tls.Dial("tcp", secured, &tls.Config{RootCAs: pool, ServerName: "sealwatch.example", Certificates: []tls.Certificate{mine}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for c, account := range map[io.Writer]string{a: "21asmith", b: "21bjones"} {
		if _, err := c.Write([]byte(line(account))); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 20*time.Second, "both are judged", func() bool {
		return keptLines(srv.url, "plain") == 1 && keptLines(srv.url, "secured") == 1 && spooled(s) == ""
	})
	said := map[string]string{}
	for _, it := range s.list("dsl") {
		out, errs, code := s.as("dsl", "show", it.ID, "--who")
		if code != 0 {
			t.Fatalf("show: exit %d\n%s", code, errs)
		}
		for _, account := range []string{"21asmith", "21bjones", "21cstranger"} {
			if strings.Contains(out, account) {
				said[account] = out
			}
		}
	}
	const unknown = "a sender that did not have to prove who it is"
	folded := func(account string) string { return strings.Join(strings.Fields(said[account]), " ") }
	if !strings.Contains(folded("21asmith"), "signed in at the filter") || strings.Contains(folded("21asmith"), unknown) {
		t.Errorf("of the known sender: %s", said["21asmith"])
	}
	if !strings.Contains(folded("21bjones"), unknown) {
		t.Errorf("of the unknown sender: %s", said["21bjones"])
	}
	if said["21cstranger"] != "" {
		t.Error("a sender without a certificate was read")
	}
	resp, err := http.Get(srv.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(metrics), `sealwatch_received_dropped_total{code="handshake",source="secured"} 1`) {
		t.Error("the refused connection is not counted")
	}
}

// TestAStrangerAtTheDoorIsSaidWhileTheSourceIsSilent: the usual mistake is an allow-list
// that leaves out the filter.
func TestAStrangerAtTheDoorIsSaidWhileTheSourceIsSilent(t *testing.T) {
	s := newSchool(t)
	at := listening(t, s, "stream", "udp")
	data, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "protocol: udp,", "protocol: udp, from: [10.0.0.0/8],", 1)
	if err := os.WriteFile(s.config(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.serve()
	c, err := net.Dial("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("<134>hello " + core)); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "health says so", func() bool {
		resp, err := http.Get(s.url + "/healthz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if strings.Contains(string(body), core) {
			t.Fatal("health quotes what was sent")
		}
		return strings.Contains(string(body), "not in its listen.from")
	})
}

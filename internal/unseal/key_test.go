// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

const words = "crisply-made tarot unwound lard onyx puma"

func wrapped(t testing.TB) []byte {
	t.Helper()
	data, err := theSchool().lead.Wrap(words, unseal.WrapOptions{TestOnlyWorkFactor: 2})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestKeyFileRoundTrip(t *testing.T) {
	data := wrapped(t)
	if !bytes.HasPrefix(data, []byte("SEALWATCH KEY v1 · person dsl · DEMO\n-----BEGIN AGE ENCRYPTED FILE-----\n")) {
		t.Errorf("the file does not say what it is: %q", data[:60])
	}
	for _, typed := range []string{words, "  " + strings.ToUpper(words) + "\n", strings.ReplaceAll(words, " ", "   ")} {
		k, err := unseal.OpenKey(data, typed)
		if err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		want := theSchool().lead
		if k.School != want.School || k.Person != want.Person || k.Root != want.Root || !k.Demo ||
			k.Identity.Secret() != want.Identity.Secret() || k.Signing.Secret() != want.Signing.Secret() {
			t.Error("the key that was opened is not the one that was wrapped")
		}
	}
}

func TestWrongPassphraseAndDamage(t *testing.T) {
	data := wrapped(t)
	for _, typed := range []string{"", " ", "wrong words", words + "s"} {
		if _, err := unseal.OpenKey(data, typed); !errors.Is(err, unseal.ErrPassphrase) {
			t.Errorf("%q: got %v, want ErrPassphrase", typed, err)
		}
	}
	for name, bad := range map[string][]byte{
		"empty":               nil,
		"not a key":           []byte("hello\n"),
		"only the first line": bytes.SplitAfter(data, []byte("\n"))[0],
		"another person":      bytes.Replace(data, []byte("person dsl"), []byte("person head"), 1),
		"no demo mark":        bytes.Replace(data, []byte(" · DEMO"), nil, 1),
		"another version":     bytes.Replace(data, []byte("v1"), []byte("v2"), 1),
		"cut short":           data[:len(data)-100],
		"too large":           append(bytes.Clone(data), make([]byte, unseal.MaxKeyFile)...),
	} {
		if _, err := unseal.OpenKey(bad, words); !errors.Is(err, unseal.ErrKeyFile) {
			t.Errorf("%s: got %v, want ErrKeyFile", name, err)
		}
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := theSchool().lead
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(verb, k); strings.Contains(s, k.Identity.Secret()) || strings.Contains(s, k.Signing.Secret()) {
			t.Errorf("%s prints the secret", verb)
		}
	}
}

func TestNewPassphrase(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		p, err := unseal.NewPassphrase()
		if err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Fields(p)); n != 6 {
			t.Errorf("%d words, want 6", n)
		}
		if seen[p] {
			t.Error("the same passphrase twice")
		}
		seen[p] = true
	}
}

func TestReadPassphrase(t *testing.T) {
	for _, tt := range []struct {
		name, file, person, want string
		ok                       bool
	}{
		{"the passphrase alone", "one two three\n", "dsl", "one two three", true},
		{"without a line end", "one two three", "dsl", "one two three", true},
		{"with a comment and blank lines", "# DEMO\n\none two\n", "dsl", "one two", true},
		{"a table", "# DEMO\ndsl: a b\nhead: c d\n", "head", "c d", true},
		{"a table from Windows", "dsl: a b\r\nhead:   c  d\r\n", "head", "c d", true},
		{"a table without the person", "dsl: a b\n", "head", "", false},
		{"a name that only begins the same", "dsl2: a b\n", "dsl", "", false},
		{"a person without words", "dsl:\n", "dsl", "", false},
		{"nothing", "", "dsl", "", false},
		{"two lines", "one\ntwo\n", "dsl", "", false},
	} {
		got, err := unseal.ReadPassphrase([]byte(tt.file), safeguard.PersonID(tt.person))
		if got != tt.want || (err == nil) != tt.ok || err != nil && !errors.Is(err, unseal.ErrNoPassphrase) {
			t.Errorf("%s: got %q, %v", tt.name, got, err)
		}
	}
}

func FuzzOpenKey(f *testing.F) {
	f.Add(wrapped(f))
	f.Add([]byte("SEALWATCH KEY v1 · person dsl\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := unseal.OpenKey(data, "wrong")
		if err == nil {
			t.Fatal("opened with a wrong passphrase")
		}
		if !errors.Is(err, unseal.ErrKeyFile) && !errors.Is(err, unseal.ErrPassphrase) {
			t.Fatalf("outside the closed set: %v", err)
		}
	})
}

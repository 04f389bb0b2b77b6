// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// core is in every marker, so that an encoding of any marker is found by looking
// for the same encoding of the core. It is not a word of any language or format.
const core = "zqkanariev2qx7"

// marker returns the marker of one field of one event: the core and 14 characters
// that no other field of any event has.
func marker(event int, field string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", event, field))
	return core + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:14]
}

// A hunter looks for markers in whatever a thief, a technician or a stranger
// could get hold of, in the encodings that programs leave by accident.
type hunter struct {
	folded []needle // looked for in lower-cased data
	exact  []needle
	sums   map[[8]byte]string // first eight bytes of a hash of a marker
	hexes  map[[16]byte]string
	b64s   map[[10]byte]string
}

type needle struct {
	name string
	text []byte
}

// newHunter returns a hunter for the core and for unsalted hashes of the given markers.
func newHunter(markers []string) *hunter {
	h := &hunter{sums: map[[8]byte]string{}, hexes: map[[16]byte]string{}, b64s: map[[10]byte]string{}}
	fold := func(name, text string) {
		h.folded = append(h.folded, needle{name, []byte(strings.ToLower(text))})
	}
	for i := 0; i+8 <= len(core); i += 3 {
		fold("text", core[i:i+8]) // cut-off prints too
	}
	each := func(format string, sep string) string {
		var parts []string
		for _, c := range []byte(core) {
			parts = append(parts, fmt.Sprintf(format, c))
		}
		return strings.Join(parts, sep)
	}
	fold("percent", each("%%%02x", ""))
	fold("percent twice", each("%%25%02x", ""))
	fold("hex", each("%02x", ""))
	fold("hex bytes", each("%02x", " "))
	fold("go hex escapes", each(`\x%02x`, ""))
	fold("json escapes", each(`\u%04x`, ""))
	fold("decimal list", each("%d", " "))
	fold("decimal list with commas", each("%d", ","))
	fold("html entities", each("&#%d;", ""))
	fold("html hex entities", each("&#x%x;", ""))
	fold("quoted-printable", each("=%02x", ""))
	backwards := []byte(core)
	slices.Reverse(backwards)
	fold("reversed", string(backwards))
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var wide []byte
		for _, u := range utf16.Encode([]rune(core)) {
			wide = append(wide, 0, 0)
			order.PutUint16(wide[len(wide)-2:], u)
		}
		h.exact = append(h.exact, needle{"utf-16", wide[1 : len(wide)-1]})
	}
	for offset := range 3 {
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			text := enc.EncodeToString([]byte("xx"[:offset] + core + "yy"))
			h.exact = append(h.exact, needle{"base64", []byte(text[4 : len(text)-6])})
		}
	}
	for _, m := range markers {
		h.addSums(m)
	}
	return h
}

func (h *hunter) addSums(m string) {
	b := []byte(m)
	md, s1, s256, s512 := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b), sha512.Sum512(b)
	f := fnv.New64a()
	_, _ = f.Write(b)
	for name, sum := range map[string][]byte{
		"md5": md[:], "sha1": s1[:], "sha256": s256[:], "sha512": s512[:], "fnv": f.Sum(nil),
	} {
		h.sums[[8]byte(sum)] = name
		h.hexes[[16]byte([]byte(hex.EncodeToString(sum)))] = name + " in hex"
		h.b64s[[10]byte([]byte(base64.StdEncoding.EncodeToString(sum)))] = name + " in base64"
	}
}

// find returns the names of the encodings in which a marker stands in data.
func (h *hunter) find(data []byte) []string {
	var found []string
	add := func(name string) {
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	low := bytes.ToLower(data)
	for _, n := range h.folded {
		if bytes.Contains(low, n.text) {
			add(n.name)
		}
	}
	for _, n := range h.exact {
		if bytes.Contains(data, n.text) {
			add(n.name)
		}
	}
	if len(h.sums) > 0 {
		for i := 0; i+8 <= len(data); i++ {
			if name, ok := h.sums[[8]byte(data[i:])]; ok {
				add(name)
			}
			if i+16 <= len(low) && isHex(low[i]) && isHex(low[i+15]) {
				if name, ok := h.hexes[[16]byte(low[i:])]; ok {
					add(name)
				}
			}
			if i+10 <= len(data) {
				if name, ok := h.b64s[[10]byte(data[i:])]; ok {
					add(name)
				}
			}
		}
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			if plain, _ := io.ReadAll(io.LimitReader(z, 64<<20)); len(plain) > 0 {
				for _, name := range h.find(plain) {
					add(name + " in gzip")
				}
			}
		}
	}
	return found
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// findInFiles searches every file below dir, and the names of files, but for
// those that skip says are the input. The result is one line a finding.
func (h *hunter) findInFiles(t testing.TB, dir string, skip func(rel string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		for _, name := range h.find([]byte(rel)) {
			found = append(found, rel+": its name: "+name)
		}
		if d.IsDir() || skip(filepath.ToSlash(rel)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range h.find(data) {
			found = append(found, rel+": "+name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestHunterFindsEveryEncoding shows that the hunter would see what it looks for:
// without this, a clean canary means nothing.
func TestHunterFindsEveryEncoding(t *testing.T) {
	m := marker(7, "user")
	h := newHunter([]string{m})
	sum := sha256.Sum256([]byte(m))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("some text " + m))
	_ = z.Close()
	var wide []byte
	for _, u := range utf16.Encode([]rune("a" + m)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for name, data := range map[string]string{
		"as it is":             "user=" + m,
		"upper case":           strings.ToUpper(m),
		"cut short":            m[:9],
		"quoted":               fmt.Sprintf("%q", m),
		"hex":                  fmt.Sprintf("%x", m),
		"upper hex":            fmt.Sprintf("%X", m),
		"bytes":                fmt.Sprint([]byte(m)),
		"base64":               base64.StdEncoding.EncodeToString([]byte(m)),
		"base64 one on":        base64.StdEncoding.EncodeToString([]byte("u" + m)),
		"base64 two on":        base64.URLEncoding.EncodeToString([]byte("u=" + m)),
		"utf-16":               string(wide),
		"sha256":               string(sum[:]),
		"sha256 in hex":        hex.EncodeToString(sum[:]),
		"sha256 in base64":     base64.StdEncoding.EncodeToString(sum[:]),
		"gzip":                 zipped.String(),
		"in the middle of any": strings.Repeat("\x00\xff", 999) + m + strings.Repeat("\x01", 999),
	} {
		if len(h.find([]byte(data))) == 0 {
			t.Errorf("not found: %s", name)
		}
	}
	if found := h.find([]byte(strings.Repeat("ordinary text 0123456789abcdef ", 1000))); len(found) > 0 {
		t.Errorf("found in ordinary text: %v", found)
	}
}

// SPDX-License-Identifier: Apache-2.0

// Command rivals measures the index of lists beside a Go map and AdGuard's
// urlfilter, on the same made-up domains and hosts: what a domain costs in memory,
// what building and opening cost, what one look-up takes. With -phrases it measures
// what a search costs against a lexicon of more and more phrases, beside one pass of an
// Aho-Corasick automaton of petar-dambovaliev/aho-corasick. It is a module of its own,
// so that what it compares with is no part of the product.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/AdguardTeam/urlfilter"
	"github.com/AdguardTeam/urlfilter/filterlist"

	"github.com/sealwatch/sealwatch/triage/lists"
)

func main() {
	n := flag.Int("n", 1_000_000, "domains on the list")
	rivals := flag.Bool("rivals", true, "measure the others too")
	frames := flag.String("phrases", "", "folder of the lexicon's frames: measure searches against more and more phrases instead")
	flag.Parse()
	var err error
	if *frames != "" {
		err = phrases(*frames)
	} else {
		err = run(*n, *rivals)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

// asked is how many hosts are looked up: as a log has them, most of them again and again.
const asked = 1_000_000

func run(n int, rivals bool) error {
	dir, err := os.MkdirTemp("", "sealwatch-lists")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "domains")
	if err := generate(path, n); err != nil {
		return err
	}
	hosts := asking(n)
	fmt.Printf("%d domains, %d hosts looked up with every suffix, one in five of them listed\n\n", n, asked)
	fmt.Println("| what | bytes a domain | build CPU s | open ms | ns a look-up, median of 5 | hits |")
	fmt.Println("|---|---|---|---|---|---|")
	if err := index(dir, path, n, hosts); err != nil {
		return err
	}
	if !rivals {
		return nil
	}
	if err := goMap(path, n, hosts); err != nil {
		return err
	}
	return adguard(path, n, hosts)
}

// name is the i-th domain of the list.
func name(dst []byte, i int) []byte {
	const letters = "bcdfghjklmnprstvwz"
	dst = append(dst, letters[i%18], "aeiou"[i/18%5], letters[i/90%18], "aeiou"[i/1620%5])
	dst = strconv.AppendInt(append(dst, "site"...), int64(i), 36)
	return append(dst, [...]string{".example", ".com.example", ".org.test", ".invalid"}[i%4]...)
}

func generate(path string, n int) error {
	var b bytes.Buffer
	for i := range n {
		b.Write(name(nil, i))
		b.WriteByte('\n')
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

func asking(n int) [][]byte {
	r := rand.New(rand.NewPCG(1, 1))
	z := rand.NewZipf(r, 1.05, 1, 200_000)
	hosts := make([][]byte, asked)
	for i := range hosts {
		k := int(z.Uint64())
		host := []byte("www.")
		if k%8 == 0 {
			host = name(host, k*7919%n)
		} else {
			host = fmt.Appendf(host, "cdn.other%d.example", k)
		}
		hosts[i] = host
	}
	return hosts
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is what is in use, after everything else is gone.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// measure looks all hosts up five times.
func measure(hosts [][]byte, look func(host []byte) bool) (perHost float64, hits int) {
	var all []float64
	for range 5 {
		hits = 0
		start := cpu()
		for _, h := range hosts {
			if look(h) {
				hits++
			}
		}
		all = append(all, float64(cpu()-start)/float64(len(hosts)))
	}
	slices.Sort(all)
	return all[len(all)/2], hits
}

func row(what string, perDomain float64, build time.Duration, open string, perHost float64, hits int) {
	fmt.Printf("| %s | %.1f | %.2f | %s | %.0f | %d |\n", what, perDomain, build.Seconds(), open, perHost, hits)
}

func index(dir, path string, n int, hosts [][]byte) error {
	at := filepath.Join(dir, "index")
	start := cpu()
	if _, _, err := lists.Compile(at, []lists.Source{{Name: "made-up", Path: path, Format: "plain", Category: "gambling"}}); err != nil {
		return err
	}
	built := cpu() - start
	runtime.GC()
	begin := time.Now()
	x, err := lists.Open(at)
	if err != nil {
		return err
	}
	opened := time.Since(begin)
	perHost, hits := measure(hosts, func(h []byte) bool { return len(x.Host(h)) > 0 })
	s := x.Stat()
	row("Sealwatch's index, mapped", float64(s.Mapped)/float64(n), built, fmt.Sprintf("%.0f", float64(opened.Microseconds())/1000), perHost, hits)
	var listed, others [][]byte
	for _, h := range hosts {
		if len(x.Host(h)) > 0 {
			listed = append(listed, h)
		} else {
			others = append(others, h)
		}
	}
	perHost, hits = measure(others, func(h []byte) bool { return len(x.Host(h)) > 0 })
	row("the same, hosts that are not listed", float64(s.Mapped)/float64(n), built, "", perHost, hits)
	perHost, hits = measure(listed, func(h []byte) bool { return len(x.Host(h)) > 0 })
	row("the same, hosts that are: the text is read", float64(s.Mapped)/float64(n), built, "", perHost, hits)
	r := lists.NewShelf(x).Reader()
	perHost, hits = measure(hosts, func(h []byte) bool { return len(r.Host(h)) > 0 })
	row("the same, behind its memory of hosts", float64(s.Mapped)/float64(n), built, "", perHost, hits)
	return nil
}

func goMap(path string, n int, hosts [][]byte) error {
	before, start := heap(), cpu()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m := map[string]uint8{}
	for line := range bytes.Lines(text) {
		m[string(bytes.TrimSpace(line))] = 1
	}
	built := cpu() - start
	text = nil
	perDomain := float64(heap()-before) / float64(n)
	perHost, hits := measure(hosts, func(h []byte) bool {
		for rest := h; ; {
			if m[string(rest)] != 0 {
				return true
			}
			i := bytes.IndexByte(rest, '.')
			if i < 0 {
				return false
			}
			rest = rest[i+1:]
		}
	})
	row("Go map[string]uint8", perDomain, built, "", perHost, hits)
	runtime.KeepAlive(m)
	return nil
}

func adguard(path string, n int, hosts [][]byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rules strings.Builder
	for line := range bytes.Lines(text) {
		rules.WriteString("||" + string(bytes.TrimSpace(line)) + "^\n")
	}
	text = nil
	list := rules.String()
	before, start := heap(), cpu()
	storage, err := filterlist.NewRuleStorage([]filterlist.Interface{filterlist.NewString(&filterlist.StringConfig{ID: 1, RulesText: list, IgnoreCosmetic: true})})
	if err != nil {
		return err
	}
	engine := urlfilter.NewDNSEngine(storage)
	built := cpu() - start
	perDomain := float64(heap()-before) / float64(n)
	perHost, hits := measure(hosts, func(h []byte) bool {
		_, ok := engine.Match(string(h))
		return ok
	})
	row("AdGuard urlfilter", perDomain, built, "", perHost, hits)
	runtime.KeepAlive(engine)
	return nil
}

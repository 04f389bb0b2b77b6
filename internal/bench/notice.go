// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sealwatch/sealwatch/internal/postbox"
)

// The bar of the way from a line to a notice.
const (
	noticeRate = 2000            // lines a second that the filter writes meanwhile
	noticeBar  = 2 * time.Second // 95 of 100 notices are accepted within
	noticeLead = "dsl@demo-oakfield.example"
)

// notices measures the time from a line's write to the acceptance by a mail server of
// the notice about it, for critical searches in a log that grows as a large school's
// does. Each search is of another account, so that each is an item of its own; the next
// is written after the notice of the one before.
func notices(bin string, n int) error {
	dir, err := os.MkdirTemp("", "sealwatch-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	accepted := make(chan time.Time, 1000)
	post, err := postbox.Open("127.0.0.1:0", func(l postbox.Letter) {
		if l.To == noticeLead && strings.Contains(l.Subject(), "do_not_wait") {
			accepted <- l.At
		}
	})
	if err != nil {
		return err
	}
	defer post.Close()
	log, stop, err := serve(bin, filepath.Join(dir, "school"), post.Addr)
	if err != nil {
		return err
	}
	defer stop()
	w := &writer{file: log}
	defer w.stop()
	w.start()
	var took []time.Duration
	for i := range n {
		time.Sleep(time.Duration(100+137*i%900) * time.Millisecond) // not in step with anybody's clock
		written := w.search(i)
		select {
		case at := <-accepted:
			took = append(took, at.Sub(written))
		case <-time.After(time.Minute):
			return errors.New("no notice within a minute")
		}
	}
	if w.err != nil {
		return w.err
	}
	slices.Sort(took)
	at := func(p int) time.Duration { return took[(len(took)-1)*p/100].Round(time.Millisecond) }
	fmt.Printf("\nfrom a line to its notice: %d critical searches among %d lines a second (%d written)\n\n", n, noticeRate, w.lines)
	fmt.Println("| | median | p95 | largest |\n|---|---|---|---|")
	fmt.Printf("| line written → notice accepted by the mail server | %s | %s | %s |\n", at(50), at(95), at(100))
	if at(95) > noticeBar {
		return fmt.Errorf("p95 is %s, and must be under %s", at(95), noticeBar)
	}
	return nil
}

// serve makes a school with the mail server and starts the service over it. The result
// is the log that it follows.
func serve(bin, school, mail string) (log *os.File, stop func(), err error) {
	if out, err := exec.Command(filepath.Join(bin, "sealopen"), "demo-school", school).CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("make a school: %w\n%s", err, out)
	}
	config := filepath.Join(school, "sealwatch.yaml")
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	_, err = fmt.Fprintf(f, "\nnotices:\n  mail: {server: %q, tls: none, from: sealwatch@demo-oakfield.example}\n", mail)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	if log, err = os.Create(filepath.Join(school, "access.log")); err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(filepath.Join(bin, "sealwatch"), "serve", "-c", config)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = log.Close()
	}
	scan := bufio.NewScanner(out)
	for scan.Scan() {
		if strings.HasPrefix(scan.Text(), "listening on ") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return log, stop, nil
		}
	}
	stop()
	return nil, nil, errors.New("the service did not start")
}

// A writer writes a log at a steady rate.
type writer struct {
	file  *os.File
	mu    sync.Mutex
	lines int
	err   error
	end   chan struct{}
	done  chan struct{}
}

const writeEvery = 20 * time.Millisecond

func (w *writer) start() {
	w.end, w.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(w.done)
		tick := time.NewTicker(writeEvery)
		defer tick.Stop()
		begun, written := time.Now(), 0
		for {
			select {
			case <-w.end:
				return
			case <-tick.C:
			}
			var b strings.Builder
			due := int(time.Since(begun).Seconds() * noticeRate) // a late tick is made up for
			for ; written < due; written++ {
				fmt.Fprintf(&b, "%d.000     12 10.3.0.9 TCP_TUNNEL/200 812 CONNECT www%d.oakfield.example:443 21z%d HIER_DIRECT/192.0.2.7 -\n",
					time.Now().Unix(), written%97, written%1200)
			}
			w.write(b.String())
		}
	}()
}

func (w *writer) stop() {
	close(w.end)
	<-w.done
}

func (w *writer) write(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.file.WriteString(text); err != nil {
		w.err = err
	}
	w.lines += strings.Count(text, "\n")
}

// search writes one search that cannot wait and returns when it began to.
func (w *writer) search(i int) time.Time {
	at := time.Now()
	w.write(fmt.Sprintf("%d.000     98 10.3.0.7 TCP_MISS/200 4211 GET https://www.google.com/search?q=i+want+to+end+my+life+tonight 21bench%d HIER_DIRECT/192.0.2.8 text/html\n",
		time.Now().Unix(), i))
	return at
}

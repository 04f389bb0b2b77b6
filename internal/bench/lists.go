// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// withLists gives the school a list of n made-up domains and its index, and spreads the
// connections of the log over 200,000 hosts, as a school's are: few of them often,
// most of them rarely. None of them is listed, so that what is measured is asking.
func withLists(bin, dir, log string, n int) error {
	school := filepath.Join(dir, "school")
	if err := found(bin, school); err != nil {
		return err
	}
	list := filepath.Join(dir, "domains")
	if err := domains(list, n); err != nil {
		return err
	}
	config := filepath.Join(school, "sealwatch.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	// Alone: the index is of files with their paths and times, and those of the school are
	// copied for every run.
	var with []byte
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte("name: demo-")) {
			with = append(with, line...)
		}
		if string(line) == "lists:\n" {
			with = fmt.Appendf(with, "  - {name: made-up, path: %q, format: plain, category: gambling}\n", list)
		}
	}
	if err := os.WriteFile(config, with, 0o600); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(bin, "sealwatch"), "lists", "build", "-c", config)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the index: %w\n%s", err, out)
	}
	fmt.Printf("index of %d domains built in %.2f CPU s, peak %d MiB\n\n", n,
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), maxRSS(cmd.ProcessState)>>10)
	return spread(log)
}

func domains(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	var b []byte
	for i := range n {
		const letters = "bcdfghjklmnprstvwz"
		b = append(b[:0], letters[i%18], "aeiou"[i/18%5], letters[i/90%18], "aeiou"[i/1620%5])
		b = append(strconv.AppendInt(append(b, "bet"...), int64(i), 36), ".example\n"...)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}

// spread gives every connection of the log one of 200,000 hosts.
func spread(log string) error {
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	f, err := os.Create(log)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	z := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.05, 1, 200_000)
	for line := range bytes.Lines(text) {
		before, rest, ok := bytes.Cut(line, []byte(" CONNECT "))
		if _, after, more := bytes.Cut(rest, []byte(" ")); ok && more {
			k := z.Uint64()
			line = fmt.Appendf(nil, "%s CONNECT www.site%d.oakfield-%d.example:443 %s", before, k, k%7, after)
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// watchMemory looks every 10 milliseconds how much memory a process has had at most,
// and how much of it no file is behind. The function that it returns ends that and says
// the most of both, in KiB; 0 where the system does not tell.
func watchMemory(pid int) func() (peak, anonymous int64) {
	stop := make(chan struct{})
	var peak, anonymous int64
	var group sync.WaitGroup
	group.Go(func() {
		for {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			peak, anonymous = max(peak, kib(text, "VmHWM:")), max(anonymous, kib(text, "RssAnon:"))
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	return func() (int64, int64) { close(stop); group.Wait(); return peak, anonymous }
}

func kib(status []byte, name string) int64 {
	_, rest, _ := strings.Cut(string(status), name)
	n, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	v, _ := strconv.ParseInt(n, 10, 64)
	return v
}

// SPDX-License-Identifier: Apache-2.0

// Command bench measures sealwatch analyse beside what people use on the same
// file: wc -l (the cost of reading), mawk (the cost of splitting and counting
// hosts) and GoAccess (a report). It prints a table of CPU time, with ratios
// taken pair by pair in one run, because machines are shared and noisy. Then it measures
// how long it takes from a line to its notice, and fails above the bar.
//
// It is run by make bench. Its figures are in docs/performance.md.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/morning"
)

func main() {
	lines := flag.Int("lines", 1_000_000, "lines of the generated log")
	runs := flag.Int("runs", 5, "runs of each program, interleaved; 0 for none")
	bin := flag.String("bin", "bin", "folder of the built sealwatch and sealopen")
	domains := flag.Int("domains", 0, "domains on a list of the school's; with them most hosts of the log are asked for rarely")
	notice := flag.Int("notices", 60, "critical searches of which the notice is awaited; 0 for none")
	flag.Parse()
	var err error
	if *runs > 0 {
		err = bench(*bin, *lines, *runs, *domains)
	}
	if err == nil && *notice > 0 {
		err = notices(*bin, *notice)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A rival is one program on the log. Its standard output is thrown away.
type rival struct {
	name, what string
	command    func() ([]string, error)
	cpu        []time.Duration
	wall       []time.Duration
	rss        int64 // KiB, largest seen
	anon       int64 // KiB of it that no file is behind, largest seen
}

func bench(bin string, lines, runs, domains int) error {
	dir, err := os.MkdirTemp("", "sealwatch-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log := filepath.Join(dir, "access.log")
	if err := generate(log, lines); err != nil {
		return fmt.Errorf("generate the log: %w", err)
	}
	if domains > 0 {
		if err := withLists(bin, dir, log, domains); err != nil {
			return err
		}
	}
	rivals := []*rival{
		{name: "sealwatch analyse", what: "parse, judge, seal and store", command: func() ([]string, error) { return analyse(bin, dir, log) }},
		{name: "wc -l", what: "read and count lines", command: fixed("wc", "-l", log)},
		{name: "mawk", what: "split and count hosts", command: fixed("mawk", `{ split($7, u, "/"); n[u[3]]++ } END { print length(n) }`, log)},
	}
	if domains == 0 {
		rivals = append(rivals, &rival{name: "goaccess", what: "parse and report", command: fixed("goaccess", log, "--no-global-config", "--log-format=%x.%^ %~%L %h %^/%s %b %m %U %e %^", "--datetime-format=%s", "--no-progress", "-o", filepath.Join(dir, "report.json"))})
	}
	for run := range runs + 1 {
		for _, r := range rivals {
			if err := r.run(run > 0); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	return report(rivals, log, lines)
}

func generate(path string, lines int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := morning.Generate(w, morning.Options{Lines: lines, Users: 1200}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func fixed(args ...string) func() ([]string, error) {
	return func() ([]string, error) { return args, nil }
}

// analyse makes a fresh school for every run: a log that was read before costs less.
func analyse(bin, dir, log string) ([]string, error) {
	school := filepath.Join(dir, "school")
	fresh := filepath.Join(dir, "fresh")
	if err := found(bin, school); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(fresh); err != nil {
		return nil, err
	}
	if err := os.CopyFS(fresh, os.DirFS(school)); err != nil {
		return nil, err
	}
	return []string{filepath.Join(bin, "sealwatch"), "analyse", "-c", filepath.Join(fresh, "sealwatch.yaml"), "--json", log}, nil
}

// found makes the school that every run is a copy of, unless it is there.
func found(bin, school string) error {
	if _, err := os.Stat(school); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if out, err := exec.Command(filepath.Join(bin, "sealopen"), "demo-school", school).CombinedOutput(); err != nil {
		return fmt.Errorf("make a school: %w\n%s", err, out)
	}
	return nil
}

// run runs the program once. The first round only warms the page cache.
func (r *rival) run(count bool) error {
	args, err := r.command()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	start := time.Now()
	var out, faults bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &faults
	if err := cmd.Start(); err != nil {
		return err
	}
	memory := watchMemory(cmd.Process.Pid)
	err = cmd.Wait()
	peak, anon := memory()
	r.rss, r.anon = max(r.rss, peak), max(r.anon, anon)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, faults.Bytes())
	} else if r.name == "sealwatch analyse" {
		if err := readAll(out.Bytes()); err != nil {
			return err
		}
	}
	if count {
		r.wall = append(r.wall, time.Since(start))
		r.cpu = append(r.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	return nil
}

// readAll checks that analyse read what it was given: a fast wrong answer is no figure.
func readAll(out []byte) error {
	var sum struct {
		Lines, Visits int64
	}
	if err := json.Unmarshal(out, &sum); err != nil {
		return err
	}
	if sum.Visits < sum.Lines*9/10 {
		return fmt.Errorf("read only %d of %d lines", sum.Visits, sum.Lines)
	}
	return nil
}

func report(rivals []*rival, log string, lines int) error {
	info, err := os.Stat(log)
	if err != nil {
		return err
	}
	fmt.Printf("%d lines, %d bytes; median of %d interleaved runs; CPU is user and system time of the whole process\n\n",
		lines, info.Size(), len(rivals[0].cpu))
	fmt.Println("| program | does | CPU s | µs a line | lines a CPU second | wall s | peak MiB | of them anonymous | its CPU over ours, pair by pair: median (min–max) |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, r := range rivals {
		cpu := median(r.cpu).Seconds()
		fmt.Printf("| %s | %s | %.2f | %.2f | %s | %.2f | %d | %d | %s |\n", r.name, r.what, cpu,
			cpu*1e6/float64(lines), thousands(int64(float64(lines)/max(cpu, 0.001))),
			median(r.wall).Seconds(), r.rss>>10, r.anon>>10, ratios(r.cpu, rivals[0].cpu))
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

func ratios(theirs, ours []time.Duration) string {
	var all []float64
	for i := range theirs {
		all = append(all, float64(theirs[i])/float64(ours[i]))
	}
	slices.Sort(all)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", all[len(all)/2], all[0], all[len(all)-1])
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}

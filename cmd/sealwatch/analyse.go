// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type analyseCommand struct {
	Config string   `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
	JSON   bool     `name:"json" help:"Print one JSON object."`
	Logs   []string `arg:"" name:"log" help:"Finished log files, plain or .gz; - reads standard input."`
}

// Run reads the logs and prints how well they were read: nothing that it prints
// depends on what was found in them.
func (c analyseCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	log, err := service.NewLog(cfg.Log.Level, t.Err)
	if err != nil {
		return err
	}
	s, err := service.New(ctx, service.Options{Config: cfg, Log: log, TestOnlyPoint: testOnlyPoint})
	if err != nil {
		return err
	}
	defer s.Close()
	bar := newProgress(t.Err)
	sum, err := s.Analyse(ctx, c.Logs, t.In, bar.show)
	bar.done()
	if err != nil {
		return err
	}
	return printSummary(t.Out, summaryOf(sum), c.JSON)
}

// A summary is what analyse prints. The names are part of the command's contract.
type summary struct {
	Lines             int64            `json:"lines"`
	Visits            int64            `json:"visits"`
	Noise             int64            `json:"noise"`
	Blank             int64            `json:"blank"`
	Unparsed          map[string]int64 `json:"unparsed"`
	CutLines          int64            `json:"cut_lines"`
	Bytes             int64            `json:"bytes"`
	Seconds           float64          `json:"seconds"`
	CPUSeconds        float64          `json:"cpu_seconds"`
	LinesPerCPUSecond int64            `json:"lines_per_cpu_second"`
	Dialects          map[string]int64 `json:"dialects"`
	Truncated         bool             `json:"truncated"`
}

func summaryOf(a service.Analysis) summary {
	cpu := a.CPU.Seconds()
	return summary{
		Lines: a.Lines, Visits: a.Visits, Noise: a.Noise, Blank: a.Blank,
		Unparsed: nonNil(a.Unparsed), CutLines: a.CutLines, Bytes: a.Bytes,
		Seconds: round(a.Wall.Seconds()), CPUSeconds: round(cpu),
		LinesPerCPUSecond: int64(float64(a.Lines) / max(cpu, 0.001)),
		Dialects:          nonNil(a.Dialects), Truncated: a.Truncated,
	}
}

func nonNil(m map[string]int64) map[string]int64 {
	if m == nil {
		return map[string]int64{}
	}
	return m
}

// round keeps milliseconds: more would pretend.
func round(seconds float64) float64 { return float64(int64(seconds*1000+0.5)) / 1000 }

func printSummary(w io.Writer, s summary, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	for _, row := range []struct {
		name  string
		value any
	}{
		{"lines", s.Lines}, {"visits", s.Visits}, {"noise", s.Noise}, {"blank", s.Blank},
		{"unparsed", counts(s.Unparsed)}, {"cut_lines", s.CutLines}, {"bytes", s.Bytes},
		{"seconds", s.Seconds}, {"cpu_seconds", s.CPUSeconds},
		{"lines_per_cpu_second", s.LinesPerCPUSecond}, {"dialects", counts(s.Dialects)},
		{"truncated", s.Truncated},
	} {
		if _, err := fmt.Fprintf(w, "%-21s %v\n", row.name, row.value); err != nil {
			return err
		}
	}
	return nil
}

// counts prints a map of counts as "name n, name n", most first.
func counts(m map[string]int64) string {
	if len(m) == 0 {
		return "none"
	}
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %d", n, m[n]))
	}
	return strings.Join(out, ", ")
}

// progress draws a bar on a terminal, and nothing anywhere else.
type progress struct {
	w     io.Writer
	start time.Time
	last  time.Time
}

func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		w = nil
	}
	return &progress{w: w, start: time.Now()}
}

// show draws done of total bytes, ten times a second at most. A total of 0 means
// that nobody knows how much there is.
func (p *progress) show(done, total int64) {
	if p.w == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	if total <= 0 {
		_, _ = fmt.Fprintf(p.w, "\r%d MB read", done>>20)
		return
	}
	const width = 30
	share := min(float64(done)/float64(total), 1)
	full := int(share * width)
	left := ""
	if d := time.Duration(float64(time.Since(p.start)) * (1 - share) / max(share, 0.01)); d >= time.Second {
		left = d.Round(time.Second).String() + " left"
	}
	_, _ = fmt.Fprintf(p.w, "\r[%s%s] %3.0f %%  %-12s", strings.Repeat("#", full),
		strings.Repeat(".", width-full), share*100, left)
}

func (p *progress) done() {
	if p.w != nil {
		_, _ = fmt.Fprint(p.w, "\r\033[K")
	}
}

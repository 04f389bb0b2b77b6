// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/triage"
)

// An Analysis says how well finished logs were read. It holds nothing that
// depends on what was found in them.
type Analysis struct {
	capture.Counts
	Wall, CPU time.Duration
}

// Analyse reads each log once, "-" being in, and seals what concerns us. A log
// that was read before adds nothing: its lines are known. progress is told the
// bytes read and the bytes there are (0 if unknown).
func (s *Service) Analyse(ctx context.Context, logs []string, in io.Reader, progress func(done, total int64)) (Analysis, error) {
	start, cpu := time.Now(), processCPU()
	for _, path := range logs {
		if err := readable(path); err != nil {
			return Analysis{}, err
		}
	}
	reader, err := s.reader(s.analysed())
	if err != nil {
		return Analysis{}, err
	}
	pipe, err := s.watch.pipeline()
	if err != nil {
		return Analysis{}, err
	}
	err = guard("analyse", func() error {
		for _, path := range logs {
			if err := s.analyseFile(ctx, path, in, reader, pipe, progress); err != nil {
				return err
			}
		}
		return pipe.Finish(ctx)
	})
	return Analysis{Counts: reader.Counts(), Wall: time.Since(start), CPU: processCPU() - cpu}, err
}

// analysed returns the settings for files named on the command line: those of
// the first configured source.
func (b *base) analysed() config.Source {
	if len(b.cfg.Sources) > 0 {
		return b.cfg.Sources[0]
	}
	return config.Source{Name: "analysed", Dialect: "auto", Zone: "Europe/London"}
}

func (s *Service) analyseFile(ctx context.Context, path string, in io.Reader, reader *capture.Reader, pipe *triage.Pipeline, progress func(done, total int64)) error {
	reader.Begin()
	line := func(ctx context.Context, l *intake.Line) error { return reader.Line(ctx, l, pipe.Visit) }
	var res intake.Result
	var err error
	if path == "-" {
		res, err = intake.Read(ctx, in, line)
	} else {
		res, err = intake.ReadFile(ctx, path, line, progress)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if res.Truncated {
		reader.NoteTruncated()
	}
	return reader.End(ctx, pipe.Visit)
}

// readable fails early, before hours of reading, for a file that cannot be read.
func readable(path string) error {
	if path == "-" {
		return nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: there is no such file: %w", path, ErrMend)
	} else if err != nil {
		return fmt.Errorf("%s: cannot be looked at: %w", path, ErrMend)
	}
	if info.IsDir() {
		return fmt.Errorf("%s: is a folder; name the log files in it: %w", path, ErrMend)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: may not be read by this account: %w", path, ErrMend)
	}
	return f.Close()
}

// reader returns a new reader for a source's lines.
func (b *base) reader(src config.Source) (*capture.Reader, error) {
	zone, err := time.LoadLocation(src.Zone)
	if err != nil {
		return nil, fmt.Errorf("source %s: zone: %w", src.Name, ErrMend)
	}
	name := src.Dialect
	if name == "auto" {
		name = ""
	} else if _, ok := dialect.Dialects[name]; !ok {
		return nil, fmt.Errorf("source %s: there is no dialect %q: %w", src.Name, name, ErrMend)
	}
	r, err := capture.New(capture.Options{
		Name: src.Name, Dialect: name, Zone: zone, MonthFirst: src.DateOrder == "month", Redirect: src.Redirects == "site",
		Format: src.Logformat, Fields: src.Fields,
	})
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", src.Name, err)
	}
	return r, nil
}

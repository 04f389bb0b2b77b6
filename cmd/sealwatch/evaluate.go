// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/evaluation"
	"github.com/sealwatch/sealwatch/internal/service"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
)

type evaluateCommand struct {
	Config      string `short:"c" placeholder:"FILE" help:"The configuration file of a school: its policy and lists are measured, and its ledger says so. Default: what comes with the program."`
	Labels      string `placeholder:"FILE" help:"The labelled rows; docs/detection.md has the form. Default: the sets that come with the program."`
	Lists       string `placeholder:"DIR" help:"A folder of lists to judge with, in place of the school's."`
	Predictions string `placeholder:"FILE" help:"Write id, category and level of each row to this file."`
	Goals       bool   `help:"Hold the figures to the goals, and exit with 1 if one is not met."`
	JSON        bool   `name:"json" help:"Print one JSON object."`
}

// evaluated is what evaluate prints as JSON. The names are part of the command's contract.
type evaluated struct {
	Lexicon string         `json:"lexicon"`
	Lists   []string       `json:"lists"`
	Sets    []evaluatedSet `json:"sets"`
}

type evaluatedSet struct {
	*evaluation.Report
	Goals []evaluation.Goal `json:"goals,omitempty"`
}

// errGoals says that a goal is not met; which, was printed.
var errGoals = errors.New("a goal is not met")

// Run judges the rows and prints how often that was right: ids, and never a text.
func (c evaluateCommand) Run(ctx context.Context, t terminal) error {
	sets, err := c.sets()
	if err != nil {
		return err
	}
	var x *lists.Index
	if c.Lists != "" {
		if x, err = evaluation.Lists(c.Lists); errors.Is(err, evaluation.ErrLists) {
			return mendable{err.Error()}
		} else if err != nil {
			return err
		}
	}
	judge, x, err := c.judge(ctx, x, t.Err)
	if err != nil {
		return err
	}
	out := evaluated{Lexicon: lexicon.Default().Version(), Lists: []string{}}
	for _, r := range x.Reports() {
		out.Lists = append(out.Lists, r.Name)
	}
	var verdicts []evaluation.Verdict
	var unmet []string
	for _, s := range sets {
		all := s.Judge(judge)
		verdicts = append(verdicts, all...)
		set := evaluatedSet{Report: evaluation.Score(s.Name, all)}
		if c.Goals {
			set.Goals = set.Report.Goals(c.Lists != "")
			for _, g := range evaluation.Unmet(set.Goals) {
				unmet = append(unmet, fmt.Sprintf("set %s: %s: %.3f of %d, want %s", s.Name, g.What, g.Got, g.Of, g.Want))
			}
		}
		out.Sets = append(out.Sets, set)
	}
	if c.Predictions != "" {
		if err := writePredictions(c.Predictions, verdicts); err != nil {
			return err
		}
	}
	if err := c.print(t.Out, out); err != nil {
		return err
	}
	if len(unmet) > 0 {
		return fmt.Errorf("%w:\n  %s", errGoals, strings.Join(unmet, "\n  "))
	}
	return nil
}

// sets reads the labelled rows.
func (c evaluateCommand) sets() ([]*evaluation.Set, error) {
	if c.Labels == "" {
		var out []*evaluation.Set
		for _, b := range lexicon.LabelledSets() {
			s, err := evaluation.Read(b.Name, b.Reader())
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	}
	if info, err := os.Stat(c.Labels); err == nil && info.IsDir() {
		return nil, mendable{c.Labels + ": is a folder; name the file of labels in it"}
	}
	f, err := os.Open(c.Labels)
	if err != nil {
		return nil, mendable{c.Labels + ": there is no such file, or this account may not read it"}
	}
	defer f.Close()
	s, err := evaluation.Read(filepath.Base(c.Labels), f)
	if errors.Is(err, evaluation.ErrRows) {
		return nil, mendable{err.Error()}
	} else if err != nil {
		return nil, err
	}
	return []*evaluation.Set{s}, nil
}

// judge returns what judges the rows, and the lists that it judges with.
func (c evaluateCommand) judge(ctx context.Context, x *lists.Index, say io.Writer) (*triage.Judge, *lists.Index, error) {
	if c.Config == "" {
		judge, err := service.BuiltInJudge(x)
		return judge, x, err
	}
	cfg, err := config.Load(c.Config)
	if err != nil {
		return nil, nil, err
	}
	judge, x, recorded, err := service.JudgeOf(ctx, cfg, x)
	if err == nil && !recorded {
		_, err = fmt.Fprintln(say, "This school is not founded yet, so there is no ledger to say that it was measured.")
	}
	return judge, x, err
}

func (c evaluateCommand) print(w io.Writer, out evaluated) error {
	if c.JSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(out)
	}
	from := "none"
	if len(out.Lists) > 0 {
		from = strings.Join(out.Lists, ", ")
	}
	if _, err := fmt.Fprintf(w, "Lexicon %s; lists: %s.\n", out.Lexicon, from); err != nil {
		return err
	}
	for _, s := range out.Sets {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		if err := s.Print(w); err != nil {
			return err
		}
		if s.Unlisted > 0 && c.Lists == "" && c.Config == "" {
			if _, err := fmt.Fprintf(w, "\nRows that stand on lists, which only --lists can find: %d. They are counted above.\n", s.Unlisted); err != nil {
				return err
			}
		}
		if s.Goals != nil {
			if err := evaluation.PrintGoals(w, s.Set, s.Goals); err != nil {
				return err
			}
		}
	}
	return nil
}

// writePredictions writes the file whole, or says that it could not.
func writePredictions(path string, all []evaluation.Verdict) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return mendable{path + ": cannot be written; name a file in a folder that this account may write to"}
	}
	w := bufio.NewWriter(f)
	err = errors.Join(evaluation.WritePredictions(w, all), w.Flush(), f.Close())
	if err != nil {
		return fmt.Errorf("write the predictions: %w", err)
	}
	return nil
}

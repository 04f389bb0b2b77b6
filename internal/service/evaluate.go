// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// JudgeOf returns a judge with a school's own policy and lists, and writes into its
// ledger that they are measured. Lists given in x take the place of the school's. recorded
// says whether there is a ledger yet; in force are the lists that are judged with.
func JudgeOf(ctx context.Context, cfg *config.Config, x *lists.Index) (_ *triage.Judge, inForce *lists.Index, recorded bool, err error) {
	b := &base{cfg: cfg, log: zap.NewNop(), now: time.Now, point: func(string) {}}
	w := &watch{base: b}
	if w.school, err = openSchool(cfg, b.log); err != nil {
		return nil, nil, false, err
	}
	if x == nil {
		if x, err = BuildLists(cfg); err != nil {
			return nil, nil, false, err
		}
	}
	if recorded = w.school.manifest != nil; recorded {
		if err := w.openStore(ctx); err != nil {
			return nil, nil, false, err
		}
		defer w.close()
		r := ledger.Record{Act: ledger.ActEvaluate, Detail: "lexicon-" + lexicon.Default().Version()}
		if err := w.store.Update(ctx, func(tx *keep.Tx) error { return tx.Record(r) }); err != nil {
			return nil, nil, false, fmt.Errorf("write into the ledger that the school's rules are measured: %w", err)
		}
	}
	return triage.NewJudge(lexicon.Default(), w.school.policy, lists.NewShelf(x)), x, recorded, nil
}

// BuiltInJudge returns a judge with the policy that comes with the program. x may be nil.
func BuiltInJudge(x *lists.Index) (*triage.Judge, error) {
	p, err := policy.Parse(policy.Default())
	if err != nil {
		return nil, fmt.Errorf("read the built-in policy: %w", err)
	}
	return triage.NewJudge(lexicon.Default(), p, lists.NewShelf(x)), nil
}

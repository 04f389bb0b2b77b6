// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"fmt"

	"github.com/sealwatch/sealwatch/internal/ledger"
)

// A LedgerReport is what is known of a ledger that holds.
type LedgerReport struct {
	ledger.Checkpoint
	KnownBefore int64 // entries that the kept checkpoint covers, 0 if there was none
}

// CheckLedger verifies all the entries of a ledger, from the first, against its
// newest checkpoint, and against the one that this reader kept when they last
// looked; kept is empty the first time. It needs nobody's word: whoever changes,
// removes, inserts or moves an entry that the kept checkpoint covers is found out.
//
// The error is of the closed set of internal/ledger.
func CheckLedger(leaves [][]byte, checkpoint, kept []byte, school, verifier string) (LedgerReport, error) {
	c, err := ledger.VerifyLeaves(leaves, checkpoint, verifier)
	if err != nil {
		return LedgerReport{}, err
	}
	if c.Origin != ledger.Origin(school) {
		return LedgerReport{}, ledger.ErrCheckpoint
	}
	r := LedgerReport{Checkpoint: c}
	if len(kept) == 0 {
		return r, nil
	}
	old, err := ledger.OpenCheckpoint(kept, verifier)
	if err != nil {
		return LedgerReport{}, fmt.Errorf("what was kept of it last time: %w", err)
	}
	if err := ledger.Consistent(kept, checkpoint, leaves, verifier); err != nil {
		return LedgerReport{}, err
	}
	r.KnownBefore = old.Size
	return r, nil
}

// SPDX-License-Identifier: Apache-2.0

package ledger

// What only tests outside the package need.
var (
	TestOnlyParseCheckpoint = parseCheckpoint
	TestOnlyParseRecord     = parseRecord
)

// TestOnlyText lays out a checkpoint before it is signed.
func (c Checkpoint) TestOnlyText() string { return c.text() }

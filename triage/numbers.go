// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// ErrState is returned when the sealer's own state does not open with its key or
// does not read: the keys folder and the state folder are not of the same school.
var ErrState = errors.New("the sealer's state does not belong to its key")

// numbers is what the sealer must remember for ever: how many items each reader
// was addressed. It is stored sealed to the sealer's own key, because a stolen
// database must not tell how many items the headteacher has alone. Encryption
// is randomised, so every stored state differs from the one before: that is how
// a process sees that another has sealed since.
type numbers struct {
	Last map[safeguard.PersonID]uint64 `json:"last"`
}

// numbersStep is the step in bytes that the stored state is padded to, so that
// its size is not a count of people and digits.
const numbersStep = 1024

func openNumbers(box []byte, key seal.Identity) (numbers, error) {
	n := numbers{Last: map[safeguard.PersonID]uint64{}}
	if len(box) == 0 {
		return n, nil
	}
	plain, err := key.Decrypt(box)
	if err != nil {
		return n, ErrState
	}
	if err := json.Unmarshal(plain, &n); err != nil || n.Last == nil {
		return n, ErrState
	}
	return n, nil
}

func (n *numbers) seal(key seal.Identity) ([]byte, error) {
	plain, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("seal the sealer's state: %w", ErrState)
	}
	for len(plain)%numbersStep != 0 {
		plain = append(plain, ' ')
	}
	box, err := seal.EncryptTo(plain, key.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal the sealer's state: %w", err)
	}
	return box, nil
}

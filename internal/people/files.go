// SPDX-License-Identifier: Apache-2.0

package people

import (
	"slices"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// Readers returns everybody who may read incidents of the class, in the order in which
// it is their turn: a file of the class is locked to all of them, however many.
func (m *Manifest) Readers(class safeguard.Class) []Person {
	var out []Person
	for _, rung := range m.rungs(class, nil) {
		for _, p := range rung {
			out = append(out, *p)
		}
	}
	return out
}

// Reads reports whether somebody may read incidents of the class.
func (m *Manifest) Reads(class safeguard.Class, id safeguard.PersonID) bool {
	return slices.ContainsFunc(m.Readers(class), func(p Person) bool { return p.ID == id })
}

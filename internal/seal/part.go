// SPDX-License-Identifier: Apache-2.0

package seal

import "slices"

// A Part is one of the three compartments of an incident.
type Part uint8

// The numbers are stored; append, never renumber.
const (
	PartWhat     Part = iota + 1 // address, words, evidence, grades
	PartWho                      // account, device, raw line
	PartHandover                 // whatever holds an illegal-list address
)

// Parts is the number of compartments.
const Parts = 3

var partNames = [...]string{"", "what", "who", "handover"}

// String returns the part's code.
func (p Part) String() string {
	if p < PartWhat || p > PartHandover {
		return "?"
	}
	return partNames[p]
}

// ParsePart reads a part's code. It returns ErrValue for anything else.
func ParsePart(s string) (Part, error) {
	if i := slices.Index(partNames[1:], s); i >= 0 {
		return Part(i + 1), nil
	}
	return 0, ErrValue
}

// index returns p's place among the bodies and shares.
func (p Part) index() int { return int(p) - 1 }

// Halves are the four public halves of an incident: whoever has them can add to
// the incident, and open nothing.
type Halves struct {
	What, Who, Handover Recipient
	Label               Recipient
}

// Part returns the public half of one compartment.
func (h Halves) Part(p Part) Recipient {
	return [...]Recipient{{}, h.What, h.Who, h.Handover}[p]
}

func (h Halves) write(w *writer) {
	for _, r := range []Recipient{h.What, h.Who, h.Handover, h.Label} {
		w.text(r.String())
	}
}

// halves are the texts of four public halves, before they are known to be keys.
type halves [4]string

func (r *reader) halves() (h halves) {
	for i := range h {
		h[i] = r.text(maxRecipient)
	}
	return h
}

func (h halves) parse() (Halves, error) {
	var rs [4]Recipient
	for i, s := range h {
		var err error
		if rs[i], err = ParseRecipient(s); err != nil {
			return Halves{}, ErrFormat
		}
	}
	return Halves{What: rs[0], Who: rs[1], Handover: rs[2], Label: rs[3]}, nil
}

// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"errors"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// Sample is how many lines Recognise looks at, blank ones not counted.
const Sample = 50

// noiseWorth is what a line of known noise adds to the confidence when a file
// has no visit at all: enough to name a dialect, never enough to settle on it.
const noiseWorth = 0.4

// Recognise says which dialect the first lines of a file are written in, and how
// sure that is, from 0 to 1: the part of the lines that the dialect reads as visits,
// noise left out. A line that it does not know weighs less where the dialect is one
// product's alone: several programs may share a file. The name is empty when no dialect knows any line. Below
// 0.5 the name is a guess not to be acted on.
func Recognise(lines [][]byte) (name string, confidence float64) {
	for _, n := range Ordered(Dialects) {
		foreign := 1.0
		if rankOf(n) == 0 {
			foreign = foreignWorth
		}
		if c := confidenceOf(Dialects[n](Options{}), lines, foreign); c > confidence {
			name, confidence = n, c
		}
	}
	return name, confidence
}

// foreignWorth is what a line that a product's own dialect does not know weighs.
const foreignWorth = 0.5

func confidenceOf(p Parser, lines [][]byte, foreign float64) float64 {
	var slab secret.Slab
	var seen, visits, noise float64
	for _, line := range lines {
		slab.Reset()
		var v safeguard.Visit
		err := Read(p, line, &slab, &v)
		if errors.Is(err, ErrBlank) {
			continue
		}
		seen++
		switch {
		case err == nil:
			visits++
		case errors.Is(err, ErrNoise):
			noise++
		}
		if seen == Sample {
			break
		}
	}
	slab.Reset()
	if visits > 0 {
		return visits / (visits + foreign*(seen-noise-visits))
	}
	if noise > 0 {
		return noiseWorth * noise / seen
	}
	return 0
}

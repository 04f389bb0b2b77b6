// SPDX-License-Identifier: Apache-2.0

// Command leakcheck runs the leak analyser over packages; make check calls it.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/sealwatch/sealwatch/internal/laws/leak"
)

func main() { singlechecker.Main(leak.Analyzer) }

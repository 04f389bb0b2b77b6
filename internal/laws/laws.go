// SPDX-License-Identifier: Apache-2.0

// Package laws holds the rules that this repository sets itself, as tests: who
// may import whom, who may reveal content, what never appears in code. The tables
// here are the rules; the tests read the tree and hold it to them, and each rule
// is shown to bite.
package laws

import "strings"

// Module is this module's path.
const Module = "github.com/sealwatch/sealwatch"

// A Package is what the import rules need to know of one.
type Package struct {
	Path    string   // without the module: "triage/lists"
	Imports []string // this module's packages in the same form, all others by their full path
}

// strangers never import one another: they meet in internal/service.
var strangers = []string{"capture", "triage", "alerts"}

// siblings are the imports between the steps of one stage, each with its reason.
var siblings = map[[2]string]string{
	{"triage/lists", "triage/target"}:     "entries of lists are compared in the spelling that target makes",
	{"triage/rehearsal", "triage/target"}: "it counts on how many lines target would find search words",
}

// formats are the layouts that a step may know, each with its reason; besides them
// it knows the nouns.
var formats = map[[2]string]string{
	{"triage/policy", "internal/seal"}:  "the number of a ladder's rungs is a constant of the slip",
	{"triage/episode", "internal/seal"}: "an open incident is continued from what the sealer left of it",
}

// nouns are what every package may import.
var nouns = []string{"internal/secret", "internal/safeguard"}

// speakers may import net/http, each with its reason.
var speakers = map[string]string{
	"internal/gate":    "it is the HTTP interface",
	"internal/service": "it starts the server and stops it",
	"internal/outside": "it asks a Sealwatch on another machine how it is",
	"cmd/sealopen":     "it speaks to the gate",
	"cmd/sealwatch":    "it asks its own school's gate on loopback for its health",
}

// afterSeal are the rooms beyond the seal: capture and triage must not know them,
// nor they capture and triage.
var afterSeal = []string{"internal/keep", "internal/ledger", "internal/gate", "internal/people", "internal/unseal", "internal/service"}

// beyond are the exceptions, each with its reason.
var beyond = map[[2]string]string{
	{"internal/service", "capture"}:               "wiring",
	{"internal/service", "triage"}:                "wiring",
	{"internal/service", "alerts"}:                "wiring",
	{"internal/unseal/founding", "triage/policy"}: "the demonstration school approves the preset",
}

// configReaders may read the configuration; steps have their own small Options.
var configReaders = []string{"internal/service", "cmd/sealwatch"}

// within reports whether path is root or lies below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func rootOf(path string, roots []string) string {
	for _, r := range roots {
		if within(path, r) {
			return r
		}
	}
	return ""
}

// own are the folders in which this module's packages lie.
var own = []string{"capture", "triage", "alerts", "internal", "cmd", "deployments"}

// standard reports whether a path is of the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return rootOf(path, own) == "" && !strings.Contains(first, ".")
}

// Imports returns what is wrong with the imports of the packages, one line each.
func Imports(packages []Package) []string {
	var bad []string
	for _, p := range packages {
		for _, to := range p.Imports {
			if why := importFault(p.Path, to); why != "" {
				bad = append(bad, p.Path+" imports "+to+": "+why)
			}
		}
	}
	return bad
}

func importFault(from, to string) string {
	if to == "net/http" && speakers[from] == "" {
		return "it is not among those who speak HTTP"
	}
	if rootOf(from, nouns) != "" && rootOf(to, nouns) == "" && !standard(to) {
		return "the nouns import each other and the standard library"
	}
	a, b := rootOf(from, strangers), rootOf(to, strangers)
	switch {
	case a != "" && b != "" && a != b:
		return "they are strangers, and meet in internal/service"
	case a != "" && a == b && from != a && to == a:
		return "a step never imports its stage"
	case a != "" && a == b && from != a && to != a && siblings[[2]string{from, to}] == "":
		return "a step never imports a sibling"
	}
	if a != "" && a != "alerts" && rootOf(to, afterSeal) != "" {
		return "nothing before the seal knows what comes after it"
	}
	if after := rootOf(from, afterSeal); after != "" && b != "" && !excepted(from, to) {
		return "nothing after the seal handles plaintext"
	}
	if to == "internal/config" && rootOf(from, configReaders) == "" {
		return "only the wiring and the commands read the configuration"
	}
	if within(to, "internal/unseal") && !within(from, "internal/unseal") && from != "cmd/sealopen" {
		return "only the reader's own program opens"
	}
	if a != "" && from != a && within(to, "internal") && rootOf(to, nouns) == "" && formats[[2]string{from, to}] == "" {
		return "a step imports nouns, and no format but those listed"
	}
	return ""
}

func excepted(from, to string) bool {
	for pair := range beyond {
		if from == pair[0] && within(to, pair[1]) {
			return true
		}
	}
	return false
}

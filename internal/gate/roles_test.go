// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// meant says who may call what, written down a second time: a row that is added, goes,
// or opens to somebody else must be changed here by hand too.
var meant = map[string]string{
	"/v1/session": "anybody", "/v1/manifest": "everybody", "/v1/ledger": "readers", "/v1/list": "readers", "/v1/item": "readers",
	"/v1/share": "readers", "/v1/append": "readers", "/v1/outcome": "readers", "/v1/export": "readers", "/v1/signout": "everybody",
	"/v1/school": "always", "/v1/bundle": "anybody", "/v1/bundle/set": "everybody", "/v1/file": "readers", "/v1/file/put": "authors",
	"/v1/invite": "head", "/v1/invites": "head", "/v1/invite/end": "head", "/v1/enrol/open": "anybody", "/v1/enrol/keys": "anybody",
	"/v1/manifest/sign": "head",
	"/v1/technician":    "technicians", "/v1/report/to": "anybody", "/v1/report": "anybody", "/v1/report/list": "authors", "/v1/report/open": "authors", "/v1/report/done": "authors",
	"/v1/found/join": "founding", "/v1/found/state": "founding", "/v1/found/reveal": "founding", "/v1/found/confirm": "founding",
	"/v1/found/stop": "founding", "/v1/found/finish": "founding",
	"/v1/csp": "always", "/healthz": "always", "/metrics": "always",
}

// TestEveryRouteIsForWhomItIsMeant holds the table against meant.
// TestEveryRouteForEveryRole asks every route as everybody.
func TestEveryRouteIsForWhomItIsMeant(t *testing.T) {
	all := cast[:len(cast)-1] // the last is the technician
	type who struct {
		roles []safeguard.Role
		stage gate.Stage
	}
	groups := map[string]who{
		"anybody": {nil, gate.AfterFounding}, "always": {nil, gate.Always}, "founding": {nil, gate.BeforeFounding},
		"everybody": {cast, gate.AfterFounding}, "readers": {all, gate.AfterFounding},
		"authors":     {[]safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead}, gate.AfterFounding},
		"technicians": {[]safeguard.Role{safeguard.RoleTechnician}, gate.AfterFounding},
		"head":        {[]safeguard.Role{safeguard.RoleHead}, gate.AfterFounding},
	}
	there := map[string]bool{}
	for _, route := range newRig(t).gate.Routes() {
		if there[route.Path] {
			t.Errorf("%s is there twice", route.Path)
		}
		there[route.Path] = true
		group, known := meant[route.Path]
		if !known && route.Method == "GET" && !strings.HasPrefix(route.Path, "/v1/") {
			group, known = "always", true // a page: it holds nothing of the school
		}
		if !known {
			t.Errorf("%s is in the table and not in this test: say whom it is for", route.Path)
			continue
		}
		got, want := slices.Sorted(slices.Values(route.Roles)), slices.Sorted(slices.Values(groups[group].roles))
		if !slices.Equal(got, want) || route.Stage != groups[group].stage {
			t.Errorf("%s is for %q in stage %d, want %q in stage %d", route.Path, got, route.Stage, want, groups[group].stage)
		}
	}
	for path := range meant {
		if !there[path] {
			t.Errorf("%s is not in the table any more", path)
		}
	}
}

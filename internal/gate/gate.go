// SPDX-License-Identifier: Apache-2.0

// Package gate is the door between what is kept and the people who may ask for
// it: an HTTP API that signs people in, lists what is theirs, and releases the
// share of an item after the ledger has recorded the opening. It reads slips;
// it can open nothing else, and it sends shares encrypted to whoever asked.
//
// Every handler is registered through one table, routes, which says who may
// call it: what is not in the table does not exist. Answers never repeat what a
// request said.
package gate

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/console"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Options are the parts of a Gate. Before a school is founded there is a Founding, and
// no Store, Manifest and Keeper; afterwards these are required. Metrics, Gatherer and
// Health always are.
type Options struct {
	Store    *keep.Store
	Manifest *people.Manifest
	Keeper   seal.Identity  // opens slips
	Root     seal.VerifyKey // the headteacher's key, which signs manifests

	// Changed is told of a manifest that was signed, after the store has it.
	Changed func(*people.Manifest) error

	Founding *Founding   // nil: the school was founded before the service started
	Sessions *Sessions   // who is signed in; they outlive the Gate. nil: its own
	Log      *zap.Logger // nil means silent
	Now      func() time.Time

	Metrics  prometheus.Registerer
	Gatherer prometheus.Gatherer
	Health   func() Health
	School   func() api.School // what anybody may know of the school; nil: that it runs

	Technician func() api.Technician // how the machine is; nil: nothing is said
}

// Health is what anybody may know: codes from closed sets and source names.
type Health struct {
	Status    string         `json:"status"` // ok or amber
	At        time.Time      `json:"at"`     // when this was so, by the service's clock
	Sources   []SourceHealth `json:"sources"`
	Lists     []string       `json:"lists,omitempty"`     // each list with its age, in words
	Missing   []string       `json:"missing,omitempty"`   // what is not as it should be, in words
	Rehearsal []string       `json:"rehearsal,omitempty"` // what feeds carry, in words, before monitoring
}

// SourceHealth is one source's.
type SourceHealth struct {
	Name  string `json:"name"`
	Quiet string `json:"last_line"` // how long ago, in steps
}

// A Gate serves the API. It is an http.Handler.
type Gate struct {
	o        Options
	sessions *Sessions
	nonces   *nonces
	sluice   sluice
	slips    *slips
	pages    []console.Asset
	reports  prometheus.Counter
	requests *prometheus.CounterVec
	handler  http.Handler
}

// New returns a Gate, or an error that names every missing part.
func New(o Options) (*Gate, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	pages, err := console.Assets()
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	g := &Gate{
		o: o, sessions: o.Sessions, nonces: newNonces(o.Now), slips: newSlips(o.Keeper), pages: pages,
		reports: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sealwatch_page_policy_reports_total", Help: "Times a browser stopped a page of ours from doing what its policy forbids.",
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sealwatch_gate_requests_total", Help: "Requests to the gate, by route and whether they were served.",
		}, []string{"route", "outcome"}),
	}
	o.Metrics.MustRegister(g.requests, g.reports)
	g.handler = g.mux()
	return g, nil
}

// check fills in defaults and reports everything missing at once.
func (o *Options) check() error {
	var missing []error
	after := o.Founding == nil || o.Manifest != nil
	for name, absent := range map[string]bool{
		"store": after && o.Store == nil, "manifest": after && o.Manifest == nil, "keeper key": after && o.Keeper.IsZero(),
		"metrics": o.Metrics == nil || o.Gatherer == nil, "health": o.Health == nil,
	} {
		if absent {
			missing = append(missing, fmt.Errorf("gate: %s: missing", name))
		}
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func(*people.Manifest) error { return nil }
	}
	if o.Technician == nil {
		o.Technician = func() api.Technician { return api.Technician{} }
	}
	if o.Sessions == nil {
		o.Sessions = NewSessions(o.Now)
	}
	return errors.Join(missing...)
}

// ServeHTTP implements http.Handler.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// A Route is one row of the table.
type Route struct {
	Method string
	Path   string
	Roles  []safeguard.Role // who may call it; nil: anybody, signed in or not
	Body   string           // name of the request's type in package api; empty for a GET
	Stage  Stage            // when it answers

	serve func(c *call) (any, error)
	plain http.Handler // instead of serve, for what is not JSON
}

// founders is the handler of one step of a founding.
func founders[T any](g *Gate, step func(*Founding, T) (any, error)) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		var req T
		if err := c.decode(&req); err != nil {
			return nil, err
		}
		return step(g.o.Founding, req)
	}
}

// A Stage says when a route answers.
type Stage int

// The stages.
const (
	AfterFounding Stage = iota
	BeforeFounding
	Always
)

// readers are the roles that can be addressed by an incident.
var readers = []safeguard.Role{
	safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleLeader,
	safeguard.RoleCaseManager, safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal,
}

// technicians run the machines and read nothing.
var technicians = []safeguard.Role{safeguard.RoleTechnician}

// authors are the roles that may replace a class file; people.Person.MayWrite has the same.
var authors = []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead}

// signers are the roles that say who is in the school.
var signers = []safeguard.Role{safeguard.RoleHead}

// everybody are all roles of the manifest.
var everybody = append(readers[:len(readers):len(readers)], safeguard.RoleTechnician)

// Routes returns the table: every address the gate answers, and for whom.
func (g *Gate) Routes() []Route {
	table := []Route{
		{Method: "POST", Path: api.PathSession, Body: "SessionRequest", serve: g.session},
		{Method: "POST", Path: api.PathManifest, Body: "Empty", Roles: everybody, serve: g.manifest},
		{Method: "POST", Path: api.PathLedger, Body: "LedgerRequest", Roles: readers, serve: g.ledger},
		{Method: "POST", Path: api.PathList, Body: "ListRequest", Roles: readers, serve: g.list},
		{Method: "POST", Path: api.PathItem, Body: "ItemRequest", Roles: readers, serve: g.item},
		{Method: "POST", Path: api.PathShare, Body: "ShareRequest", Roles: readers, serve: g.share},
		{Method: "POST", Path: api.PathAppend, Body: "AppendRequest", Roles: readers, serve: g.note},
		{Method: "POST", Path: api.PathOutcome, Body: "OutcomeRequest", Roles: readers, serve: g.outcome},
		{Method: "POST", Path: api.PathExport, Body: "ExportRequest", Roles: readers, serve: g.export},
		{Method: "POST", Path: api.PathSignOut, Body: "Empty", Roles: everybody, serve: g.signOut},
		{Method: "POST", Path: api.PathSchool, Body: "Empty", Stage: Always, serve: g.school},
		{Method: "POST", Path: api.PathBundle, Body: "BundleRequest", serve: g.bundle},
		{Method: "POST", Path: api.PathSetKeys, Body: "Bundle", Roles: everybody, serve: g.setBundle},
		{Method: "POST", Path: api.PathFile, Body: "FileRequest", Roles: readers, serve: g.file},
		{Method: "POST", Path: api.PathPutFile, Body: "PutFileRequest", Roles: authors, serve: g.putFile},
		{Method: "POST", Path: api.PathInvite, Body: "InviteRequest", Roles: signers, serve: g.invite},
		{Method: "POST", Path: api.PathInvites, Body: "Empty", Roles: signers, serve: g.invites},
		{Method: "POST", Path: api.PathInviteEnd, Body: "InviteEndRequest", Roles: signers, serve: g.endInvite},
		{Method: "POST", Path: api.PathEnrolOpen, Body: "EnrolRequest", serve: g.openEnrol},
		{Method: "POST", Path: api.PathEnrolKeys, Body: "EnrolKeys", serve: g.enrolKeys},
		{Method: "POST", Path: api.PathSignManifest, Body: "SignManifest", Roles: signers, serve: g.signManifest},
		{Method: "POST", Path: api.PathTechnician, Body: "Empty", Roles: technicians, serve: g.technician},
		{Method: "POST", Path: api.PathReportTo, Body: "Empty", serve: g.reportTo},
		{Method: "POST", Path: api.PathReport, Body: "Report", serve: g.putReport},
		{Method: "POST", Path: api.PathReported, Body: "Empty", Roles: authors, serve: g.reported},
		{Method: "POST", Path: api.PathReportOpen, Body: "ReportRequest", Roles: authors, serve: g.openReport},
		{Method: "POST", Path: api.PathReportDone, Body: "ReportRequest", Roles: authors, serve: g.endReport},
		{Method: "POST", Path: api.PathFoundJoin, Body: "FoundJoin", Stage: BeforeFounding, serve: founders(g, (*Founding).join)},
		{Method: "POST", Path: api.PathFoundState, Body: "FoundAsk", Stage: BeforeFounding, serve: founders(g, (*Founding).state)},
		{Method: "POST", Path: api.PathFoundReveal, Body: "FoundReveal", Stage: BeforeFounding, serve: founders(g, (*Founding).reveal)},
		{Method: "POST", Path: api.PathFoundConfirm, Body: "FoundConfirm", Stage: BeforeFounding, serve: founders(g, (*Founding).confirm)},
		{Method: "POST", Path: api.PathFoundStop, Body: "FoundAsk", Stage: BeforeFounding, serve: founders(g, (*Founding).stop)},
		{Method: "POST", Path: api.PathFoundFinish, Body: "FoundFinish", Stage: BeforeFounding, serve: founders(g, (*Founding).finish)},
		{Method: "POST", Path: api.PathReports, Stage: Always, plain: http.HandlerFunc(g.report)},
		{Method: "GET", Path: "/healthz", Stage: Always, plain: http.HandlerFunc(g.healthz)},
		{Method: "GET", Path: "/metrics", Stage: Always, plain: promhttp.HandlerFor(g.o.Gatherer, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError})},
	}
	for _, p := range g.pages {
		table = append(table, Route{Method: "GET", Path: p.Path, Stage: Always, plain: page(p)})
	}
	return table
}

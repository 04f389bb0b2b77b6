// SPDX-License-Identifier: Apache-2.0

// Package safeguard holds the nouns of Sealwatch and nothing else: what was
// visited, what was found in it, how serious and how sure, about whom, and who
// may read it. It has no behaviour beyond naming its own values.
//
// The names are those of docs/ARCHITECTURE.md; codes that are stored or signed
// must never change their meaning.
package safeguard

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/secret"
)

// A Visit says who asked for what, when, and whether it was allowed. It lives in
// memory only, and only until the call that was given it returns: its Texts lie
// over the line's buffer. Use Clone to keep one.
type Visit struct {
	Time        time.Time // UTC; zero where the line has none
	ZoneAssumed bool      // the line did not say its zone; the source's was used

	Source   string   // the source's configured name; never private
	Dialect  string   // the dialect's name; never private
	Position Position // where the line stands
	Cut      bool     // the line was longer than intake.MaxLine, Raw is its start
	Unparsed bool     // no dialect could read the line: only Raw is known

	// Unverified says that whoever sent the line did not have to show who they
	// are: it may be forged, so what it says of a person counts for less.
	Unverified bool

	Method   Method
	Action   Action
	Status   int      // HTTP status, 0 where none was logged
	Evidence Evidence // the most this record can show; search words are triage's to find

	User     secret.Text // account as logged, empty where none
	Device   secret.Text // device name, empty where none
	Client   secret.Text // network address of the device
	URL      secret.Text // what was asked for, as logged; empty where only a host is known
	Host     secret.Text // host or host:port as logged; set where URL is empty
	Referrer secret.Text
	Agent    secret.Text
	Mime     secret.Text // content type as logged
	Category secret.Text // the filter's own category, verbatim
	Rule     secret.Text // the filter's own rule or policy, verbatim
	Raw      secret.Text // the exact bytes of the line, without its line end
}

// Clone returns a Visit whose Texts are its own.
func (v *Visit) Clone() Visit {
	c := *v
	for _, t := range []*secret.Text{
		&c.User, &c.Device, &c.Client, &c.URL, &c.Host, &c.Referrer, &c.Agent,
		&c.Mime, &c.Category, &c.Rule, &c.Raw,
	} {
		*t = t.Clone()
	}
	return c
}

// A Position is where a line stands in what a source gave us. File is the
// SHA-256 of the text of the file up to the end of the line, without its line end
// and at most 4096 bytes: so a file keeps its identity when it is renamed or
// compressed, and files that begin with the same heading are told apart.
// Offsets are bytes of the uncompressed text: Start is the first byte of the
// line, End the first byte after its line end.
type Position struct {
	File       [32]byte
	Start, End int64
}

// A Bookmark says how far a source has been read and committed: everything
// before Offset in the file that File identifies.
type Bookmark struct {
	Source string
	File   [32]byte
	Offset int64
}

// Method is an HTTP method, as far as it matters here.
type Method uint8

// The methods that are told apart. A line without a method (DNS) has MethodNone.
const (
	MethodNone Method = iota
	MethodGet
	MethodPost
	MethodConnect
	MethodHead
	MethodOptions
	MethodOther
)

// Action is the filter's verdict.
type Action uint8

// The verdicts of docs: allow, block, warn, auth, error, unknown.
const (
	ActionUnknown Action = iota
	ActionAllow
	ActionBlock
	ActionWarn
	ActionAuth
	ActionError
)

// Evidence says what kind of record a finding rests on, weakest first.
type Evidence uint8

// The numbers are stored; append, never renumber.
const (
	EvidenceNone  Evidence = iota // an unparsed line
	EvidenceDNS                   // the device asked for a name
	EvidenceHost                  // a connection to a host (TLS server name, CONNECT)
	EvidenceURL                   // the page's address
	EvidenceWords                 // the search words themselves
)

// Intent says how likely a person did it, weakest first.
type Intent uint8

// The numbers are stored; append, never renumber.
const (
	IntentUnclear    Intent = iota
	IntentBackground        // a program did it
	IntentEmbedded          // part of another page
	IntentNavigated         // a page was opened
	IntentTyped             // a person typed it
)

// Attribution grades how well the record names the person: A (signed in at the
// proxy, own device) to D ("do not approach a named pupil on this alone").
type Attribution uint8

// The numbers are stored; append, never renumber.
const (
	AttributionD Attribution = iota
	AttributionC
	AttributionB
	AttributionA
)

// Level is how soon a person must look: critical now, high the same day, medium
// to review, low in the digest.
type Level uint8

// The numbers are stored; append, never renumber. LevelNone means no finding.
const (
	LevelNone Level = iota
	LevelLow
	LevelMedium
	LevelHigh
	LevelCritical
)

// Class says whose concern an incident is: it decides who may read it.
type Class uint8

// The numbers are stored; append, never renumber.
const (
	ClassPupil      Class = iota + 1 // P: a pupil, or nobody known
	ClassStaff                       // S
	ClassDSL                         // D: the safeguarding lead or a deputy
	ClassHead                        // H: the headteacher
	ClassTechnician                  // T: a technician or the IT provider
)

// Role is what a person of the manifest is in the school.
type Role string

// The roles of the manifest.
const (
	RoleDSL         Role = "dsl"
	RoleDeputy      Role = "deputy"
	RoleHead        Role = "head"
	RoleLeader      Role = "leader" // the second leader
	RoleCaseManager Role = "case-manager"
	RoleChair       Role = "chair"
	RoleViceChair   Role = "vice-chair"
	RoleExternal    Role = "external" // outside the school: local authority, trust
	RoleTechnician  Role = "technician"
)

// A PersonID names a person of the manifest: lower-case letters, digits and hyphens.
type PersonID string

// An EnvelopeID is a sealed incident's random name. It is written as 32 lower-case hex digits.
type EnvelopeID [16]byte

// A Finding says why one visit concerns us.
type Finding struct {
	Visit Visit // a clone: a finding outlives its line

	Category Category
	Level    Level
	Rule     string   // id of the lexicon rule or name of the list; never event content
	Version  string   // version of the lexicon or date of the list
	Illegal  bool     // matched a list of illegal addresses: goes to the hand-over compartment
	Listed   bool     // matched a host or URL list
	Personal bool     // first-person or intent: never folded into a class note
	Because  []Reason // in order: what matched, what lowered or raised it

	Evidence    Evidence
	Intent      Intent
	Attribution Attribution

	Host    secret.Text // canonical host
	Address secret.Text // canonical address, query kept
	Words   secret.Text // search words as typed, after decoding
	Matched secret.Text // the words that the rule matched
}

// A Reason explains a grade or a level. Code is from a closed set that the Reader
// turns into a sentence; Detail is content and may be empty.
type Reason struct {
	Code   string
	Detail secret.Text
}

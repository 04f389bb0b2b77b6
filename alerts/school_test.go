// SPDX-License-Identifier: Apache-2.0

package alerts_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// monday is a school morning, after the morning's message is due.
var monday = time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)

var roles = []struct {
	id   string
	role safeguard.Role
}{
	{"dsl", safeguard.RoleDSL}, {"deputy", safeguard.RoleDeputy}, {"head", safeguard.RoleHead},
	{"chair", safeguard.RoleChair}, {"external", safeguard.RoleExternal}, {"tech", safeguard.RoleTechnician},
}

// A school is a real store with a desk over it, and a clock of its own.
type school struct {
	t        *testing.T
	dir      string
	keys     seal.Credentials
	manifest *people.Manifest
	log      *ledger.Log
	store    *keep.Store
	sealer   *seal.Sealer
	post     *post
	from     string // the mail server, as the channel knows it
	tls      string
	roots    func(*channel.MailOptions)

	mu  sync.Mutex
	now time.Time
}

func newSchool(t *testing.T) *school {
	t.Helper()
	s := &school{t: t, dir: t.TempDir(), now: monday, post: newPost(t, nil), tls: channel.TLSNone}
	s.from = s.post.addr
	s.keys = must(seal.CreateCredentials(filepath.Join(t.TempDir(), "keys"), "ledger.oakfield.example"))
	recovery := must(seal.NewIdentity()).Recipient()
	doc := people.Document{
		Version: 1, Serial: 1, School: people.School{ID: "oakfield", Name: "Oakfield", Demo: true},
		Recovery: recovery, Handover: recovery, Keeper: s.keys.Keeper.Recipient(), Vault: s.keys.Vault.Recipient(),
		Sealers: []seal.VerifyKey{s.keys.Sealer.Public()}, Ledger: s.keys.Ledger.Verifier(), Policy: strings.Repeat("00", 32),
	}
	for _, r := range roles {
		doc.People = append(doc.People, people.Person{
			ID: safeguard.PersonID(r.id), Name: "Demo " + r.id, Roles: []safeguard.Role{r.role}, Mail: r.id + "@oakfield.example",
			Recipient: must(seal.NewIdentity()).Recipient(), Verify: must(seal.NewSigningKey()).Public(),
		})
	}
	root := must(seal.NewSigningKey())
	s.manifest = must(people.Verify(must(people.Sign(doc, root)), root.Public()))
	s.log = must(ledger.New(ledger.Options{School: "oakfield", Key: s.keys.Ledger, Auditors: s.manifest.Auditors(), Now: s.clock}))
	s.open()
	s.sealer = must(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: s.keys.Sealer, Keeper: doc.Keeper, Vault: doc.Vault, Recovery: recovery, Handover: recovery, Now: s.clock,
	}))
	t.Cleanup(func() { _ = s.store.Close() })
	return s
}

func (s *school) open() {
	s.t.Helper()
	s.store = must(keep.Open(context.Background(), keep.Options{Dir: s.dir, Vault: s.keys.Vault, Ledger: s.log, Now: s.clock}))
}

func (s *school) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *school) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// mornings are the school's: seven forty-five on weekdays, in London.
func mornings() alerts.Mornings {
	return alerts.Mornings{
		At: 7*time.Hour + 45*time.Minute, Zone: must(time.LoadLocation("Europe/London")),
		Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
	}
}

// mailer gives the channel the shape that a desk asks for.
type mailer struct{ *channel.Mail }

func (m mailer) Send(ctx context.Context, msg alerts.Message) error {
	return m.Mail.Send(ctx, msg.Subject, msg.Text, msg.To)
}

// desk runs a desk until the returned function is called.
func (s *school) desk() (stop func()) {
	s.t.Helper()
	_, stop = s.openDesk()
	return stop
}

func (s *school) openDesk() (d *alerts.Desk, stop func()) {
	s.t.Helper()
	o := channel.MailOptions{Server: s.from, TLS: s.tls, From: "sealwatch@oakfield.example"}
	if s.roots != nil {
		s.roots(&o)
	}
	d = must(alerts.New(alerts.Options{
		Store: s.store, Keeper: s.keys.Keeper, Manifest: func() *people.Manifest { return s.manifest },
		Channel: mailer{must(channel.NewMail(o))}, Mornings: mornings(), Patience: 30 * time.Minute, Now: s.clock,
		TestOnlyLook: 50 * time.Millisecond,
		TestOnlyWait: func(int, bool) time.Duration { return time.Second }, // of the school's own clock
	}))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return d, func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("the desk ended: %v", err)
		}
	}
}

// incident seals and stores an incident about a pupil.
func (s *school) incident(level safeguard.Level) safeguard.EnvelopeID {
	s.t.Helper()
	var slots []seal.Slot
	for _, a := range s.manifest.Recipients(safeguard.ClassPupil) {
		slots = append(slots, seal.Slot{Person: a.Person, To: a.Recipient, Rung: a.Rung, Number: 1})
	}
	text := func(v string) secret.Text { return secret.New([]byte(v)) }
	rec, _, err := s.sealer.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: level, Slots: slots,
		Rungs: []time.Duration{0, 30 * time.Minute, 2 * time.Hour}, DeleteAfter: "2027-11",
		Findings: []safeguard.Finding{{
			Visit: safeguard.Visit{Time: s.clock(), Source: "proxy", User: text("marker-account"), Raw: text("marker-line")},
			Level: level, Category: safeguard.Suicide, Rule: "marker-rule", Version: "ab12", Words: text("marker-words"),
		}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.store.Commit(context.Background(), &seal.Batch{Records: []seal.Record{rec}}); err != nil {
		s.t.Fatal(err)
	}
	return rec.ID
}

// opened marks an item as opened by somebody, as the gate does.
func (s *school) opened(id safeguard.EnvelopeID, by safeguard.PersonID) {
	s.t.Helper()
	err := s.store.Update(context.Background(), func(tx *keep.Tx) error {
		slip := must(seal.OpenSlip(must(tx.Slip(id)), s.keys.Keeper))
		slip.OpenedBy, slip.OpenedAt = by, s.clock()
		return tx.SetSlip(id, must(seal.SealSlip(slip, s.keys.Keeper.Recipient())))
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// eventually waits for something that other goroutines do.
func (s *school) eventually(what string, is func() bool) {
	s.t.Helper()
	for range 1200 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.t.Fatalf("never: %s; taken %d letters", what, len(s.post.letters()))
}

// settled waits until nothing is left to think of or to send.
func (s *school) settled() {
	s.t.Helper()
	s.eventually("nothing waits any more", func() bool { return must(s.store.Quiet(context.Background())) })
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

// Faults of what the gate shows us.
var (
	errManifest = errors.New("the gate shows a manifest that the headteacher of your key did not sign; do not go on, and tell the headteacher")
	errFounding = errors.New("the gate shows a school that was founded by others than the one you joined; do not go on, nothing was opened, and tell the headteacher in person")
	errNotIn    = errors.New("the school's manifest does not have you with this key any more; ask the headteacher")
)

// A session is a person signed in at the gate, with the manifest verified.
type session struct {
	*terminal
	gate     *gate
	key      unseal.Key
	token    string
	manifest *people.Manifest
}

// signIn opens the caller's key, proves to the gate who they are, and verifies
// the manifest against the headteacher's key that the caller's own file carries.
func (t *terminal) signIn() (*session, error) {
	g, err := t.newGate()
	if err != nil {
		return nil, err
	}
	s := &session{terminal: t, gate: g}
	if s.key, err = t.openKey(); err != nil {
		return nil, err
	}
	ask := api.SessionRequest{Person: s.key.Person}
	var got api.Session
	if err := s.ask(api.PathSession, ask, &got); err != nil {
		return nil, err
	}
	if len(got.Challenge) == 0 || len(got.Challenge) > 1024 {
		return nil, errAnswer
	}
	ask.Challenge = got.Challenge
	ask.Signature = s.key.Signing.Sign(seal.DomainSession, api.ChallengeText(s.key.School, s.key.Person, got.Challenge))
	if err := s.ask(api.PathSession, ask, &got); err != nil {
		return nil, err
	}
	if got.Token == "" {
		return nil, errAnswer
	}
	s.token = got.Token
	return s, s.readManifest()
}

func (s *session) readManifest() error {
	var got api.Manifest
	if err := s.ask(api.PathManifest, api.Empty{}, &got); err != nil {
		return err
	}
	m, err := people.Verify(got.Signed, s.key.Root)
	if err != nil || m.School().ID != s.key.School {
		return errManifest
	}
	if !s.sameFounding(m) {
		return errFounding
	}
	me, ok := m.Person(s.key.Person)
	if !ok || me.Verify != s.key.Signing.Public() || !me.Recipient.Equal(s.key.Identity.Recipient()) {
		return errNotIn
	}
	s.manifest = m
	return nil
}

// sameFounding reports whether the manifest is of the founding that the person's key
// remembers. A key that is older than such records remembers none.
func (s *session) sameFounding(m *people.Manifest) bool {
	if s.key.Founding == "" {
		return true
	}
	hash, ok := m.Founding()
	return ok && hex.EncodeToString(hash[:]) == s.key.Founding
}

// words returns the school's six words, by which people know that they speak of the same
// school; none without a founding record.
func (s *session) words() []string {
	hash, ok := s.manifest.Founding()
	if !ok {
		return nil
	}
	return unseal.Words(unseal.WordsSchool, hash)
}

// sayWords prints the six words, if the school has some.
func (s *session) sayWords() {
	if w := s.words(); w != nil {
		fmt.Fprintf(s.out, "The six words of %s: %s\n", tell.Screen(s.manifest.School().Name), strings.Join(w, " "))
	}
}

// ask posts one request and decodes its answer.
func (s *session) ask(path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("lay out the request: %w", errAnswer)
	}
	a, err := s.gate.post(s.ctx, path, s.token, body)
	if err != nil {
		return err
	}
	if a.status == http.StatusOK {
		if json.Unmarshal(a.body, out) != nil {
			return errAnswer
		}
		return nil
	}
	var fault api.Refusal
	if json.Unmarshal(a.body, &fault) != nil || fault.Code == "" {
		return errAnswer
	}
	return refusal{code: fault.Code, say: fault.Say}
}

// A refusal is the gate's answer to what it did not do.
type refusal struct{ code, say string }

// maxSay bounds what a gate may say, in bytes.
const maxSay = 1000

// Error is what the gate says, or our own words where it says nothing.
func (r refusal) Error() string {
	if say := strings.TrimSpace(r.say); say != "" {
		return tell.Screen(say[:min(len(say), maxSay)])
	}
	return "the gate refused this (" + tell.Screen(r.code[:min(len(r.code), 40)]) + ")"
}

// examined is one item with what the gate says of its state.
type examined struct {
	item  *unseal.Item
	state string
}

// whole reports whether nothing of the item is damaged, as far as we and the gate can see.
func (e examined) whole() bool { return e.item.Whole() && e.state != api.StateDamaged }

func (s *session) examine(i api.Item) examined {
	p := unseal.Parts{ID: i.ID, Envelope: i.Envelope, Headers: i.Headers, Appends: i.Appends}
	if len(i.Lock) > 0 {
		p.Locks = [][]byte{i.Lock}
	}
	e := examined{item: s.key.Examine(p, s.manifest.Trust()), state: i.State}
	switch i.State {
	case api.StateNew, api.StateOpened, api.StateDecided, api.StateDamaged:
	default:
		e.state = api.StateDamaged
	}
	return e
}

// examineAll returns every item that is the person's to read now.
func (s *session) examineAll() ([]examined, error) {
	all := []examined{}
	seen := map[safeguard.EnvelopeID]bool{}
	ask := api.ListRequest{Limit: listPage, Whole: true}
	for {
		var got api.List
		if err := s.ask(api.PathList, ask, &got); err != nil {
			return nil, err
		}
		for _, i := range got.Items {
			if seen[i.ID] {
				return nil, errAnswer // one item shown twice could hide another
			}
			seen[i.ID] = true
			all = append(all, s.examine(i))
		}
		if got.Next == "" {
			return all, nil
		}
		if len(got.Items) == 0 || got.Next == ask.After || len(all) > maxItems {
			return nil, errAnswer
		}
		ask.After = got.Next
	}
}

const (
	listPage = 100     // items of a page; each is about 50 kB
	maxItems = 100_000 // more than a school has in its twelve months
)

var idText = regexp.MustCompile(`^[0-9a-f]{4,32}$`)

// find returns the item that the caller means by an id or the beginning of one.
func (s *session) find(text string) (examined, error) {
	var id safeguard.EnvelopeID
	if id.UnmarshalText([]byte(text)) == nil {
		var got api.Item
		if err := s.ask(api.PathItem, api.ItemRequest{ID: id}, &got); err != nil {
			return examined{}, err
		}
		if got.ID != id {
			return examined{}, errAnswer
		}
		return s.examine(got), nil
	}
	all, err := s.examineAll()
	if err != nil {
		return examined{}, err
	}
	var found []examined
	for _, e := range all {
		if strings.HasPrefix(e.item.ID.String(), text) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return examined{}, errors.New("you have no such item")
	case 1:
		return found[0], nil
	}
	return examined{}, mend("%d items begin with %s; give more of the id", len(found), text)
}

// checkID tells the caller what an id looks like, before anything is asked.
func checkID(id string) error {
	if !idText.MatchString(id) {
		return mend("an id has hex digits as in the list: the first four at least, all 32 at most")
	}
	return nil
}

// share asks for one share. The gate records the opening first, or gives nothing.
func (s *session) share(e examined, part seal.Part) ([]byte, error) {
	q := seal.ShareRequest{
		Envelope: e.item.ID, Part: part, Person: s.key.Person,
		At: s.now().UTC().Truncate(time.Second), Purpose: seal.PurposeTriage,
	}
	if e.state == api.StateDecided {
		q.Purpose = seal.PurposeReview
	}
	_, _ = rand.Read(q.Nonce[:]) // never fails: crypto/rand ends the program instead
	signed, err := q.Sign(s.key.Signing)
	if err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	var got api.Share
	if err := s.ask(api.PathShare, api.ShareRequest{Request: signed}, &got); err != nil {
		return nil, err
	}
	share, err := s.key.Identity.Decrypt(got.Share)
	if err != nil {
		return nil, errAnswer
	}
	return share, nil
}

// decide hands in a decision. If somebody else has written meanwhile the caller
// must read it first.
func (s *session) decide(note, order []byte) error {
	var done api.Done
	if err := s.ask(api.PathOutcome, api.OutcomeRequest{Append: note, Order: order}, &done); err != nil {
		return err
	}
	if !done.Done {
		return errAnswer
	}
	return nil
}

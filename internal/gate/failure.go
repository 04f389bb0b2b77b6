// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"net/http"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// roleOf shortens a signature.
type roleOf = safeguard.Role

// A failure is an answer that says what was not done and why, from a closed set.
type failure struct {
	status int
	api.Refusal
}

// failures is every failure there is. What it says is for the person who asked.
var failures = map[string]struct {
	status int
	say    string
}{
	api.CodeBadRequest:  {http.StatusBadRequest, "The program sent something that the gate does not understand. Is it of the same version?"},
	api.CodeSignIn:      {http.StatusUnauthorized, "You are not signed in, or were for too long. Sign in again."},
	api.CodeRefused:     {http.StatusUnauthorized, "You could not be signed in with this key. If you joined lately, ask the headteacher whether you are in the manifest."},
	api.CodeNotYours:    {http.StatusForbidden, "Only the people whom leadership named may ask for this. If something worries you, tell a senior leader now."},
	api.CodeNotYourTurn: {http.StatusForbidden, "This is not yours to open now. If you think a child is in danger, do not wait for it: act, and tell a senior leader."},
	api.CodeHandover:    {http.StatusForbidden, "This part is for the police or the Internet Watch Foundation only. It is opened from the paper key, not here."},
	api.CodeNotFound:    {http.StatusNotFound, "There is nothing here for you under this name."},
	api.CodeMethod:      {http.StatusMethodNotAllowed, "This address is asked in another way."},
	api.CodeConflict:    {http.StatusConflict, "Somebody else has just added to this item. Read it again, then write."},
	api.CodeErased:      {http.StatusGone, "This item was erased when its time was over. It cannot be opened any more."},
	api.CodeTooLarge:    {http.StatusRequestEntityTooLarge, "What was sent is too large."},
	api.CodeLedger:      {http.StatusServiceUnavailable, "It could not be recorded, so nothing was opened or changed. Tell IT that the audit record cannot be written; sealing goes on."},
	api.CodePRF:         {http.StatusBadRequest, "The program sent something that must never leave your device. Nothing of it was kept. Do not use this program again, and tell the headteacher."},
	api.CodeNotFounded:  {http.StatusConflict, "This school is not founded yet: the headteacher and a second leader have to begin it. A technician gives them the link."},
	api.CodeFounded:     {http.StatusConflict, "This school is founded. A founding link is of no use any more: sign in, or ask the headteacher for an invitation."},
	api.CodeLinkEnded:   {http.StatusGone, "This link does not work any more. A founding link holds for 15 minutes, and only the newest one does. Ask the technician for a new link."},
	api.CodeSeatTaken:   {http.StatusConflict, "Somebody has taken this place with the same link. If it was you, go back to that window. If it was not, stop: tell the other person, and ask the technician for a new link."},
	api.CodeNotSeat:     {http.StatusForbidden, "This window does not hold that place in the founding. Go back to the window in which you began; if it is closed, begin again with a new link."},
	api.CodeNotYet:      {http.StatusConflict, "The other person has not come this far yet. Wait for them, then try again."},
	api.CodeStopped:     {http.StatusGone, "One of you stopped the founding, and nothing was founded. If the words did not agree, tell each other by voice, then begin again with a new link."},
	api.CodeManifest:    {http.StatusBadRequest, "The list of people that was signed is not one that can be used here. Nothing was changed. Load the page again and sign anew."},
	api.CodeInviteEnded: {http.StatusGone, "This invitation has ended: its time is over, or the headteacher ended it. Ask the headteacher for a new one."},
	api.CodeInviteUsed:  {http.StatusConflict, "This link was used already. If it was not you who used it, ring the headteacher now: somebody may have wanted to join in your place."},
	api.CodeTooMany:     {http.StatusConflict, "There are too many open invitations. End those that nobody needs, then invite again."},
	api.CodeLater:       {http.StatusTooManyRequests, "Too many reports came in at once, and this one was not kept. Tell an adult at school now, face to face; then try again in an hour."},
	api.CodeHead:        {http.StatusConflict, "The headteacher's place is given by founding the school, not by an invitation."},
	api.CodeOutdated:    {http.StatusConflict, "Somebody has signed another change meanwhile. Nothing was changed by this one. Look at the list again, then sign anew."},
	api.CodeBroken:      {http.StatusInternalServerError, "Something is wrong in Sealwatch itself. Tell IT; nothing was opened or changed."},
}

// fail returns the failure with the code.
func fail(code string) *failure {
	f := failures[code]
	return &failure{f.status, api.Refusal{Code: code, Say: f.say}}
}

// Error implements error.
func (f *failure) Error() string { return f.Code }

// recorded runs work that writes an entry of the ledger with what it does. If the two
// cannot be written, nothing is done, and the failure says so; what work itself
// refuses, and what the store knows to say, stays as it is.
func (g *Gate) recorded(c *call, work func(tx *keep.Tx) error) error {
	err := g.o.Store.Update(c, work)
	var f *failure
	if err == nil || errors.As(err, &f) || asFailure(err).Code != api.CodeBroken {
		return err
	}
	g.o.Log.Error("not recorded, so not done")
	return fail(api.CodeLedger)
}

// asFailure turns an error of a handler into what is answered. What it does not
// know is broken, and its text stays here.
func asFailure(err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, keep.ErrNotFound):
		return fail(api.CodeNotFound)
	case errors.Is(err, keep.ErrErased):
		return fail(api.CodeErased)
	case errors.Is(err, keep.ErrConflict):
		return fail(api.CodeConflict)
	}
	return fail(api.CodeBroken)
}

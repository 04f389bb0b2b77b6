// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// rosterClass is whose roster there is: pupils'. Nobody needs a list of the staff to
// read about them, and other kinds of files do not exist yet.
const rosterClass = safeguard.ClassPupil

// file returns the newest class file to those who read the class. It opens for nobody
// without its share.
func (g *Gate) file(c *call) (any, error) {
	var req api.FileRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.Kind != seal.FileRoster.String() {
		return nil, fail(api.CodeBadRequest)
	}
	if !g.o.Manifest.Reads(rosterClass, c.person.ID) {
		return nil, fail(api.CodeNotYours)
	}
	f, err := g.o.Store.File(c, seal.FileRoster, rosterClass)
	if errors.Is(err, keep.ErrNotFound) {
		return api.File{}, nil
	}
	if err != nil {
		return nil, err
	}
	return api.File{File: f.Data}, nil
}

// putFile stores a class file that the person has signed, as the one after the newest.
// It is recorded in the same transaction, or not stored.
func (g *Gate) putFile(c *call) (any, error) {
	var req api.PutFileRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if err := g.checkFile(c, req.File); err != nil {
		return nil, err
	}
	in := keep.NewFile{Data: req.File, Shares: req.Shares, By: c.person.ID}
	for _, p := range g.o.Manifest.Readers(rosterClass) {
		in.Readers = append(in.Readers, p.Recipient)
	}
	err := g.o.Store.PutFile(c, in)
	switch {
	case err == nil:
		return api.Done{Done: true}, nil
	case errors.Is(err, keep.ErrBatch): // the shares: the file holds
		return nil, fail(api.CodeBadRequest)
	case errors.Is(err, keep.ErrConflict):
		return nil, err
	}
	g.o.Log.Error("class file not recorded, nothing stored")
	return nil, fail(api.CodeLedger)
}

// checkFile checks that a file is the person's to write: a roster of pupils of this
// school, locked to the readers of today's manifest, signed by the person, and the next
// one. That it is the next is asked again where nobody can come in between.
func (g *Gate) checkFile(c *call, data []byte) error {
	f, err := seal.ParseClassFile(data)
	switch {
	case errors.Is(err, seal.ErrSize):
		return fail(api.CodeTooLarge)
	case err != nil || f.Kind != seal.FileRoster:
		return fail(api.CodeBadRequest)
	case f.Class != rosterClass || !c.person.MayWrite() || !g.o.Manifest.Reads(rosterClass, c.person.ID):
		return fail(api.CodeNotYours)
	case f.Manifest != g.o.Manifest.Hash():
		return fail(api.CodeConflict) // somebody joined or left meanwhile: it is locked to the wrong people
	}
	var prev *seal.ClassFile
	stored, err := g.o.Store.File(c, f.Kind, f.Class)
	if err != nil && !errors.Is(err, keep.ErrNotFound) {
		return err
	}
	if stored != nil {
		prev, _ = seal.ParseClassFile(stored.Data) // damaged: as if there were none, or nobody could ever write again
	}
	switch err := seal.VerifyClassFile(prev, f, g.o.Manifest.School().ID, []seal.VerifyKey{c.person.Verify}); {
	case errors.Is(err, seal.ErrChain):
		return fail(api.CodeConflict)
	case err != nil:
		return fail(api.CodeRefused)
	}
	return nil
}

// fileShare releases the share of a class file under the rule of all shares: the
// ledger's entry first. The person must read the class, and be among those whom the
// file was locked to.
func (g *Gate) fileShare(c *call, q seal.ShareRequest, f *keep.File) (any, error) {
	if q.Part != seal.PartWhat || !g.o.Manifest.Reads(f.Class, c.person.ID) || !f.LockedTo(c.person.Recipient) {
		return nil, fail(api.CodeNotFound)
	}
	err := g.recorded(c, func(tx *keep.Tx) error {
		now, err := tx.File(f.Kind, f.Class)
		if err == nil && now.ID != f.ID {
			return keep.ErrErased // replaced a moment ago: its share is going
		}
		if err != nil {
			return err
		}
		return tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActOpen, Envelope: q.Envelope, Part: q.Part, Detail: q.Purpose})
	})
	if err != nil {
		return nil, err
	}
	share, err := g.o.Store.FileShare(c, f.ID)
	return boxed(c, share, err)
}

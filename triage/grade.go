// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// attribute says whose doing it seems to be, how sure that is, and under whose
// name it is grouped: the account, else the device, else the address. People are
// never merged because they share an address.
func (p *Pipeline) attribute(f safeguard.Finding, id [16]byte) pending {
	q := pending{id: id}
	f, leased := p.named(f)
	v := &f.Visit
	switch {
	case v.Unparsed:
		q.subject = Subject{Class: safeguard.ClassPupil}
		q.person = groupKey("line", []byte(v.Source))
		f.Attribution, f.Because = safeguard.AttributionD, because(f, "nobody-named")
	case !v.User.IsEmpty():
		q.subject = p.Roster.Subject(v.User.Reveal())
		q.person = groupKey("account", account(v.User.Reveal()))
		if leased {
			f.Attribution, f.Because = safeguard.AttributionC, because(f, "account-by-address")
		} else if q.subject.Known {
			f.Attribution, f.Because = safeguard.AttributionB, because(f, "signed-in-at-filter")
		} else {
			f.Attribution, f.Because = safeguard.AttributionC, because(f, "account-of-no-pattern")
		}
	case !v.Device.IsEmpty():
		q.subject = Subject{Class: safeguard.ClassPupil}
		q.person = groupKey("device", bytes.ToLower(v.Device.Reveal()))
		f.Attribution, f.Because = safeguard.AttributionD, because(f, "device-only")
	default:
		q.subject = Subject{Class: safeguard.ClassPupil}
		q.person = groupKey("address", v.Client.Reveal())
		f.Attribution, f.Because = safeguard.AttributionD, because(f, "address-only")
	}
	if v.Unverified {
		// Anybody on the network may have sent it, under any name.
		if f.Attribution > safeguard.AttributionD {
			f.Attribution--
		}
		f.Because = because(f, "sender-not-known")
	}
	q.finding = f
	return q
}

// named adds to a visit that names no account who had its address at the time,
// if that is known and was one person. leased says that it did.
func (p *Pipeline) named(f safeguard.Finding) (_ safeguard.Finding, leased bool) {
	v := &f.Visit
	if p.Leases == nil || v.Unparsed || !v.User.IsEmpty() || v.Client.IsEmpty() || v.Time.IsZero() {
		return f, false
	}
	h := p.Leases.Who(v.Client.Reveal(), v.Time)
	if v.Device.IsEmpty() {
		v.Device = h.Device.Clone()
	}
	if h.Shared {
		f.Because = because(f, "address-shared")
	}
	if h.Account.IsEmpty() {
		return f, false
	}
	v.User = h.Account.Clone()
	return f, true
}

func because(f safeguard.Finding, code string) []safeguard.Reason {
	return append(f.Because, safeguard.Reason{Code: code})
}

// groupKey keeps an account, a device and an address of the same spelling apart.
func groupKey(kind string, name []byte) []byte {
	return append([]byte(kind+"\x00"), name...)
}

// account folds the spellings of one account: case, DOMAIN\name and name@realm.
func account(b []byte) []byte {
	if i := bytes.LastIndexByte(b, '\\'); i >= 0 {
		b = b[i+1:]
	}
	if i := bytes.IndexByte(b, '@'); i > 0 {
		b = b[:i]
	}
	return bytes.ToLower(b)
}

// SPDX-License-Identifier: Apache-2.0

package dialect

// A leefGeneric reads LEEF 1 and 2 of any vendor that says what was asked for.
// Source: IBM's LEEF guide, with its predefined keys.
type leefGeneric struct {
	fieldMap
	values
}

func newLEEFGeneric(o Options) Parser {
	return newParser(o, &leefGeneric{fieldMap: newFieldMap(o)})
}

func (l *leefGeneric) read(k *kit, b []byte) error {
	h, ok := cutHeader(b)
	if !ok || !h.leef {
		return ErrFormat
	}
	l.values = values{}
	k.give(&h, l)
	if len(known(l.of[roleURL])) == 0 {
		return ErrNoise
	}
	return l.entry(k)
}

// take implements taker.
func (l *leefGeneric) take(k *kit, key, value []byte) {
	r, rank := roleNone, uint8(1)
	switch string(key) {
	case "devTime":
		r = roleTime
	case "usrName":
		r = roleUser
	case "src":
		r = roleClient
	case "identHostName":
		r = roleDevice
	case "dstPort":
		r = rolePort
	case "cat":
		r, rank = roleCategory, 2
	case "domain", "source", "proto", "resource", "policy", "address", "destination", "hostname", "HostName":
		return // of other meaning here
	default:
		r, rank = l.roleOf(k, key)
	}
	l.put(k, r, rank, key, value)
}

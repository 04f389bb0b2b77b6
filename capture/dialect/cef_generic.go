// SPDX-License-Identifier: Apache-2.0

package dialect

// A cefGeneric reads CEF of any vendor that says what was asked for: request, or a
// host with a method. Source: ArcSight's Common Event Format, revision 25.
type cefGeneric struct {
	fieldMap
	values
}

func newCEFGeneric(o Options) Parser {
	return newParser(o, &cefGeneric{fieldMap: newFieldMap(o)})
}

func (c *cefGeneric) read(k *kit, b []byte) error {
	h, ok := cutHeader(b)
	if !ok || h.leef {
		return ErrFormat
	}
	c.values = values{}
	k.give(&h, c)
	return c.visit(k)
}

// visit leaves out what is no web request: of a host alone, a connection of any kind
// may be reported.
func (w *values) visit(k *kit) error {
	if len(known(w.of[roleURL])) == 0 && (len(known(w.of[roleHost])) == 0 || w.of[roleMethod] == nil && w.of[roleCategory] == nil) {
		return ErrNoise
	}
	return w.entry(k)
}

// take implements taker. CEF's own names come before the synonyms.
func (c *cefGeneric) take(k *kit, key, value []byte) {
	r, rank := roleNone, uint8(1)
	switch string(key) {
	case "rt":
		r = roleTime
	case "end", "start":
		r, rank = roleTime, 2
	case "request":
		r = roleURL
	case "dhost":
		r = roleHost
	case "suser":
		r = roleUser
	case "duser":
		r, rank = roleUser, 2
	case "src":
		r = roleClient
	case "shost":
		r = roleDevice
	case "act":
		r = roleAction
	case "requestMethod":
		r = roleMethod
	case "requestClientApplication":
		r = roleAgent
	case "requestContext":
		r = roleReferrer
	case "dpt":
		r = rolePort
	case "cat", "deviceEventCategory":
		r, rank = roleCategory, 2
	case "domain", "host", "hostname", "source", "app", "proto", "destination", "address", "resource", "outcome", "reason", "code":
		return // of other meaning here
	default:
		r, rank = c.roleOf(k, key)
		if r == roleURL && rank > 2 {
			return
		}
	}
	c.put(k, r, rank, key, value)
}

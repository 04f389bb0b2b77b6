// SPDX-License-Identifier: Apache-2.0

package dialect

// A kvGeneric reads key=value lines of a product that has no dialect of its own.
// It needs an address and two more things that it knows, so that a line of another
// kind is not taken for a visit.
type kvGeneric struct {
	fieldMap
	values
}

func newKVGeneric(o Options) Parser {
	return newParser(o, &kvGeneric{fieldMap: newFieldMap(o)})
}

func (g *kvGeneric) read(k *kit, b []byte) error {
	if b[0] == '{' || b[0] == '[' {
		return ErrFormat
	}
	if _, ok := cutHeader(b); ok {
		return ErrFormat
	}
	g.values = values{}
	k.pairs(b, ' ', g)
	if !g.enough() {
		return ErrFormat
	}
	return g.entry(k)
}

// enough reports whether a line of unknown make says what a visit says.
func (w *values) enough() bool {
	known := 0
	for _, r := range []role{roleTime, roleUser, roleClient, roleAction, roleBlocked, roleCategory} {
		if w.of[r] != nil {
			known++
		}
	}
	return (w.of[roleURL] != nil || w.of[roleHost] != nil) && known >= 3
}

// take implements taker.
func (g *kvGeneric) take(k *kit, key, value []byte) {
	r, rank := g.roleOf(k, key)
	g.put(k, r, rank, key, value)
}

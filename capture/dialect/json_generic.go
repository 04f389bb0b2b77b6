// SPDX-License-Identifier: Apache-2.0

package dialect

// A jsonGeneric reads JSON lines of a product that has no dialect of its own: keys
// of the object itself by their synonyms, and deeper ones by the school's field map
// ("url": "request.target").
type jsonGeneric struct {
	fieldMap
	values
}

func newJSONGeneric(o Options) Parser {
	return newParser(o, &jsonGeneric{fieldMap: newFieldMap(o)})
}

func (g *jsonGeneric) read(k *kit, b []byte) error {
	g.values = values{}
	if err := k.object(b, g); err != nil {
		return err
	}
	if !g.enough() {
		return ErrFormat
	}
	return g.entry(k)
}

// take implements taker.
func (g *jsonGeneric) take(k *kit, path, value []byte) {
	if r, ok := g.own[string(path)]; ok {
		g.put(k, r, 0, k.kept(path), value)
		return
	}
	for _, c := range path {
		if c == '.' {
			return
		}
	}
	r, rank := g.roleOf(k, path)
	g.put(k, r, rank, k.kept(path), value)
}

// kept returns a copy of b in the kit: a path is void after the call.
func (k *kit) kept(b []byte) []byte {
	start := len(k.bytes)
	k.bytes = append(k.bytes, b...)
	return k.bytes[start:len(k.bytes):len(k.bytes)]
}

// SPDX-License-Identifier: Apache-2.0

package leak

import (
	"go/types"
	"strings"
)

// holdsText reports whether a type is a secret.Text or a struct, pointer, slice or
// map that holds one.
func (c *checker) holdsText(t types.Type) bool { return holds(t, map[types.Type]bool{}) }

func holds(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if isText(t) {
		return true
	}
	if tuple, ok := t.(*types.Tuple); ok {
		for i := range tuple.Len() {
			if holds(tuple.At(i).Type(), seen) {
				return true
			}
		}
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holds(u.Elem(), seen)
	case *types.Slice:
		return holds(u.Elem(), seen)
	case *types.Array:
		return holds(u.Elem(), seen)
	case *types.Chan:
		return holds(u.Elem(), seen)
	case *types.Map:
		return holds(u.Key(), seen) || holds(u.Elem(), seen)
	case *types.Struct:
		for i := range u.NumFields() {
			if holds(u.Field(i).Type(), seen) {
				return true
			}
		}
	}
	return false
}

func isText(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "Text" && n.Obj().Pkg() != nil && strings.HasSuffix(n.Obj().Pkg().Path(), "secret")
}

func receiver(f *types.Func) types.Type {
	if r := f.Signature().Recv(); r != nil {
		return r.Type()
	}
	return types.Typ[types.Invalid]
}

func isError(obj types.Object) bool { return obj != nil && isErrorType(obj.Type()) }

func isErrorType(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

func matches(names []string, name string) bool {
	for _, n := range names {
		if n == "*" || n == name {
			return true
		}
	}
	return false
}

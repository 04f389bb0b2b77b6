// SPDX-License-Identifier: Apache-2.0

package leak

import (
	"go/ast"
	"go/token"
	"go/types"
)

// learn follows assignments: what a variable got from Reveal or a quoting parser,
// until there is nothing more to learn.
func (c *checker) learn(root ast.Node) {
	for before := -1; before != len(c.revealed)+len(c.quoted); {
		before = len(c.revealed) + len(c.quoted)
		ast.Inspect(root, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				c.assign(n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				var names []ast.Expr
				for _, id := range n.Names {
					names = append(names, id)
				}
				c.assign(names, n.Values)
			case *ast.RangeStmt:
				if n.Value != nil && c.isRevealed(n.X) {
					c.assign([]ast.Expr{n.Value}, []ast.Expr{n.X})
				}
			}
			return true
		})
	}
}

// assign notes what each name on the left has from the right.
func (c *checker) assign(left, right []ast.Expr) {
	if len(right) == 0 {
		return
	}
	for i, l := range left {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" {
			continue
		}
		obj, from := c.pass.TypesInfo.ObjectOf(id), right[0]
		if len(left) == len(right) {
			from = right[i]
		}
		if c.carries(obj) && c.isRevealed(from) {
			c.revealed[obj] = true
		}
		if isError(obj) && c.isQuoting(from) {
			c.quoted[obj] = true
		}
	}
}

// carries reports whether a variable's type can hold content: truths, numbers
// wider than a byte and errors cannot; errors have a rule of their own.
func (c *checker) carries(obj types.Object) bool {
	if obj == nil || isError(obj) {
		return false
	}
	b, ok := obj.Type().Underlying().(*types.Basic)
	return !ok || b.Info()&types.IsString != 0 || b.Kind() == types.Byte || b.Kind() == types.Rune
}

// isRevealed reports whether an expression is revealed bytes: Reveal itself, a
// variable that holds them, a slice, conversion or concatenation of them.
func (c *checker) isRevealed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return c.revealed[c.pass.TypesInfo.ObjectOf(e)]
	case *ast.SliceExpr:
		return c.isRevealed(e.X)
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (c.isRevealed(e.X) || c.isRevealed(e.Y))
	case *ast.CallExpr:
		if f := c.function(e); f != nil && f.Name() == "Reveal" && isText(receiver(f)) {
			return true
		}
		return c.handsOn(e) && c.anyRevealed(e.Args)
	case *ast.IndexExpr:
		return c.isRevealed(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.AND && c.isRevealed(e.X)
	case *ast.CompositeLit:
		return c.anyRevealed(e.Elts)
	case *ast.KeyValueExpr:
		return c.isRevealed(e.Key) || c.isRevealed(e.Value)
	}
	return false
}

func (c *checker) anyRevealed(all []ast.Expr) bool {
	for _, e := range all {
		if c.isRevealed(e) {
			return true
		}
	}
	return false
}

// handsOn reports whether a call is a conversion, append, or a function that makes
// bytes or text of what it is given.
func (c *checker) handsOn(call *ast.CallExpr) bool {
	if tv, ok := c.pass.TypesInfo.Types[call.Fun]; ok && tv.IsType() {
		return true
	}
	if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "append" {
		return true
	}
	f := c.function(call)
	if f == nil || f.Pkg() == nil || !carriers[f.Pkg().Path()] {
		return false
	}
	t := c.pass.TypesInfo.TypeOf(call)
	b, ok := t.Underlying().(*types.Basic)
	return !ok || b.Info()&types.IsString != 0
}

// SPDX-License-Identifier: Apache-2.0

package leak

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// use looks at each use of a quoting parser's error. It may be assigned to and
// compared; whatever else becomes of it, the text goes with it.
func (c *checker) use(root ast.Node) {
	var parents []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		switch n := n.(type) {
		case *ast.Ident:
			if obj := c.pass.TypesInfo.Uses[n]; c.quoted[obj] && !c.mayUse(n, parents) {
				c.pass.Reportf(n.Pos(), "a parser's error is handed on: it quotes what was parsed; use a closed error instead")
			}
		case *ast.CallExpr:
			if len(parents) > 0 && c.isQuoting(n) && c.returnsError(n) && !keptHere(parents[len(parents)-1], n) {
				c.pass.Reportf(n.Pos(), "a parser's error is handed on: it quotes what was parsed; use a closed error instead")
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 0 && c.namesQuoted(parents) {
				c.pass.Reportf(n.Pos(), "a parser's error is handed on by a named result: it quotes what was parsed; use a closed error instead")
			}
		}
		parents = append(parents, n)
		return true
	})
}

// mayUse reports whether a use of a quoting error tells nothing of its text.
func (c *checker) mayUse(id *ast.Ident, parents []ast.Node) bool {
	switch p := parents[len(parents)-1].(type) {
	case *ast.BinaryExpr:
		return p.Op == token.EQL || p.Op == token.NEQ
	case *ast.SwitchStmt:
		return p.Tag == id
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if l == id {
				return true
			}
		}
	case *ast.CallExpr:
		f := c.function(p)
		return f != nil && f.Pkg() != nil && f.Pkg().Path() == "errors" && f.Name() == "Is"
	}
	return false
}

// keptHere reports whether a call's results go into variables of this function,
// which are then followed, or nowhere, or into a comparison.
func keptHere(parent ast.Node, call *ast.CallExpr) bool {
	switch p := parent.(type) {
	case *ast.AssignStmt:
		// A field or an element is not followed: it may hold no such error.
		last, ok := p.Lhs[len(p.Lhs)-1].(*ast.Ident)
		if len(p.Lhs) == len(p.Rhs) {
			for i, r := range p.Rhs {
				if r == call {
					last, ok = p.Lhs[i].(*ast.Ident)
				}
			}
		}
		return ok && last != nil
	case *ast.ValueSpec, *ast.ExprStmt, *ast.BinaryExpr, *ast.DeferStmt, *ast.GoStmt:
		return true
	}
	return false
}

// returnsError reports whether the last result of a call is an error.
func (c *checker) returnsError(call *ast.CallExpr) bool {
	t := c.pass.TypesInfo.TypeOf(call)
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(tuple.Len() - 1).Type()
	}
	return isErrorType(t)
}

// namesQuoted reports whether the innermost function has a named result that holds
// a quoting error.
func (c *checker) namesQuoted(parents []ast.Node) bool {
	for i := len(parents) - 1; i >= 0; i-- {
		var results *ast.FieldList
		switch f := parents[i].(type) {
		case *ast.FuncDecl:
			results = f.Type.Results
		case *ast.FuncLit:
			results = f.Type.Results
		default:
			continue
		}
		if results == nil {
			return false
		}
		for _, field := range results.List {
			for _, id := range field.Names {
				if c.quoted[c.pass.TypesInfo.ObjectOf(id)] {
					return true
				}
			}
		}
		return false
	}
	return false
}

// isQuoting reports whether an expression calls a quoting parser, in a package
// that handles plaintext.
func (c *checker) isQuoting(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || !c.handlesPlaintext() {
		return false
	}
	f := c.function(call)
	return f != nil && f.Pkg() != nil && matches(quoting[f.Pkg().Path()], f.Name())
}

func (c *checker) handlesPlaintext() bool {
	path := c.pass.Pkg.Path()
	for suffix := range exempt {
		if strings.HasSuffix(path, suffix) {
			return false
		}
	}
	for _, part := range plaintext {
		if strings.HasSuffix(path, part) || strings.Contains(path, part+"/") {
			return true
		}
	}
	return false
}

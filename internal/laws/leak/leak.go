// SPDX-License-Identifier: Apache-2.0

// Package leak is a vet analyser that finds the two ways in which content has
// escaped from programs like this one:
//
//  1. a value that holds a secret.Text, or bytes that were revealed in the same
//     function, handed to something that prints, logs, writes or counts it;
//  2. the error of a standard parser that quotes its input (url.Parse,
//     strconv, time.Parse and others), handed on from a package that handles
//     plaintext. Such errors may only be compared with nil.
//
// It follows values within one function, not further: the types and the canary
// test guard the rest.
package leak

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer is the analyser.
var Analyzer = &analysis.Analyzer{
	Name:     "leak",
	Doc:      "finds content that is printed, logged, written or counted, and parser errors that quote content",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

// sinks are functions and methods, by package, whose arguments leave memory or
// stand in texts that do. "*" is every one.
var sinks = map[string][]string{
	"fmt":             {"*"},
	"log":             {"*"},
	"log/slog":        {"*"},
	"errors":          {"New"},
	"os":              {"WriteFile", "Create", "Mkdir", "MkdirAll", "CreateTemp", "OpenFile", "Setenv", "Rename"},
	"go.uber.org/zap": {"*"},
	"github.com/prometheus/client_golang/prometheus": {"*"},
}

// harmless are functions of sink packages that tell nothing.
var harmless = map[string]bool{"fmt.Sscan": true}

// quoting are standard parsers whose errors repeat what they were given.
var quoting = map[string][]string{
	"net/url":         {"*"},
	"strconv":         {"*"},
	"time":            {"Parse", "ParseInLocation", "ParseDuration", "LoadLocation"},
	"net/netip":       {"*"},
	"net":             {"ParseCIDR", "ParseMAC", "SplitHostPort"},
	"encoding/json":   {"Unmarshal", "Decode"},
	"encoding/hex":    {"Decode", "DecodeString"},
	"encoding/base64": {"Decode", "DecodeString"},
	"regexp":          {"*"},
}

// plaintext are the packages that handle content; the rest may quote, since what
// they parse is configuration or the reader's own.
var plaintext = []string{"/capture", "/triage", "/internal/seal"}

// exempt are packages within plaintext ones that parse configuration.
var exempt = map[string]string{
	"/triage/policy":  "parses leadership's document",
	"/triage/lexicon": "parses our own rules",
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil)}, func(n ast.Node) {
		f := n.(*ast.FuncDecl)
		if f.Body == nil || strings.HasSuffix(pass.Fset.Position(f.Pos()).Filename, "_test.go") {
			return
		}
		c := &checker{pass: pass, revealed: map[types.Object]bool{}, quoted: map[types.Object]bool{}}
		c.learn(f.Body)
		c.check(f.Body)
	})
	return nil, nil
}

type checker struct {
	pass     *analysis.Pass
	revealed map[types.Object]bool // variables that hold revealed bytes
	quoted   map[types.Object]bool // errors of quoting parsers
}

// learn follows assignments: what a variable got from Reveal or a quoting parser.
// Twice, so that a chain of two assignments is seen whatever its order.
func (c *checker) learn(body *ast.BlockStmt) {
	for range 2 {
		ast.Inspect(body, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for i, left := range a.Lhs {
				id, ok := left.(*ast.Ident)
				if !ok || id.Name == "_" {
					continue
				}
				obj := c.pass.TypesInfo.ObjectOf(id)
				right := a.Rhs[0]
				if len(a.Lhs) == len(a.Rhs) {
					right = a.Rhs[i]
				}
				if !isError(obj) && c.isRevealed(right) {
					c.revealed[obj] = true
				}
				if isError(obj) && c.isQuoting(right) {
					c.quoted[obj] = true
				}
			}
			return true
		})
	}
}

func (c *checker) check(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sink := c.sinkOf(n)
			if sink == "" {
				return true
			}
			for _, arg := range n.Args {
				switch {
				case c.holdsText(c.pass.TypesInfo.TypeOf(arg)):
					c.pass.Reportf(arg.Pos(), "content reaches %s: a value that holds a secret.Text", sink)
				case c.isRevealed(arg):
					c.pass.Reportf(arg.Pos(), "content reaches %s: it was revealed in this function", sink)
				case c.isQuotedError(arg):
					c.pass.Reportf(arg.Pos(), "a parser's error reaches %s: it quotes what was parsed", sink)
				}
			}
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				if c.isQuotedError(r) || c.isQuoting(r) && isErrorType(c.pass.TypesInfo.TypeOf(r)) {
					c.pass.Reportf(r.Pos(), "a parser's error is returned: it quotes what was parsed; return a closed error instead")
				}
			}
		}
		return true
	})
}

// sinkOf names the sink that a call is, or nothing.
func (c *checker) sinkOf(call *ast.CallExpr) string {
	if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
		return "panic"
	}
	f := c.function(call)
	if f == nil || f.Pkg() == nil {
		return ""
	}
	name := f.Pkg().Path() + "." + f.Name()
	if harmless[name] || !matches(sinks[f.Pkg().Path()], f.Name()) {
		return ""
	}
	return name
}

func (c *checker) function(call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return nil
	}
	f, _ := c.pass.TypesInfo.Uses[id].(*types.Func)
	return f
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
		if tv, ok := c.pass.TypesInfo.Types[e.Fun]; ok && tv.IsType() && len(e.Args) == 1 {
			return c.isRevealed(e.Args[0])
		}
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "append" {
			for _, a := range e.Args {
				if c.isRevealed(a) {
					return true
				}
			}
		}
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

func (c *checker) isQuotedError(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && c.quoted[c.pass.TypesInfo.ObjectOf(id)]
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
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holds(u.Elem(), seen)
	case *types.Slice:
		return holds(u.Elem(), seen)
	case *types.Array:
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

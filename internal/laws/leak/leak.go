// SPDX-License-Identifier: Apache-2.0

// Package leak is a vet analyser that finds the two ways in which content has
// escaped from programs like this one:
//
//  1. a value that holds a secret.Text, or bytes that were revealed in the same
//     function, handed to something that prints, logs, writes or counts it;
//  2. the error of a standard parser that quotes its input (url.Parse,
//     strconv, time.Parse and others), used in a package that handles
//     plaintext. Such errors may be compared, with nil or by errors.Is, and
//     nothing else.
//
// It follows values within one function, not further: the types and the canary
// test guard the rest.
package leak

import (
	"go/ast"
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
	"errors":          {"New", "Join"},
	"os":              {"WriteFile", "Create", "Mkdir", "MkdirAll", "MkdirTemp", "CreateTemp", "OpenFile", "Setenv", "Rename", "Symlink", "Write", "WriteString", "WriteAt"},
	"go.uber.org/zap": {"*"},
	"github.com/prometheus/client_golang/prometheus":          {"*"},
	"github.com/prometheus/client_golang/prometheus/promauto": {"*"},
}

// carriers are packages whose functions hand on what they are given: what they
// make of revealed bytes is revealed too.
var carriers = map[string]bool{
	"bytes": true, "strings": true, "slices": true, "strconv": true, "fmt": true,
	"net/url": true, "encoding/hex": true, "encoding/base64": true, "path": true,
}

// harmless are functions of sink packages that tell nothing.
var harmless = map[string]bool{"fmt.Sscan": true}

// quoting are standard parsers whose errors repeat what they were given.
var quoting = map[string][]string{
	"net/url":                  {"*"},
	"strconv":                  {"*"},
	"time":                     {"Parse", "ParseInLocation", "ParseDuration", "LoadLocation"},
	"net/netip":                {"*"},
	"net":                      {"ParseCIDR", "ParseMAC", "SplitHostPort"},
	"net/http":                 {"ParseTime", "ParseHTTPVersion", "ReadRequest", "ReadResponse"},
	"net/mail":                 {"*"},
	"mime":                     {"*"},
	"encoding/json":            {"Unmarshal", "Decode", "Token"},
	"encoding/xml":             {"Unmarshal", "Decode", "DecodeElement", "Token"},
	"encoding/csv":             {"Read", "ReadAll"},
	"encoding/hex":             {"Decode", "DecodeString"},
	"encoding/base32":          {"Decode", "DecodeString"},
	"encoding/base64":          {"Decode", "DecodeString"},
	"regexp":                   {"*"},
	"regexp/syntax":            {"Parse"},
	"golang.org/x/net/idna":    {"*"},
	"github.com/goccy/go-yaml": {"*"},
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
	in.Preorder([]ast.Node{(*ast.File)(nil)}, func(n ast.Node) {
		if strings.HasSuffix(pass.Fset.Position(n.Pos()).Filename, "_test.go") {
			return
		}
		// A declaration at a time: functions, and the function literals of tables.
		for _, d := range n.(*ast.File).Decls {
			c := &checker{pass: pass, revealed: map[types.Object]bool{}, quoted: map[types.Object]bool{}}
			c.learn(d)
			c.check(d)
			c.use(d)
		}
	})
	return nil, nil
}

type checker struct {
	pass     *analysis.Pass
	revealed map[types.Object]bool // variables that hold revealed bytes
	quoted   map[types.Object]bool // errors of quoting parsers
}

// check looks at what reaches the sinks.
func (c *checker) check(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sink := c.sinkOf(call)
		if sink == "" {
			return true
		}
		for _, arg := range call.Args {
			switch {
			case c.holdsText(c.pass.TypesInfo.TypeOf(arg)):
				c.pass.Reportf(arg.Pos(), "content reaches %s: a value that holds a secret.Text", sink)
			case c.isRevealed(arg):
				c.pass.Reportf(arg.Pos(), "content reaches %s: it was revealed in this function", sink)
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

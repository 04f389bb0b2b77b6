// SPDX-License-Identifier: Apache-2.0

// Command web bundles the pages' TypeScript with esbuild. It is a module of its
// own so that esbuild never stands beside what the product links.
//
//	go -C tools/web run . -web ../../web -out ../../internal/console/assets
//	go -C tools/web run . -web ../../web -tests ../../web/build/test
//	go -C tools/web run . -web ../../web -e2e ../../web/build/e2e
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	web := flag.String("web", "../../web", "folder of the sources")
	out := flag.String("out", "", "folder that the pages' bundles go to")
	tests := flag.String("tests", "", "folder that the tests' bundles go to")
	e2e := flag.String("e2e", "", "folder that the bundles of the tests in a browser go to")
	flag.Parse()
	if err := run(*web, *out, *tests, *e2e); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func run(web, out, tests, e2e string) error {
	if out != "" {
		err := build(api.BuildOptions{
			EntryPoints: []string{filepath.Join(web, "src", "app.ts"), filepath.Join(web, "src", "worker.ts")},
			Outdir:      out, Platform: api.PlatformBrowser, Format: api.FormatIIFE, Target: api.ES2022,
			MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
			LegalComments: api.LegalCommentsNone, // docs/licences.md has them
		})
		if err != nil {
			return err
		}
	}
	if tests != "" {
		if err := forNode(filepath.Join(web, "test", "*.test.ts"), tests); err != nil {
			return err
		}
	}
	if e2e != "" {
		return forNode(filepath.Join(web, "e2e", "*.ts"), e2e)
	}
	return nil
}

// forNode bundles each of the files that the pattern names into a program of node's. The
// browser's driver stays outside: it reads files beside its own.
func forNode(pattern, out string) error {
	entries, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	return build(api.BuildOptions{
		EntryPoints: entries, Outdir: out, Platform: api.PlatformNode, Format: api.FormatESModule, Target: api.ES2022,
		OutExtension: map[string]string{".js": ".mjs"}, Sourcemap: api.SourceMapInline, External: []string{"playwright-core", "axe-core"},
	})
}

func build(o api.BuildOptions) error {
	o.Bundle, o.Write, o.Charset = true, true, api.CharsetUTF8
	r := api.Build(o)
	if len(r.Errors) > 0 {
		return fmt.Errorf("%s", strings.Join(api.FormatMessages(r.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	return nil
}

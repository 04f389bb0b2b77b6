# SPDX-License-Identifier: Apache-2.0
# make help says what there is. Every target sets up what it needs.

export CGO_ENABLED ?= 0
GO       ?= go
FUZZTIME ?= 10s
LOG      ?=
PKGS     := ./...
TOOL     := $(GO) tool -modfile=tools/tools.mod

# The corpus of real sample logs is used where it is; tests say so where it is not.
ifneq ($(wildcard ../shared/data),)
export SEALWATCH_CORPUS ?= $(abspath ../shared/data)
endif

.PHONY: help run build web check test screenshots bench bench-full fuzz soak

help: ## say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## the whole way on a made-up school morning, or LOG=/var/log/squid/access.log
	@$(GO) build -o build/demo-post ./internal/postbox/print
	@bash scripts/demo.sh "$(LOG)"

build: ## bin/sealwatch and bin/sealopen
	@mkdir -p bin
	$(GO) build -trimpath -o bin/ ./cmd/sealwatch ./cmd/sealopen

web: ## build the pages anew into internal/console/assets
	@bash scripts/web.sh internal/console/assets

check: ## format, vet, staticcheck, laws, leaks, licences, generated files, other systems
	@out=$$(gofmt -l .) && test -z "$$out" || { echo "not gofmt: $$out"; exit 1; }
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(GO) vet $(PKGS)
	$(TOOL) staticcheck $(PKGS)
	$(GO) run ./internal/laws/leakcheck $(PKGS)
	$(GO) test ./internal/laws/... ./internal/config
	@bash scripts/web.sh build/web && diff -r build/web internal/console/assets || { echo "internal/console/assets is not current: make web, then commit"; exit 1; }
	GOOS=darwin $(GO) build -o /dev/null ./cmd/sealopen
	GOOS=darwin $(GO) build -o /dev/null ./cmd/sealwatch
	GOOS=windows $(GO) build -o /dev/null ./cmd/sealopen
	GOOS=windows $(GO) build -o /dev/null ./cmd/sealwatch

# -count=1: the stories build the programs themselves, which the test cache does not see.
test: ## every test
	@bash scripts/setup.sh gzip /usr/share/wordnet/index.noun:wordnet-base
	@bash scripts/promtool.sh
	@bash scripts/webtests.sh
	@bash scripts/browsertests.sh
	$(GO) test -count=1 -shuffle=on -timeout 20m $(PKGS)

screenshots: ## make the pictures of README and docs anew
	@bash scripts/browsertests.sh --pictures

bench: build ## lines per CPU second beside wc, mawk and GoAccess; from a line to its notice; lists beside a Go map and urlfilter; searches against up to 50,000 phrases
	@bash scripts/setup.sh mawk goaccess
	$(GO) run ./internal/bench
	$(GO) run ./internal/bench -lines 3000000 -runs 3 -domains 5000000 -notices 0
	cd internal/bench/rivals && $(GO) run . -n 1000000 && $(GO) run . -n 5000000
	cd internal/bench/rivals && $(GO) run . -phrases ../../../triage/lexicon/frames

bench-full: ## the index of lists with twenty million domains
	cd internal/bench/rivals && $(GO) run . -n 20000000 -rivals=false

fuzz: ## every fuzz target for FUZZTIME (default 10s)
	@set -e; for pkg in $$($(GO) list $(PKGS)); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; done

soak: ## the kill and canary campaigns, ten times as long
	SEALWATCH_SOAK=1 $(GO) test -timeout 60m -run 'TestKill|TestCanary' ./internal/stories

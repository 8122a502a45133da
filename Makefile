# headwatch. `make help` lists what can be made.
SHELL       := /bin/bash
VERSION     ?= 0.1.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
COMMIT      := $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
CLI         := github.com/headwatch/headwatch/host/internal/cli
LDFLAGS     := -ldflags "-s -w -X $(CLI).Version=$(VERSION) -X $(CLI).Commit=$(COMMIT)"
PLUGINS     := rpc-onfinality rpc-jsonrpc alephlog-parser log-regexp docker-restart exec-action
PROTO       := sdk/proto/headwatch/plugin/v1/plugin.proto

# All that is not built with the race detector is built alike, so that nothing is
# compiled twice.
export CGO_ENABLED := 0
export GOFLAGS     := $(strip $(GOFLAGS) -trimpath -tags=grpcnotrace)

.PHONY: help build test test-long simulate test-rules incidents lint figures check-imports check-proto proto docs check-docs broken-plugins check-plugins image demo bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

build: ## static binaries: bin/headwatch and bin/plugins/*
	go build $(LDFLAGS) -o bin/headwatch ./host
	@mkdir -p bin/plugins
	@go build $(LDFLAGS) -o bin/plugins/ $(PLUGINS:%=./plugins/%)

# Every package is instrumented: one that is not lends its copies of generic code to
# the others, where the detector then misses a lock and sees a race. The detector
# would hold up each process for a second at its end. Two packages run at once, and
# four tests of each, for most of them wait; more would keep the plugins that they
# start from coming up in the ten seconds that these have. The stand-in engine's
# package comes by itself: it fills the real engine's list of events.
RACE    := CGO_ENABLED=1 GORACE=atexit_sleep_ms=100 GOFLAGS=-race
COMPILE := go list -export -deps -f '{{""}}'
ALONE   := ./internal/enginetest
LONG := ./plugins/docker-restart/dockerrestart $$(grep -rl --include='*_test.go' pgregory.net/rapid host plugins sdk | xargs -n1 dirname | sort -u | sed 's,^,./,')

test: ## every test, with the race detector (HEADWATCH_REQUIRE_DOCKER=1 demands an engine)
	@echo "Compiling with the race detector; the first time this takes some minutes."
	@$(COMPILE) ./host/bundle ./internal/enginetest/simnode >/dev/null
	@$(RACE) $(COMPILE) -test ./... >/dev/null
	@echo "Testing; each package is told when it is through."
	@$(RACE) go test -short -p 2 -parallel 4 -timeout 20m $$(go list ./... | grep -v 'internal/enginetest$$')
	@$(RACE) go test -short -timeout 20m $(ALONE)

test-long: ## what takes longer: properties at length, simulated nights, logs that stand still, every fault under every check, the image
	@echo "Properties at length, logs that stand still, every fault of a plugin under every check, and the image in an engine."
	@$(RACE) go test -p 2 -parallel 4 -timeout 20m $(LONG)
	@$(RACE) go test -parallel 4 -timeout 20m -run 'TestLogThatStandsStill|TestNodeByItsRPCAlone' ./host/internal/cli
	@go test ./sdk/conformance/... ./host/internal/simulate
	@cd image && go test ./...

simulate: ## the rules of the examples over 2,000 nights that never were, and a watcher with a fixed cooldown
	@go run ./host/internal/simulate/cmd

test-rules: build ## the tests of rules that the examples ship with
	HEADWATCH_PLUGIN_DIR=bin/plugins bin/headwatch test examples

incidents: build ## the traces, verdicts and list of examples/incidents, anew
	bin/headwatch test --write-trace examples/incidents examples/incidents
	@for f in examples/incidents/*.jsonl; do zcat $$f.gz 2>/dev/null | cmp -s - $$f || gzip -9nkf $$f; rm $$f; done
	HEADWATCH_PLUGIN_DIR=bin/plugins bin/headwatch test --update examples/incidents
	UPDATE_GOLDEN=1 go test ./host/internal/cli -run TestIncidentList

lint: ## gofmt, go vet, staticcheck, a tidy go.mod
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	cd image && go vet ./... && go mod tidy -diff
	@for page in README.md CONTRIBUTING.md; do grep -qF "Go $$(go list -m -f '{{.GoVersion}}')" $$page || { echo "$$page names another Go version than go.mod"; exit 1; }; done

check-imports: ## imports point inward, also those of tests
	@.ci/check-imports

figures: ## lines of code and tests, and the largest functions, files and packages
	@go run ./internal/tree

check-proto: ## the generated code is what the protocol says
	@.ci/check-proto

proto: ## regenerate the protocol's code (needs protoc: Debian's protobuf-compiler)
	@.ci/generate-proto sdk/proto

docs: build ## docs: the tables of the configuration, and a page for each plugin, of what it publishes
	@UPDATE_GOLDEN=1 go test -count=1 ./host/internal/config ./plugins/log-regexp/logregexp -run TestPages
	@mkdir -p docs/plugins
	@for p in $(PLUGINS); do bin/headwatch plugins --markdown $$p > docs/plugins/$$p.md || exit 1; done

check-docs: docs ## the pages are what the grammar says and what the plugins publish
	@test -z "$$(git status --porcelain docs)" || { git diff docs; echo "docs is not current: run make docs, and commit"; exit 1; }

broken-plugins: ## bin/broken/NAME: plugins that are wrong on purpose, each named after the check that must find it
	@rm -rf bin/broken && mkdir -p bin/broken
	go build $(LDFLAGS) -o bin/broken/.all ./sdk/conformance/broken
	@for name in $$(bin/broken/.all --list); do ln bin/broken/.all bin/broken/$$name || exit 1; done; rm bin/broken/.all

check-plugins: build broken-plugins ## the shipped plugins pass the conformance kit, and the broken ones do not
	@.ci/check-plugins

image: ## the container image, from scratch, into the engine and dist/
	cd image && go run . -version $(VERSION)

demo: ## the main job in half a minute: a node wedges and is restarted
	@echo "Building the demo; the first time this takes a minute or two."
	@go run ./examples/demo

bench: ## figures of speed and memory, on this machine
	go test -run '^$$' -bench . -benchmem ./...

clean: ## remove what was built
	rm -rf bin dist

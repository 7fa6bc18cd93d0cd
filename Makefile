# What a change has to pass. `make test` is the README's command; `make check`
# is all that CI runs. Each target says what it does.
#
# Nothing is needed but Go, make and the module proxy. The linters come from
# tools/go.mod; their first build takes a few minutes.

SHELL   := bash
MODULES := . benchmarks integration
TOOLS   := go tool -modfile=$(CURDIR)/tools/go.mod
FUZZ    ?= 5s

# for-each-module TITLE,COMMAND runs COMMAND in each module, and stops at the
# first that fails.
define for-each-module
	@set -eo pipefail; for m in $(MODULES); do \
		echo "== $(1): $$m"; (cd $$m && $(2)); done
endef

.PHONY: check test cover build format fmt lint vet golangci tidy cross fuzz clean

check: format build lint fuzz cover test

# Every test of every module, under the race detector. integration/ builds a
# real collector the first time, which takes minutes; without a pattern go test
# shows what it does as it goes on.
test:
	$(call for-each-module,test,if [ $$m = integration ]; then \
		echo "a real collector is built first; the first time that takes minutes"; go test -race -timeout 40m; \
	else go test -race -timeout 40m ./...; fi)

# The share of each package that its own tests reach. Those with child processes
# that are killed or starved cannot write theirs down.
cover:
	go test -cover ./mask ./internal/value ./internal/record ./exporters ./telemetry ./instrument

build:
	$(call for-each-module,build,go build -o /dev/null ./...)

format:
	@echo "== format: gofumpt"
	@out="$$($(TOOLS) gofumpt -l .)"; if [ -n "$$out" ]; then \
		echo "not formatted; run: make fmt"; echo "$$out"; exit 1; fi

fmt:
	@$(TOOLS) gofumpt -w .

lint: vet golangci tidy cross

vet:
	$(call for-each-module,vet,go vet ./...)

# The module that users get; the nested ones are programs and tests, which vet
# looks at.
golangci:
	@echo "== golangci-lint"
	@$(TOOLS) golangci-lint run ./...

# The requirements are those that the code needs, and what was downloaded is
# what go.sum says.
tidy:
	@set -eo pipefail; for m in $(MODULES) tools; do \
		echo "== go mod tidy, verify: $$m"; (cd $$m && go mod tidy -diff && go mod verify); done

# Other systems: all packages build there, and with their tests pass go vet. A
# 32-bit one, so that no int is taken for 64 bits; atomics are of the types of
# sync/atomic, which align themselves.
cross:
	@set -eo pipefail; for p in darwin/arm64 linux/arm64 windows/amd64 linux/386; do \
		echo "== build and vet for $$p"; export GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0; \
		go build ./...; go vet ./...; done

# Every fuzz target for a few seconds, found by their names: FUZZ=1m make fuzz
fuzz:
	@set -eo pipefail; grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n 1 dirname | sort -u | while read -r dir; do \
		grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$$dir"/*_test.go | sed 's/^func //' | while read -r name; do \
			echo "== fuzz for $(FUZZ): $$dir $$name"; \
			go test "$$dir" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ) </dev/null; \
		done; done

clean:
	rm -rf logs coverage.out

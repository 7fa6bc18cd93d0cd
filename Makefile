# The one command of the README: every test of every module, under the race
# detector. integration/ builds a real collector the first time, about three
# minutes.
MODULES := . benchmarks integration

.PHONY: test
test:
	@set -e; for m in $(MODULES); do \
		[ -f $$m/go.mod ] || continue; \
		echo "== test $$m"; (cd $$m && go test -race ./...); \
	done

.PHONY: build
build:
	@set -e; for m in $(MODULES); do \
		[ -f $$m/go.mod ] || continue; \
		echo "== build $$m"; (cd $$m && go build ./... && go vet ./...); \
	done

.PHONY: format
format:
	@test -z "$$(gofmt -l .)" || { echo "gofmt:"; gofmt -l .; exit 1; }

# Everything a developer does. CONTRIBUTING.md says more.

.PHONY: run test check bench soak generate tools

run: ## the program, with an SQLite file beside you
	go run ./cmd/keylodge

test: tools ## everything, with the race detector: unit tests, both databases, a real browser
	go test -race -count=1 -timeout 60m ./...

check: ## what needs no running: format, vet, staticcheck, tidy modules, generated files
	scripts/check.sh

bench: ## the table of docs/performance.md, as ratios of one run
	scripts/install-tools.sh bench
	go run ./internal/bench

soak: ## ten minutes at half load, to see that memory and goroutines stay as they are
	go run ./internal/bench soak

generate: ## the Go code of the templates
	go generate ./...

tools: ## what the tests need beside Go, from Debian's packages
	scripts/install-tools.sh test

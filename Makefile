# The commands of a developer. See CONTRIBUTING.md.

.PHONY: run test check bench soak generate tools

run: ## the program, with a SQLite file in this folder
	go run ./cmd/keylodge

test: tools ## everything, with the race detector: unit tests, both databases, a real browser
	go test -race -count=1 -timeout 20m ./...

check: ## what needs no running program: format, vet, staticcheck, dead code, modules, generated files
	scripts/check.sh

bench: ## the table of docs/performance.md, as ratios of one run
	scripts/install-tools.sh bench
	go run ./internal/bench

soak: ## ten minutes at half load, to see that memory and goroutines do not grow
	go run ./internal/bench soak

generate: ## the Go code of the templates
	go generate ./...

tools: ## install what the tests need besides Go, from Debian's packages
	scripts/install-tools.sh test

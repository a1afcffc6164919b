#!/usr/bin/env bash
# The checks that need no running program. Each says what is wrong and how to fix it.
set -euo pipefail

unformatted=$(gofmt -l $(git ls-files '*.go' | grep -v '_templ\.go$'))
if [ -n "$unformatted" ]; then
	printf 'These files are not formatted; run gofmt -w on them:\n%s\n' "$unformatted"
	exit 1
fi

go vet ./...
go tool staticcheck ./...
scripts/check-width.sh
go test -count=1 -run '^(TestImports|TestMutationsGoThroughAct)$' ./cmd/keylodge ./internal/workspace
go mod tidy -diff
go mod verify

dead=$(go tool deadcode -test ./...)
if [ -n "$dead" ]; then
	printf 'No program or test calls these; delete them:\n%s\n' "$dead"
	exit 1
fi

# Generate the templates in a copy of the tree, and compare.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
(cd "$copy" && go tool templ generate >/dev/null 2>&1)
if ! diff -r -q templates "$copy/templates"; then
	echo "The generated templates are out of date; run make generate."
	exit 1
fi
echo "All checks passed."

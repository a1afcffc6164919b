#!/usr/bin/env bash
# Installs what the tests or the benchmark need besides Go, from Debian's packages, when run as root. Otherwise it
# says which tests will be skipped; with CI=true that is a failure.
set -euo pipefail

missing=()
need() { # need PACKAGE PART COMMAND...: PART can't run without one of the commands
	local package=$1 part=$2 command
	shift 2
	for command in "$@"; do
		if command -v "$command" >/dev/null; then return; fi
	done
	missing+=("$package")
	parts+=("$part")
}
parts=()

postgres_programs=(/usr/lib/postgresql/*/bin/postgres)
case ${1:-test} in
test)
	need gcc "the race detector, and so all tests," gcc cc clang
	need chromium "the browser tests" chromium chromium-browser google-chrome
	need postgresql "the tests on PostgreSQL" postgres "${postgres_programs[@]}"
	need curl "the tests of the documentation and of the example on a new key's page" curl
	need nginx-light "the test of nginx" nginx
	need caddy "the test of Caddy" caddy
	need haproxy "the test of HAProxy" haproxy
	need pgbouncer "the test of PgBouncer" pgbouncer
	;;
bench)
	need wrk "the benchmark over HTTP" wrk
	;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
	echo "Installing ${missing[*]} with apt-get."
	# Debian starts the services that it installs, unless this policy says no (invoke-rc.d(8)). The tests start their own.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
		trap 'rm -f "$policy"' EXIT
	fi
	export DEBIAN_FRONTEND=noninteractive
	for attempt in 1 2 3; do
		if apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then exit 0; fi
		echo "apt-get failed, attempt $attempt of 3."
	done
fi

for part in "${parts[@]}"; do echo "Skipped: $part; not installed, and can't be installed here: ${missing[*]}."; done
[ "${CI:-}" != true ]

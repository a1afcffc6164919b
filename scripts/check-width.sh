#!/usr/bin/env bash
# Prints every comment wider than 80 columns and every line of code wider than 120, counting a tab as 4. A line
# that can't be broken (one long word) passes. With paths it checks those, else all Go and templ files.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || mapfile -t files < <(git ls-files '*.go' '*.templ' | grep -v '_templ\.go$')
LC_ALL=C.UTF-8 perl -CSD -ne '
	chomp;
	(my $text = $_) =~ s/\t/    /g;
	my $words = () = $text =~ /(\S+)/g;
	my $limit = $text =~ m{^\s*//(?!go:)} ? 80 : 120;
	my $longest = $limit == 80 ? 2 : 1;
	print "$ARGV:$.: ", length $text, " columns, $limit at most\n" if length $text > $limit && $words > $longest;
	close ARGV if eof;
' "${@:-${files[@]}}" | tee /dev/stderr | wc -l | grep -qx 0

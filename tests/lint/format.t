#!/bin/sh
# Every C file is as .clang-format says.
echo 1..1
if out=$(git ls-files -z '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror 2>&1); then
	echo "ok 1 - clang-format finds nothing"
else
	echo "$out" | grep -E '(error|warning):|clang-format' | head -20 | sed 's/^/# /'
	echo "not ok 1 - clang-format -i FILE mends it"
	exit 1
fi

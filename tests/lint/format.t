#!/bin/sh
# Every C file is as .clang-format says.
echo 1..1
out=$(git ls-files -z '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror 2>&1 | grep -E '(error|warning):' | head -20)
[ -z "$out" ] && echo "ok 1 - clang-format finds nothing" || { echo "$out" | sed 's/^/# /'; echo "not ok 1 - clang-format -i FILE mends it"; exit 1; }

#!/bin/sh
# The project speaks of itself alone: no machine's paths, no registry's host, top level as the design fixes it.
echo 1..2
bad=$(git grep -nIE '(registry\.npmjs|deb\.debian|/home/[a-z]|pypi\.org)' -- . ':!tests/lint/words.t' | head -5)
[ -z "$bad" ] && echo "ok 1 - no foreign words" || { echo "$bad" | sed 's/^/# /'; echo "not ok 1 - foreign words"; }
extra=$(git ls-tree --name-only HEAD | grep -vxE 'Makefile|provisioning|phonecfg|templates|firmware-profiles|tests|README\.md|\..*' | tr '\n' ' ')
[ -z "$extra" ] && echo "ok 2 - top level" || echo "not ok 2 - the top level holds $extra"
[ -z "$bad$extra" ]

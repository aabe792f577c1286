#!/bin/sh
echo 1..1
mkdir -p build/cppcheck
if out=$(cppcheck -q -j2 --cppcheck-build-dir=build/cppcheck --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	--inline-suppr --suppressions-list=tests/lint/cppcheck.supp -I. -D_GNU_SOURCE -DREKEY_VERSION='"0"' -DREKEY_SHARE='"/"' --include=tests/lint/cppcheck.h \
	phonecfg provisioning 2>&1); then
	echo "ok 1 - cppcheck finds nothing"
else
	echo "$out" | head -40 | sed 's/^/# /'
	echo "not ok 1 - cppcheck"
	exit 1
fi

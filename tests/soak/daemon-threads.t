#!/bin/sh
# Every test of the real daemon, and its killing, with the thread sanitizer in all of its threads.
make --no-print-directory -j2 SAN=thread all peers >build/soak-threads.log 2>&1 || { tail build/soak-threads.log; echo "Bail out! the build failed"; exit 1; }
set -- tests/daemon/*.t tests/fault/*.t
echo "1..$#"
n=0
bad=0
for t; do
	n=$((n + 1))
	if REKEY_KIND=tsan TSAN_OPTIONS="halt_on_error=1 exitcode=66" timeout 600 "$t" >build/soak-threads.log 2>&1; then
		echo "ok $n - $t"
	else
		grep -vE '^ok' build/soak-threads.log | tail -n 40 | sed 's/^/# /'
		echo "not ok $n - $t"
		bad=1
	fi
done
exit $bad

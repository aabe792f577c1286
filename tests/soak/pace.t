#!/bin/sh
# Five thousand phones behind two thousand addresses: from the SIP client alone, and from an order to the phones of a real rekeyd.
echo 1..2
n=0
bad=0
for t in tests/sip/notify_pace.t tests/daemon/pace.t; do
	n=$((n + 1))
	if PHONES=5000 timeout 3000 "$t" >build/soak-pace.log 2>&1; then
		grep -E '(received|starved|round|all in|registered after|job is done|told within|storm|slowed|midst|while most)' build/soak-pace.log | sed -E 's/^(ok [0-9]+ - )?/# /'
		echo "ok $n - $t with 5000 phones"
	else
		grep -vE '^ok' build/soak-pace.log | tail -n 40 | sed 's/^/# /'
		echo "not ok $n - $t with 5000 phones"
		bad=1
	fi
done
exit $bad

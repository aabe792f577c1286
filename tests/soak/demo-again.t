#!/bin/sh
# The whole story, twenty times over: what depends on luck shows.
echo 1..20
bad=0
for i in $(seq 20); do
	dir=$(mktemp -d)
	if timeout 120 build/bin/rekeyd demo --once --dir "$dir" >build/demo-again.log 2>&1; then
		echo "ok $i - demo $i"
	else
		tail -n 30 build/demo-again.log | sed 's/^/# /'
		echo "not ok $i - demo $i"
		bad=1
	fi
	rm -rf "$dir"
done
exit $bad

#!/bin/sh
# A function of ours that has the name of one in a library we link would be called from inside that library.
kind=${REKEY_KIND:-dev}
out=build/$kind
echo 1..1
if [ ! -f "$out/libphonecfg.a" ]; then
	echo "ok 1 - no name of ours stands in a library too # SKIP $out is not built"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
nm "$out"/lib*.a 2>/dev/null | awk '$2 ~ /^[TDBR]$/ {print $3}' | sort -u >"$tmp/ours"
: >"$tmp/clash"
for lib in re microhttpd jansson curl idn2 xml2 sqlite3 pq qrencode png16 inih ssl crypto; do
	file=$(ls /usr/lib/*/lib$lib.so 2>/dev/null | head -n 1)
	[ -n "$file" ] || continue
	nm -D --defined-only "$file" 2>/dev/null | awk '{sub(/@.*/, "", $3); print $3}' | sort -u |
		comm -12 - "$tmp/ours" | sed "s|^|# lib$lib has |" >>"$tmp/clash"
done
if [ -s "$tmp/clash" ]; then
	cat "$tmp/clash"
	echo "not ok 1 - no name of ours stands in a library too"
	exit 1
fi
echo "ok 1 - no name of ours stands in a library too"

#!/bin/sh
# Installs what is missing, from Debian's packages. Usage: tests/deps.sh build|run|check
# build: to compile. run: build and the peers of the demo. check: run and the peers of the tests.
set -eu

build="build-essential pkg-config git libmicrohttpd-dev libssl-dev libsqlite3-dev libpq-dev libxml2-dev libjansson-dev
libcurl4-openssl-dev libinih-dev libqrencode-dev libre-dev"
run="$build kamailio kamailio-sqlite-modules kamailio-tls-modules iproute2 openssl sqlite3"
check="$run libcmocka-dev clang clang-format cppcheck valgrind perl python3 curl sip-tester baresip-core
linphone-cli postgresql postgresql-contrib libxml2-utils util-linux procps libclang-rt-14-dev"

case "${1:-}" in
build) want=$build ;;
run) want=$run ;;
check) want=$check ;;
*) echo "usage: tests/deps.sh build|run|check" >&2; exit 2 ;;
esac

# The published Mustache suite, as Debian's r-cran-whisker carries it: unpacked, not installed, because that package wants R.
# Without a mirror the tests say SKIP for it.
mustache_suite() {
	[ -d build/deps/whisker ] && return 0
	mkdir -p build/deps
	(cd build/deps && apt-get download r-cran-whisker && dpkg-deb -x r-cran-whisker_*.deb whisker && rm r-cran-whisker_*.deb) \
		>/dev/null 2>&1 || echo "deps: apt-get download r-cran-whisker failed; its Mustache suite is skipped" >&2
}
if [ "$1" = check ]; then
	trap mustache_suite EXIT
fi

missing=
for p in $want; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "deps: not root and no sudo; as root run: apt-get install$missing" >&2; exit 1; }
	as_root=sudo
fi
echo "deps: installing with apt-get:$missing"
log=$(mktemp)
trap 'rm -f "$log"; [ "$1" != check ] || mustache_suite' EXIT
# Services that a package would start (kamailio, postgresql) are not wanted: every test starts its own.
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "deps: apt-get failed; the last lines are above. Mend that and run the same command again." >&2
	exit 1
fi

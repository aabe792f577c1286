#!/bin/sh
# Installs what is missing, from Debian's packages. Usage: tests/deps.sh build|run|check
# build: to compile. run: build and the peers of the demo. check: run and the peers of the tests.
set -eu

build="build-essential pkg-config git libmicrohttpd-dev libssl-dev libsqlite3-dev libpq-dev libxml2-dev libjansson-dev
libcurl4-openssl-dev libidn2-dev libinih-dev libqrencode-dev libpng-dev libre-dev
nodejs npm"
run="$build kamailio kamailio-sqlite-modules kamailio-tls-modules iproute2 openssl sqlite3"
check="$run libcmocka-dev clang clang-format cppcheck valgrind perl python3 curl sip-tester baresip-core
linphone-cli chromium zbar-tools zint qrencode librsvg2-bin fonts-dejavu-core postgresql postgresql-contrib libxml2-utils util-linux procps libclang-rt-14-dev nginx-light"

case "${1:-}" in
build) want=$build ;;
run) want=$run ;;
check) want=$check ;;
*) echo "usage: tests/deps.sh build|run|check" >&2; exit 2 ;;
esac

missing=
for p in $want; do
	# Node from elsewhere will do as well, if it is not older than Debian's; beside it Debian's npm could not be installed.
	case $p in
	nodejs) node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null && continue ;;
	npm) npm --version >/dev/null 2>&1 && continue ;;
	esac
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
# The published Mustache suite, as Debian's r-cran-whisker carries it: unpacked, not installed, because that package wants R.
suite=
[ "$1" != check ] || [ -d build/deps/whisker ] || suite=r-cran-whisker
# What the tests use from npm, by tests/package-lock.json; its hash says whether that is there already.
modules= locked=
if [ "$1" = check ]; then
	locked=$(cat tests/package.json tests/package-lock.json | sha256sum | cut -c1-64)
	[ "$(cat build/deps/npm/locked 2>/dev/null)" = "$locked" ] || modules=1
fi
[ -n "$missing$suite$modules" ] || exit 0

began=$(date +%s)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
fail() {
	tail -n 20 "$log" >&2
	echo "deps: ${1:-apt-get} failed; the last lines are above. Mend that and run the same command again." >&2
	exit 1
}
if [ -n "$missing" ]; then
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "deps: not root and no sudo; as root run: apt-get install$missing" >&2; exit 1; }
		as_root=sudo
	fi
	echo "deps: apt-get update"
	$as_root apt-get update >"$log" 2>&1 || fail
	echo "deps: installing with apt-get:$missing"
	# Services that a package would start (kamailio, postgresql) are not wanted: every test starts its own. Debian's way to
	# say so is policy-rc.d; one that is there already stays as it is.
	$as_root sh -c '
		policy=/usr/sbin/policy-rc.d
		if [ ! -e "$policy" ]; then
			trap "rm -f $policy" EXIT
			printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"
		fi
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"' sh $missing >"$log" 2>&1 </dev/null || fail
fi
if [ -n "$suite" ]; then
	# Needs no right of root, only apt's lists.
	echo "deps: unpacking $suite for its test suite"
	rm -rf build/deps/part && mkdir -p build/deps/part
	(cd build/deps/part && apt-get download "$suite" && dpkg-deb -x "$suite"_*.deb whisker && mv whisker ..) >"$log" 2>&1 || fail
	rm -rf build/deps/part
fi
if [ -n "$modules" ]; then
	echo "deps: npm ci for the tests"
	rm -rf build/deps/npm && mkdir -p build/deps/npm && cp tests/package.json tests/package-lock.json build/deps/npm/
	(cd build/deps/npm && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 </dev/null || fail npm
	echo "$locked" >build/deps/npm/locked
fi
echo "deps: took $(($(date +%s) - began)) s"

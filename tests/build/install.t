#!/bin/sh
# An installed program finds PREFIX/share/rekey, wherever it is started and whatever becomes of the source tree; a built one
# finds the source tree; DESTDIR stands before every path and in none of them.
set -u
n=0 bad=0
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else bad=1; echo "not ok $n - $2"; fi
}
# The folder that a rekeyd looks in, started from elsewhere.
share_of() { (cd / && "$1" check-conf --conf "$d/empty.conf" | sed -n 's/^share = //p'); }
install_to() { make --no-print-directory -j2 install "$@" >"$d/log" 2>&1 || { sed 's/^/# /' "$d/log"; return 1; }; }
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
umask 077
: >"$d/empty.conf"

install_to PREFIX="$d/usr"
ok $? "make install PREFIX="
[ "$(share_of "$d/usr/bin/rekeyd")" = "$d/usr/share/rekey" ]
ok $? "rekeyd finds PREFIX/share/rekey"
(cd / && "$d/usr/bin/phonecfg" models >"$d/models") && [ "$(wc -l <"$d/models")" -gt 9 ]
ok $? "phonecfg knows its models"
[ -f "$d/usr/share/rekey/templates/kamailio/kamailio.cfg" ]
ok $? "the registrar's configuration is there too"
[ -z "$(find "$d/usr/share" -type f ! -perm 644; find "$d/usr/share/rekey" -type d ! -perm 755)" ]
ok $? "everybody can read it, whatever the umask"
mv "$d/usr/share/rekey" "$d/usr/share/gone"
(cd / && "$d/usr/bin/phonecfg" models >/dev/null 2>"$d/said"); code=$?
[ "$code" = 1 ] && grep -q "$d/usr/share/rekey" "$d/said"
ok $? "without it, it says which folder is missing, and never looks in the source tree"

install_to DESTDIR="$d/stage" PREFIX=/opt/phones
ok $? "make install DESTDIR= PREFIX="
[ "$(share_of "$d/stage/opt/phones/bin/rekeyd")" = /opt/phones/share/rekey ] && [ -d "$d/stage/opt/phones/share/rekey/templates" ]
ok $? "DESTDIR is where it is put, not where it will look"
make --no-print-directory all >/dev/null 2>&1 && [ "$(share_of "$PWD/build/bin/rekeyd")" = "$PWD" ]
ok $? "the built one still finds the source tree"
echo "1..$n"
exit $bad

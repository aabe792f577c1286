#!/usr/bin/python3
"""phonecfg check reads softphones' files too: ours are clean, every name in them has a row, and what is wrong is named with its line."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

D = tempfile.mkdtemp(prefix="soft-check-")
CASES = os.path.join(top(), "tests", "golden", "cases")


def phonecfg(*args):
	return subprocess.run([program("phonecfg"), *args], capture_output=True, text=True)


def says(name, change, code, *words):
	"""The file of that client, changed; what check says of it."""
	with open("%s/%s/%s.xml" % (D, name, name), encoding="utf-8") as f:
		text = f.read()
	path = D + "/changed.xml"
	assert change[0] in text, change
	with open(path, "w", encoding="utf-8") as f:
		f.write(text.replace(*change, 1))
	r = phonecfg("check", path)
	line = text[:text.index(change[0])].count("\n") + 1
	out = r.stdout + r.stderr
	ok(r.returncode == code and all(w in out for w in words) and ("changed.xml:%d:" % line in out or not words), "%s: %s" % (name, change[1][:60] or "left out: " + change[0][:60]), out)


try:
	for client in ("linphone", "acrobits", "zoiper"):
		for state in ("", ".vacant", ".settings"):
			r = phonecfg("render", os.path.join(CASES, client + state, "phone.json"), "-o", os.path.join(D, client + state))
			r = phonecfg("check", os.path.join(D, client + state, client + ".xml"))
			ok(r.returncode == 0 and ": %s, " % client in r.stdout and "0 errors, 0 warnings" in r.stdout, client + state + ": clean, and every name is known", r.stdout + r.stderr)
	says("linphone", ('"media_encryption" overwrite="true">none', '"media_encryption" overwrite="true">sdes'), 1, "error: sip/media_encryption", "none, srtp, zrtp, dtls")
	says("linphone", ('name="reg_expires"', 'name="reg_expire"'), 0, "warning: proxy_0/reg_expire", "proxy_{}/reg_expires")
	says("linphone", ('name="ha1" overwrite="true">297a', 'name="ha1" overwrite="true">'), 1, "error: auth_info_0/ha1")
	says("acrobits", ("<transport>tls+sip:", "<transport>sips"), 1, "error: account/transport")
	says("acrobits", ("<title>1001m</title>", "<title></title>"), 1)
	says("zoiper", ("<SIP_transport_type>TLS", "<SIP_transport_type>tls1"), 1, "error: account_1/SIP_transport_type")
	says("zoiper", ("<username>", "<usernane>"), 1)  # not well-formed any more
finally:
	shutil.rmtree(D)
done()

#!/usr/bin/python3
"""From nothing to a first real phone, with the commands of the README and curl with that model's User-Agent as the phone."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
conf = ["--conf", r.conf]
MAC, AGENT = "001565abcdef", rekeylib.ua("yealink", "001565abcdef")


def cli(*args):
    p = subprocess.run([tap.program("rekeyd"), *args], capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def file(name, text):
    path = os.path.join(r.dir, name)
    open(path, "w").write(text)
    return path


domain = r.login.split("@")[1]
users = file("users.csv", "user,name-first-name,name-last-name\n1001,Ann,Lee\n")
phones = file("phones.csv", "mac,model,line,device\n00:15:65:AB:CD:EF,yealink-t46u,1,1001\n")
for f in (users, phones):
    code, out, err = cli("import", domain, f, *conf)
    is_(code, 0, "import " + os.path.basename(f) + ": " + out.strip().replace("\n", "; ") + err)
code, out, err = cli("phone", MAC, "--address", *conf)
is_(code, 0, "an address for the first pull" + err)
url = out.splitlines()[0]
ok(re.match(r"https://localhost:\d+/cfg/[\w-]{43}/$", url), "it is under the address that phones are told", url)
path = re.sub(r"^https://[^/]*", "", url)
body = b""
for name in (MAC + ".boot", "y000000000108.cfg", MAC + ".cfg"):
    status, _, body = r.curl(path + name, agent=AGENT)
    is_(status, 200, "by that address: " + name)
password = rekeylib.password_in(body)
status, _, _ = r.curl("/cfg/%s.cfg" % MAC, "--digest", "-u", "%s:%s" % (MAC, password), agent=AGENT)
is_(status, 200, "then by its own name and password")
ok(r.until(lambda: r.curl(path + MAC + ".cfg", agent=AGENT)[0] == 404, 5), "and the address is dead")
seen = r.until(lambda: re.search(r"wanted (\d+), on the phone \1;", cli("phone", MAC, *conf)[1]), 5)
code, out, err = cli("phone", MAC, *conf)
ok(seen and "line 1  1001" in out and "assigned" in out, "rekeyd phone says what it is and what it has", out + err)
code, out, err = cli("reset", domain, "1001", "--phone-lines", "--dry-run", *conf)
ok(code == 0 and "Ann Lee" in out and "cannot be undone" in out, "a dry run says what would be done", out + err)
code, out, err = cli("reset", domain, "1001", "--phone-lines", *conf)
is_(code, 0, "rekeyd reset beside the running daemon" + err)
status, _, body = r.curl("/cfg/%s.cfg" % MAC, "--digest", "-u", "%s:%s" % (MAC, password), agent=AGENT)
ok(status == 200 and b"Ann" not in body and b"account.1.user_name = 1001" not in body, "and the phone's next file is without the person")
code, out, err = cli("recycle", domain, "1001", "Nia", "Okafor", "--phone", MAC, *conf)
is_(code, 0, "rekeyd recycle" + err)
status, _, body = r.curl("/cfg/%s.cfg" % MAC, "--digest", "-u", "%s:%s" % (MAC, password), agent=AGENT)
ok(b"Nia Okafor" in body, "and the next one has the next person")
# another build: every phone is behind, without anybody having touched it
before = int(re.search(r"wanted (\d+)", cli("phone", MAC, *conf)[1]).group(1))
r.stop()
share = os.path.join(r.dir, "share")
for folder in ("templates", "firmware-profiles"):
    shutil.copytree(os.path.join(tap.top(), folder), os.path.join(share, folder))
r.set("server", "share", share)
r.start()
is_(int(re.search(r"wanted (\d+)", cli("phone", MAC, *conf)[1]).group(1)), before, "the same templates elsewhere are the same build")
r.stop()
with open(os.path.join(share, "templates", "yealink", "boot.mustache"), "a") as f:
    f.write("# a later build\n")
r.start()
ok(int(re.search(r"wanted (\d+)", cli("phone", MAC, *conf)[1]).group(1)) > before, "another template is a new generation for every phone")
copy = os.path.join(r.dir, "copy.db")
is_(cli("backup", copy, *conf)[0], 0, "a backup while it runs")
is_(cli("backup", copy, *conf)[0], 1, "which does not overwrite")
time.sleep(0.1)
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

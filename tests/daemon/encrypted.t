#!/usr/bin/python3
"""Encrypted files as an option per phone: the key goes out in a plain file with a new login, and only who uses that login gets
encrypted ones. openssl reads them. What a phone runs decides the spelling of its file, if its word can be believed."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
for ext in ("1001", "1002", "1003"):
    r.user(ext, "Anna", "Number " + ext)


def state(mac):
    p = r.must("GET", D + "/phones/" + mac)
    return p["encrypt-files"], p["encrypt-files-state"]


def switch(mac, on):
    return r.api("PATCH", D + "/phones/" + mac, {"encrypt-files": on})


def openssl(args, body):
    p = subprocess.run(["openssl", "enc", "-d"] + args, input=body, capture_output=True)
    return p.stdout if p.returncode == 0 else b"openssl: " + p.stderr


class Phone:
    def __init__(self, vendor, mac, model, device, name):
        self.vendor, self.mac, self.name, self.agent = vendor, mac, name % mac, ua(vendor, mac)
        self.token = r.phone(mac, model, [device])
        self.login = None

    def get(self, token=False, login=None, agent=None, *args):
        if token:
            got = r.curl(self.token + self.name, *args, agent=agent or self.agent)
        else:
            got = r.curl("/cfg/" + self.name, "--digest", "-u", "%s:%s" % (self.mac, login or self.login), *args, agent=agent or self.agent)
        if got[0] != 200:
            raise RuntimeError("%s: %r" % (self.name, got))
        return got[2]

    def acked(self):
        p = r.must("GET", D + "/phones/" + self.mac)
        return p["generation-acknowledged"] >= p["generation-wanted"]


# ---- Yealink: on, the key, the proof, encrypted, off ----
y = Phone("yealink", "001565aabb01", "yealink-t46u", "1001", "%s.cfg")
first = y.get(token=True)
y.login = rekeylib.password_in(first)
ok(b"Number 1001" in y.get(), "plain before")
ok(r.until(y.acked), "and fetched")
was = r.must("GET", D + "/phones/" + y.mac)
is_(state(y.mac), (False, "plain"), "off by default")
a = switch(y.mac, True)
is_((a.status, a.json["encrypt-files"], a.json["encrypt-files-state"]), (200, True, "key-on-its-way"), "on")
ok(a.json["generation-wanted"] > was["generation-wanted"], "a new generation")
is_(switch(y.mac, True).json["encrypt-files-state"], "key-on-its-way", "on again changes nothing")
old = y.login
plain = y.get()
m = re.search(rb"aes_key_16\.mac = (\S{16})\r?$", plain, re.M)
ok(m and b"Number 1001" in plain, "the first file is plain and carries a key of 16", plain[:200])
key = m.group(1)
new = rekeylib.password_in(plain)
ok(new != old, "and a new login beside it")
ok(y.get(login=old) == plain, "whoever still uses the old login has not taken that file: plain again")
ok(r.until(y.acked) and state(y.mac)[1] == "key-on-its-way", "delivered is not taken")
y.login = new
sealed = y.get()
ok(b"Number 1001" not in sealed, "the new login proves it: the same file comes encrypted")
y_plain = openssl(["-aes-128-ecb", "-K", key.hex()], sealed)
ok(b"Number 1001" in y_plain and re.search(rb"aes_key_16\.mac = " + re.escape(key), y_plain), "openssl reads it, and the key is in it again", y_plain[:200])
ok(r.until(lambda: state(y.mac)[1] == "encrypted"), "state: encrypted")
again = y.get()
ok(b"Number 1001" in openssl(["-aes-128-ecb", "-K", key.hex()], again) and again == y.get(), "byte for byte the same as long as nothing changes")
shown = r.api("GET", D + "/phones/%s/config/%s.cfg" % (y.mac, y.mac)).text
ok("Number 1001" in shown and key.decode() not in shown and new not in shown, "an admin is shown the plain file, key and login masked")
ok(key.decode() not in r.api("GET", D + "/phones/" + y.mac).text and key.decode() not in r.api("GET", D + "/auditlog").text and key.decode() not in r.log_text(),
   "the key is told nobody")
r.must("PUT", D + "/users/1001", {"name-last-name": "Other"})
ok(b"Anna Other" in openssl(["-aes-128-ecb", "-K", key.hex()], y.get()), "a new generation is encrypted from the start")
# a factory reset: the token's file is plain
tok = r.must("POST", D + "/phones/%s/token" % y.mac)
ok("warning" not in tok, "which a Yealink reads whatever key it has: no warning", tok)
tok = tok["url"]
y.token = re.sub(r"^https://[^/]*", "", tok)
ok(b"Anna Other" in y.get(token=True), "by a first-access address the file is plain: that phone has no key")
ok(b"Anna Other" not in y.get(), "with its login it stays encrypted")
rows = open(os.path.join(r.data, "rekey.db"), "rb").read() if os.path.exists(os.path.join(r.data, "rekey.db")) else b""
ok(key not in rows, "the key is sealed in the store")
is_(switch(y.mac, False).json["encrypt-files-state"], "plain", "off")
back = y.get()
ok(b"Anna Other" in back and not re.search(rb"aes_key_16\.mac = \S{16}\r?$", back, re.M), "plain, and the key is taken away")

# ---- Polycom: no ----
p = Phone("polycom", "0004f2aabb02", "polycom-vvx450", "1002", "%s-lines.cfg")
a = switch(p.mac, True)
ok(a.status == 400 and "Polycom" in a.json["detail"], "Polycom: a sentence", a)
is_(state(p.mac), (False, "plain"), "and nothing changed")
is_(switch(p.mac, "yes").status, 400, "true or false, nothing else")

# ---- Grandstream: on for good ----
g = Phone("grandstream", "000b82aabb03", "grandstream-gxp2170", "1003", "cfg%s.xml")
a = switch(g.mac, True)
ok(a.json.get("encrypt-files") is True, "Grandstream: on before its first visit", a)
is_(switch(g.mac, False).json.get("encrypt-files"), False, "and off, as long as it never came")
switch(g.mac, True)
plain = g.get(token=True)
keys = set(re.findall(rb">([0-9A-Za-z]{40})<", plain))
ok(len(keys) == 1 and b"Number 1003" in plain, "one key of 40 in the first, plain file", keys)
key = keys.pop().decode()
g.login = rekeylib.password_in(plain)
sealed = g.get()
is_(sealed[:8], b"Salted__", "encrypted once the login of that file is used")
ok(b"Number 1003" in openssl(["-aes-256-cbc", "-md", "md5", "-k", key], sealed), "openssl reads it")
a = switch(g.mac, False)
ok(a.status == 409 and "factory reset" in a.json["detail"], "it cannot be switched off", a)
is_(state(g.mac)[0], True, "and stays on")
tok = r.must("POST", D + "/phones/%s/token" % g.mac)
ok("factory reset" in tok["warning"], "a first-access address for it: with a warning, because it refuses the plain file", tok)

# ---- who may ----
site_key = r.must("POST", D + "/apikeys", {"name": "b", "user-scope": "Basic User"})["key"]
is_(r.api("PATCH", D + "/phones/" + y.mac, {"encrypt-files": True}, key=site_key).status, 403, "not a Basic User")

# ---- what it runs: T46S knows the names of before V81 and those of since ----
r.user("1004", "Dora", "Four")
t = Phone("yealink", "001565aabb05", "yealink-t46s", "1004", "%s.cfg")
V86, V80 = "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:05", "Yealink SIP-T46S 66.80.0.15 00:15:65:aa:bb:05"
t.login = rekeylib.password_in(t.get(token=True, agent=V86))


def spellings(agent):
    body = t.get(agent=agent)
    return bool(re.search(rb"(?m)^auto_provision\.", body)), bool(re.search(rb"(?m)^static\.auto_provision\.", body))


BOTH = (True, True)
is_(spellings(V86), (False, True), "V86: the new names alone")
is_(spellings(V80), (True, False), "V80: the old names alone")
is_(spellings(V86), (False, True), "updated again: at that very pull, no generation in between")
for agent in ("curl/7.88", "-", "Yealink SIP-T46S", "Yealink SIP-T46U 66.86.0.15 00:15:65:aa:bb:05", "Yealink SIP-T46S 108.86.0.15 00:15:65:aa:bb:05",
              "Yealink SIP-T46S 66.86.0.15.1.2 00:15:65:aa:bb:05", "Yealink SIP-T46S 66.86..15 00:15:65:aa:bb:05", "Yealink SIP-T46S 66.999999.0.1 00:15:65:aa:bb:05",
              "Grandstream Model HW GXP2170 SW 1.0.11.79 DevId 001565aabb05"):
    is_(spellings(agent), BOTH, "not believed, so all names: " + ascii(agent))
before = r.must("GET", D + "/phones/" + t.mac)["generation-wanted"]
spellings(V80)
is_(r.must("GET", D + "/phones/" + t.mac)["generation-wanted"], before, "a changed word is no new generation")
done()

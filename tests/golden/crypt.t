#!/usr/bin/python3
"""Encrypted files: what the openssl command line makes of them is byte for byte the plain file."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program, top  # noqa: E402

PHONES = os.path.join(top(), "tests", "golden", "phones")
KEY16, KEY32 = "a0B#$%*+,-.:=?@z", "[]^_{}~AbCdEfGhIjKlMnOpQrStUvWx9"
KEY40 = "!\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~zzzz"
folder = tempfile.TemporaryDirectory()
count = 0


def find(model):
    """The example phone of a model, wherever the golden cases keep it."""
    for base, _, names in os.walk(os.path.join(top(), "tests", "golden")):
        for name in sorted(names):
            path = os.path.join(base, name)
            if name.endswith(".json") and "vacant" not in path:
                phone = json.load(open(path))
                if isinstance(phone, dict) and phone.get("model") == model and phone.get("accounts"):
                    return phone
    raise SystemExit("no example phone of " + model)


def render(phone, **more):
    """{name: bytes} of the phone's files, or the sentence of the error."""
    global count
    count += 1
    path = os.path.join(folder.name, "%d.json" % count)
    out = os.path.join(folder.name, str(count))
    json.dump({**phone, **more}, open(path, "w"))
    p = subprocess.run([program("phonecfg"), "render", path, "-o", out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if p.returncode:
        return p.stdout
    return {n: open(os.path.join(out, n), "rb").read() for n in os.listdir(out)}


def openssl(data, *args):
    return subprocess.run(["openssl", "enc", "-d", *args], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


yealink = find("yealink-t46u")
mac = yealink["mac"]
for key, cipher in ((KEY16, "-aes-128-ecb"), (KEY32, "-aes-256-ecb")):
    plain, sealed = render(yealink, **{"file-key-next": key}), render(yealink, **{"file-key": key})
    for name in sorted(plain):
        if name in (mac + ".cfg", mac + "-local.cfg"):
            is_(openssl(sealed[name], cipher, "-K", key.encode().hex()) == plain[name], True, "%s: openssl %s makes it plain" % (name, cipher))
            ok(sealed[name] != plain[name] and b"#!version" not in sealed[name], "%s: cannot be read without" % name)
        else:
            ok(sealed[name] == plain[name], "%s: is not encrypted" % name)
    is_(render(yealink, **{"file-key": key}), sealed, "the same phone gives the same bytes")
    ok(render(yealink, **{"file-key": key, "generation": 99})[mac + ".cfg"] != sealed[mac + ".cfg"], "another generation gives other bytes")
    ok(openssl(sealed[mac + ".cfg"], cipher, "-K", (key[:-1] + "!").encode().hex()) != plain[mac + ".cfg"], "another key does not open it")

gxp = find("grandstream-gxp2170")
name = "cfg%s.xml" % gxp["mac"]
for key in (KEY40, "k"):
    plain, sealed = render(gxp, **{"file-key-next": key}), render(gxp, **{"file-key": key})
    is_(openssl(sealed[name], "-aes-256-cbc", "-md", "md5", "-k", key) == plain[name], True, "%s: openssl -aes-256-cbc -md md5 makes it plain" % name)
    is_(sealed[name][:8], b"Salted__", "%s: has a salt" % name)
    is_(render(gxp, **{"file-key": key}), sealed, "the same phone gives the same bytes")
    other = render(gxp, **{"file-key": key, "generation": 99})[name]
    ok(other[8:16] != sealed[name][8:16], "another generation has another salt")
    ok(sealed["phonebook.xml"] == plain["phonebook.xml"], "phonebook.xml: is not encrypted")

old, new = KEY16, KEY16[::-1]
turn = render(yealink, **{"file-key": old, "file-key-next": new})[mac + ".cfg"]
ok(openssl(turn, "-aes-128-ecb", "-K", old.encode().hex()) == render(yealink, **{"file-key-next": new})[mac + ".cfg"],
   "a change of key: encrypted with the old one, gives the new one")

for model, key, why in (("yealink-t46u", KEY16[1:], "16 or 32"), ("yealink-t46u", "a b" + KEY16[3:], "16 or 32"), ("yealink-t46u", KEY16[:-1] + "ä", "16 or 32"),
                        ("grandstream-gxp2170", "a" * 41, "1 to 40"), ("grandstream-gxp2170", "a b", "1 to 40"), ("polycom-vvx450", KEY16, "no encrypted files")):
    said = render(find(model), **{"file-key": key})
    ok(isinstance(said, str) and re.search(why, said) and key not in said, "%s: refuses %r" % (model, key), said)
done()

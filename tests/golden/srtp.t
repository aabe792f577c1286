#!/usr/bin/python3
"""Encrypted speech on Yealink. Firmware V7x counts 0 off, 1 forced, 2 negotiated (vendor template), V81 and later 0 off, 1 optional, 2
compulsory (public template sets). Whatever is known of a phone, one that pulls its files ends with what was asked for in its own
counting, or with plain speech where only optional was asked; never with less than "required"."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program  # noqa: E402

PHONECFG = program("phonecfg")
MAC = "001565abcdef"
V7X = {"off": "0", "optional": "2", "required": "1"}
LATER = {"off": "0", "optional": "1", "required": "2"}
# model, firmware that the server knows, what the phone is, its counting
PHONES = [
    ("yealink-t28p", None, {}, V7X), ("yealink-t28p", "2.73.0.50", {}, V7X), ("yealink-t46g", "28.73.0.50", {}, V7X),
    ("yealink-t46g", "28.83.0.130", {}, LATER), ("yealink-t46u", None, {}, LATER), ("yealink-t46u", "108.86.0.90", {}, LATER),
    ("yealink-t46g", None, {}, LATER), ("yealink-t46g", None, {"yealink_old_firmware": True}, V7X),
    ("yealink-w52p", None, {}, LATER), ("yealink-w52p", None, {"yealink_old_firmware": True}, V7X),
]


def pulled(model, firmware, rules, srtp, folder):
    """The state of a phone that pulled its files, as {name: value}."""
    phone, state, files = (os.path.join(folder, n) for n in ("phone.json", "state.json", "files"))
    doc = {"mac": MAC, "model": model, "generation": 3, "domain": "d.example", "settings": {"srtp": srtp}, "filler": "z",
           "provisioning": {"url": "https://x.example/cfg/", "password": "pp"},
           "accounts": [{"slot": 1, "use": "line", "user": "1001", "password": "s"}, {"slot": 3, "use": "line", "user": "1003", "password": "s"}]}
    if firmware:
        doc["firmware"] = firmware
    for path, what in ((phone, doc), (state, {"model": model, "mac": MAC, "firmware": firmware or "", "rules": rules, "values": []})):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(what, f)
    subprocess.run([PHONECFG, "render", phone, "-o", files], check=True)
    checked = [subprocess.run([PHONECFG, "check", os.path.join(files, f)], capture_output=True, text=True) for f in os.listdir(files) if f.endswith(".cfg")]
    out = subprocess.run([PHONECFG, "apply", state, "--pull", files], capture_output=True, text=True, check=True).stdout
    return {v["name"]: v["value"] for v in json.loads(out)["values"] if v["layer"] == "file"}, [c.stdout for c in checked if c.returncode]


for model, firmware, rules, counting in PHONES:
    for srtp in ("off", "optional", "required"):
        with tempfile.TemporaryDirectory() as folder:
            values, wrong = pulled(model, firmware, rules, srtp, folder)
        what = "%s, %s%s: %s" % (model, firmware or "firmware unknown", ", before V81" if rules else "", srtp)
        said = {slot: values.get("account.%d.srtp_encryption" % slot) for slot in (1, 3)}
        wanted = [counting[srtp]] if srtp != "optional" else [counting[srtp], "0"]
        ok(all(v in wanted for v in said.values()), what, "%s, wanted %s" % (said, wanted))
        is_(wrong, [], "and each file is as its rows want it")
done()

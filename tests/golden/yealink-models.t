#!/usr/bin/python3
"""Every Yealink model, all its lines and keys in use, on firmware that nobody knows, of before V81 and of after: the file passes
`phonecfg check` without a word, nothing stands twice but the passwords of the roles, each generation gets its own spelling only, and
an empty phone's file blanks the same slots that a full one's fills."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

PHONECFG = program("phonecfg")
PROFILES = os.path.join(top(), "firmware-profiles", "yealink")
MAC = "001565abcdef"
TYPES = ["speed-dial", "blf", "park", "intercom", "voicemail", "page"]
# What carries a person in a slot, and must stand in the file of a full phone and of an empty one alike.
SLOT = re.compile(r"account\.\d+\.(enable|label|display_name|user_name|auth_name|password|sip_server\.1\.address)|voice_mail\.number\.\d+|"
                  r"(linekey|memorykey|expansion_module\.\d+\.key)\.\d+\.(type|value|label|extension|pickup_value)")


def profile(name):
	root = ET.parse(os.path.join(PROFILES, name + ".xml")).getroot()
	mod = root.find("modules")
	return {"accounts": int(root.find("accounts").get("max")), "keys": sum(int(k.get("max")) for k in root.findall("keys")),
		"modules": int(mod.get("count")) if mod is not None else 0, "module-keys": int(mod.get("keys")) if mod is not None else 0,
		"speaks": [s.get("name") for s in root.findall("syntax")]}


def phone(name, p, full, firmware):
	doc = {"mac": MAC, "model": "yealink-" + name, "generation": 3, "domain": "d.example", "timezone": "Europe/Berlin",
		"provisioning": {"url": "https://x.example/cfg/", "user": MAC, "password": "pp"}, "admin-password": "a1", "user-password": "u1",
		"filler": "z", "ca-url": "https://x.example/ca.pem"}
	if firmware:
		doc["firmware"] = firmware
	if not full:
		return doc
	doc["file-key-next"] = "0123456789abcdef"
	doc["settings"] = {"codecs": "opus g722 pcma ilbc g729 g726-32 pcmu", "srtp": "required", "tone": "DE", "dtmf": "info",
		"phonebook-url": "https://x.example/pb.xml", "firmware-url": "https://x.example/fw.rom", "tls-minimum": "1.2",
		"poll-window": "22:00-06:00"}
	doc["accounts"] = [{"slot": i, "use": "line", "label": "L%d" % i, "display-name": "N", "user": "u%d" % i, "password": "s",
		"transport": ["udp", "tcp", "tls"][i % 3], "proxy": "p.example", "voicemail": "*97"} for i in range(1, p["accounts"] + 1)]
	places = [(0, i) for i in range(1, p["keys"] + 1)]
	places += [(m, i) for m in range(1, p["modules"] + 1) for i in range(1, p["module-keys"] + 1)]
	doc["keys"] = [{"module": m, "index": i, "type": TYPES[i % 6], "value": str(i), "label": "K", "pickup": "**"} for m, i in places]
	return doc


def render(doc, folder):
	path = os.path.join(folder, "phone.json")
	with open(path, "w", encoding="utf-8") as f:
		json.dump(doc, f)
	r = subprocess.run([PHONECFG, "render", path, "-o", os.path.join(folder, "out")], capture_output=True, text=True)
	if r.returncode:
		return None, r.stderr
	path = os.path.join(folder, "out", MAC + ".cfg")
	with open(path, encoding="utf-8") as f:
		return path, f.read()


def wrong_names(names, p, firmware):
	"""Names of a generation that this phone does not run."""
	old = [n for n in names if re.match(r"(auto_provision|autoprovision|memorykey)\.|security\.user_|expansion_module\.key\.|account\.\d+\.sip_server_host", n)]
	new = [n for n in names if n.startswith("static.")]
	if firmware:
		return new if firmware.split(".")[1] < "81" else old
	return ([] if "yealink-old" in p["speaks"] else old) + ([] if "yealink" in p["speaks"] else new)


def one(name, p, firmware):
	what = "%s, %s" % (name, firmware or "firmware unknown")
	with tempfile.TemporaryDirectory() as d:
		path, text = render(phone(name, p, True, firmware), d)
		if not path:
			ok(False, what + ": it renders", text)
			return 0
		said = subprocess.run([PHONECFG, "check", path], capture_output=True, text=True)
		names = [line.split(" = ")[0] for line in text.split("\n")[1:] if line and not line.startswith("#")]
		twice = sorted({n for n in names if names.count(n) > 1 and not n.endswith("security.user_password")}) if len(names) != len(set(names)) + \
			sum(names.count(n) - 1 for n in ("security.user_password", "static.security.user_password") if n in names) else []
		_, vacant = render(phone(name, p, False, firmware), d)
		blanked = {line.split(" = ")[0] for line in vacant.split("\n") if " = " in line}
		filled = {n for n in names if SLOT.fullmatch(n)}
		wrong = wrong_names(names, p, firmware)
		problem = [said.stdout[:500] if "0 errors, 0 warnings" not in said.stdout else "", twice[:5], wrong[:5], sorted(filled - blanked)[:5]]
		ok(not any(problem), what + ": clean, once, its own spelling, and blanked again", problem)
		return len(names)


models = sorted(f[:-4] for f in os.listdir(PROFILES) if f.endswith(".xml") and f != "vendor.xml")
ok(len(models) >= 35, "%d Yealink models" % len(models))
for model in models:
	facts = profile(model)
	one(model, facts, None)
for model in ("t46g", "w52p"):
	facts = profile(model)
	unknown, old, new = (one(model, facts, fw) for fw in (None, "28.73.0.20", "28.83.0.120"))
	ok(old < unknown and new < unknown, "%s: a known firmware makes the file shorter (%d, %d and %d parameters)" % (model, unknown, old, new))
done()

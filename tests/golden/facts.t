#!/usr/bin/python3
"""What the vendors' guides and observed firmware ask of a file, asked of every file: so that the golden ones are more than
copies. Each assertion names its rule."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program, top  # noqa: E402

PHONECFG = program("phonecfg")
CASES = os.path.join(top(), "tests", "golden", "cases")


def run(*args):
	return subprocess.run([PHONECFG, *args], capture_output=True, text=True)


def phone(name):
	with open(os.path.join(CASES, name, "phone.json"), encoding="utf-8") as f:
		return json.load(f)


def render(doc):
	"""{file name: text}, or the sentence on stderr."""
	with tempfile.TemporaryDirectory() as d:
		src = os.path.join(d, "phone.json")
		with open(src, "w", encoding="utf-8") as f:
			json.dump(doc, f)
		r = run("render", src, "-o", os.path.join(d, "out"))
		if r.returncode:
			return r.stderr
		return {n: open(os.path.join(d, "out", n), encoding="utf-8", newline="").read() for n in os.listdir(os.path.join(d, "out"))}


def yealink(text):
	"""As the phone reads it: the last one counts."""
	out = {}
	for line in text.split("\n")[1:]:
		if line.strip() and not line.startswith("#"):
			name, value = line.split("=", 1)
			out[name.strip()] = value.strip()
	return out


def polycom(text):
	"""As the phone reads it: the first one counts."""
	out = {}
	for e in ET.fromstring(text).iter():
		for name, value in e.attrib.items():
			out.setdefault(name, value)
	return out


def grandstream(text):
	out = {}
	for e in ET.fromstring(text).iter("item"):
		out.setdefault(e.get("name"), e.text or "")
	return out


READ = {"y": yealink, "p": polycom, "g": grandstream}


def main_file(doc, files):
	mac = doc["mac"].replace(":", "")
	return files[{"y": mac + ".cfg", "p": mac + "-lines.cfg", "g": "cfg" + mac + ".xml"}[doc["model"][0]]]


def check_yealink(case, doc, files):
	mac, text = doc["mac"], main_file(doc, files)
	for name, t in files.items():
		if not name.endswith(".xml"):
			is_(t.split("\n")[0], "#!version:1.0.0.1", "%s: %s begins with the version line" % (case, name))
	boot = files[mac + ".boot"]
	ok("\noverwrite_mode = 1\n" in boot, case + ": what the files leave out is reset")
	ok(re.findall(r"include:config <(.*)>", boot)[-1] == mac + ".cfg", case + ": the phone's own file comes last and wins")
	ok(all(n in files for n in re.findall(r"include:config <(.*)>", boot)), case + ": every included file is there")
	values = yealink(text)
	ok(all(values.values()), case + ": nothing is blank, because blank means keep")
	is_(values["static.auto_provision.custom.protect"], "0", case + ": local changes do not win")
	is_(values["features.auto_linekeys.enable"], "0", case + ": stripped keys are not filled again")
	is_(values["sip.notify_reboot_enable"], "0", case + ": a check-sync does not restart it")
	ok(all(v == "1" for n, v in values.items() if n.endswith(".unregister_on_reboot")), case + ": old lines leave the registrar")
	roles = re.findall(r"^static\.security\.user_password = (\w+):", text, re.M)
	is_(roles, ["var", "user", "admin"], case + ": one password a role")
	types = {n: v for n, v in values.items() if re.match(r"(linekey|expansion_module\.\d+\.key)\.\d+\.type", n)}
	ok(set(types.values()) <= {"0", "10", "12", "13", "14", "15", "16"}, case + ": known key types only")
	most = (2, 2, 0) if "t31p" in case else (16, 27, 180)
	is_(len(types), most[1] + most[2], case + ": every line key and module key")
	for field in ("enable", "label", "display_name", "auth_name", "user_name", "password", "sip_server.1.address", "sip_server.2.address"):
		ok(all("account.%d.%s" % (i, field) in values for i in range(1, most[0] + 1)), "%s: %s of every account" % (case, field))
	blank = [n[:-5] for n, v in types.items() if v == "0"]
	ok(all(values[k + f] == "%NULL%" for k in blank for f in (".value", ".label", ".extension")), case + ": an empty key is type 0 and null")
	is_(files[mac + "-local.cfg"], "#!version:1.0.0.1\n", case + ": the file of local changes is only a header")


def check_polycom(case, doc, files):
	mac, text = doc["mac"], main_file(doc, files)
	names = re.findall(r'^\s+([\w.\-]+)="', text, re.M)
	is_(len(names), len(set(names)), case + ": each parameter once in the file")
	values = polycom(text)
	master = ET.fromstring(files[mac + ".cfg"])
	is_(master.tag, "APPLICATION", case + ": master file")
	is_(master.get("CONFIG_FILES").split(",")[0].strip(), mac + "-lines.cfg", case + ": the per-phone file is the first, and the first wins")
	ok(not re.search(r"-(phone|web)\.cfg", master.get("CONFIG_FILES")), case + ": no name of an override file in the list")
	is_(ET.fromstring(files["000000000000.cfg"]).get("CONFIG_FILES"), "[PHONE_MAC_ADDRESS]-lines.cfg", case + ": common master")
	for kind in ("phone", "web"):
		e = ET.fromstring(files["%s-%s.cfg" % (mac, kind)])
		ok(e.tag == "PHONE_CONFIG" and [c.tag for c in e] == ["OVERRIDES"] and not e[0].attrib, "%s: empty %s overrides" % (case, kind))
	device = [n for n in values if n.startswith("device.") and not n.endswith(".set")]
	ok(device and values["device.set"] == "1" and all(values.get(n + ".set") == "1" for n in device), case + ": each flash value has its .set")
	login = doc["provisioning"].get("write-login", False)
	is_(any(n.startswith("device.prov.") for n in values), login, case + ": the way to the server changes only when asked")
	for field in ("address", "label", "displayName", "auth.userId", "auth.password", "server.1.address", "outboundProxy.address"):
		ok(all("reg.%d.%s" % (i, field) in values for i in range(1, 35)), "%s: %s of every registration" % (case, field))
	ok(all("lineKey.%d.category" % i in values for i in range(1, 265 if "vvx450" in case else 49)), case + ": every line key")
	is_(values["lineKey.reassignment.enabled"], "1", case + ": keys are assigned one by one")
	is_(values["prov.autoConfigUpload.enabled"], "1", case + ": the server sees what is changed on the phone")
	blf = sum(1 for n, v in values.items() if re.match(r"lineKey\.\d+\.category", n) and v == "BLF")
	is_(sum(1 for n, v in values.items() if re.match(r"attendant\.resourceList\.\d+\.address", n) and v), blf, case + ": a watched number for each BLF key")
	speed = sorted(int(values["lineKey.%s.index" % m.group(1)]) for m in (re.match(r"lineKey\.(\d+)\.category", n) for n in values if values[n] == "SpeedDial") if m)
	entries = sorted(int(e.text) for e in ET.fromstring(files[mac + "-directory.xml"]).iter("sd"))
	is_(speed, entries, case + ": a directory entry for each speed dial")


def check_grandstream(case, doc, files):
	mac, text = doc["mac"], main_file(doc, files)
	ok(text.startswith('<?xml version="1.0" encoding="UTF-8"?>'), case + ": the declaration is there, without it the parser crashes")
	names = re.findall(r'<item name="([^"]+)"', text)
	is_(len(names), len(set(names)), case + ": each item once")
	root = ET.fromstring(text)
	is_([root.tag, root.get("version")] + [e.tag for e in root], ["gs_provision", "1", "mac", "config"], case + ": root, then the MAC, then one config")
	is_(root[0].text, mac, case + ": the MAC in small letters, bare")
	ok("CDATA" not in text and text.isascii(), case + ": no CDATA, ASCII only")
	values = grandstream(text)
	ok(all(v for n, v in values.items() if re.search("password$", n, re.I)), case + ": no password is empty, an empty one would be refused and the old one kept")
	unused = [n for n, v in values.items() if re.match(r"account\.\d+\.enable", n) and v == "No"]
	ok(all(values[n[:-6] + "sip.userid"] == "" for n in unused), case + ": unused accounts name nobody")
	vpk = sorted(int(m.group(1)) for m in (re.match(r"pks\.vpk\.(\d+)\.keyMode", n) for n in values) if m)
	model = case.split(".")[0]
	most = {"grandstream-gxp2170": (12, 48, 160), "grandstream-grp2614": (8, 16, 40), "grandstream-gxp1628": (3, 6, 40)}[model]
	is_(vpk, list(range(1, most[1] + 1)), case + ": keys in sequence, up to the maximum")
	for field in ("enable", "name", "sip.userid", "sip.subscriber.userid", "sip.subscriber.password", "sip.subscriber.name", "sip.server.1.address"):
		ok(all("account.%d.%s" % (i, field) in values for i in range(1, most[0] + 1)), "%s: %s of every account" % (case, field))
	ok(all("pks.ext.%d.value" % i in values for i in range(1, most[2] + 1)), case + ": every module key")
	order = [int(n.split(".")[2]) for n in names if re.match(r"pks\.vpk\.\d+\.keyMode", n)]
	is_(order, vpk, case + ": and in order")
	modes = {v for n, v in values.items() if re.match(r"pks\..*\.keyMode", n)}
	ok(modes <= {"None", "Line", "SharedLine", "BLF", "SpeedDial", "MonitoredCallPark", "Intercom", "VoiceMail"}, case + ": modes are words, numbers differ by series", modes)
	is_(values["provisioning.userProtect.enable"], "No", case + ": local changes do not win")
	is_(values["sip.notify.challenge"], "Yes", case + ": the challenge of a NOTIFY is stated")
	ok(all(v == "0" for n, v in values.items() if n.endswith("eventlist.autoProvision")), case + ": stripped keys are not filled again")
	ok(not any(re.match(r"P?999[789]", n) for n in names), case + ": never the lock values")
	if not doc.get("settings", {}).get("phonebook-url"):
		is_([values["phonebook.download.username"], values["phonebook.download.password"]], [doc["provisioning"]["user"], doc["provisioning"]["password"]], case + ": the login for this server's empty phonebook, without which the entries stay")


CHECK = {"y": check_yealink, "p": check_polycom, "g": check_grandstream}
# The first nine desk models, each with a case of its own and one of the vacant phone; what is asked here of all models is in matrix.t.
NINE = ["grandstream-grp2614", "grandstream-gxp1628", "grandstream-gxp2170", "polycom-ip331", "polycom-vvx250", "polycom-vvx450",
	"yealink-t31p", "yealink-t46u", "yealink-t54w"]
for model in NINE:
	for case in (model, model + ".vacant"):
		doc = phone(case)
		CHECK[model[0]](case, doc, render(doc))

# ---- Grandstream by number ----
def numbers(case):
	doc = phone(case)
	pairs = re.findall(r"<P(\d+)>(.*)</P\d+>", main_file(doc, render(doc)))
	is_(len(pairs), len(dict(pairs)), case + ": each number once")
	return dict(pairs)


TABLE = {"enable": (271, 401), "user": (35, 404), "auth": (36, 405), "password": (34, 406), "name": (3, 407), "server": (47, 402), "label": (270, 417)}
for case in ("grandstream-gxp1405", "grandstream-gxp1405.vacant", "grandstream-gxp2130.numbers"):
	got = numbers(case)
	ok(all(str(p) in got for row in TABLE.values() for p in row), case + ": the account values of the vendor's tables")
	ok(got["4428"] == "0" and got["9996"] == "0" and got["2389"] == "0", case + ": NOTIFY is challenged, local changes do not win, keys are not filled again")
	ok(all(got[str(p)] for p in (2, 34, 196, 406, 1361)), case + ": no password is empty")
	ok(not any(p in got for p in ("701", "702", "704", "706", "9997", "9998", "9999")), case + ": none of the wrong numbers for account 5, none of the lock values")
is_([numbers("grandstream-gxp1405")[p] for p in ("6713", "6714")], ["000b820a0b0c", "prov-Secret-1"], "by number too: the login for this server's empty phonebook")
got = numbers("grandstream-gxp2130.numbers")
is_([got[str(p)] for p in (1363, 1365, 1367)], ["0", "11", "10"], "fixed keys of a GXP: line 0, BLF 11, speed dial 10")
is_([got[str(p)] for p in (1369, 1371)], ["1", "0"], "its dynamic keys: BLF 1, speed dial 0")
is_(got["323"], "16", "its multi-purpose keys: monitored park 16")
is_(got["8020"], "ldap.demo.example", "an override by name, where the file is by number")
got = numbers("grandstream-ht802")
known = "2 3 31 32 34 35 36 47 48 64 81 103 130 145 183 193 194 196 212 234 235 237 240 246 271 401 703 734 735 736 747 748 1360 1361 8463"
is_(sorted(map(int, got)), sorted(map(int, known.split())), "an ATA: no number that its own table does not have")
is_([got[str(p)] for p in (401, 747, 735, 736, 734, 703)], ["1", "demo.example", "1002", "a1002", "sip-Secret-2", "Fax"], "an ATA's second port")
got = numbers("grandstream-ht802.vacant")
ok(got["271"] == got["401"] == "0" and not any(got[str(p)] for p in (35, 36, 47, 48, 3, 735, 736, 747, 748, 703)) and got["34"] and got["734"], "a vacant ATA: lines off, fields empty, passwords overwritten")

# ---- the vacant phone shows nobody ----
for model in NINE:
	before, after = phone(model), phone(model + ".vacant")
	text = "\n".join(render(after).values())
	words = [w for a in before["accounts"] for w in (a.get("display-name"), a["password"], a.get("auth-user"), "1001b") if w]
	words += [k["label"] for k in before["keys"] if "label" in k] + ["+4930123456"]
	left = [w for w in words if w in text or w.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") in text]
	ok(not left, model + ": a vacant phone carries nothing of the accounts and keys before", left)

# ---- generations ----
for model in NINE:
	one = phone(model)
	two = dict(one, generation=one["generation"] + 1)
	a, b = render(one), render(two)
	ok(main_file(one, a) != main_file(two, b), model + ": another generation, other bytes")
	va, vb = READ[model[0]](main_file(one, a)), READ[model[0]](main_file(two, b))
	differ = sorted(n for n in va if va[n] != vb[n])
	ok(all(re.search("password$", n, re.I) for n in differ), model + ": nothing else changes with it but meaningless passwords", differ)

# ---- values that would break a file ----
HOSTILE = ['say "hi"', "<b>&amp;</b>", "a & b", "# comment", "account.2.enable = 1", "]]>", "'single'", "x = y", "{{mac}}", "%s%n"]
BIDI = "\u05d0\u05dc\u05d9\u05e1 \u0623\u0644\u064a\u0633"
FIELD = {"y": "account.1.display_name", "p": "reg.1.displayName", "g": "account.1.sip.subscriber.name"}
for model in ("yealink-t31p", "polycom-vvx250", "grandstream-gxp1628"):
	doc = phone(model)
	for value in HOSTILE + ([] if model[0] == "g" else [BIDI, "S\u00f6hne \U0001f600"]):
		doc["accounts"][0]["display-name"] = value
		files = render(doc)
		got = READ[model[0]](main_file(doc, files)) if isinstance(files, dict) else {FIELD[model[0]]: files}
		is_(got[FIELD[model[0]]], value, "%s: %r arrives as it is" % (model, value))
		base = READ[model[0]](main_file(phone(model), render(phone(model))))
		is_(sorted(got), sorted(base), "%s: %r adds no parameter" % (model, value))
	refused = ["two\nlines", "tab\there", "nul\u0001", "x" * 300, "\u2028"]
	refused += {"y": ["%NULL%", "%null%", "%EMPTY%"], "p": [], "g": [BIDI, "S\u00f6hne"]}[model[0]]
	for value in refused:
		doc["accounts"][0]["display-name"] = value
		said = render(doc)
		ok(isinstance(said, str) and "account 1: display name" in said, "%s: %r is refused by name" % (model, value[:20]), said)
	doc = phone(model)
	doc["accounts"][0]["password"] = "x" * 65
	ok("account 1: password" in render(doc), model + ": a secret that is too long is refused")
	doc = phone(model)
	doc["keys"][0]["index"] = 999
	ok("key 999" in render(doc), model + ": a key that the phone does not have is refused")

# ---- overrides ----
doc = phone("yealink-t46u")
is_(yealink(main_file(doc, render(doc)))["ldap.host"], "ldap.site.example", "the nearer layer wins")
is_(main_file(doc, render(doc)).count("\nldap.host ="), 1, "and stands once")
doc["overrides"] = [{"layer": "phone", "name": "account.1.display_name", "value": "Ghost"}]
ok("account.1.display_name" in render(doc), "an override of what Rekey sets itself is refused")
doc["overrides"] = [{"layer": "phone", "name": "x = 1\naccount.2.enable", "value": "1"}]
ok("override" in render(doc), "a name that would be two lines is refused")

# ---- wrong use ----
with tempfile.TemporaryDirectory() as d:
	def put(name, text):
		path = os.path.join(d, name)
		with open(path, "w") as f:
			f.write(text)
		return path

	r = run("render", os.path.join(d, "none.json"))
	ok(r.returncode == 1 and r.stderr.count("\n") == 1 and "none.json" in r.stderr, "a missing file: one sentence", r.stderr)
	r = run("render", put("m.json", '{"mac":"001565abcdef","model":"yealink-t99"}'))
	ok(r.returncode == 1 and "yealink-t99" in r.stderr and "phonecfg models" in r.stderr, "an unknown model", r.stderr)
	r = run("render", put("u.json", '{"mac":"001565abcdef","model":"yealink-t31p","acounts":[]}'))
	ok(r.returncode == 1 and "'accounts'" in r.stderr, "an unknown member, with the nearest one", r.stderr)
	is_(run("render").returncode, 2, "no file: wrong use")
	r = run("models", "--profiles", os.path.join(d, "nothing"))
	ok(r.returncode == 1 and "firmware profiles" in r.stderr, "no profiles there", r.stderr)

	broken = os.path.join(d, "templates")
	shutil.copytree(os.path.join(top(), "templates"), broken)
	with open(os.path.join(broken, "polycom", "strip.mustache"), "a") as f:
		f.write("{{nobody}}\n")
	lines = len(open(os.path.join(broken, "polycom", "strip.mustache")).read().splitlines())
	r = run("render", os.path.join(CASES, "yealink-t31p", "phone.json"), "--templates", broken)
	ok(r.returncode == 1 and "polycom/strip:%d:1: " % lines in r.stderr and "nobody" in r.stderr, "a template with an unknown name, whichever phone is asked for", r.stderr)

	good = "#!version:1.0.0.1\naccount.1.label = 1\n"
	r = run("check", put("good.cfg", good))
	ok(r.returncode == 0 and "0 errors, 0 warnings" in r.stdout, "check: a good file", r.stdout + r.stderr)
	r = run("check", put("near.cfg", good + "\nacount.1.label = 1\n"))
	ok(r.returncode == 0 and "near.cfg:4: warning" in r.stdout and "account.{}.label" in r.stdout, "check: unknown name, with line and nearest", r.stdout)
	r = run("check", put("range.cfg", good + "linekey.1.type = 99\naccount.17.enable = 1\naccount.1.enable = %NULL%\n"))
	ok(r.returncode == 1 and "range.cfg:3: error: linekey.1.type" in r.stdout and "range.cfg:4: error: account.17.enable" in r.stdout and "2 errors" in r.stdout, "check: Yealink's ranges, and its clear", r.stdout)
	r = run("check", put("bad.cfg", good + "no equals sign\n"))
	ok(r.returncode == 1 and "bad.cfg:3: error: " in r.stdout, "check: a line without '='", r.stderr)
	r = run("check", put("head.cfg", "account.1.label = 1\n"))
	ok(r.returncode == 1 and "head.cfg:1: error: " in r.stdout, "check: the version line is missing", r.stderr)
	r = run("check", put("p.cfg", '<PHONE_CONFIG>\n<x\n\treg.1.address="a"\n\treg.35.address="b"\n\treg.1.server.1.port="99999"\n/>\n</PHONE_CONFIG>\n'))
	ok(r.returncode == 1 and "p.cfg:4: error: reg.35.address" in r.stdout and "p.cfg:5: error: reg.1.server.1.port" in r.stdout, "check: numbers and ranges", r.stdout)
	r = run("check", put("x.cfg", '<PHONE_CONFIG>\n<x a="1" a="2"/>\n</PHONE_CONFIG>\n'))
	ok(r.returncode == 1 and "x.cfg:2: error: " in r.stdout, "check: XML that is not well formed", r.stderr)
	r = run("check", put("g.xml", '<?xml version="1.0"?>\n<gs_provision version="1"><config version="1">\n<P271>1</P271>\n<P99123>1</P99123>\n</config></gs_provision>\n'))
	ok(r.returncode == 0 and "g.xml:4: warning: P99123" in r.stdout and "P271:" not in r.stdout, "check: P-values", r.stdout)
	r = run("check", put("v.xml", '<?xml version="1.0"?>\n<gs_provision version="1"><config version="2">\n<item name="account.1.sip.registerExpiration">0</item>\n<item name="account.1.sip.userId">1</item>\n</config></gs_provision>\n'))
	ok(r.returncode == 1 and "v.xml:3: error: account.1.sip.registerExpiration" in r.stdout and "v.xml:4: warning" in r.stdout and "account.{}.sip.userid" in r.stdout, "check: Grandstream's ranges and near names", r.stdout)

	r = run("diff", put("a.cfg", good + "x.y = 1\nlinekey.1.type = 15\n"), put("b.cfg", "#!version:1.0.0.1\nlinekey.1.type = 0\naccount.1.label = 1\nz = 2\n"))
	is_(r.stdout, "  linekey.1.type = 15 -> 0\n- x.y = 1\n+ z = 2\n", "diff by parameter, whatever the order")
	is_(r.returncode, 1, "diff: they differ")
	is_(run("diff", put("a.cfg", good), put("b.cfg", "#!version:1.0.0.1\n# other\naccount.1.label=1\n")).returncode, 0, "diff: comments and blanks are no difference")
done()

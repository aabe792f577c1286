#!/usr/bin/python3
"""Every known parameter whose name says that it can hold something of a person is stated by the file that a vacant phone
gets, for every number that it can have; or it stands in params/<vendor>.kept with the reason why it is left alone.

The words are looked for in the vendors' own lists of names, not in the templates: a new name in a list, or a line that
falls out of a template, shows here."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

PHONECFG = program("phonecfg")
HERE = os.path.join(top(), "tests", "golden")

# What a name says when its value can hold a name, user, secret, number, forward, soft key, address that the phone calls or
# that is shown, or a login.
PERSONAL = re.compile(
	r"name|user|pass|pwd|(?<![a-z])pin(?![a-z])|secret|number|numb(?![a-z])|_num(?![a-z])|target|fwd|forward|divert|label|value|"
	r"ur[il](?![a-z])|server|address|host|contact|extension|identity|(?:^|[._])id(?![a-z])|login|phonebook|ldap|dialplan|digitmap|"
	r"speed.?dial|softkey|efk|edk|action|message|mwi|voicemail|voice_mail|collector|hotline|station|description|text|title|"
	r"caller|directory|push|proxy", re.I)
# What it cannot be then: a switch, a choice, a time, a measure.
PLAIN = re.compile(
	r"enabled?$|_enable$|\.enable\b|\.set$|mode$|type$|timer?(_?out)?s?$|interval|delay|duration|expir|period|retry|priority|version|"
	r"protocol$|port$|\.led$|cipher|volume|size|format|level|limit|method|width|height|font|color|colour|codec|transport|(?<!l)len(gth)?$|"
	r"threshold|timing|behavior|display_method|register$", re.I)


def known(vendor):
	for line in open(os.path.join(top(), "firmware-profiles", vendor, "parameters.txt")):
		line = line.rstrip("\n")
		if not line or line.startswith(("#", "P ")):
			continue
		cells = line.split("\t") + ["-", "-"]
		yield cells[0], cells[1], cells[2]


def kept(vendor):
	return kept_lines(vendor + ".kept")


def kept_lines(file):
	out = []
	for line in open(os.path.join(HERE, "params", file)):
		line = line.split("#")[0].strip()
		if line:
			out.append(re.compile("^" + re.escape(line).replace(r"\*", ".*") + "$"))
	return out


def unread(vendor, case):
	"""Patterns of the parameters that no firmware of this model reads: Yealink's names without static. end with V81."""
	if vendor != "yealink":
		return []
	xml = open(os.path.join(top(), "firmware-profiles", vendor, case.split("-", 1)[1] + ".xml")).read()
	out = [] if '<syntax name="yealink-old"' in xml else kept_lines("yealink.old")
	return out + ([] if '<syntax name="yealink"' in xml else [re.compile(r"^static\.")])


def pattern(name):
	parts = name.split(".")
	return ".".join("{}" if p.isdigit() else p for p in parts), tuple(int(p) for p in parts if p.isdigit())


def stated(vendor, case, folder):
	"""Pattern -> set of number tuples, of the phone's main file."""
	subprocess.run([PHONECFG, "render", os.path.join(HERE, "cases", case + ".vacant", "phone.json"), "-o", folder], check=True)
	out = {}
	for f in os.listdir(folder):
		text = open(os.path.join(folder, f), encoding="utf-8").read()
		if vendor == "yealink" and re.fullmatch(r"[0-9a-f]{12}\.cfg", f):
			names = re.findall(r"^([^#=\s]+) *=", text, re.M)
		elif vendor == "polycom" and f.endswith("-lines.cfg"):
			names = re.findall(r'^\s+([\w.\-]+)="', text, re.M)
		elif vendor == "grandstream" and re.fullmatch(r"cfg[0-9a-f]{12}\.xml", f):
			names = re.findall(r'<item name="([^"]+)"', text)
		else:
			continue
		for n in names:
			p, numbers = pattern(n)
			out.setdefault(p, set()).add(numbers)
	return out


def profile(case):
	"""(accounts, own keys, modules, keys of a module) as the profile's XML says."""
	vendor, model = json.load(open(os.path.join(HERE, "cases", case + ".vacant", "phone.json")))["model"].split("-", 1)
	xml = open(os.path.join(top(), "firmware-profiles", vendor, model + ".xml")).read()
	accounts = [int(x) for x in re.search(r'<accounts max="(\d+)"(?: blank="(\d+)")?', xml).groups() if x]
	keys = {}
	for name, most, blank in re.findall(r'<keys name="(\w+)" max="(\d+)"(?: blank="(\d+)")?', xml):
		keys[name] = int(blank or most)
	module = re.search(r'<modules name="[^"]+" count="(\d+)" keys="(\d+)"', xml)
	return max(accounts), keys, int(module.group(1)) if module else 0, int(module.group(2)) if module else 0


def wanted_numbers(vendor, name, ranges, case):
	"""The numbers that a name must be stated with."""
	accounts, keys, modules, per_module = profile(case)
	if vendor == "polycom":
		if ranges == "-":
			return {()}
		out = {()}
		for r in ranges.split(","):
			low, high = (int(r.split("..")[i]) for i in (0, -1))
			out = {o + (i,) for o in out for i in range(low, high + 1)}
		return out
	count = name.count("{}")
	if count == 0:
		return {()}
	first = range(1, 9)  # numbered families without a published maximum: at least eight
	if re.match(r"account\.|voice_mail\.number\.", name):
		first = range(1, accounts + 1)
	if name.startswith("linekey."):
		first = range(1, keys["line"] + 1)
	if name.startswith("expansion_module.{}"):
		return {(m, k) for m in range(1, modules + 1) for k in range(1, per_module + 1)}
	if name.startswith("programablekey."):
		first = range(1, 15)
	if name.startswith(("autoprovision.", "static.autoprovision.")):
		first = range(1, 51)
	for block in ("vpk", "mpk"):
		if name.startswith("pks.%s." % block):
			first = range(1, keys[block] + 1)
	if name.startswith("pks.ext."):
		first = range(1, modules * per_module + 1)
	second = range(1, 3) if re.search(r"sip_server|outbound_?proxy|sip\.server", name, re.I) else range(1, 9)
	return {(i,) for i in first} if count == 1 else {(i, k) for i in first for k in second}


def check(vendor, case):
	with tempfile.TemporaryDirectory() as folder:
		have = stated(vendor, case, folder)
	skip = kept(vendor) + unread(vendor, case)
	missing, holes, looked = [], [], 0
	for name, ranges, kind in known(vendor):
		if not PERSONAL.search(name) or PLAIN.search(name) or kind.startswith(("bool", "int", "enum")):
			continue
		if any(k.match(name) for k in skip):
			continue
		looked += 1
		want = wanted_numbers(vendor, name, ranges, case)
		if want and name not in have:
			missing.append(name)
			continue
		gap = want - have.get(name, set())
		if gap:
			holes.append("%s lacks %s" % (name, sorted(gap)[:4]))
	ok(looked > 100, "%s: %d parameters can hold something of a person" % (case, looked))
	ok(not missing, "%s: each of them is stated" % case, "\n".join(missing))
	ok(not holes, "%s: for every number" % case, "\n".join(holes))


def check_numbers(case):
	"""Grandstream's version 1: every number whose name can hold something of a person, as far as a number is known."""
	accounts, keys, modules, per_module = profile(case)
	with tempfile.TemporaryDirectory() as folder:
		subprocess.run([PHONECFG, "render", os.path.join(HERE, "cases", case + ".vacant", "phone.json"), "-o", folder], check=True)
		text = "".join(open(os.path.join(folder, f)).read() for f in os.listdir(folder) if re.fullmatch(r"cfg[0-9a-f]{12}\.xml", f))
	have, skip, types = set(re.findall(r"<(P\d+)>", text)), kept("grandstream"), {n: k for n, _, k in known("grandstream")}
	looked, missing = 0, []
	for line in open(os.path.join(top(), "firmware-profiles", "grandstream", "parameters.txt")):
		cells = line.rstrip("\n").split("\t")
		alias = re.search(r"alias=([^,]+)", cells[3]) if re.match(r"P\d", line) and len(cells) > 3 else None
		if not alias:
			continue
		name, numbers = pattern(alias[1])
		most = accounts if name.startswith("account.") else modules * per_module if name.startswith("pks.ext.") else 999
		for block in ("vpk", "mpk"):
			most = keys.get(block, 0) if name.startswith("pks.%s." % block) else most
		if not PERSONAL.search(name) or PLAIN.search(name) or types.get(name, "").startswith(("bool", "int", "enum", "word")):
			continue
		if any(k.match(name) for k in skip) or (numbers and numbers[0] > most):
			continue
		looked += 1
		if cells[0] not in have:
			missing.append("%s %s" % (cells[0], alias[1]))
	ok(looked > 100, "%s: %d numbers can hold something of a person" % (case, looked))
	ok(not missing, "%s: each of them is stated" % case, "\n".join(missing))


# An ATA is given the numbers of its own table alone (grandstream-ht802), which facts.t has one by one.
NUMBERS, ATA = ("grandstream-gxp1405",), ("grandstream-ht802",)
for case in sorted(c[:-7] for c in os.listdir(os.path.join(HERE, "cases")) if c.endswith(".vacant")):
	if case in NUMBERS:
		check_numbers(case)
	elif "-" in case and case not in ATA:  # a desk phone; softphones have no list of names
		check(case.split("-")[0], case)
done()

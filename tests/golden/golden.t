#!/usr/bin/python3
"""Every file of every case is what a person wrote from the facts and reviewed: cases/<case>/phone.json in, expected/ out.

Small files are kept whole, and so are those that are no text. Of the large ones the golden form (<file>.summary) is their head
and then each value with the numbers it stands for ("account.{3-16}.label = %NULL%"), so that a page can be read by eye.
UPDATE_GOLDEN=1 accepts what is rendered now: then read the difference against the vendors' rules before it is committed."""
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

CASES = os.path.join(top(), "tests", "golden", "cases")
SMALL = 4096
LINE = re.compile(r'^\s*(?:<item name="(?P<g>[^"]+)">(?P<gv>.*)</item>|(?P<p>[\w.\-]+)="(?P<pv>.*)"|(?P<y>[\w.\-]+) = (?P<yv>.*))$')


def runs(numbers):
	out = []
	for n in sorted(numbers):
		if out and n == out[-1][1] + 1:
			out[-1][1] = n
		else:
			out.append([n, n])
	return ",".join("%d-%d" % (a, b) if a != b else str(a) for a, b in out)


def summary(text):
	"""First the lines that are no parameter, in place; then per pattern and value the numbers, in order of appearance."""
	head, seen = [], {}
	for line in text.splitlines():
		m = LINE.match(line)
		if not m:
			if not head or head[-1] != line:
				head.append(line)
			continue
		name = m["g"] or m["p"] or m["y"]
		value = m["gv"] if m["g"] else m["pv"] if m["p"] else m["yv"]
		parts = name.split(".")
		pattern = ".".join("{}" if p.isdigit() else p for p in parts)
		seen.setdefault((pattern, value), []).append(tuple(int(p) for p in parts if p.isdigit()))
	out = head + ["", "---- values ----"]
	for (pattern, value), numbers in seen.items():
		name = pattern
		if numbers[0]:
			for i in range(len(numbers[0])):
				name = name.replace("{}", "[%s]" % runs({n[i] for n in numbers}), 1)
			full = 1
			for i in range(len(numbers[0])):
				full *= len({n[i] for n in numbers})
			if full != len(set(numbers)):
				name += " (%d of %d)" % (len(set(numbers)), full)
		out.append("%s = %s" % (name, value))
	return "\n".join(out) + "\n"


def golden_form(name, body):
	"""(name of the golden file, its bytes)"""
	try:
		text = body.decode("utf-8")
	except UnicodeDecodeError:
		return name, body
	return (name, body) if len(body) <= SMALL or "<svg" in text[:500] else (name + ".summary", summary(text).encode("utf-8"))


def difference(want, have):
	try:
		a, b = want.decode("utf-8").splitlines(), have.decode("utf-8").splitlines()
	except UnicodeDecodeError:
		return "%d bytes, golden %d: they differ" % (len(have), len(want))
	return "\n".join(difflib.unified_diff(a, b, "golden", "now", lineterm="", n=1))[:3000]


def read(path):
	if not os.path.exists(path):
		return b""
	with open(path, "rb") as f:
		return f.read()


def render(case, folder):
	"""{file name: bytes}; the sentence when there are none."""
	r = subprocess.run([program("phonecfg"), "render", os.path.join(CASES, case, "phone.json"), "-o", folder],
		capture_output=True, text=True)
	if r.returncode:
		return r.stderr
	return {n: read(os.path.join(folder, n)) for n in os.listdir(folder)}


def accept(expected, forms):
	shutil.rmtree(expected, ignore_errors=True)
	os.makedirs(expected)
	for name, body in forms.items():
		with open(os.path.join(expected, name), "wb") as f:
			f.write(body)


def check(case):
	expected = os.path.join(CASES, case, "expected")
	with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
		files = render(case, one)
		if isinstance(files, str):
			ok(False, case + ": it renders", files)
			return
		ok(files == render(case, two), case + ": rendered twice, the same bytes")
	forms = dict(golden_form(name, body) for name, body in files.items())
	if os.environ.get("UPDATE_GOLDEN"):
		accept(expected, forms)
	kept = set(os.listdir(expected)) if os.path.isdir(expected) else set()
	for name in sorted(forms):
		want = read(os.path.join(expected, name))
		ok(name in kept and forms[name] == want, "%s/%s" % (case, name), difference(want, forms[name]))
	ok(kept <= set(forms), case + ": nothing in expected/ that nobody renders", "\n".join(sorted(kept - set(forms))))
	ok(not set(os.listdir(os.path.join(CASES, case))) - {"phone.json", "expected", "notes"}, case + ": phone.json, expected/ and notes",
		"a case holds only these: %s" % sorted(os.listdir(os.path.join(CASES, case))))


cases = sorted(os.listdir(CASES))
ok(len(cases) >= 20, "%d cases" % len(cases))
for name in cases:
	check(name)
done()

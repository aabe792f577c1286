#!/usr/bin/python3
"""Every file of every example phone is what it was when a person last looked at it.

Small files are kept whole. Of the large ones the golden form is their head and then each value with the numbers it stands
for ("account.{3-16}.label = %NULL%"), so that a page can be read by eye. GOLDEN_UPDATE=1 writes them anew: then read the
difference against the vendors' rules before it is committed."""
import difflib
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

HERE = os.path.join(top(), "tests", "golden")
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


def compare(case, name, text):
	form = text if len(text) <= SMALL else summary(text)
	path = os.path.join(HERE, "files", case, name + ("" if len(text) <= SMALL else ".summary"))
	if os.environ.get("GOLDEN_UPDATE"):
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path, "w", encoding="utf-8") as f:
			f.write(form)
	want = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
	diff = "\n".join(difflib.unified_diff(want.splitlines(), form.splitlines(), "golden", "now", lineterm="", n=1))
	ok(form == want, "%s/%s" % (case, name), diff[:3000])
	return path


for phone in sorted(os.listdir(os.path.join(HERE, "phones"))):
	case = phone[:-5]
	with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as again:
		for f in (folder, again):
			subprocess.run([program("phonecfg"), "render", os.path.join(HERE, "phones", phone), "-o", f], check=True)
		paths = set()
		same = True
		for name in sorted(os.listdir(folder)):
			text = open(os.path.join(folder, name), encoding="utf-8", newline="").read()
			same = same and text == open(os.path.join(again, name), encoding="utf-8", newline="").read()
			paths.add(compare(case, name, text))
		ok(same, "%s: rendered twice, the same bytes" % case)
		kept = set(os.path.join(HERE, "files", case, n) for n in os.listdir(os.path.join(HERE, "files", case)))
		ok(kept == paths, "%s: no golden file is left over" % case, "\n".join(sorted(kept - paths)))
done()

#!/usr/bin/python3
"""Every model's file of parameters, for phones from bare to full: what is prepared per model writes the bytes that the template
writes, what vendor_check takes at its limits is made, and every parameter that a template names has a row, so that its value is held against it before a file is served."""
import collections
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program, top  # noqa: E402

os.chdir(top())
run = subprocess.run([program("render_try")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
ok(run.returncode == 0, "every model's file is made", run.stderr)
DESK = ("yealink", "polycom", "grandstream")
SOFT = ("linphone", "acrobits", "zoiper")
LEAST = {"linphone": 30, "acrobits": 15, "zoiper": 20}  # values that their templates write
rows = collections.defaultdict(lambda: collections.defaultdict(set))  # vendor -> limits | text | untyped -> names
models, how, limits, free = set(), collections.Counter(), collections.Counter(), collections.defaultdict(list)
for line in run.stdout.splitlines():
    words = line.split()
    if words[0] == "file":
        models.add(words[1])
        how[words[3]] += 1
        how[words[5]] += 1
        if words[3] != "program" or words[5] != "same":
            print("# " + line)
    elif words[0] == "names":
        print("# %s: %s values have a row, %s have none" % (words[1], words[3], words[5]))
        ok(int(words[3]) >= LEAST.get(words[1], 500), "%s: values are bound to rows" % words[1], line)
    elif words[0] == "name":
        rows[words[1]][words[2]].add(words[3])
    elif words[0] == "free":
        free[words[1]].append(words[2])
    elif words[0] == "limit":
        limits[words[3]] += 1
        if words[3] != "made" and limits[words[3]] < 5:
            print("# " + line)
    elif words[0] == "memory":
        print("# kept prepared after all models: %.1f MB" % (int(words[1]) / 1e6))
        ok(int(words[1]) <= 48 << 20, "at most 48 MB are kept", words[1])
print("# %d files of %d models" % (sum(how.values()) // 2, len(models)))
ok(len(models) > 100, "there are models", len(models))
is_(how["other"], 0, "the same bytes both ways")
is_(how["template"], 0, "every phone's data fits what is prepared for its model")
print("# %d phones at their limits" % sum(limits.values()))
ok(limits["made"] > 5000, "phones with the longest texts and every neutral word's values", limits)
is_(limits["broken"], 0, "no row is stricter than what vendor_check takes")
is_(limits["refused"], 0, "nor does vendor_check refuse its own limits")
# What stands inside of an account's codecs and stun: the rows know an account's own elements.
NESTED = {"zoiper": ["codec_id", "enabled", "priority", "use_stun"]}
for vendor in DESK + SOFT:
    is_(sorted(free[vendor]), NESTED.get(vendor, []), "%s: every name that its templates write has a row" % vendor)
# A softphone's line has the entry alone: rows of several sections with one name must be of one type.
for vendor in SOFT:
    types = collections.defaultdict(set)
    with open("firmware-profiles/%s/parameters.txt" % vendor, encoding="utf-8") as f:
        for row in (line.rstrip("\n").split("\t") for line in f if line.strip() and line[0] != "#"):
            types[row[0].partition("/")[2]].add(tuple((row + ["-"] * 4)[2:4]))
    is_([name for name, kinds in types.items() if len(kinds) > 1], [], "%s: an entry has one type, whatever its section" % vendor)
# The types of what templates write. Which have none stands in params/untyped, because no source says what they may be: all of them are
# written blank or as the phone has them by itself, but for those with a reason beside them.
with open("tests/golden/params/untyped", encoding="utf-8") as f:
    untyped = {tuple(line.split()[:2]) for line in f if line.strip() and line[0] != "#"}
for vendor in DESK + SOFT:
    kinds = rows[vendor]
    print("# %s: of %d names that templates write %d have limits or words, %d are text of which no source gives a limit, %d have no type"
          % (vendor, sum(map(len, kinds.values())), len(kinds["limits"]), len(kinds["text"]), len(kinds["untyped"])))
    is_(sorted(kinds["untyped"]), sorted(name for v, name in untyped if v == vendor), "%s: every other name has a type" % vendor)
done()

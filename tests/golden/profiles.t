#!/usr/bin/python3
"""The firmware profiles as a whole: ids, names on the wire, files and key counts, each said once and agreeing; and how many numbers
have a source and how many are unsure."""
import collections
import glob
import os
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, "tests/lib")
import tap  # noqa: E402

LEAST = {"yealink": 35, "polycom": 20, "grandstream": 25, "linphone": 1, "acrobits": 1, "zoiper": 1}
# Models that are one piece of hardware family to their vendor, so that its common file is one for all of them: the facts name them.
SHARED_FILES = "tests/golden/params/common-files.shared"


def number(element, name, otherwise=0):
    return int(element.get(name, otherwise))


def wrong_layout(keys, layout):
    """Keys beside the screen: sides x pages, one place a page less where a key turns the page."""
    left, right, pages = number(layout, "left"), number(layout, "right"), number(layout, "pages", 1)
    places = (left + right - (layout.get("paging") == "yes")) * pages
    return "" if places == keys else "%d places for %d keys" % (places, keys)


profiles = collections.defaultdict(list)
for path in sorted(glob.glob("firmware-profiles/*/*.xml")):
    root = ET.parse(path).getroot()
    if root.tag == "profile":
        profiles[root.get("vendor")].append((path, root))
every = [(path, root) for rows in profiles.values() for path, root in rows]

for vendor, least in LEAST.items():
    rows = profiles[vendor]
    marks = collections.Counter(e.get("mark") for _, root in rows for e in root.iter() if e.get("mark"))
    silent = [path for path, root in rows for e in root.iter() if e.get("mark") == "confirmed" and e.tag in ("accounts", "modules")
              and not e.get("source")]
    tap.ok(len(rows) >= least, "%s: %d models, %d numbers confirmed, %d unsure" % (vendor, len(rows), marks["confirmed"], marks["unsure"]))
    tap.ok(not silent, "%s: a confirmed count of accounts or modules names its source" % vendor, "\n".join(silent))

twice = [i for i, n in collections.Counter(root.get("id") for _, root in every).items() if n > 1]
tap.ok(not twice, "every id stands once", twice)
misnamed = [path for path, root in every if not root.get("id").endswith(os.path.basename(path)[:-4])]
tap.ok(not misnamed, "a file is called as its id", "\n".join(misnamed))

tokens = collections.defaultdict(set)
for path, root in every:
    for agent in root.findall("agent"):
        tokens[root.get("vendor"), agent.get("token").lower().replace("_", "").replace("-", "")].add(root.get("id"))
both = ["%s: %s" % (token, sorted(ids)) for (_, token), ids in tokens.items() if len(ids) > 1]
tap.ok(not both, "a User-Agent's token says one model", "\n".join(both))
# A sheet is read by a person; what Zoiper calls itself when it fetches is not published.
nameless = [root.get("id") for _, root in every if not root.findall("agent") and root.get("id") not in ("sheet", "zoiper")]
tap.ok(not nameless, "every model that pulls has a token", nameless)

files = collections.defaultdict(set)
for path, root in every:
    if root.find("file") is not None:
        files[root.find("file").get("common")].add(root.get("id"))
with open(SHARED_FILES, encoding="utf-8") as f:
    allowed = {line.split()[0]: set(line.split("#")[0].split()[1:]) for line in f if line.strip() and not line.startswith("#")}
for name, ids in sorted(files.items()):
    if len(ids) > 1:
        tap.is_(sorted(ids), sorted(allowed.get(name, [])), "%s is the common file of these alone" % name)
stale = sorted(name for name in allowed if len(files[name]) < 2)
tap.ok(not stale, "no stale row in %s" % os.path.basename(SHARED_FILES), stale)

bad = []
for path, root in every:
    for block in root.findall("keys") + root.findall("modules"):
        layout = block.find("layout")
        keys = number(block, "keys" if block.tag == "modules" else "max")
        why = wrong_layout(keys, layout) if layout is not None and number(layout, "pages", 1) else ""
        if why:
            bad.append("%s: %s %s" % (path, block.get("name"), why))
        if number(block, "fixed") > keys or (block.get("blank") and number(block, "blank") < keys):
            bad.append("%s: %s: fixed or blank against %d" % (path, block.get("name"), keys))
tap.ok(not bad, "places beside the screen are as many as keys", "\n".join(bad))

# The rows are the vendors' own lists of names, with what is known beside them; tests/golden/render.t holds each name that a template
# writes against them. A name that no list has comes in here, with its source, or not at all. (Polycom's: polycom.t.)
NAMES = {"yealink": 2194, "grandstream": 1268}  # in public template sets of the vendor's own templates
BEYOND = {"yealink": {"overwrite_mode": "vendor guides: read from a boot file alone"}, "grandstream": {}}
for vendor, count in NAMES.items():
    with open("firmware-profiles/%s/parameters.txt" % vendor, encoding="utf-8") as f:
        names = [line.split("\t")[0].strip() for line in f if line.strip() and line[0] != "#" and not line.startswith("P ")]
    names = [n for n in names if not (n[0] == "P" and n[1:].isdigit())]
    lost = [n for n in BEYOND[vendor] if n not in names]
    tap.ok(not lost and len(set(names)) == count + len(BEYOND[vendor]), "%s: %d names of the lists, %d more with a source each"
           % (vendor, count, len(BEYOND[vendor])), "%d rows; lost: %s" % (len(set(names)), lost))
tap.done()

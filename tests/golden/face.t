#!/usr/bin/python3
"""phonecfg face on the command line: well-formed, nothing foreign in it, and no text beyond its cell: librsvg draws the picture with the
cells' own clipping taken away, and the gaps between the cells must stay empty."""
import json
import os
import re
import struct
import subprocess
import sys
import xml.dom.minidom
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

TOOL, DIR = tap.program("phonecfg"), tap.temp_dir("face")
WIDE = ("W" * 30, "Anna-Lena Freifrau von Hohenstein", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii", "\u6e2c\u8a66\u96fb\u8a71\u6e2c\u8a66\u96fb\u8a71", "@@@@@@@@@@@@@@@@",
        "\u00c5\u00c4\u00d6 \u00c6\u00d8\u00c5 \u0152\u00c6\u00d8\u00c5\u00c4\u00d6", "</text><script>alert(1)</script>", "Z\u0300\u0301\u0302\u0303\u0304", "a & b < c > d \"e\" 'f'")
TYPES = ("blf", "speed-dial", "park", "intercom", "voicemail", "page")


def run(*args):
    return subprocess.run([TOOL, *args], capture_output=True, text=True)


def phone(model, labels, ascii_only):
    """Every second key is in use."""
    keys = []
    for module, count in ((1, 40), (0, 26)):
        for i in range(2, count, 2):
            label = labels[(i // 2) % len(labels)]
            keys.append({"module": module, "index": i, "type": TYPES[i // 2 % len(TYPES)], "value": "+4930123456%d" % i,
                         "label": label.encode("ascii", "replace").decode()[:32] if ascii_only else label})
    return {"mac": "001565abcdef", "model": model, "generation": 1, "domain": "example.test", "keys": keys,
            "accounts": [{"slot": 1, "use": "line", "user": "1001", "label": "W" * 30, "password": "Secret1234567890"}]}


def fitting(doc):
    """Without the keys that this model does not have: the tool says which one is one too many."""
    while True:
        path = os.path.join(DIR, "p.json")
        with open(path, "w") as f:
            json.dump(doc, f)
        got = run("face", path)
        if got.returncode == 0 or not doc["keys"]:
            return path, got
        if doc["keys"][0]["module"] and "module" in got.stderr:
            doc["keys"] = [k for k in doc["keys"] if not k["module"]]
        else:
            doc["keys"].pop()


def pixels(svg):
    """Rows of (r, g, b), as librsvg draws it."""
    raw = subprocess.run(["rsvg-convert", "-f", "png"], input=svg.encode(), capture_output=True).stdout
    at, data, w, h, kind = 8, b"", 0, 0, 0
    while at < len(raw):
        n, name = struct.unpack(">I4s", raw[at:at + 8])
        body = raw[at + 8:at + 8 + n]
        if name == b"IHDR":
            w, h, depth, kind = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and kind in (2, 6)
        elif name == b"IDAT":
            data += body
        at += 12 + n
    data, bpp, out, prev = zlib.decompress(data), 4 if kind == 6 else 3, [], None
    step = w * bpp
    prev = bytearray(step)
    for y in range(h):
        f, line = data[y * (step + 1)], bytearray(data[y * (step + 1) + 1:(y + 1) * (step + 1)])
        for i in range(step):
            a, b, c = line[i - bpp] if i >= bpp else 0, prev[i], prev[i - bpp] if i >= bpp else 0
            if f == 1:
                line[i] = (line[i] + a) & 255
            elif f == 2:
                line[i] = (line[i] + b) & 255
            elif f == 3:
                line[i] = (line[i] + (a + b) // 2) & 255
            elif f == 4:
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                line[i] = (line[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
        out.append([tuple(line[x * bpp:x * bpp + 3]) for x in range(w)])
        prev = line
    return out


def unclipped(svg):
    svg = re.sub(r'<svg x="([0-9.]+)" y="([0-9.]+)" width="[0-9.]+" height="[0-9.]+">', r'<g transform="translate(\1 \2)">', svg)
    return re.sub(r"</svg>(?=.)|</svg>(?=\n<)", "</g>", svg)


def gaps(svg):
    """Pixels that are not the screen's own colour, in the middle gap and at the right edge of every page."""
    px, bad = pixels(unclipped(svg)), 0
    for x, y, w, h in (tuple(map(float, m)) for m in re.findall(r'<rect class="sc" x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)"', svg)):
        cells = {c for c, top in re.findall(r'<svg x="([0-9.]+)" y="([0-9.]+)"', svg) if x <= float(c) < x + w and y <= float(top) < y + h}
        columns = [x + w - 3] + ([x + w / 2] if len(cells) == 2 else [])
        bad += sum(px[row][int(col)] != (0xee, 0xf1, 0xf5) for col in columns for row in range(int(y) + 12, int(y + h) - 12))
    return bad


DRAWN = ("yealink-t46u", "grandstream-gxp2170")  # two columns, and one
models = [line.split()[0] for line in run("models").stdout.splitlines()[1:] if re.match(r"[a-z]+-", line)]
ok(len(models) > 100, "models: %d" % len(models))
for model in ("yealink-t46u", "polycom-vvx450", "grandstream-gxp2170", "yealink-t31p", "grandstream-ht801"):
    if model not in models:
        continue
    path, got = fitting(phone(model, WIDE, model.startswith("grandstream")))
    svg = got.stdout
    doc = xml.dom.minidom.parseString(svg)
    ok(not doc.getElementsByTagName("script") and not doc.getElementsByTagName("a") and not doc.getElementsByTagName("image") and "href" not in svg
       and "url(" not in svg and "@import" not in svg and "<!DOCTYPE" not in svg, "%s: nothing that runs, nothing from elsewhere" % model)
    is_((doc.documentElement.getAttribute("width"), doc.documentElement.getAttribute("role")), ("390", "img"), "%s: reads on a narrow screen" % model)
    if model in DRAWN:
        is_(gaps(svg), 0, "%s: no text beyond its cell" % model)
    print("# %d keys" % (svg.count("<title>") - 1))
    empty = dict(json.load(open(path)), keys=[], accounts=[{"slot": 1, "use": "idle", "user": "idle1", "password": "Secret1234567890"}])
    after = os.path.join(DIR, "after.json")
    json.dump(empty, open(after, "w"))
    out = os.path.join(DIR, "cmp.svg")
    got = run("face", path, after, "-o", out)
    svg = open(out).read()
    is_((got.returncode, got.stdout), (0, ""), "%s: before and after, into a file" % model)
    if model in DRAWN:
        is_(gaps(svg), 0, "%s: no text beyond its narrow cell" % model)
control = run("face", fitting(phone("yealink-t46u", WIDE, False))[0]).stdout.replace('font-size="13"', 'font-size="17"')
ok(gaps(control) > 0, "control: text that is too wide is seen")
is_(run("face").returncode, 2, "without a file: wrong use")
is_(run("face", "/nonexistent.json").returncode, 1, "no such file")
is_(run("face", path, "-o", "/nonexistent/x.svg").returncode, 1, "a place that cannot be written")
json.dump(dict(json.load(open(path)), model="tin-can"), open(path, "w"))
got = run("face", path)
ok(got.returncode == 1 and "tin-can" in got.stderr, "an unknown model", got.stderr)
done()

#!/usr/bin/python3
"""Names that try to be more than names: refused with a clear sentence, or delivered intact and never another parameter."""
import os
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.user("1001", "Anna", "Berg")
for s in "bc":
    r.must("POST", "/domains/example.test/users/1001/devices", {"device": "1001" + s})
PHONES = {"yealink": ("001565aabb01", "yealink-t46u", "1001", "%s.cfg"), "polycom": ("0004f2aabb02", "polycom-vvx450", "1001b", "%s-lines.cfg"),
          "grandstream": ("000b82aabb03", "grandstream-gxp2170", "1001c", "cfg%s.xml")}
token = {v: r.phone(m, model, [d]) for v, (m, model, d, f) in PHONES.items()}


def fetch(vendor):
    mac, _, _, f = PHONES[vendor]
    return r.curl(token[vendor] + f % mac)[2].decode()


def names_in(vendor, text):
    """Every value of the file, and how many parameters it has."""
    if vendor == "yealink":
        rows = [line.partition(" = ") for line in text.split("\n") if line and not line.startswith("#")]
        return [v for _, _, v in rows], len(rows)
    root = ET.fromstring(text)
    if vendor == "polycom":
        values = [v for e in root.iter() for v in e.attrib.values()]
    else:
        values = [e.text or "" for e in root.iter() if not len(e)]
    return values, len(values)


plain = {v: names_in(v, fetch(v))[1] for v in PHONES}
TRIES = ['O"Neil', "<b>Bold</b>", "A & B", "Line\nBreak", "Car\rReturn", "Tab\tbed", "Nul\u0000Nul", "%NULL%", "#hash", "# comment", "x" * 300, "x" * 61, "Maximilian Alexander von Hohenstein-Ernstthal",
         "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df", "\u202eevil", "é ü 漢字", "a = b", "[section]", "{{name}}", "${USER}", "';--", "line\u2028sep", "\u0085next",
         "&amp;amp;", "]]>", "<!--", "%EMPTY%", "\\n", "'single'", "back`tick", "   ", "include:config <x.cfg>"]
refused = delivered = 0
for name in TRIES:
    a = r.api("PUT", "/domains/example.test/users/1001", {"name-first-name": name, "name-last-name": ""})
    shown = ascii(name)[:30]
    if a.status != 200:
        refused += 1
        ok(a.status == 400 and a.get("Content-Type").startswith("application/problem+json") and len(a.json["detail"]) > 15
           and a.json["code"] == 400 and a.json["message"], "refused with a sentence: " + shown, a)
        now = r.must("GET", "/domains/example.test/users/1001")
        ok(now["name-first-name"] != name, "and not stored: " + shown)
        continue
    delivered += 1
    is_(a.json["name-first-name"], name, "stored as it is: " + shown)
    for vendor in PHONES:
        values, n = names_in(vendor, fetch(vendor))
        if vendor == "grandstream" and not name.isascii():  # its firmware takes ASCII alone: the number stands in for the name
            ok(not any(name in v for v in values) and "1001c" in values, "grandstream: the number instead: " + shown)
        else:
            ok(name.strip() == "" or any(name in v for v in values), "%s: delivered intact: %s" % (vendor, shown), [v for v in values if name[:3] in v][:5])
        is_(n, plain[vendor], "%s: and no parameter more: %s" % (vendor, shown))
for name in ("Line\nBreak", "Car\rReturn", "Nul\u0000Nul", "%NULL%", "x" * 300, "\u0085next", "line\u2028sep"):
    is_(r.api("PUT", "/domains/example.test/users/1001", {"name-first-name": name}).status, 400, "must be refused: " + ascii(name)[:30])
for name in ("\u05d3\u05d5\u05d3 \u05db\u05d4\u05df", "A & B", "é ü 漢字"):
    a = r.api("PUT", "/domains/example.test/users/1001", {"name-first-name": name})
    ok(a.status == 200, "must be taken: " + ascii(name)[:30], a)
ok(refused >= 7 and delivered >= 7, "%d refused, %d delivered" % (refused, delivered))

# ---- the same for labels, key values, recycle forms, overrides, and bytes that are no text ----
K = "/domains/example.test/phones/001565aabb01/keys"
for field, bad in (("label", "a\nb"), ("value", "100\nfeatures.x = 1"), ("label", "x" * 300), ("pickup", "\r\n")):
    a = r.api("POST", K, {"place": 3, "type": "blf", "value": "1002", field: bad})
    ok(a.status == 400 and field in a.json["detail"], "a key's %s: %s" % (field, ascii(bad)[:20]), a)
a = r.api("POST", K, {"place": 3, "type": "speed-dial", "value": "030<1&2", "label": 'Q "&" <x>'})
ok(a.status in (201, 400), "a key with marks", a)
a = r.api("PUT", "/domains/example.test/phones/001565aabb01/overrides", {"overrides": [{"name": "phone_setting.x", "value": "1\nevil = 2"}]})
is_(a.status, 400, "an override with a line break")
a = r.api("PUT", "/domains/example.test/phones/001565aabb01/overrides", {"overrides": [{"name": "evil = 1", "value": "1"}]})
is_(a.status, 400, "an override whose name is more than a name")
a = r.api("POST", "/domains/example.test/users/1001/recycle", {"name-first-name": "New\nLine", "name-last-name": "X"})
is_(a.status, 400, "a recycle form")
LONG = "Maximilian Alexander von Hohenstein-Ernstthal"
is_(r.api("PUT", "/domains/example.test/users/1001", {"name-first-name": LONG, "name-last-name": ""}).status, 200, "a name of 45 letters is taken")
values = names_in("grandstream", fetch("grandstream"))[0]
ok(LONG in values and "1001c" in values, "grandstream: whole in calls; on the key, which takes 32, the number")
a = r.api("PUT", "/domains/example.test/users/1001", b'{"name-first-name": "\xff\xfe"}')
is_(a.status, 400, "no UTF-8")
a = r.api("POST", "/domains/example.test/users", {"user": "10\n01", "name-first-name": "a"})
is_(a.status, 400, "an extension with a line break")
a = r.api("POST", "/domains/example.test/users", {"user": "../../etc", "name-first-name": "a"})
is_(a.status, 400, "an extension with slashes")
done()

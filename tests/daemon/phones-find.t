#!/usr/bin/python3
"""Phones as people look for them: search, sort, what is open; the files of a phone; the places of its picture; what the server works with."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
D = "/domains/example.test"
P = D + "/phones"
r.domain()
r.domain("other.test")
for site in ("Nord", "South"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Bérg", site="Nord")
r.user("1002", "Emil", "100%_~", site="South")
A, B, C = "001565aabb01", "64167f0000b2", "c074ad0000c3"
r.phone(A, "yealink-t46u", ["1001"], site="South", notes="Front desk")
r.phone(B, "polycom-vvx450", ["1002"], site="Nord")
r.phone(C, "grandstream-gxp2170", [])
r.phone("001565aabb99", "yealink-t46u", [], domain="other.test")


def found(key=None, **query):
    q = urllib.parse.urlencode(query)
    rows = [p["device-provisioning-mac-address"] for p in r.must("GET", P + "?" + q, key=key)]
    is_(r.must("GET", P + "/count?" + q, key=key)["total"], len(rows), "and the count of %s" % (q or "all"))
    return rows


is_(found(), [A, B, C], "all, by MAC")
for text, want in (("AA:bb-01", [A]), ("aabb01", [A]), ("65aa", [A]), ("t46u", [A]), ("VVX", [B]), ("front", [A]), ("nord", [B]), ("1002", [B]), ("bérg", [A]),
                   ("anna b", [A]), ("%", [B]), ("_", [B]), ("~", [B]), ("'", []), ("0", [A, B, C]), (":", [A, B, C]), ("nobody", []), ("aabb99", [])):
    is_(found(search=text), want, "search for %s" % ascii(text))
for sort, want in (("device-models-model", [C, B, A]), ("site", [C, B, A]), ("state", [A, B, C]), ("device-provisioning-mac-address", [A, B, C])):
    up, down = found(sort=sort, order="asc"), found(sort=sort, order="desc")
    if sort == "state":
        is_((set(up[:2]), up[2], down[0]), ({A, B}, C, C), "by state, both ways")
    elif sort == "site":
        ok(up.index(B) < up.index(A) and down.index(A) < down.index(B), "by site, both ways", (up, down))
    else:
        is_((up, down), (want, want[::-1]), "by %s, both ways" % sort)
is_([p["device-provisioning-mac-address"] for p in r.must("GET", P + "?sort=device-models-model&limit=1&start=1")], [B], "a page of it")
office = r.must("POST", D + "/apikeys", {"name": "o", "user-scope": "Office Manager"})["key"]
nord = r.must("POST", D + "/apikeys", {"name": "n", "user-scope": "Site Manager", "sites": ["Nord"]})["key"]
is_(found(nord, search="0"), [B], "a Site Manager finds those of his site")
is_([r.api("GET", P + "?" + q).status for q in ("sort=notes", "order=up", "handovers=closed", "search=" + "x" * 201)], [400] * 4, "what is no such thing is refused")
is_(r.api("GET", P + "?search=" + "x" * 200).status, 200, "200 are taken")

# ---- what something waits for ----
is_((r.must("GET", P + "/" + A)["handovers-open"], found(handovers="open")), (0, []), "nothing waits")
status, _, _ = r.curl(re.sub(r"^https://[^/]*", "", r.must("POST", P + "/%s/token" % A)["url"]) + A + ".cfg", agent=rekeylib.ua("yealink", A))
is_(status, 200, "the phone has its file")
r.must("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}})
ok(r.until(lambda: r.must("GET", P + "/" + A)["state"] == "vacant"), "a reset")
is_((r.must("GET", P + "/" + A)["handovers-open"], found(handovers="open")), (1, [A]), "one record waits, and its phone is found")
row = r.must("GET", P + "/" + B)
is_(r.must("PUT", P + "/" + B, row)["generation-wanted"], row["generation-wanted"], "the row may come back as it was read")

# ---- its files ----
files = r.must("GET", P + "/%s/config" % A)
names = [f["file"] for f in files]
ok(A + ".cfg" in names and A + ".boot" in names and "y000000000108.cfg" in names, "the files of a Yealink", names)
ok(all(r.api("GET", P + "/%s/config/%s" % (A, n)).status == 200 for n in names), "each of them can be read")
got = [f for f in files if f["file"] == A + ".cfg"][0]
ok(got["delivered-datetime"] and got["delivered-generation"] > 0 and got["per-phone"], "when it was delivered", got)
is_([n for n in (f["file"] for f in r.must("GET", P + "/%s/config" % B)) if n.startswith(B)][:1], [B + ".cfg"], "of a Polycom")
is_(r.api("GET", P + "/%s/config" % A, key=nord).status, 403, "not of another site's phone")

# ---- the places of the picture ----
svg = r.api("GET", P + "/%s/face.svg" % B).text
keys = re.findall(r'<g data-key="(\d+\.\d+)">', svg)
ok("0.1" in keys and "0.2" in keys and len(keys) == len(set(keys)), "each place has its name, also one that shows nothing", keys)
ok("data-key" not in r.api("GET", P + "/%s/face.svg?after=vacant" % B).text, "not where two states stand side by side")

# ---- the server ----
s = r.must("GET", "/server", key=office)
is_((s["registrar"], s["mail"], s["phones-url"]), (None, None, "https://localhost:%d" % r.phones_port), "no registrar, no mail server, and the phones' address")
is_(r.api("GET", "/server", key=nord).status, 403, "for Office Managers and above")
done()

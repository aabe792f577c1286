#!/usr/bin/python3
"""The picture of a phone's keys over the API: as it is, before and after; nothing is changed by looking, and nobody looks further than he may."""
import os
import re
import sys
import urllib.parse
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
D, MAC = "/domains/example.test", "001565aabb01"
r.must("POST", "/domains", {"domain": "example.test", "reseller": "north"})
r.domain("other.test")
for site in ("Nord", "South"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Berg", site="Nord")
r.user("1002", "Emil", "Koch", site="South")
r.user("1003", "Olga", "Office", site="South", **{"user-scope": "Office Manager"})
r.phone(MAC, "yealink-t46u", ["1001"], site="Nord")
for body in ({"module": 0, "place": 3, "type": "blf", "value": "1002", "user": "1002"}, {"module": 1, "place": 2, "type": "park", "value": "701", "label": "</title><script>"}):
    a = r.api("POST", D + "/phones/%s/keys" % MAC, body)
    if a.status >= 300:
        raise SystemExit("Bail out! key: %r" % a)
F = D + "/phones/%s/face.svg" % MAC


def titles(a):
    doc = xml.dom.minidom.parseString(a.body)
    return [t.firstChild.data for t in doc.getElementsByTagName("title")][1:]


def key(scope, domain=D, **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office, nord, south = key("Office Manager"), key("Site Manager", sites=["Nord"]), key("Field Technician", sites=["South"])
field, other, basic = key("Field Technician", sites=["Nord"]), key("Office Manager", "/domains/other.test"), key("Basic User")

# ---- as it is ----
a = r.api("GET", F)
is_((a.status, a.get("Content-Type")), (200, "image/svg+xml; charset=utf-8"), "a picture")
is_(titles(a), ["Key 1, page 1 left: Line Anna Berg 1001", "Key 3, page 1 left: BLF Emil Koch 1002", "EXP43 1, key 2, page 1 left: Park </title><script> 701"],
    "each key is said, a hostile label is text")
ok("<script" not in a.text, "no element of the label's making")
ok("'none'" in a.get("Content-Security-Policy") and "script-src" not in a.get("Content-Security-Policy") and a.get("X-Content-Type-Options") == "nosniff", "opened by itself it may do nothing", a.headers)
is_(r.api("GET", F, prefix="/ns-api/v2").status, 200, "under NetSapiens' prefix too")

# ---- before and after ----
def state():
    p = r.must("GET", D + "/phones/" + MAC)
    return {k: p[k] for k in ("state", "generation-wanted", "lines")}, r.must("GET", D + "/users/1001"), \
        len(r.must("GET", D + "/auditlog?limit=1000")), len(r.must("GET", D + "/handovers")), r.must("GET", D + "/phones/%s/timeline" % MAC)


was = state()
a = r.api("GET", F + "?after=vacant")
t = titles(a)
ok("Key 1, page 1 left: Line Anna Berg 1001, goes" in t and "Key 3, page 1 left: BLF Emil Koch 1002, goes" in t, "vacant: all that is a person's goes", t)
ok(any(re.match(r"Key 1, page 1 left: Idle line \S+, comes$", x) for x in t), "the idle line comes, without a number", t)
after = a.text.split(">After<")[1]
ok("Anna" not in after and "Emil" not in after and "1001" not in after, "and the vacant face has nothing of a person")
a = r.api("GET", F + "?after=reset:1001")
ok("Key 1, page 1 left: Line 1001, comes" in titles(a) and "Key 3, page 1 left: BLF Emil Koch 1002, stays" in titles(a), "reset: the number for the name, the desk's keys stay", titles(a))
a = r.api("GET", F + "?after=reset:1001,phone-lines")
ok(a.status == 200 and "Line 1001" not in a.text and "Idle line" in a.text, "reset with phone-lines: as vacant", titles(a))
a = r.api("GET", F + "?after=reset:1002")
ok("Key 3, page 1 left: BLF Emil Koch 1002, goes" in titles(a) and "Key 3, page 1 left: BLF 1002, comes" in titles(a), "a colleague's reset: the key that shows him", titles(a))
is_(state(), was, "and nothing was changed, recorded or noted by looking")
r.must("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}})
ok(r.until(lambda: r.must("GET", D + "/phones/" + MAC)["state"] == "vacant"), "reset now")
ok("vacant" in r.api("GET", F).text and "Anna" not in r.api("GET", F).text, "the face of the vacant phone")
q = urllib.parse.urlencode({"after": "recycle:1001", "name-first-name": "Bea", "name-last-name": "<Neu>"})
a = r.api("GET", F + "?" + q)
ok("Key 1, page 1 left: Line Bea <Neu> 1001, comes" in titles(a) and "Key 3, page 1 left: BLF Emil Koch 1002, comes" in titles(a), "recycle: the next person, and the desk's keys back", titles(a))
is_(r.must("GET", D + "/users/1001")["name-first-name"], "", "who is not there yet")

# ---- what is no wish, and who may not ----
for after, want in (("nonsense", 400), ("reset:", 400), ("vacant:x", 400), ("reset:1001,all", 400), ("reset:9999", 404), ("recycle:1001", 400), ("reset:../1001", 404)):
    a = r.api("GET", F + "?after=" + after)
    ok(a.status in (want if isinstance(want, tuple) else (want,)) and a.json["detail"], "%s: %s" % (after, want), a)
for k, path, want, who in ((field, F, 200, "a Field Technician of the site"), (south, F, 403, "one of another site"), (nord, F, 200, "the Site Manager"),
                           (nord, F + "?after=vacant", 200, "vacant he may look at"), (nord, F + "?after=reset:1001", 403, "not at a reset, which he may not order"),
                           (office, F + "?after=reset:1001", 200, "the Office Manager may"), (basic, F, 403, "a Basic User"), (other, F, 403, "another domain"),
                           (other, "/domains/other.test/phones/%s/face.svg" % MAC, 404, "nor through his own"),
                           (office, "/domains/other.test/phones/%s/face.svg" % MAC, 403, "nor the other way")):
    is_(r.api("GET", path, key=k).status, want, "%s: %d" % (who, want))
is_(r.api("GET", D + "/phones/001565aabbff/face.svg").status, 404, "no such phone")
done()

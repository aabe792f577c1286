#!/usr/bin/python3
"""Overrides at every layer: who may, what is refused, what is warned of, which phones get a new file, who set each value."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
D = "/domains/example.test"
r.must("POST", "/domains", {"domain": "example.test", "reseller": "north"})
r.must("POST", "/domains", {"domain": "other.test", "reseller": "south"})
for site in ("Nord", "South"):
    r.must("POST", D + "/sites", {"site": site})
T46U, T31P, VVX, FAR = "001565aabb01", "001565aabb02", "0004f2aabb03", "001565aabb04"
WHERE = {T46U: D, T31P: D, VVX: D, FAR: "/domains/other.test"}
for ext, domain in (("1001", "example.test"), ("1002", "example.test"), ("1003", "example.test"), ("2001", "other.test")):
    r.user(ext, "Anna", "N" + ext, domain=domain)
r.phone(T46U, "yealink-t46u", ["1001"], site="Nord")
r.phone(T31P, "yealink-t31p", ["1002"], site="South")
r.phone(VVX, "polycom-vvx450", ["1003"])
r.phone(FAR, "yealink-t46u", ["2001"], domain="other.test")


def key(scope, domain=D, **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


north, office, nord = key("Reseller", "", reseller="north"), key("Office Manager"), key("Site Manager", sites=["Nord"])
field, other, basic = key("Field Technician", sites=["Nord"]), key("Office Manager", "/domains/other.test"), key("Basic User")
bound = key("Super User")
BRAND, MODEL, SITE, PHONE = "/brands/yealink", "/models/yealink-t46u", D + "/sites/Nord", D + "/phones/" + T46U
NAME = "phone_setting.backlight_time"


def put(path, rows, k=None):
    return r.api("PUT", path + "/overrides", {"overrides": [{"name": n, "value": v} for n, v in rows]}, key=k)


def generations():
    return {m: r.must("GET", "%s/phones/%s" % (d, m))["generation-wanted"] for m, d in WHERE.items()}


def config(mac, file="%s.cfg"):
    return r.api("GET", "%s/phones/%s/config/%s" % (WHERE[mac], mac, file % mac)).text


def value(mac, name=NAME):
    return re.findall(r"(?m)^%s = (.*?)\r?$" % re.escape(name), config(mac))


# ---- who may ----
for path, may in ((BRAND, ()), (MODEL, ()), (D, (north, office)), (SITE, (north, office, nord)), (PHONE, (north, office, nord))):
    for k, who in ((north, "Reseller"), (office, "Office Manager"), (nord, "Site Manager"), (field, "Field Technician"), (other, "another domain"),
                   (basic, "Basic User"), (bound, "a Super User's key of this domain")):
        want = 200 if k in may or (k == bound and path not in (BRAND, MODEL)) else 403
        is_((r.api("GET", path + "/overrides", key=k).status, put(path, [], k).status), (want, want), "%s: %s: %d" % (path, who, want))
is_(put(D + "/sites/South", [], nord).status, 403, "not another site")
is_(put(D + "/phones/" + T31P, [], nord).status, 403, "nor its phone")
is_(put("/domains/other.test/phones/" + T46U, [], other).status, 404, "a phone is not found through another domain")
for path in ("/brands/tin-can", "/brands/linphone", "/models/yealink-t999", D + "/sites/Nowhere", D + "/phones/001565aabbff"):
    is_(put(path, []).status, 404, "no such " + path)

# ---- which phones get a new file, and which layer wins ----
for i, (path, reached) in enumerate(((BRAND, (T46U, T31P, FAR)), (MODEL, (T46U, FAR)), (D, (T46U, T31P, VVX)), (SITE, (T46U,)), (PHONE, (T46U,)))):
    before = generations()
    a = put(path, [(NAME, str(60 + i))])
    ok(a.status == 200 and a.json["overrides"] == [{"name": NAME, "value": str(60 + i)}], "set at %s" % path, a)
    after = generations()
    is_({m for m in after if after[m] > before[m]}, set(reached), "a new generation for these and no other")
    is_(value(T46U), [str(60 + i)], "and the later layer wins, once in the file")
    is_(put(path, [(NAME, str(60 + i))]).status, 200, "the same again")
    is_(generations(), after, "is no change")
is_((value(T31P), value(FAR)), (["62"], ["61"]), "the others have what reaches them")
a = r.must("GET", D + "/phones/%s/config/%s.cfg?layers=1" % (T46U, T46U))
row = [x for x in a["values"] if x["name"] == NAME]
is_([(x["value"], x["set-by"]) for x in row], [("64", "phone")], "who set it")
ok(any(x["set-by"] == "template" and x["name"] == "account.1.user_name" for x in a["values"]), "the phone's own data are the template's")
for path, want in ((PHONE, "site"), (SITE, "domain"), (D, "model"), (MODEL, "brand")):
    put(path, [])
    got = [x["set-by"] for x in r.must("GET", D + "/phones/%s/config/%s.cfg?layers=1" % (T46U, T46U))["values"] if x["name"] == NAME]
    is_(got, [want], "without it: " + want)
put(BRAND, [])

# ---- neutral words ----
before = {m: config(m, "%s-lines.cfg" if m == VVX else "%s.cfg") for m in (T46U, VVX)}
is_(put(D, [("srtp", "required")]).status, 200, "a neutral word")
changed = [m for m in before if re.sub(r"generation \d+", "", config(m, "%s-lines.cfg" if m == VVX else "%s.cfg")) != re.sub(r"generation \d+", "", before[m])]
is_(changed, [T46U, VVX], "holds for every vendor's phones")
v = [x for x in r.must("GET", D + "/phones/%s/config/%s.cfg?layers=1" % (T46U, T46U))["values"] if x["set-by"] == "domain"]
ok(v and all(x["word"] == "srtp" for x in v), "who set it, and by which word", v[:3])
is_(put(D, []).status, 200, "and away again")

# ---- names and values that are no good ----
a = put(D, [("phone_setting.backlight_tme", "60")])
ok(a.status == 200 and len(a.json["warnings"]) == 1 and NAME in a.json["warnings"][0], "an unknown name is kept, with a warning that names the nearest", a)
is_(put(D, [("srpt", "required")]).json["warnings"], ["override srpt is not known; the nearest is srtp"], "a word with a slip too")
is_(put(D, [(NAME, "60")]).json["warnings"], [], "a known one: no warning")
is_(put(D, [("voIpProt.SIP.dtmfViaSignaling.rfc2976", "1")]).json["warnings"], [], "nor for what another vendor of the domain knows")
was = generations()
for n, v in (("srtp", "perhaps"), ("a\nb", "1"), (NAME, "x\ny"), (NAME, "x" * 600), ("", "1"), ("account.1.password", "evil"), ("static.auto_provision.server.url", "https://evil.test/"),
             ("codecs", "g722 mp3")):
    a = put(D, [(n, v)])
    ok(a.status in (400, 422) and a.get("Content-Type").startswith("application/problem+json") and len(a.json["detail"]) > 15, "refused: %r = %.20r" % (n, v), a)
is_(put(PHONE, [(NAME, "60"), (NAME, "61")]).status, 400, "twice in one list")
is_(put(BRAND, [("account.1.password", "evil")]).status, 400, "what Rekey states itself, at the brand too")
is_(put(MODEL, [("account.1.password", "evil")]).status, 400, "and at the model")
is_(generations(), was, "nothing of it was kept")

# ---- secrets ----
SECRET = "ldap.password"
a = put(D, [(SECRET, "s3cr3t-w0rd")])
ok(a.status == 200 and a.json["overrides"] == [{"name": SECRET, "value": "***"}], "a secret is not shown", a)
g = generations()
is_(put(D, [(SECRET, "***")]).status, 200, "sent back as it was shown")
is_(generations(), g, "it stays as it is")
ok("s3cr3t-w0rd" not in config(T46U) and "s3cr3t-w0rd" not in r.api("GET", D + "/phones/%s/config/%s.cfg?layers=1" % (T46U, T46U)).text, "nor in a file that an admin sees")
log = r.must("GET", "/auditlog?limit=1000")
rows = [x for x in log if x["action-type"] == "override-set"]
ok(rows and "s3cr3t-w0rd" not in json.dumps(log), "nor in the audit log")
ok(any(NAME in x["auditlog-details"]["after"] for x in rows), "which says what was set", rows[-1])
done()

#!/usr/bin/python3
"""Orders that are refused: each with problem+json, a stable type and a sentence that helps, and not one row of the database
differs afterwards. The limits are tried from both sides."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from content import at_rest, content, differs  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.domain("other.test")
D, O = "/domains/example.test", "/domains/other.test"
for ext, first, last in (("1001", "Anna", "Berg"), ("1002", "Emil", "Koch"), ("1003", "Ida", "Lang"), ("1004", "Otto", "Mai"), ("1005", "", "")):
    r.user(ext, first, last)
r.user("1010", "Olaf", "Boss", **{"user-scope": "Office Manager"})
r.user("1020", "Rita", "Seller", **{"user-scope": "Reseller"})
r.user("1001", "Fremd", "Mann", domain="other.test")
r.phone("001565aabb01", "yealink-t46u", ["1001"])
r.phone("001565aabb02", "yealink-t46u", ["1001"], domain="other.test")
FULL = r.phone("0004f2aabb03", "polycom-vvx150", ["1002", "1003"])  # two lines, both taken


def key(scope, **more):
    return r.must("POST", more.pop("at", D) + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office = key("Office Manager")
site = key("Site Manager")
basic = key("Basic User")
other = key("Office Manager", at=O)


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


HELD = r.must("POST", D + "/resets", {"users": ["1004"], "at": iso(86400)})["reset"]
FORM = {"user": "1005", "name-first-name": "Nora", "name-last-name": "Neu"}
before = at_rest(r)

TYPES = {400: "input", 403: "forbidden", 404: "not-found", 409: "conflict", 413: "limit", 422: "idempotency-key-reused"}


def refused(what, status, path, body, word="", key=None, **headers):
    global before
    a = r.api("POST", path, body, key=key, **headers)
    j = a.json if "json" in (a.get("Content-Type") or "") else {}
    good = (a.status == status and a.get("Content-Type") == "application/problem+json" and j.get("status") == status and
            j.get("type") == "urn:rekey:problem:" + TYPES[status] and len(j.get("detail", "")) > 15 and word in j.get("detail", ""))
    now = content(r)
    ok(good and now == before, what, "%r\ndiffers: %s" % (a, differs(before, now)))
    before = now


R, C, B = D + "/resets", D + "/recycles", D + "/bulk"
one = {"users": ["1001"]}
# ---- who ----
refused("a Basic User", 403, R, one, key=basic)
refused("a Site Manager", 403, R, one, key=site)
refused("a Site Manager's bulk", 403, B, dict(one, action="delete"), key=site)
refused("an Office Manager of another domain", 403, R, one, key=other)
refused("the same for a domain that is not there", 403, "/domains/nowhere.test/resets", one, key=other)
refused("a user of a higher scope", 403, R, {"users": ["1001", "1020"]}, "1020", key=office)
refused("deleted in bulk", 403, B, {"users": ["1020"], "action": "delete"}, "1020", key=office)
refused("and recycled", 403, C, {"recycle": [dict(FORM, user="1020")]}, "1020", key=office)

# ---- one's own account: with a password and a session ----
own = r.login.split("@")[0]
domain = r.login.split("@")[1]
for path, body in (("/resets", {"users": [own]}), ("/bulk", {"users": [own], "action": "delete"}), ("/recycles", {"recycle": [dict(FORM, user=own)]})):
    a = r.ask("POST", "/api/v1/domains/" + domain + path, json.dumps(body), {"Content-Type": "application/json", "Cookie": r.cookie, "X-CSRF-Token": r.csrf})
    ok(a.status == 403 and "own" in a.json["detail"], "one's own account: " + path, a)
is_(differs(before, content(r)), [], "nothing changed by these three")

# ---- whom ----
refused("nobody", 400, R, {"users": []}, "nobody")
refused("an empty order", 400, R, {})
refused("an empty list of forms", 400, C, {"recycle": []})
refused("an unknown user", 404, R, {"users": ["1001", "4711"]}, "4711")
refused("an unknown user's delete", 404, B, {"users": ["4711"], "action": "delete"}, "4711")
refused("an unknown user's recycle", 404, C, {"recycle": [dict(FORM, user="4711")]}, "4711")
refused("a number in place of a text", 400, R, {"users": [1001]})
refused("an empty extension", 400, R, {"users": [""]})
refused("a control character", 404, R, {"users": ["10\u000701"]})
refused("a user named twice", 400, R, {"users": ["1001", "1002", "1001"]}, "1001")
refused("a form given twice", 400, C, {"recycle": [FORM, FORM]}, "1005")
refused("a user in another job", 409, R, {"users": ["1001", "1004"]}, HELD)
refused("a user in another job, in bulk", 409, B, {"users": ["1004"], "action": "delete"}, HELD)
a = r.api("DELETE", D + "/users/1004")
ok(a.status == 409 and HELD in a.json["detail"] and content(r) == before, "and by a single delete", a)

# ---- what ----
refused("an unknown option", 400, R, dict(one, options={"everything": True}), "everything")
refused("an option that is neither true nor false", 400, R, dict(one, options={"phone-lines": 7}), "phone-lines")
refused("options as a list", 400, R, dict(one, options=["phone-lines"]))
refused("an unknown member", 400, R, dict(one, colour="red"), "colour")
refused("users in a recycle", 400, C, dict(one, recycle=[FORM]), "users")
refused("an unknown action", 400, B, dict(one, action="promote"), "action")
refused("no action", 400, B, one, "action")
refused("a reset as a bulk action", 400, B, dict(one, action="reset"), "action")
refused("options of a bulk action", 400, B, dict(one, action="delete", options={}), "options")

# ---- the form ----
refused("no last name", 400, R, dict(one, recycle=[{"user": "1001", "name-first-name": "Nora"}]), "name-last-name")
refused("an empty last name", 400, C, {"recycle": [dict(FORM, **{"name-last-name": ""})]}, "name-last-name")
refused("no first name", 400, D + "/users/1005/recycle", {"name-last-name": "Neu"}, "name-first-name")
refused("no user", 400, C, {"recycle": [{"name-first-name": "Nora", "name-last-name": "Neu"}]}, "user")
refused("a name with a control character", 400, C, {"recycle": [dict(FORM, **{"name-first-name": "No\u0007ra"})]}, "name-first-name")
refused("a name that no phone takes", 400, C, {"recycle": [dict(FORM, **{"name-first-name": "N" * 60, "name-last-name": "N" * 60})]})
refused("an email without @", 400, C, {"recycle": [dict(FORM, **{"email-address": "nora.example.test"})]}, "email")
refused("an email with a blank", 400, C, {"recycle": [dict(FORM, **{"email-address": "nora neu@example.test"})]}, "email")
refused("a phone that is no MAC", 400, C, {"recycle": [dict(FORM, phone="001565aabb0")]}, "phone")
refused("a phone of another domain", 404, C, {"recycle": [dict(FORM, phone="001565aabb02")]}, "001565aabb02")
refused("a phone that nobody has", 404, C, {"recycle": [dict(FORM, phone="001565ffffff")]}, "001565ffffff")
refused("a phone without a free line", 409, C, {"recycle": [dict(FORM, phone="0004f2aabb03")]}, "0004f2aabb03")
refused("a user who is not reset", 409, C, {"recycle": [dict(FORM, user="1002")]}, "1002")
refused("a form for later without a reset", 400, C, {"recycle": [{"user": "1005", "later": True}]}, "later")

# ---- when ----
for text in ("tomorrow", "2026-11-30", "18:00", "2026-02-30T18:00:00Z", "2026-11-30T18:00:00", "2026-11-30T25:00:00Z"):
    refused("at: " + text, 400, R, dict(one, at=text), "at")
refused("at an hour ago", 400, R, dict(one, at=iso(-3600)), "passed")
refused("at in three years", 400, R, dict(one, at=iso(3 * 366 * 86400)), "ahead")

# ---- how much ----
many = [str(20000 + i) for i in range(10001)]
refused("10,001 users", 413, R, {"users": many}, "10000")
refused("10,001 forms", 413, C, {"recycle": [FORM] * 10001}, "10000")
refused("10,000 users are looked at: there is no such user", 404, R, {"users": many[:10000]}, many[0])
LIMIT = 4 * 1024 * 1024
body = '{"users": ["1001"], "colour": "%s"}'
refused("a body of 4 MB is read", 400, R, body % ("x" * (LIMIT - len(body) + 2)), "colour")
out = subprocess.run(["curl", "-s", "--cacert", r.ca, "-H", "Authorization: Bearer " + r.key, "-H", "Content-Type: application/json", "--data-binary", "@-",
                      "-w", "\n%{http_code} %{content_type}", "https://localhost:%d/api/v1%s" % (r.admin_port, R)],
                     input=(body % ("x" * (LIMIT - len(body) + 3))).encode(), stdout=subprocess.PIPE).stdout.decode()
ok(out.endswith("413 application/problem+json") and content(r) == before, "one byte more is not", out)

# ---- twice ----
held = r.api("POST", R, dict(one, at=iso(7200)), Idempotency_Key="k-1")
is_(held.status, 202, "an order with a key")
before = content(r)
refused("the key with another body", 422, R, {"users": ["1002"], "at": iso(7200)}, "Idempotency-Key", Idempotency_Key="k-1")
refused("the key with another path", 422, B, {"users": ["1002"], "action": "delete"}, "Idempotency-Key", Idempotency_Key="k-1")
a = r.api("POST", R, {"users": ["4711"]}, Idempotency_Key="k-2")
b = r.api("POST", R, dict({"users": ["1002"]}, at=iso(7200)), Idempotency_Key="k-2")
is_((a.status, b.status), (404, 202), "a refused order does not use its key up")
done()

#!/usr/bin/python3
"""The list of users as a page needs it: search, order, phones of each; and a session that a page's own requests do not keep alive."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.must("POST", "/domains", {"domain": "example.test"})
r.domain("other.test")
D = "/domains/example.test"
for site in ("West", "East"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Berg", **{"site": "West", "department": "Sales", "email-address": "a.berg@example.test"})
r.user("1002", "Emil", "Koch", **{"site": "East", "department": "depot"})
r.user("1003", "Zoë", "100%_!", **{"user-scope": "Office Manager"})
r.user("2001", "anna", "Zorn", site="East")
r.user("1001", "Anna", "Elsewhere", domain="other.test")


def found(query):
    return [u["user"] for u in r.must("GET", D + "/users?" + query)]


for query, want in (("search=anna", ["1001", "2001"]), ("search=ANNA", ["1001", "2001"]), ("search=anna%20berg", ["1001"]), ("search=berg%20anna", ["1001"]),
                    ("search=00", ["1001", "1002", "1003", "2001"]), ("search=a.berg@", ["1001"]), ("search=depo", ["1002"]), ("search=nobody", []),
                    ("search=%25", ["1003"]), ("search=_", ["1003"]), ("search=!", ["1003"]), ("search='--", []), ("search=", ["1001", "1002", "1003", "2001"]),
                    ("search=anna&site=East", ["2001"]), ("search=Elsewhere", []), ("search=00&start=1&limit=2", ["1002", "1003"])):
    is_(found(query), want, query)
    if "start" not in query:
        is_(r.must("GET", D + "/users/count?" + query)["total"], len(want), "and so many are counted")
for sort, want in (("user", ["1001", "1002", "1003", "2001"]), ("-user", ["2001", "1003", "1002", "1001"]), ("name", ["1001", "2001", "1002", "1003"]),
                   ("-name", ["1003", "1002", "2001", "1001"]), ("department", ["1003", "2001", "1002", "1001"]), ("-site", ["1001", "1002", "2001", "1003"]),
                   ("-user-scope", ["1003", "1001", "1002", "2001"])):
    is_(found("sort=" + sort), want, "sort=" + sort)
r.must("POST", D + "/users/1002/welcome", {"link": True})
is_(len(found("sort=account-status")), 4, "sort=account-status")
for bad in ("sort=colour", "sort=-", "sort=--name", "fields=all", "search=" + "x" * 201):
    a = r.api("GET", D + "/users?" + bad)
    ok(a.status == 400 and len(a.json["detail"]) > 15, "400: " + bad[:20], a)
is_(len(found("search=" + "x" * 200)), 0, "200 bytes are taken")

is_(sorted(r.must("GET", D + "/users?fields=brief")[0]), ["account-status", "name-first-name", "name-last-name", "user", "user-scope"], "fields=brief")
ok("phones" not in r.must("GET", D + "/users")[0], "no phones without being asked")
r.phone("001565000001", "yealink-t46u", ["1001", "1002"], domain="example.test")
got = {u["user"]: u["phones"] for u in r.must("GET", D + "/users?fields=phones")}
want = [{"device-provisioning-mac-address": "001565000001", "device-models-model": "yealink-t46u", "device-sip-registration-state": None, "behind": True}]
is_(got, {"1001": want, "1002": want, "1003": [], "2001": []}, "fields=phones")

# ---- the session ----
is_([(a["action-type"], a["target-user"], a["by-client"]) for a in r.must("GET", "/domains/%s/auditlog?action-type=login" % r.login.split("@")[1])],
    [("login", r.login.split("@")[0], "portal")], "a login stands in the log of its domain")
s = r.ask("GET", "/api/v1/session", headers={"Cookie": r.cookie}).json
is_(s["session-idle-minutes"], 30, "the idle limit is told")
ends = time.mktime(time.strptime(s["session-ends-datetime"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
ok(11.9 * 3600 < ends - time.time() <= 12 * 3600, "and when it ends whatever happens", s)
is_(r.must("GET", "/session")["session-ends-datetime"], None, "a program's key has no such limit")


def sql(text):
    out = subprocess.run(["sqlite3", "-cmd", ".timeout 3000", os.path.join(r.data, "rekey.db"), text], capture_output=True, text=True)
    return out.stdout.strip()


def expiry():
    return int(sql("SELECT expires_ms FROM sessions"))


def age():
    sql("UPDATE sessions SET seen_ms = seen_ms - 600000, expires_ms = expires_ms - 600000")
    return expiry()


aged = age()
for headers in ({"X-Background": "yes"}, {"Accept": "text/event-stream"}):
    a = r.ask("GET", "/api/v1/session", headers=dict(headers, Cookie=r.cookie))
    is_(a.status, 200, "a page asks by itself: %s" % json.dumps(headers))
r.ask("GET", "/api/v1/session", headers={"Cookie": r.cookie})
end = time.monotonic() + 10
while expiry() == aged and time.monotonic() < end:
    time.sleep(0.05)
ok(expiry() > aged, "a person's request keeps the session")
aged = age()
r.ask("GET", "/api/v1/session", headers={"X-Background": "yes", "Cookie": r.cookie})
r.must("POST", D + "/sites", {"site": "behind the touch"})  # the writer has written what came before
is_(expiry(), aged, "the page's own does not")
done()

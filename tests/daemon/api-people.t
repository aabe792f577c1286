#!/usr/bin/python3
"""Answering rules, time frames, contacts: list, read, add, change, delete, order; limits from both sides; who may and who may not;
and what a reset with their options takes, says before, and leaves."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.must("POST", "/domains", {"domain": "example.test", "time-zone": "Europe/Berlin"})
r.domain("other.test")
D = "/domains/example.test"
for site in ("Nord", "Süd"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Berg", site="Nord")
r.user("1002", "Emil", "Koch", site="Süd")
r.user("1010", "Re", "Seller", **{"user-scope": "Reseller"})
r.user("1001", "Other", "Person", domain="other.test")
U, O = D + "/users/1001", D + "/users/1002"
A, T, K = U + "/answerrules", U + "/timeframes", U + "/contacts"


def refused(status, method, path, body=None, what="", key=None):
    a = r.api(method, path, body, key=key)
    return ok(a.status == status and a.get("Content-Type").startswith("application/problem+json") and len(a.json["detail"]) > 15
              and a.json["code"] == status, "%d: %s %s %s" % (status, method, path[-40:], what or json.dumps(body)[:70]), a)


# ---- time frames ----
is_(r.must("GET", T), [], "no time frame at first")
WEEK = {"timeframe-days-of-week-array": [{"timeframe-weekly-%s-%s-time-1" % (d, x): t for d in ("monday", "friday") for x, t in (("begin", "08:00"), ("end", "17:30"))}]}
a = r.api("POST", T, dict(WEEK, **{"timeframe-name": "Office", "timeframe-type": "days-of-week"}))
is_((a.status, a.json["timeframe-name"], a.json["user"], a.get("Location")), (201, "Office", "1001", "/api/v1%s/%s" % (T, a.json["timeframe-id"])), "a time frame")
is_(a.json["timeframe-days-of-week-array"], WEEK["timeframe-days-of-week-array"], "with its days")
office = T + "/" + a.json["timeframe-id"]
refused(409, "POST", T, {"timeframe-name": "Office"}, "a name twice")
s = r.must("POST", D + "/timeframes", {"timeframe-name": "Holidays", "timeframe-type": "holiday"})
is_((s["user"], [x["timeframe-name"] for x in r.must("GET", D + "/timeframes")], [x["timeframe-name"] for x in r.must("GET", T)]), ("*", ["Holidays"], ["Office"]), "one that all share")
is_(r.must("PUT", office, {"timeframe-name": "Hours"})["timeframe-name"], "Hours", "change")
is_(r.must("GET", office)["timeframe-days-of-week-array"], WEEK["timeframe-days-of-week-array"], "which leaves the days")
is_((r.must("GET", T + "/count")["total"], r.must("GET", D + "/timeframes/count")["total"]), (1, 1), "count")
for body in ({}, {"timeframe-name": ""}, {"timeframe-name": "*"}, {"timeframe-name": "count"}, {"timeframe-name": "reorder"}, {"timeframe-name": "x" * 65}, {"timeframe-name": "a\nb"},
             {"timeframe-name": 7}, {"timeframe-name": "x", "timeframe-type": "never"}, {"timeframe-name": "x", "colour": "red"},
             {"timeframe-name": "x", "timeframe-days-of-week-array": {}}, {"timeframe-name": "x", "timeframe-days-of-week-array": ["x"]},
             {"timeframe-name": "x", "timeframe-days-of-week-array": [{}] * 65}, {"timeframe-name": "x", "timeframe-holiday-array": [{"a": {"b": 1}}]},
             {"timeframe-name": "x", "timeframe-holiday-array": [{"a": "x" * 65}]}, {"timeframe-name": "x", "timeframe-holiday-array": [{"a": "x\x01"}]},
             {"timeframe-name": "x", "timeframe-holiday-array": [{"m%d" % i: 1 for i in range(65)}]},
             {"timeframe-name": "x", "timeframe-specific-dates-array": [{"m%d" % i: "x" * 60 for i in range(64)}] * 5}):
    refused(400, "POST", T, body)
is_(r.must("GET", T + "/count")["total"], 1, "nothing of it is there")
r.must("POST", T, {"timeframe-name": "ü" * 64, "timeframe-type": "custom", "timeframe-days-of-week-array": [{"m%d" % i: "x" for i in range(64)}] + [{}] * 63})
ok(True, "64 characters, 64 entries, 64 members")
for i in range(62):
    r.must("POST", T, {"timeframe-name": "t%02d" % i})
refused(409, "POST", T, {"timeframe-name": "t62"}, "the 65th")
is_([x["timeframe-name"] for x in r.must("GET", T + "?start=1&limit=2")], ["t00", "t01"], "start and limit")

# ---- answering rules ----
is_([(x["time-frame"], x["order"], x["enabled"], x["is-active"]) for x in r.must("GET", A)], [("*", 99, "yes", True)], "the default rule")
a = r.api("POST", A, {"time-frame": "Hours", "forward-no-answer": {"enabled": "yes", "parameters": ["vmail_1001"]}})
is_((a.status, a.json["order"], a.json["forward-no-answer"], a.json["forward-always"], a.json["simultaneous-ring"]),
    (201, 1, {"enabled": "yes", "parameters": ["vmail_1001"]}, {"enabled": "no", "parameters": []}, {"enabled": "no", "parameters": []}), "a rule; what is not set is off")
is_(a.json["time_range_data"], WEEK["timeframe-days-of-week-array"], "with the days of its time frame")
r.must("POST", A, {"time-frame": "Holidays", "forward-always": {"enabled": "yes", "parameters": [1002, "confirm_491711234567;delay=20"]}})
is_([x["time-frame"] for x in r.must("GET", A)], ["Hours", "Holidays", "*"], "a shared time frame too; the default rule stays last")
r.must("POST", A, {"time-frame": "t00", "new-position": "top"})
is_([(x["time-frame"], x["order"]) for x in r.must("GET", A)], [("t00", 1), ("Hours", 2), ("Holidays", 3), ("*", 99)], "at the top, the others make room")
r.must("PUT", A + "/t00", {"new-position": "bottom"})
is_([x["time-frame"] for x in r.must("GET", A)], ["Hours", "Holidays", "t00", "*"], "to the bottom")
r.must("PUT", A + "/reorder", {"time-frames": ["t00", "*", "Holidays", "Hours"]})
is_([(x["time-frame"], x["order"]) for x in r.must("GET", A)], [("t00", 1), ("*", 2), ("Holidays", 3), ("Hours", 4)], "in an order, the default one among them")
a = r.api("POST", A + "/reorder", [{"time-frame": x} for x in ("Holidays", "Hours", "t00", "*")])
is_((a.status, [x["time-frame"] for x in a.json]), (200, ["Holidays", "Hours", "t00", "*"]), "as a bare list too")
for body in ({"time-frames": ["Hours"]}, {"time-frames": ["Hours", "Hours", "t00", "*"]}, {"time-frames": ["Hours", "Holidays", "t00", "t01"]}, {"time-frames": "Hours"}, {"x": []}, [7, 8, 9, 10], {}):
    a = r.api("PUT", A + "/reorder", body)
    ok(a.status in (400, 404) and len(a.json["detail"]) > 15, "no order: %s" % json.dumps(body)[:60], a)
is_([x["time-frame"] for x in r.must("GET", A + "?start=1&limit=2")], ["Hours", "t00"], "start and limit")
is_(r.must("GET", A + "/count")["total"], 4, "count")
r.must("PUT", A + "/*", {"do-not-disturb": {"enabled": True}, "order": 50})
got = r.must("GET", A + "/*")
is_((got["do-not-disturb"], got["simultaneous-ring"]["parameters"], got["order"]), ({"enabled": "yes"}, ["<OwnDevices>"], 50), "the default rule is changed, the rest of it stays")
r.must("PUT", A + "/*", {"do-not-disturb": None, "order": 99})
is_(r.must("GET", A + "/*")["do-not-disturb"], {"enabled": "no"}, "null puts a feature back")
refused(409, "DELETE", A + "/*", what="the default rule stays")
refused(409, "DELETE", office, what="a rule stands on it")
refused(409, "DELETE", D + "/timeframes/" + s["timeframe-id"], what="somebody's rule stands on it")
for body in ({}, {"time-frame": ""}, {"time-frame": 7}, {"time-frame": "t01", "colour": "red"}, {"time-frame": "t01", "enabled": "maybe"}, {"time-frame": "t01", "order": -1}, {"time-frame": "t01", "order": 10000},
             {"time-frame": "t01", "new-position": "left"}, {"time-frame": "never"}, {"time-frame": "t01", "forward-always": "1002"}, {"time-frame": "t01", "forward-always": {"enabled": "yes", "parameters": "1002"}},
             {"time-frame": "t01", "do-not-disturb": {"enabled": "yes", "parameters": []}}, {"time-frame": "t01", "forward-always": {"parameters": ["1"] * 33}}):
    refused(400, "POST", A, body)
for p in ("", " ", "10 02", "<All>", "<OwnDevices>x", "1002;delay", "1002;delay=", "1002;delay=601", "1002;delay=5x", "a\nb", "x" * 129, "1002,1003", "\"1\"", -1, 1.5, None, ["1"], {"a": 1}):
    refused(400, "POST", A, {"time-frame": "t01", "simultaneous-ring": {"enabled": "yes", "parameters": [p]}}, "no destination: %s" % ascii(p)[:30])
is_(r.must("GET", A + "/count")["total"], 4, "nothing of it is there")
WIDE = [str(1000 + i) for i in range(32)]
r.must("POST", A, {"time-frame": "t01", "order": 9999, "simultaneous-ring": {"enabled": "yes", "parameters": WIDE},
                   "forward-always": {"enabled": "no", "parameters": ["x" * 128, "1002;delay=600", "<OwnDevices>;delay=0", "sip:1002@example.test"]}})
is_(r.must("GET", A + "/t01")["simultaneous-ring"]["parameters"], WIDE, "32 destinations, 128 characters, 600 seconds, order 9999")
for i in range(2, 61):
    r.must("POST", A, {"time-frame": "t%02d" % i})
refused(409, "POST", A, {"time-frame": "t61"}, "the 65th")
is_(r.must("GET", A + "/count")["total"], 64, "64 rules, the default one among them")
for i in range(2, 61):
    r.must("DELETE", A + "/t%02d" % i)
r.must("DELETE", A + "/t01")
refused(404, "GET", A + "/t01", what="gone")
is_([x["time-frame"] for x in r.must("GET", O + "/answerrules")], ["*"], "nobody else's rules were touched")

# ---- contacts ----
a = r.api("POST", K, {"name-first-name": "Paula", "name-last-name": "Privat", "phonenumber-cell": "0171 7654321", "email": "paula@privat.test", "company": "Privat & Söhne", "tags": "a,b"})
is_((a.status, a.json["name-last-name"], a.json["phonenumber-cell"], a.json["phonenumber-home"], a.json["shared"]), (201, "Privat", "0171 7654321", "", "no"), "a contact")
one = K + "/" + a.json["unique-id"]
is_(a.get("Location"), "/api/v1" + one, "Location")
is_(r.must("PATCH", one, {"phonenumber-work": 4930123})["phonenumber-work"], "4930123", "change; a number is its digits")
shared = r.must("POST", D + "/contacts", {"company": "Taxi"})
is_([x["company"] for x in r.must("GET", K + "?includeDomain=yes")], ["Taxi", "Privat & Söhne"], "with the shared ones, by name")
is_([r.must("GET", K + "/count" + q)["total"] for q in ("", "?includeDomain=yes")], [1, 2], "count")
refused(400, "GET", K + "?includeDomain=perhaps")
for body in ({}, {"name-first-name": ""}, {"tags": "x"}, {"name-last-name": "x" * 61}, {"name-last-name": "a\tb"}, {"name-last-name": "x", "email": "no address"}, {"name-last-name": "x", "email": "@x"},
             {"name-last-name": "x", "phonenumber-cell": "call me"}, {"name-last-name": "x", "phonenumber-cell": "+"}, {"name-last-name": "x", "phonenumber-cell": "1" * 41},
             {"name-last-name": "x", "colour": "red"}, {"name-last-name": 7}, {"name-last-name": "x", "company": "x" * 121}):
    refused(400, "POST", K, body)
refused(404, "GET", one.replace("1001", "1002"), what="another's contact is none")
refused(404, "GET", K + "/" + shared["unique-id"], what="a shared one is not the user's")
refused(404, "GET", D + "/contacts/" + a.json["unique-id"], what="nor the user's a shared one")
refused(404, "GET", K + "/999999999")
refused(400, "GET", K + "/x")
is_(r.must("GET", K + "/count")["total"], 1, "nothing of it is there")
for i in range(5):
    r.must("POST", K, {"name-last-name": "K%d" % i, "phonenumber-work": "(0)30/12-%d x4" % i})
is_([x["name-last-name"] for x in r.must("GET", K + "?start=2&limit=2")], ["K2", "K3"], "start and limit")
r.must("DELETE", K + "/" + r.must("GET", K)[0]["unique-id"])
is_(r.must("GET", K + "/count")["total"], 5, "delete")


# ---- who may ----
def key(scope, domain=D, **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


site, field, basic, office_key, other = key("Site Manager", sites=["Nord"]), key("Field Technician", sites=["Nord"]), key("Basic User"), key("Office Manager"), key("Office Manager", "/domains/other.test")
for what, body in (("answerrules", {"time-frame": "Hours"}), ("timeframes", {"timeframe-name": "x"}), ("contacts", {"name-last-name": "x"})):
    before = [r.must("GET", x + "/" + what) for x in (U, O, D + "/users/1010")]
    is_([r.api("GET", x + "/" + what, key=site).status for x in (U, O)], [200, 403], "a Site Manager sees those of his site: " + what)
    refused(403, "POST", O + "/" + what, body, "another site's", key=site)
    refused(403, "GET", U + "/" + what, key=field, what="a technician has no business here")
    refused(403, "GET", U + "/" + what, key=basic, what="a Basic User sees himself alone")
    refused(403, "GET", U + "/" + what, key=other, what="nobody of another domain")
    refused(403, "POST", U + "/" + what, body, "nobody of another domain", key=other)
    refused(403, "POST", D + "/users/1010/" + what, body, "not of a higher scope", key=office_key)
    refused(404, "GET", D + "/users/4711/" + what, what="no such user")
    refused(404, "POST", D + "/users/4711/" + what, body, "no such user")
    is_([r.must("GET", x + "/" + what) for x in (U, O, D + "/users/1010")], before, "and nothing changed")
for what, body in (("timeframes", {"timeframe-name": "x"}), ("contacts", {"name-last-name": "x"})):
    is_(r.api("GET", D + "/" + what, key=site).status, 200, "a Site Manager sees what all share: " + what)
    refused(403, "POST", D + "/" + what, body, "and does not change it", key=site)
    refused(403, "GET", D + "/" + what, key=other, what="nobody of another domain")

# A Basic User with a password: himself, by ~. The token of the password grant stands for him.
client = r.must("POST", D + "/apikeys", {"name": "desk", "user-scope": "Basic User"})
import sqlite3  # noqa: E402
with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:  # the set-password page is not what is tried here
    db.execute("UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE login <> '' OR scope = 'Super User' ORDER BY id LIMIT 1) WHERE ext IN ('1001', '1002')")
t = r.must("POST", "/tokens", {"grant_type": "password", "client_id": str(client["apikey"]), "client_secret": client["key"], "username": "1001@example.test", "password": r.password})
me, them = t["access_token"], "/domains/~/users/~"
is_([r.api("GET", them + x, key=me).status for x in ("/answerrules", "/timeframes", "/contacts", "/contacts?includeDomain=yes")], [200] * 4, "a Basic User has his own, by ~")
mine = r.api("POST", them + "/contacts", {"name-last-name": "Mine"}, key=me)
is_((mine.status, r.api("PUT", them + "/answerrules/*", {"call-screening": {"enabled": "yes"}}, key=me).status, r.api("GET", "/domains/~/contacts", key=me).status), (201, 200, 200), "and changes them")
r.must("PUT", A + "/*", {"call-screening": None})
refused(403, "GET", O + "/contacts", key=me, what="not another's")
refused(403, "POST", "/domains/~/contacts", {"name-last-name": "x"}, "not what all share", key=me)

# ---- the audit log: before and after ----
log = r.must("GET", D + "/auditlog?limit=1000")
acts = {x["action-type"] for x in log}
ok({"answerrule-add", "answerrule-change", "answerrule-delete", "answerrule-reorder", "timeframe-add", "timeframe-change", "contact-add", "contact-change", "contact-delete"} <= acts, "every change is in it", acts)
row = [x for x in log if x["action-type"] == "answerrule-change" and x["target-object"] == "*"][-1]
ok('"do-not-disturb":{"enabled":"no"}' in row["auditlog-details"]["before"] and '"do-not-disturb":{"enabled":"yes"}' in row["auditlog-details"]["after"], "before and after", row)

# ---- a reset: what it says before, what it takes, what it leaves ----
CELL = "+49 171 1234567"
r.must("PUT", A + "/*", {"simultaneous-ring": {"enabled": "yes", "parameters": ["<OwnDevices>", "confirm_01711234567;delay=10"]}})  # her mobile
r.must("POST", D + "/contacts", {"name-first-name": "Anna", "name-last-name": "Berg", "phonenumber-home": "030 99887766"})
r.must("PUT", O + "/answerrules/*", {"forward-always": {"enabled": "yes", "parameters": ["+491711234567"]}})
r.must("POST", O + "/timeframes", {"timeframe-name": "Night"})
r.must("POST", O + "/answerrules", {"time-frame": "Night", "forward-always": {"enabled": "yes", "parameters": [493099887766]}, "forward-on-busy": {"enabled": "no", "parameters": ["0171-1234567"]}})
before = {x: r.must("GET", O + x) for x in ("/answerrules", "/timeframes", "/contacts")}
OPTIONS = {"answering-rules": True, "custom-contacts": True}
order = {"users": ["1001"], "options": OPTIONS, "dry-run": True}
plan = r.must("POST", D + "/resets", order)["plans"][0]
have = {x: r.must("GET", U + x) for x in ("/answerrules", "/timeframes", "/contacts")}
stored = [x for x in have["/answerrules"]]  # every one has a row by now, the default one too
is_((plan["counts"]["delete-answering-rules"], plan["counts"]["delete-time-frames"], plan["counts"]["delete-contacts"]),
    (len(stored), len(have["/timeframes"]), len(have["/contacts"])), "the plan counts them")
is_([(s["step"], s["count"]) for s in plan["steps"] if s["step"].startswith("delete-") and s["step"] != "delete-device"],
    [("delete-answering-rules", len(stored)), ("delete-time-frames", len(have["/timeframes"])), ("delete-contacts", len(have["/contacts"]))], "as steps")
is_(plan["rules-of-others"], [{"user": "1002", "time-frame": "*", "number-ends-with": "711234567"}, {"user": "1002", "time-frame": "Night", "number-ends-with": "099887766"}],
    "and lists the rules of others that ring her outside numbers, however they are written; not one that is off")
plan2 = r.must("POST", D + "/resets", dict(order, options={}))["plans"][0]
ok(plan2["counts"]["delete-contacts"] == 0 and any("contacts of the person" in x and str(len(have["/contacts"])) in x for x in plan2["stays"])
   and any("answering rules" in x for x in plan2["stays"]), "without the options: it says what stays for the next person", plan2["stays"])
is_({x: r.must("GET", U + x) for x in have}, have, "the dry run did nothing")


def reset(**more):
    id = r.must("POST", D + "/resets", dict({"users": ["1001"]}, **more))["reset"]
    return r.until(lambda: (lambda j: j if j["state"].startswith("done") else None)(r.must("GET", D + "/resets/" + id)))


def steps():
    with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:
        return json.loads(db.execute("SELECT steps FROM job_users ORDER BY id DESC LIMIT 1").fetchone()[0])


r.must("PUT", U, {"status-message": "in Rom", "email-send-alert-new-missed-call-enabled": "yes", "service-code": "desk 7"})
is_(reset()["state"], "done", "a reset without the options")
is_({x: r.must("GET", U + x) for x in have}, have, "leaves them")
u = r.must("GET", U)
is_(("status-message" in u, "email-send-alert-new-missed-call-enabled" in u, u["service-code"]), (False, False, "desk 7"), "what the person set goes, what the desk has stays")
is_(r.api("GET", them + "/contacts", key=me).status, 401, "and the person's token is dead")
handovers, audits = r.must("GET", D + "/handovers/count")["total"], r.must("GET", D + "/auditlog/count?action-type=reset")["total"]
plan = r.must("POST", D + "/resets", dict(order, options={}))["plans"][0]
ok(plan["already-reset"] and plan["steps"] == [], "reset already")
plan = r.must("POST", D + "/resets", order)["plans"][0]
ok(not plan["already-reset"] and {s["step"] for s in plan["steps"]} == {"delete-answering-rules", "delete-time-frames", "delete-contacts"}, "but not with options that were not ticked", plan["steps"])
is_(reset(options=OPTIONS)["state"], "done", "a reset with them")
is_([(x["time-frame"], x["order"], x["simultaneous-ring"], x["is-active"]) for x in r.must("GET", A)], [("*", 99, {"enabled": "yes", "parameters": ["<OwnDevices>"]}, True)],
    "every rule is gone, the default one stands again")
is_((r.must("GET", T), r.must("GET", K)), ([], []), "time frames and contacts are gone")
is_({k: steps()[k] for k in ("answering-rules-removed", "time-frames-removed", "contacts-removed", "lines-rekeyed")},
    {"answering-rules-removed": len(stored), "time-frames-removed": len(have["/timeframes"]), "contacts-removed": len(have["/contacts"]), "lines-rekeyed": 0}, "the job counts what was planned")
is_({x: r.must("GET", O + x) for x in before}, before, "rules and contacts of others are as they were")
is_((len(r.must("GET", D + "/contacts")), [x["timeframe-name"] for x in r.must("GET", D + "/timeframes")]), (2, ["Holidays"]), "what all share too")
is_(r.must("GET", D + "/handovers/count")["total"], handovers, "no line is recorded twice")
is_(reset(options=OPTIONS)["state"], "done", "once more")
is_((r.must("GET", D + "/handovers/count")["total"], r.must("GET", D + "/auditlog/count?action-type=reset")["total"]), (handovers, audits + 1), "records nothing twice")
r.must("PUT", U, {"name-first-name": "Nora", "name-last-name": "Neu"})
is_([x["time-frame"] for x in r.must("GET", A)], ["*"], "the next person begins with the default rule")
r.must("POST", T, {"timeframe-name": "Hers"})
r.must("POST", A, {"time-frame": "Hers"})
r.must("POST", K, {"name-last-name": "Hers"})
is_(r.api("DELETE", U).status, 200, "a user who has all of it can be deleted")
with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:
    is_([db.execute("SELECT COUNT(*) FROM %s WHERE user_id NOT IN (SELECT id FROM users)" % t).fetchone()[0] for t in ("answer_rules", "answer_numbers", "timeframes", "contacts")], [0] * 4, "with all of it")
db.close()
is_(r.stop(), 0, "ends cleanly")
done()

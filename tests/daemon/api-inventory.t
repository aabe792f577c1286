#!/usr/bin/python3
"""Domains, sites, users, devices, phones and keys: list, read, add, change, delete, by NetSapiens' names; login, sessions, keys, audit."""
import json
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
JSON = {"Content-Type": "application/json"}

# ---- login, cookie, token against forgery, logout ----
bad = [r.ask("POST", "/api/v1/login", json.dumps({"login": l, "password": p}), JSON)
       for l, p in ((r.login, "wrong"), ("nobody@local", "wrong"), ("nobody", r.password), ("", ""))]
is_([b.status for b in bad[:3]], [401] * 3, "wrong password, unknown login")
is_(bad[0].body, bad[1].body, "one answer for both")
ok(bad[0].get("Content-Type").startswith("application/problem+json") and bad[0].json["type"].startswith("urn:rekey:problem:")
   and bad[0].json["code"] == 401 and bad[0].json["message"], "problem+json with NetSapiens' code and message", bad[0])
is_(r.ask("POST", "/api/v1/login", "login=x", {"Content-Type": "application/x-www-form-urlencoded"}).status, 400, "a form is no JSON")
a = r.ask("POST", "/api/v1/login", json.dumps({"login": r.login.split("@")[0] + "@" + r.login.split("@")[1].upper(), "password": r.password}), JSON)
is_(a.status, 200, "the login, its domain in any case")
cookie = a.get("Set-Cookie")
ok(all(x in cookie for x in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/")), "the cookie is out of scripts' reach", cookie)
me = {"Cookie": cookie.split(";")[0]}
is_(r.ask("GET", "/api/v1/session", headers=me).json["user-scope"], "Super User", "who am I")
is_(r.ask("GET", "/api/v1/session", headers=me).json["csrf-token"], a.json["csrf-token"], "a reloaded page gets its token again")
is_(r.ask("POST", "/api/v1/domains", json.dumps({"domain": "x.test"}), dict(JSON, **me)).status, 403, "a cookie alone changes nothing")
is_(r.ask("POST", "/api/v1/domains", json.dumps({"domain": "x.test"}), dict(JSON, **me, **{"X-CSRF-Token": a.json["csrf-token"]})).status, 201, "with its token it does")
is_(r.ask("POST", "/api/v1/logout", "{}", dict(JSON, **me, **{"X-CSRF-Token": a.json["csrf-token"]})).status, 200, "logout")
is_(r.ask("GET", "/api/v1/session", headers=me).json, {}, "and the cookie is nobody's")
is_(r.ask("GET", "/api/v1/domains", headers=me).status, 401, "and opens nothing")
is_(a.get("X-Content-Type-Options"), "nosniff", "headers for browsers")

# ---- domains and sites ----
d = r.must("POST", "/domains", {"domain": "example.test", "reseller": "north", "time-zone": "Europe/Berlin", "sip-server": "sip.example.test"})
is_((d["domain"], d["reseller"], d["time-zone"], d["sip-realm"]), ("example.test", "north", "Europe/Berlin", "example.test"), "a domain")
r.domain("other.test")
is_(r.api("POST", "/domains", {"domain": "example.test"}).status, 409, "twice the same")
for bad_name in ("", "Ex ample", "-x", "a/b", "x\n"):
    is_(r.api("POST", "/domains", {"domain": bad_name}).status, 400, "no domain name: " + ascii(bad_name))
is_(r.must("GET", "/domains/count")["total"], 4, "count (the first admin's domain among them)")
is_([x["domain"] for x in r.must("GET", "/domains?start=1&limit=2")], ["local", "other.test"], "start and limit")
is_(r.must("PUT", "/domains/example.test", {"description": "Head office"})["description"], "Head office", "change")
is_(r.api("PUT", "/domains/example.test", {"descriptoin": "x"}).json["detail"][:14], '"descriptoin" ', "an unknown member is refused by name")
is_(r.api("GET", "/domains/nowhere.test").status, 404, "no such domain")
r.must("POST", "/domains/example.test/sites", {"site": "Nord", "quiet-from-minutes": 60})
is_([s["site"] for s in r.must("GET", "/domains/example.test/sites")], ["Nord"], "sites")
is_(r.must("PUT", "/domains/example.test/sites/Nord", {"time-zone": "Europe/Vienna"})["time-zone"], "Europe/Vienna", "change a site")
S = "/domains/example.test/sites"
a = r.api("POST", S, {"site": "Süd / Keller"})
is_((a.status, r.must("GET", S + "/S%C3%BCd%20%2F%20Keller")["quiet-to-minutes"], r.must("GET", S + "/count")["total"]), (201, 300, 2), "one site, and how many")
is_([s["site"] for s in r.must("GET", S + "?start=1&limit=1")], ["Süd / Keller"], "start and limit")
for body in ({}, {"site": ""}, {"site": "count"}, {"site": "x" * 65}, {"site": "a\nb"}, {"site": "x", "time-zone": "Mars/Base"}, {"site": "x", "quiet-from-minutes": 1440}, {"site": "x", "colour": 1}):
    is_(r.api("POST", S, body).status, 400, "refused: " + str(body)[:50])
is_((r.api("POST", S, {"site": "Nord"}).status, r.api("GET", S + "/West").status, r.api("DELETE", S + "/West").status), (409, 404, 404), "twice; none")
r.phone("001565aabb99", "yealink-t46u", [], site="Süd / Keller")
before = r.must("GET", "/domains/example.test/phones/001565aabb99")["generation-wanted"]
r.must("PATCH", S + "/S%C3%BCd%20%2F%20Keller", {"site": "Keller", "quiet-from-minutes": 5})
is_(r.must("GET", "/domains/example.test/phones/001565aabb99")["generation-wanted"], before, "a name stands in no file")
r.must("PATCH", S + "/Keller", {"time-zone": "US/Pacific"})
ok(r.must("GET", "/domains/example.test/phones/001565aabb99")["generation-wanted"] > before, "another zone does: the site's phones get a new file")
is_(r.api("DELETE", S + "/Keller").status, 409, "a site with a phone stays")
is_((r.must("DELETE", "/domains/example.test/phones/001565aabb99")["code"], r.api("DELETE", S + "/Keller").status, r.must("GET", S + "/count")["total"]), (200, 200, 1), "an empty one goes")
for zone in ("Mars/Base", "europe/berlin"):
    is_((r.api("PUT", "/domains/example.test", {"time-zone": zone}).status, r.api("PUT", S + "/Nord", {"time-zone": zone}).status), (400, 400), "a zone that no phone knows: " + zone)

# ---- users ----
U = "/domains/example.test/users"
u = r.user("1001", "Anna", "Berg", **{"email-address": "anna@example.test", "site": "Nord", "voicemail-login-pin": "90417283"})
is_((u["user"], u["name-first-name"], u["site"], u["account-status"], u["voicemail-login-pin-set"]), ("1001", "Anna", "Nord", "new", "yes"), "a user")
ok("90417283" not in json.dumps(u), "the PIN is not told")
is_(r.must("GET", U + "/1001/devices")[0]["device"], "1001", "with its primary device")
for i in range(2, 8):
    r.user("100%d" % i, "User", "Number %d" % i)
is_(r.must("GET", U + "/count")["total"], 7, "count")
is_([x["user"] for x in r.must("GET", U + "?start=2&limit=3")], ["1003", "1004", "1005"], "start and limit")
is_([x["user"] for x in r.must("GET", U + "?site=Nord")], ["1001"], "by site")
for q in ("limit=0", "limit=1001", "limit=x", "start=-1"):
    is_(r.api("GET", U + "?" + q).status, 400, "refused: " + q)
is_(r.api("POST", U, {"user": "1001"}).status, 409, "an extension twice")
for body in ({"user": ""}, {"user": "1 1"}, {"user": "count"}, {"user": "x" * 40}, {"user": "9", "user-scope": "King"}, {"user": "9", "email-address": "nope"},
             {"user": "9", "site": "Süd"}, {"user": "9", "voicemail-login-pin": "12"}, {"user": 9}, ["user"], "{", '{"user":"9","user":"9"}'):
    is_(r.api("POST", U, body).status, 400, "refused: " + str(body)[:40])
is_(r.must("PATCH", U + "/1002", {"department": "Lager", "name-last-name": "Two"})["department"], "Lager", "change")
is_(r.must("GET", U + "/1002")["name-last-name"], "Two", "stays changed")
whole = r.must("GET", U + "/1002")
is_(r.must("PUT", U + "/1002", whole)["name-last-name"], "Two", "what GET gave may come back by PUT")
is_(r.api("GET", U + "/4711").status, 404, "no such user")

# ---- devices ----
D = U + "/1001/devices"
is_(r.must("POST", D, {"device": "1001b"})["device"], "1001b", "a device")
is_(r.must("POST", D, {"device": "sip:1001c@example.test", "device-kind": "softphone"})["device-kind"], "softphone", "as NetSapiens writes it")
for body in ({"device": "1002x"}, {"device": "1001"}, {"device": "1001B"}, {"device": "1001b2"}, {"device": "1001d", "device-kind": "fax"},
             {"device": "1001d", "device-sip-registration-password": "short"}, {}):
    ok(r.api("POST", D, body).status in (400, 409), "refused: " + str(body)[:50])
is_(r.must("GET", D + "/count")["total"], 3, "count")
ok("password" not in json.dumps([k for k in r.must("GET", D + "/1001b") if "revision" not in k]), "no secret in the answer")
is_(r.api("DELETE", D + "/1001").status, 409, "the primary device stays")
is_(r.must("PUT", D + "/1001b", {"device-push-enabled": "yes"})["device-push-enabled"], "yes", "change")
e = r.must("POST", D + "/1001c/enrol", {})
path = re.sub(r"^https://[^/]*", "", e["url"])
status, head, body = r.curl(path, agent="Linphonec/5.1.65")
ok(status == 200 and b"1001c" in body and b"Anna Berg" in body, "a softphone's address gives its account", (status, body[:300]))
is_(r.api("DELETE", D + "/1001c").status, 200, "the device goes")
status, head, body = r.curl(path, agent="Linphonec/5.1.65")
ok(status == 200 and b"1001c" not in body and b"Anna" not in body and b"overwrite" in body, "its address answers 200 with blanks", (status, body[:600]))

# ---- phones ----
P = "/domains/example.test/phones"
p = r.must("POST", P, {"device-provisioning-mac-address": "00:15:65:AA:BB:01", "device-models-brand-and-model": "Yealink T46U", "site": "Nord",
                       "device-provisioning-sip-uri-1": "sip:1001@example.test", "device-provisioning-line-1-enabled": "yes"})
is_((p["device-provisioning-mac-address"], p["device-models-model"], p["state"], p["device-provisioning-sip-uri-1"], p["site"]),
    ("001565aabb01", "yealink-t46u", "assigned", "sip:1001@example.test", "Nord"), "a phone, with NetSapiens' line fields")
ok(p["first-access"]["url"].startswith("https://localhost:%d/cfg/" % r.phones_port), "with a first-access address", p)
is_(r.api("POST", P, {"device-provisioning-mac-address": "001565aabb01", "device-models-brand-and-model": "yealink-t46u"}).status, 409, "a MAC twice")
is_(r.api("POST", "/domains/other.test/phones", {"device-provisioning-mac-address": "001565aabb01", "device-models-brand-and-model": "yealink-t46u"}).status, 409,
    "also in another domain")
for body in ({"device-provisioning-mac-address": "zz"}, {"device-models-brand-and-model": "Snom 870"}, {"lines": [{"slot": 1, "device": "4711"}]},
             {"lines": [{"slot": 0, "device": "1001"}]}, {"lines": [{"slot": 99, "device": "1001"}]}, {"lines": [{"slot": 17, "device": "1001"}]},
             {"lines": [{"slot": 1, "device": "1001"}, {"slot": 1, "device": "1002"}]}, {"device-provisioning-sip-uri-1": "sip:1001@other.test"}, {"colour": "red"}):
    full = {"device-provisioning-mac-address": "001565aabb09", "device-models-brand-and-model": "yealink-t46u"}
    full.update(body)
    ok(r.api("POST", P, full).status in (400, 409), "refused: " + str(body)[:60], r.api("POST", P, full))
is_(r.api("GET", P + "/001565aabb09").status, 404, "and nothing of it is left")
r.phone("0004f2aabb02", "polycom-vvx450", ["1002", "1003"])
r.phone("000b82aabb03", "grandstream-gxp2170", [])
is_(r.must("GET", P + "/count")["total"], 3, "count")
is_([x["state"] for x in r.must("GET", P)], ["shared", "vacant", "assigned"], "by MAC, with their states")
is_([x["device-provisioning-mac-address"] for x in r.must("GET", P + "?state=vacant")], ["000b82aabb03"], "by state")
v = r.must("GET", P + "/000b82aabb03")
is_([(x["device"], x["use"]) for x in v["lines"]], [("idle-000b82aabb03", "idle")], "a vacant phone holds an idle line")
g = v["generation-wanted"]
v = r.must("PUT", P + "/000b82aabb03", {"lines": [{"slot": 1, "device": "1004"}]})
is_((v["state"], [(x["device"], x["use"]) for x in v["lines"]]), ("assigned", [("1004", "line")]), "a line comes, the idle one goes")
ok(v["generation-wanted"] > g, "with a new generation")
is_(r.must("PUT", P + "/000b82aabb03", {"notes": "by the door"})["lines"][0]["device"], "1004", "a change of something else leaves the lines")
v = r.must("PUT", P + "/000b82aabb03", {"lines": []})
is_((v["state"], v["lines"][0]["use"]), ("vacant", "idle"), "the line goes, the idle one is back")
h = r.must("GET", "/domains/example.test/unassignments?mac=000b82aabb03")
is_([(x["kind"], x["device"], x["open"]) for x in h], [("unassigned", "1004", True)], "and there is a record of it")
r.must("DELETE", P + "/000b82aabb03")
v = r.must("GET", P + "/000b82aabb03")
is_((v["state"], v["after-handovers"]), ("retired", "delete"), "a phone with an open record is not forgotten yet")
is_(r.must("POST", "/domains/example.test/unassignments/%d/write-off" % h[0]["handover"], {"reason": "lost in the move"})["state"], "written-off", "written off")
for x in r.must("GET", "/domains/example.test/handovers?open=yes&mac=000b82aabb03"):
    is_((x["kind"], x["why"]), ("relabelled", "delete"), "its last file has a record too")
    r.must("POST", "/domains/example.test/handovers/%d/write-off" % x["handover"], {"reason": "lost in the move"})
is_(r.api("POST", "/domains/example.test/unassignments/%d/write-off" % h[0]["handover"], {}).status, 400, "not without a reason")
ok(r.until(lambda: r.api("GET", P + "/000b82aabb03").status == 404), "now it is gone")
is_(r.must("DELETE", P + "/001565aabb01?dry-run=yes")["plan"]["deleted-when-proved"], True, "one with lines waits for the proof, says the dry run")
is_(len(r.must("GET", "/phones")), 2, "phones of all domains")
ok({"yealink-t46u", "polycom-vvx450", "grandstream-gxp2170"} <= {m["id"] for m in r.must("GET", "/phones/models")}, "models")
c = r.api("GET", P + "/001565aabb01/config/001565aabb01.cfg")
token = re.sub(r"^https://[^/]*", "", p["first-access"]["url"])
real = r.curl(token + "001565aabb01.cfg")[2].decode()
secrets = re.findall(r"(?m)^account\.1\.password = (\S+)|^(?:static\.)?auto_provision\.server\.password = (\S+)", real)
ok(c.status == 200 and "Anna Berg" in c.text and len(secrets) == 2 and not any(s in c.text for pair in secrets for s in pair if s), "its file, secrets masked", secrets)
is_(len(c.text.splitlines()), len(real.splitlines()), "line for line the same otherwise")
is_(r.api("GET", P + "/001565aabb01/config/0004f2aabb02.cfg").status, 404, "not another phone's")
is_(r.api("POST", P + "/001565aabb01/resync").status, 202, "resync")
ok(r.must("GET", P + "/001565aabb01/timeline"), "timeline")

# ---- keys ----
K = P + "/001565aabb01/keys"
is_([(k["key"], k["type"]) for k in r.must("GET", K)], [("0.1", "line")], "the line brought its key")
k = r.must("POST", K, {"place": 5, "type": "blf", "value": "1002"})
is_((k["key"], k["shows"], k["own-label"]), ("0.5", "1002", False), "a BLF shows its user")
ok("User Two" in r.api("GET", P + "/001565aabb01/config/001565aabb01.cfg").text, "with his name for a label")
r.must("PUT", U + "/1002", {"name-first-name": "Rita"})
ok("Rita Two" in r.api("GET", P + "/001565aabb01/config/001565aabb01.cfg").text, "which follows him")
is_([x["kind"] for x in r.must("GET", "/domains/example.test/handovers?mac=001565aabb01")], ["relabelled"], "with a record")
is_(r.must("PUT", K + "/0.5", {"label": "Reception"})["own-label"], True, "a label of its own")
r.must("POST", K, {"place": 6, "type": "speed-dial", "value": "030123", "label": "Mama", "owner": "person", "user": "1001"})
for body in ({"place": 5, "type": "park", "value": "701"}, {"place": 0, "type": "blf"}, {"place": 7, "type": "siren"}, {"place": 400, "type": "park", "value": "1"},
             {"place": 7, "type": "blf", "owner": "person"}, {"place": 7, "type": "blf", "shows": "4711"}, {"type": "blf"}, {"place": 7}):
    ok(r.api("POST", K, body).status in (400, 409), "refused: " + str(body)[:50], r.api("POST", K, body))
is_(r.must("GET", K + "/count")["total"], 3, "count")
is_(r.api("DELETE", K + "/0.5").status, 200, "delete")
is_(r.api("GET", K + "/0.5").status, 404, "gone")

# ---- overrides ----
o = r.must("PUT", P + "/001565aabb01/overrides", {"overrides": [{"name": "phone_setting.backgrounds", "value": "blue.jpg"}]})
is_(o["overrides"], [{"name": "phone_setting.backgrounds", "value": "blue.jpg"}], "an override of one phone")
ok("phone_setting.backgrounds = blue.jpg" in r.api("GET", P + "/001565aabb01/config/001565aabb01.cfg").text, "stands in its file")
r.must("PUT", "/domains/example.test/overrides", {"overrides": [{"name": "phone_setting.contrast", "value": "7"}]})
ok("phone_setting.contrast = 7" in r.api("GET", P + "/001565aabb01/config/001565aabb01.cfg").text, "one of the domain too")

# ---- Idempotency-Key ----
one = r.api("POST", U, {"user": "2001", "name-first-name": "Once"}, Idempotency_Key="k-1")
two = r.api("POST", U, {"user": "2001", "name-first-name": "Once"}, Idempotency_Key="k-1")
is_((one.status, two.status, one.json, two.get("Idempotency-Replayed"), two.get("Location")), (201, 201, two.json, "true", one.get("Location")), "the same key, the same answer")
is_(r.api("POST", U, {"user": "2001", "name-first-name": "Once"}).status, 409, "without it the work is tried again")
is_(r.api("POST", U, {"user": "2002"}, Idempotency_Key="k-1").status, 422, "the key for another request")
is_(r.api("POST", U, {"user": "bad one"}, Idempotency_Key="k-2").status, 400, "a refusal")
is_(r.api("POST", U, {"user": "2003"}, Idempotency_Key="k-2").status, 201, "does not use the key up")
is_(r.api("POST", U, {"user": "2004"}, Idempotency_Key="").status, 400, "an empty one")

with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:
    is_(db.execute("UPDATE idempotency SET created_ms = created_ms - 86400000 WHERE key = 'k-2'").rowcount, 1, "its answer is kept")
is_(r.api("POST", U, {"user": "2005"}, Idempotency_Key="k-2").status, 201, "for a day: then the key is free")
is_(r.api("POST", U, {"user": "2001", "name-first-name": "Once"}, Idempotency_Key="k-1").status, 201, "a younger one is kept on")
db.close()

# ---- NetSapiens' prefix ----
n = r.api("POST", U, {"user": "3001", "name-first-name": "Ns"}, prefix="/ns-api/v2")
is_((n.status, n.json), (202, {"code": 202, "message": "Accepted"}), "a write answers 202")
n = r.api("POST", U, {"user": "3002", "name-first-name": "Ns", "synchronous": "yes"}, prefix="/ns-api/v2")
is_((n.status, n.json["user"]), (200, "3002"), "synchronous: 200 with the row")
is_(r.api("GET", U + "/3001", prefix="/ns-api/v2").json["name-first-name"], "Ns", "and it is there")
is_(r.api("PUT", U + "/3001", {"department": "x"}, prefix="/ns-api/v2").status, 202, "PUT: 202")
is_(r.api("DELETE", U + "/3001", prefix="/ns-api/v2").status, 202, "DELETE: 202")

# ---- what is not there yet says so ----
a = r.api("GET", U + "/1001/greetings")
ok(a.status == 501 and len(a.json["detail"]) > 20, "501 with a sentence: greetings without [voicemail]", a)
is_(r.api("GET", "/nothing").status, 404, "no such path")
is_(r.api("DELETE", "/session").status, 405, "no such method")

# ---- audit log, without secrets ----
log = r.must("GET", "/domains/example.test/auditlog?limit=1000")
acts = {x["action-type"] for x in log}
ok({"domain-add", "user-add", "user-change", "user-delete", "device-add", "phone-add", "phone-change", "phone-delete", "key-add", "override-set"} <= acts, "every change is in it", acts)
row = [x for x in log if x["action-type"] == "user-change" and x["target-user"] == "1002"][-1]
ok("Number 2" in row["auditlog-details"]["before"] and '"Two"' in row["auditlog-details"]["after"], "before and after", row)
ok(all(x["by-user"] == "tests" and x["by-ip"].startswith("127.0.0.1") for x in log if x["by-client"] == "api"), "who and from where")
ok(not any(s in json.dumps(log) for pair in secrets for s in pair if s) and "90417283" not in json.dumps(log), "without secrets")
A = "/domains/example.test/auditlog?limit=1000&"
is_(len(r.must("GET", A + "datetime-start=2020-01-01T00:00:00Z&datetime-end=2099-01-01T00:00:00Z")), len(log), "between two times: all of it")
is_(r.must("GET", A + "datetime-start=2099-01-01T00:00:00Z"), [], "after a time to come: none")
for text in ("2026-11-23T18:00:00", "2026-11-23", "yesterday", "2026-11-23T18:00:00Zulu"):
    a = r.api("GET", A + "datetime-start=" + text)
    ok(a.status == 400 and "datetime-start" in a.json["detail"], "no time in UTC: " + text, a)
log = r.log_text()
ok(not any(s in log for pair in secrets for s in pair if s) and r.password not in log and r.key not in log, "nor are there any in the log")
is_(r.ask("GET", "/healthz").text, "ok\n", "/healthz")
m = r.ask("GET", "/metrics").text
ok("rekey_store_commits_total" in m and "example" not in m, "/metrics: counts, no names", m[:300])
is_(r.stop(), 0, "ends cleanly")
done()

#!/usr/bin/python3
"""Resets and recycles over the API: the dry run, the job, its events, the records; who may not; what is not there yet."""
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
for ext, first, last in (("1001", "Anna", "Berg"), ("1002", "Emil", "Koch"), ("1003", "Ida", "Lang"), ("1004", "Otto", "Mai")):
    r.user(ext, first, last, **{"email-address": first.lower() + "@example.test"})
r.must("POST", D + "/users/1001/devices", {"device": "1001b"})
ONE, TWO = "001565aabb01", "0004f2aabb02"
r.phone(ONE, "yealink-t46u", ["1001"])
r.phone(TWO, "polycom-vvx450", ["1002"])
r.must("POST", D + "/phones/%s/keys" % TWO, {"place": 5, "type": "blf", "value": "1001"})
before = r.must("GET", D + "/phones/" + ONE)["generation-wanted"]
TOMORROW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))

# ---- the dry run: what would be done, and nothing is ----
plan = r.api("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}, "dry-run": True})
is_(plan.status, 200, "dry-run: 200")
p = plan.json["plans"][0]
is_((p["user"], p["name"], p["account-status-before"], p["account-status-after"]), ("1001", "Anna Berg", "new", "reset"), "whom, from what to what")
is_({(x["device-provisioning-mac-address"], x["vacant-after"], x["relabel-only"]) for x in p["phones"]}, {(ONE, True, False), (TWO, False, True)}, "which phones")
ok(p["counts"]["unassign-line"] == 1 and p["counts"]["delete-device"] == 1 and p["counts"]["relabel"] == 1, "how much", p["counts"])
is_(r.must("GET", D + "/users/1001")["name-first-name"], "Anna", "nothing was done")
is_(r.must("GET", D + "/phones/" + ONE)["generation-wanted"], before, "to the phone neither")
is_(r.must("GET", D + "/resets"), [], "and there is no job")

# ---- what is refused ----
for body, status, what in (({"users": []}, 400, "nobody"), ({}, 400, "an empty order"), ({"users": ["4711"]}, 404, "an unknown user"), ({"users": [1001]}, 400, "a number"),
                           ({"users": ["1001"], "options": {"everything": True}}, 400, "an unknown option"), ({"users": ["1001"], "options": {"phone-lines": 7}}, 400, "a value"),
                           ({"users": ["1001"], "options": {"voicemail-messages": True}}, 501, "an option of later"),
                           ({"users": ["1001"], "send-welcome-email": True}, 400, "the welcome mail to nobody"), ({"users": ["1001"], "at": "tomorrow"}, 400, "a time"),
                           ({"users": ["1001"], "recycle": [{"user": "1001", "name-first-name": "X"}]}, 400, "a recycle without a last name"),
                           ({"users": ["1001"], "recycle": [{"user": "1001", "name-first-name": "%NULL%", "name-last-name": ""}]}, 400, "a name that is none"),
                           ({"users": ["1001"], "colour": "red"}, 400, "an unknown member")):
    a = r.api("POST", D + "/resets", body)
    ok(a.status == status and len(a.json["detail"]) > 15, "refused: " + what, a)
is_(r.must("GET", D + "/users/1001")["name-first-name"], "Anna", "and nothing was done")
ok(r.must("POST", D + "/resets", {"users": ["1004"], "options": {"voicemail-messages": False, "phone-lines": "no"}, "dry-run": True})["plans"], "an option that is off is no matter")

# ---- the job ----
a = r.api("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}}, Idempotency_Key="reset-1")
again = r.api("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}}, Idempotency_Key="reset-1")
is_((a.status, again.json), (202, a.json), "202, and the same job for the same key")
job = a.json["reset"]
is_(a.get("Location"), "/api/v1%s/resets/%s" % (D, job), "Location")
at = D + "/resets/" + job
ended = r.until(lambda: (lambda j: j if j["state"].startswith("done") else None)(r.must("GET", at)))
(anna,) = ended["users"]
is_((ended["state"], anna["user"], anna["state"], anna["error"], anna["voicemail"]), ("done", "1001", "done", None, None), "the job ends")
is_([anna["steps"].get(k) for k in ("lines-removed", "devices-removed", "labels-renewed")], [p["counts"][k] for k in ("unassign-line", "delete-device", "relabel")],
    "and did what the dry run said")
u = r.must("GET", D + "/users/1001")
is_((u["name-first-name"], u["name-last-name"], u["email-address"], u["account-status"]), ("", "", "", "reset"), "the person is gone, the extension is there")
is_([x["device"] for x in r.must("GET", D + "/users/1001/devices")], ["1001"], "its primary device alone")
phone = r.must("GET", D + "/phones/" + ONE)
is_((phone["state"], phone["lines"][0]["use"]), ("vacant", "idle"), "the phone is vacant")
ok(phone["generation-wanted"] > before, "with a new generation")
kinds = sorted((h["kind"], h["device-provisioning-mac-address"]) for h in ended["handovers"])
ok(("unassigned", ONE) in kinds and ("relabelled", TWO) in kinds, "a record per line and per other phone", kinds)
ok(all(h["open"] for h in ended["handovers"]), "all open: no phone has come")
ok("Anna" not in str(ended) and "anna@" not in str(ended), "no record names the person")
is_(len(r.must("GET", D + "/unassignments?user=1001")), 1, "unassignments of the user")
is_(r.must("GET", D + "/handovers/count?mac=" + TWO)["total"], 1, "records of a phone")
is_(r.must("GET", D + "/handovers?state=confirmed"), [], "by state")
is_([j["reset"] for j in r.must("GET", D + "/resets")], [job], "the list of jobs")
is_(r.api("GET", D + "/resets/999999").status, 404, "no such job")
is_(r.api("GET", D + "/resets/x").status in (400, 404), True, "no job's name")
r.domain("other.test")
is_(r.api("GET", "/domains/other.test/resets/" + job).status, 404, "not another domain's")
is_(r.api("GET", "/domains/other.test/handovers/%d" % ended["handovers"][0]["handover"]).status, 404, "nor its records")

# ---- the phone comes: its record moves on, and the events tell ----
events = r.api("GET", at + "/events")
m = re.search(r"(?m)^id: ?(\S+)", events.text)
ok(events.get("Content-Type").startswith("text/event-stream") and m and '"handovers"' in events.text, "an event with an id", events)
token = re.sub(r"^https://[^/]*", "", r.must("POST", D + "/phones/%s/token" % ONE)["url"])


def next_event(last, seconds):
    """The next answer after that id; None when it keeps waiting for so long."""
    c = r.connect(r.admin_port)
    c.timeout = seconds
    try:
        return r.ask("GET", "/api/v1" + at + "/events", headers={"Authorization": "Bearer " + r.key, "Last-Event-ID": last}, conn=c)
    except OSError:
        return None
    finally:
        c.close()


last, quiet = m.group(1), None
for _ in range(20):
    e = next_event(last, 2)
    if e is None:
        quiet = True
        break
    last = re.search(r"(?m)^id: ?(\S+)", e.text).group(1)
ok(quiet, "without news the answer waits")
pulled = [threading.Timer(0.5, lambda: [r.curl(token + f) for f in (ONE + ".boot", ONE + ".cfg", ONE + "-local.cfg")])]
pulled[0].start()
text = ""
for _ in range(20):
    e = next_event(last, 10)
    if e is None or '"fetched"' in e.text:
        text = e.text if e else ""
        break
    last = re.search(r"(?m)^id: ?(\S+)", e.text).group(1)
ok('"fetched"' in text, "the phone's pull is news, and comes at once", text[:400])
pulled[0].join()
rec = [h for h in r.must("GET", at)["handovers"] if h["kind"] == "unassigned"][0]
ok("fetched" in rec["facts"] and rec["facts"]["fetched"]["datetime"], "the record has the fact, its time and its evidence", rec)
is_(rec["state"], "fetched", "without a registrar the best state is fetched")
blank = r.curl(token + ONE + ".cfg")[2].decode()
ok("Anna" not in blank and "Berg" not in blank and "1001b" not in blank, "the vacant phone's file has nothing of her")

# ---- recycle: by its call, and by saving a name ----
a = r.api("POST", D + "/users/1001/recycle", {"name-first-name": "Nora", "name-last-name": "Neu", "email-address": "nora@example.test", "phone": ONE})
is_(a.status, 202, "recycle: 202")
ok(r.until(lambda: r.must("GET", D + "/users/1001")["name-first-name"] == "Nora"), "the next person is in", r.must("GET", D + "/resets/" + a.json["reset"]))
is_(r.must("GET", D + "/users/1001")["account-status"], "new", "Password Required")
v = r.must("GET", D + "/phones/" + ONE)
is_((v["state"], v["lines"][0]["device"], v["lines"][0]["use"]), ("assigned", "1001", "line"), "on the phone that was named")
text = r.curl(token + ONE + ".cfg")[2].decode()
ok("Nora Neu" in text and "Anna" not in text, "whose file has her and nobody else")
r.must("POST", D + "/resets", {"users": ["1002"]})
ok(r.until(lambda: r.must("GET", D + "/users/1002")["account-status"] == "reset"), "a reset without phone-lines")
v = r.must("GET", D + "/phones/" + TWO)
is_((v["state"], v["lines"][0]["device"], v["lines"][0]["name-first-name"]), ("assigned", "1002", ""), "leaves the line, without a name")
r.must("PUT", D + "/users/1002", {"name-first-name": "Lea", "name-last-name": "Lux", "department": "Lager"})
u = r.must("GET", D + "/users/1002")
is_((u["name-first-name"], u["department"], u["account-status"]), ("Lea", "Lager", "new"), "saving a name on a reset user is a recycle")
ok([h for h in r.must("GET", D + "/handovers?user=1002") if h["why"] == "recycle"], "with records")

# ---- reset and recycle in one; many; scheduled and cancelled ----
a = r.must("POST", D + "/resets", {"users": ["1003", "1004"], "options": {"phone-lines": True},
                                  "recycle": [{"user": "1003", "name-first-name": "Max", "name-last-name": "Mut"}]})
end = r.until(lambda: (lambda j: j if j["state"].startswith("done") else None)(r.must("GET", D + "/resets/" + a["reset"])))
is_(end["state"], "done", "two users, one recycled")
is_([r.must("GET", D + "/users/" + x)["account-status"] for x in ("1003", "1004")], ["new", "reset"], "each in its own status")
a = r.must("POST", D + "/resets", {"users": ["1003"], "at": TOMORROW})
is_(r.must("GET", D + "/resets/" + a["reset"])["state"], "scheduled", "scheduled")
b = r.api("POST", D + "/resets", {"users": ["1003"]})
ok(b.status == 409 and a["reset"] in b.json["detail"], "a second job for the same user is refused with the first one's id", b)
is_(r.api("DELETE", D + "/resets/" + a["reset"]).status, 200, "cancelled")
is_(r.must("GET", D + "/resets/" + a["reset"])["state"], "cancelled", "stays so")
is_(r.api("DELETE", D + "/resets/" + a["reset"]).status, 409, "once")
is_(r.must("GET", D + "/users/1003")["name-first-name"], "Max", "nothing was done")

# ---- write-off ----
open_ = [h for h in r.must("GET", D + "/handovers?open=yes")]
ok(open_, "records are open")
w = r.must("POST", D + "/handovers/%d/write-off" % open_[0]["handover"], {"reason": "phone lost"})
is_((w["state"], w["open"], w["facts"]["written-off"]["evidence"]), ("written-off", False, "phone lost"), "written off, with the reason")
is_(r.api("POST", D + "/handovers/%d/write-off" % open_[0]["handover"], {"reason": "again"}).status, 409, "once")

# ---- a user is deleted: phones stripped, records kept ----
is_(r.api("DELETE", D + "/users/1002").status, 200, "delete a user")
is_(r.api("GET", D + "/users/1002").status, 404, "gone")
is_(r.must("GET", D + "/phones/" + TWO)["state"], "vacant", "its phone is vacant")
ok(r.must("GET", D + "/unassignments?user=1002"), "the records stay")
acts = {x["action-type"] for x in r.must("GET", D + "/auditlog?limit=500")}
ok({"reset", "recycle", "user-delete"} <= acts, "all of it is in the audit log", acts)
done()

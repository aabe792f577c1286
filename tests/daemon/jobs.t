#!/usr/bin/python3
"""Jobs as an office lives with them: for a given time, watched by several people through restarts, cancelled in part, deleting,
with forms that wait; an order that is sent twice; a command beside the daemon."""
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
r.must("PUT", D, {"time-zone": "Europe/Berlin"})
N = 300
csv = "user,name-first-name,name-last-name,email-address\n" + "".join("%d,First%d,Last%d,u%d@example.test\n" % (1000 + i, i, i, i) for i in range(N))
is_(r.api("POST", D + "/import", csv, Content_Type="text/csv").status, 200, "three hundred users")
csv = "mac,model,line,device\n" + "".join("001565%06x,yealink-t46u,1,%d\n" % (i + 1, 1000 + i) for i in range(120))
is_(r.api("POST", D + "/import", csv, Content_Type="text/csv").status, 200, "a hundred and twenty phones")
everybody = [str(1000 + i) for i in range(N)]


def iso(seconds, offset=0):
    """RFC 3339, so many seconds from now, as a clock so many hours ahead of UTC shows it."""
    t = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + seconds + 3600 * offset))
    return t + ("%+03d:00" % offset if offset else "Z")


def job(id):
    return r.must("GET", D + "/resets/" + id)


def ended(id, seconds=20):
    return r.until(lambda: (lambda j: j if j["ended-datetime"] else None)(job(id)), seconds)


def status(ext):
    a = r.api("GET", D + "/users/" + ext)
    return a.json["account-status"] if a.status == 200 else a.status


# ---- the dry run of many: counts over all, plans of one page ----
a = r.api("POST", D + "/resets?limit=5&start=100", {"users": everybody, "options": {"phone-lines": True}, "dry-run": True})
p = a.json
is_((a.status, p["users-total"], p["phones-total"], p["counts"]["unassign-line"], p["counts"]["clear-person"]), (200, N, 120, 120, N), "a dry run counts over all")
is_([x["user"] for x in p["plans"]], everybody[100:105], "and shows the plans of one page")
ok(p["plans"][0]["phones"][0]["vacant-after"] and p["plans"][0]["phones"][0]["keys"], "with each phone's keys before and after")
p = r.must("POST", D + "/resets", {"users": everybody, "dry-run": True})
is_((len(p["plans"]), p["counts"]["rekey-line"], p["counts"]["unassign-line"]), (100, 120, 0), "a hundred of them where nothing is said; counts follow the options")
p = r.must("POST", D + "/bulk", {"action": "delete", "users": everybody[:2], "dry-run": True})
is_((p["counts"]["delete-user"], p["counts"]["unassign-line"], p["plans"][0]["account-status-after"]), (2, 2, "deleted"), "a delete has one too")
is_(r.must("GET", D + "/resets"), [], "nothing was ordered")
opts = r.must("GET", D + "/resets/options")
ok([o["option"] for o in opts if o["supported"]] and "phone-lines" in [o["option"] for o in opts], "what a reset can clear is told", opts)

# ---- for a given time, in whatever zone it is written ----
id = r.must("POST", D + "/resets", {"users": everybody[:3], "at": iso(3, offset=9)})["reset"]
j = job(id)
ok(j["state"] == "scheduled" and j["kind"] == "reset" and j["ended-datetime"] is None, "scheduled", j)
is_([x["reset"] for x in r.must("GET", D + "/resets?state=scheduled")], [id], "in the list of what is scheduled")
r.stop(signal.SIGKILL)
r.start()
is_((job(id)["state"], status("1000")), ("scheduled", "new"), "it survives a kill, and nobody is touched before")
j = ended(id)
is_((j["state"], j["users-done"], [status(x) for x in everybody[:3]]), ("done", 3, ["reset"] * 3), "its time comes")
started = time.mktime(time.strptime(j["started-datetime"], "%Y-%m-%dT%H:%M:%SZ"))
ok(started >= time.mktime(time.strptime(j["at-datetime"], "%Y-%m-%dT%H:%M:%SZ")), "not before it was due", j)
tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
id = r.must("POST", D + "/resets", {"users": everybody[3:6], "at": tomorrow + "T18:00"})["reset"]
want = subprocess.run(["date", "-u", "-d", 'TZ="Europe/Berlin" %s 18:00' % tomorrow, "+%Y-%m-%dT%H:%M:00Z"], stdout=subprocess.PIPE, text=True).stdout.strip()
is_(job(id)["at-datetime"], want, "without an offset it is local time of the domain")

# ---- taken back: one user, then all ----
is_(r.api("DELETE", D + "/resets/%s/users/1003" % id).status, 200, "one user is taken out")
is_(r.api("DELETE", D + "/resets/%s/users/1003" % id).status, 409, "once")
is_(r.api("DELETE", D + "/resets/%s/users/1299" % id).status, 404, "one who is not in it")
is_([u["state"] for u in job(id)["users"]], ["cancelled", "waiting", "waiting"], "the others stay")
is_(r.api("DELETE", D + "/resets/" + id).status, 200, "all is cancelled")
j = job(id)
is_((j["state"], {u["state"] for u in j["users"]}, status("1004")), ("cancelled", {"cancelled"}, "new"), "and nobody was touched")
is_(r.must("GET", D + "/resets/count?state=cancelled")["total"], 1, "counted")

# ---- watched: everything once, through a kill ----
def event(id, last, seconds=30):
    return r.event(D + "/resets/%s/events" % id, last, seconds)


r.stop()
r.start()
watched = everybody[10:290]
id = r.must("POST", D + "/resets", {"users": watched, "options": {"phone-lines": True}})["reset"]
users, records, last, sizes, killed = {}, {}, None, [], False
for _ in range(200):
    try:
        last, data = event(id, last)
    except OSError:
        time.sleep(0.1)
        continue
    if data is None:
        break
    sizes.append((len(data["users"]), len(data["handovers"])))
    users.update({u["user"]: u["state"] for u in data["users"]})
    records.update({h["handover"]: h["state"] for h in data["handovers"]})
    if not killed and len(users) > 50:
        killed = True
        r.stop(signal.SIGKILL)
        r.start()
    if data["ended-datetime"] and (len(users), len(records)) == (len(watched), data["handovers-total"]) and set(users.values()) == {"done"}:
        break
is_((len(users), set(users.values())), (280, {"done"}), "every user was told of, to the end, though the server was killed once")
is_(len(records), job(id)["handovers-total"], "and every record")
ok(killed and max(max(x) for x in sizes) <= 250, "no event is larger than it may be", sizes)
for path, n in (("users", 280), ("handovers", len(records))):
    got = []
    while True:
        page = r.must("GET", D + "/resets/%s/%s?limit=100&start=%d" % (id, path, len(got)))
        got += page
        if len(page) < 100:
            break
    is_((len(got), len({x.get("handover", x["user"]) for x in got})), (n, n), "by pages: " + path)
j = job(id)
is_((len(j["users"]), j["users-total"], j["users-done"], sum(j["handovers-by-state"].values())), (100, 280, 280, j["handovers-total"]), "the job itself has counts and one page")
is_(r.must("GET", D + "/resets/%s/users?state=failed" % id), [], "users by state")
# a stop answers those who wait at once, and says nothing wrong
waited = []
t = threading.Thread(target=lambda: waited.append((time.monotonic(), event(id, str(2 ** 60), 40))))
t.start()
time.sleep(0.4)
began = time.monotonic()
r.stop()
t.join()
ok(waited and time.monotonic() - began < 15 and waited[0][1][1] is None, "a stop ends the waiting", waited)
r.start()

# ---- delete, many ----
gone = ["1000", "1001", "1020"]
r.must("POST", D + "/phones/%s/keys" % "001565000040", {"place": 5, "type": "blf", "value": "1299"})
id = r.must("POST", D + "/bulk", {"action": "delete", "users": gone + ["1299"]})["reset"]
j = ended(id)
is_((j["kind"], j["state"], [u["state"] for u in j["users"]]), ("delete", "done", ["done"] * 4), "four users deleted")
is_([status(x) for x in gone], [404] * 3, "they are not there any more")
is_([u["user"] for u in j["users"]], gone + ["1299"], "the result keeps their names")
ok(r.must("GET", D + "/handovers?user=1020"), "and the records are there")
is_([k for k in r.must("GET", D + "/phones/001565000040/keys") if k["value"] == "1299"], [], "a key that led to one of them is gone")
is_(r.must("GET", D + "/phones/001565000001")["state"], "vacant", "the phone of one is vacant")

# ---- forms that wait ----
id = r.must("POST", D + "/resets", {"users": ["1002", "1005", "1006"], "recycle": [{"user": "1002", "later": True}, {"user": "1005", "later": True, "name-first-name": "Nora"}]})["reset"]
j = ended(id)
is_([u["recycle-pending"] for u in j["users"]], [True, True, False], "after the reset two forms wait")
is_([(f["user"], f["name-first-name"]) for f in r.must("GET", D + "/recycles")], [("1002", ""), ("1005", "Nora")], "they are listed, with what is known")
f = r.must("PUT", D + "/recycles/1002", {"name-first-name": "Max", "email-address": "max@example.test", "phone": "00-15-65-00-00-01"})
is_((f["name-first-name"], f["name-last-name"], f["phone"]), ("Max", "", "001565000001"), "what is typed is kept, whole or not")
is_(r.api("PUT", D + "/recycles/1002", {"email-address": "nobody"}).status, 400, "but not what can never be right")
is_(r.api("PUT", D + "/recycles/1006", {}).status, 404, "there is no form of somebody else")
r.stop(signal.SIGKILL)
r.start()
is_([(f["user"], f["email-address"]) for f in r.must("GET", D + "/recycles")], [("1002", "max@example.test"), ("1005", "")], "it survives a closed browser and a killed server")
is_(r.must("GET", D + "/recycles/count")["total"], 2, "counted")
id = r.must("POST", D + "/recycles", {"recycle": [{"user": "1002", "name-first-name": "Max", "name-last-name": "Mut", "phone": "001565000001"}]})["reset"]
is_(ended(id)["state"], "done", "filled in: the recycle")
is_(([f["user"] for f in r.must("GET", D + "/recycles")], status("1002"), r.must("GET", D + "/phones/001565000001")["state"]), (["1005"], "new", "assigned"), "that form is closed")
is_(r.api("DELETE", D + "/recycles/1005").status, 200, "the other is dropped: nobody is to come")
is_(r.must("GET", D + "/recycles"), [], "none waits")
ids = r.must("POST", D + "/resets", {"users": ["1006"], "options": {"phone-lines": True}, "recycle": [{"user": "1006", "name-first-name": "Lea", "name-last-name": "Lux"}]})["reset"]
j = ended(ids)
h = [x for x in j["handovers"] if x["device-provisioning-mac-address"] == "001565000007"]
ok(j["state"] == "done" and status("1006") == "new" and len({x["generation-after"] for x in h}) == 1, "reset and recycle in one job: one new file for the phone", h)

# ---- sent twice ----
body = {"users": ["1007"], "options": {"phone-lines": True}}
got = []
ts = [threading.Thread(target=lambda: got.append(r.api("POST", D + "/resets", body, Idempotency_Key="same-1"))) for _ in range(8)]
before = r.must("GET", D + "/resets/count")["total"]
for t in ts:
    t.start()
for t in ts:
    t.join()
ok({a.status for a in got} <= {202, 409} and len({a.json["reset"] for a in got if a.status == 202}) == 1, "eight at once with one key: one answer, or \"still at work\"", got)
is_(r.must("GET", D + "/resets/count")["total"], before + 1, "one job")
again = r.api("POST", D + "/resets", body, Idempotency_Key="same-1")
is_((again.status, again.json["reset"], again.get("Idempotency-Replayed")), (202, [a.json["reset"] for a in got if a.status == 202][0], "true"), "and later the same answer")


def dies_before_the_answer(path, body, key):
    """The server is killed when the work is committed and the answer has not left; it is asked again after a restart."""
    r.stop()
    os.environ["REKEY_FAULT"] = "before-answer"
    r.start()
    os.environ.pop("REKEY_FAULT")
    try:
        r.api("POST", path, body, Idempotency_Key=key)
        lost = False
    except OSError:
        lost = True
    r.p.wait(20)
    is_((lost, r.p.returncode), (True, -signal.SIGKILL), "killed between the commit and the answer: " + path)
    r.start()
    return r.api("POST", path, body, Idempotency_Key=key)


jobs = r.must("GET", D + "/resets/count")["total"]
a = dies_before_the_answer(D + "/resets", {"users": ["1008"]}, "killed-1")
b = r.api("POST", D + "/resets", {"users": ["1008"]}, Idempotency_Key="killed-1")
is_((a.status, a.get("Location"), b.json, r.must("GET", D + "/resets/count")["total"]), (202, "/api/v1%s/resets/%s" % (D, a.json["reset"]), a.json, jobs + 1), "an order: its answer was kept with the job, and there is one job")
is_(r.api("POST", D + "/resets", {"users": ["1009"]}, Idempotency_Key="killed-1").status, 422, "another order under that key is refused still")
a = dies_before_the_answer(D + "/users", {"user": "5001", "name-first-name": "Ulla", "name-last-name": "Once"}, "killed-2")
is_((a.status, a.json["user"], a.get("Idempotency-Replayed")), (201, "5001", "true"), "a new user: the same")
a = dies_before_the_answer(D + "/apikeys", {"name": "once", "user-scope": "Office Manager"}, "killed-3")
is_((a.status, r.api("GET", D + "/users/5001", key=a.json["key"]).status), (201, 200), "a key that is told only once is not lost")
is_([k["name"] for k in r.must("GET", D + "/apikeys") if k["name"] == "once"], ["once"], "and made once")
a = dies_before_the_answer(D + "/users/5001/devices", {"device": "5001b"}, "killed-4")
is_((a.status, a.json["type"], [x["device"] for x in r.must("GET", D + "/users/5001/devices")]), (409, "urn:rekey:problem:idempotency-answer-lost", ["5001", "5001b"]),
    "where the answer is made after the commit it is said that the work is done, and it is not done again")

# ---- a command beside the daemon ----
when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 3)) + "Z"
out = r.run("reset", "example.test", "1009", "--at", when.replace(" ", "T"), "--all")
ok(out.returncode == 0 and "scheduled" in out.stdout, "rekeyd reset --at", out.stdout + out.stderr)
ok(r.until(lambda: status("1009") == "reset", 15), "the daemon carries it out", out.stdout)
out = r.run("delete", "example.test", "1009", "--dry-run")
ok(out.returncode == 0 and "delete-user" in out.stdout and status("1009") == "reset", "rekeyd delete --dry-run", out.stdout + out.stderr)
out = r.run("delete", "example.test", "1009", "4711")
ok(out.returncode == 1 and "4711" in out.stderr and status("1009") == "reset", "an unknown one among them: nothing is done", out.stdout + out.stderr)
out = r.run("delete", "example.test", "1009")
ok(out.returncode == 0 and "1009  done" in out.stdout and status("1009") == 404, "rekeyd delete", out.stdout + out.stderr)
out = r.run("reset", "example.test", "1010", "--at", "tomorrow")
ok(out.returncode == 1 and "tomorrow" in out.stderr, "a time that is none", out.stderr)
acts = {x["action-type"] for x in r.must("GET", D + "/auditlog?limit=1000")}
ok({"reset-order", "recycle-order", "delete-order", "cancel", "reset", "recycle", "delete"} <= acts, "all of it is in the audit log", acts)
done()

#!/usr/bin/python3
"""Welcome mails and forced password resets for many at once: by mail, by link, refused one by one; watched, scheduled, repeated."""
import json
import os
import re
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import smtp  # noqa: E402
from tap import done, is_, ok  # noqa: E402

server = smtp.Server(tls="none", user="")
r = rekeylib.Rekeyd(mail__server="127.0.0.1", mail__port=server.port, mail__tls="none", mail__from="phones@example.test")
r.domain()
D = "/domains/example.test"
B = D + "/bulk"
for ext, more in (("1001", {"email-address": "one@example.test"}), ("1002", {}), ("1003", {"email-address": "three@example.test"}),
                  ("1004", {"email-address": "four@example.test", "user-scope": "No Portal"}), ("1005", {"email-address": "five@example.test"})):
    r.user(ext, "Anna", "Berg" + ext, **more)
r.user("1006", "Re", "Seller", **{"user-scope": "Reseller"})
everybody = ["1001", "1002", "1003", "1004", "1005"]


def job(id):
    return r.must("GET", D + "/resets/" + id)


def until(id, fn, seconds=15):
    return r.until(lambda: (lambda j: j if fn(j) else None)(job(id)), seconds)


def ended(id):
    return until(id, lambda j: j["ended-datetime"])


def status(ext):
    return r.must("GET", D + "/users/" + ext)["account-status"]


def choose(link, password):
    return r.ask("POST", re.sub(r"^https://[^/]*", "", link), urllib.parse.urlencode({"password": password, "again": password}),
                 {"Content-Type": "application/x-www-form-urlencoded"}).status


def login(ext, password):
    return r.ask("POST", "/api/v1/login", json.dumps({"login": ext + "@example.test", "password": password}), {"Content-Type": "application/json"})


# One who has gone before: Setup Required.
ended(r.must("POST", D + "/resets", {"users": ["1003"]})["reset"])

# ---- welcome mails ----
id = r.must("POST", B, {"action": "send-welcome-email", "users": everybody})["reset"]
users, last = {}, None
end = time.monotonic() + 20
while time.monotonic() < end and (users.get("1001", {}).get("mail"), users.get("1005", {}).get("mail")) != ("sent", "sent"):
    last, data = r.event(D + "/resets/%s/events" % id, last)
    users.update({u["user"]: u for u in data["users"]} if data else {})
is_({e: (u["state"], u["mail"]) for e, u in users.items()},
    {"1001": ("done", "sent"), "1002": ("done", "link"), "1003": ("failed", None), "1004": ("failed", None), "1005": ("done", "sent")},
    "whoever watches is told each one's result, and when the mail has left")
j = ended(id)
is_((j["state"], j["kind"], j["users-done"], j["users-failed"]), ("done-with-errors", "send-welcome-email", 3, 2), "the job says how many")
u = {u["user"]: u for u in j["users"]}
ok("Setup Required" in u["1003"]["error"] and "No Portal" in u["1004"]["error"], "with a sentence for each who can have none", j)
is_(u["1001"]["steps"], {"welcome": 1}, "and what was done")
is_([(m["user"], m["template"], m["state"]) for m in j["mails"]], [("1001", "welcome", "sent"), ("1002", "welcome", "link"), ("1005", "welcome", "sent")], "the mails of the job")
is_([m["user"] for m in r.must("GET", D + "/resets/%s?limit=1&start=1" % id)["mails"]], ["1002"], "by pages")
m = {x.envelope["to"][0]: x for x in server.wait(2)}
is_(sorted(m), ["five@example.test", "one@example.test"], "two mails have come")
links = r.must("POST", D + "/resets/%s/links" % id, {})
is_([x["user"] for x in links], ["1002"], "the third one's link is for the administrator")
is_([u["mail"] for u in job(id)["users"] if u["user"] == "1002"], ["shown"], "who has been shown it")
is_((choose(m["one@example.test"].link, "Zebra77x"), choose(links[0]["link"], "Zebra77x"), status("1001"), status("1002")), (303, 303, "standard", "standard"),
    "both links work")
log = [x for x in r.must("GET", "/auditlog?limit=100") if x["action-type"] == "send-welcome-email"]
is_(sorted(x["target-user"] for x in log), ["1001", "1002", "1005"], "each is in the audit log")

# ---- force password reset ----
cookie = login("1001", "Zebra77x").get("Set-Cookie").split(";")[0]


def alive():
    return r.ask("GET", "/api/v1/session", headers={"Cookie": cookie}).json != {}


ok(alive(), "somebody is logged in")
body = json.dumps({"action": "force-password-reset", "users": ["1001", "1002", "1003"]})
a = r.api("POST", B, body, Idempotency_Key="force-1")
is_(a.status, 202, "force password reset of three")
j = ended(a.json["reset"])
is_((j["state"], [u["state"] for u in j["users"]]), ("done-with-errors", ["done", "done", "failed"]), "two had a password to lose")
is_((alive(), login("1001", "Zebra77x").status, login("1002", "Zebra77x").status, status("1001"), status("1003")), (False, 401, 401, "pwd reset", "reset"),
    "session and passwords are gone at once; who is Setup Required stays so")
m = server.wait(3)[2]
is_((m.envelope["to"], choose(m.link, "Neues77y"), login("1001", "Neues77y").status, status("1001")), (["one@example.test"], 303, 200, "standard"), "the mail's link gives a new one")
b = r.api("POST", B, body, Idempotency_Key="force-1")
is_((b.status, b.json, b.get("Idempotency-Replayed"), login("1001", "Neues77y").status), (202, a.json, "true", 200), "the same request again: the same answer, and nobody loses his new password")
is_(len(server.mails()), 3, "nor gets another mail")
ok(m.link.split("/")[-1] not in json.dumps(j), "no link stands in the job")

# ---- for later ----
at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
id = r.must("POST", B, {"action": "send-welcome-email", "users": ["1001", "1005"], "at": at})["reset"]
is_(job(id)["state"], "scheduled", "welcome mails for a given time")
ended(r.must("POST", D + "/resets", {"users": ["1005"]})["reset"])
is_(status("1005"), "reset", "meanwhile one of them can be reset")
j = ended(id)
is_([u["state"] for u in j["users"]], ["done", "failed"], "then the mail goes to whoever is there still")
ok("Setup Required" in j["users"][1]["error"], "and the other's part says why not", j)
is_(server.wait(4)[3].envelope["to"], ["one@example.test"], "it comes")
is_(len(server.mails()), 4, "one")

# ---- refused ----
key = r.must("POST", D + "/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
for action in ("send-welcome-email", "force-password-reset"):
    a = r.api("POST", B, {"action": action, "users": ["1001", "1006"]}, key=key)
    ok(a.status == 403 and "1006" in a.json["detail"], action + ": not of a higher scope", a)
    a = r.api("POST", B, {"action": action, "users": ["1001"], "dry-run": True})
    ok(a.status == 400 and "no dry run" in a.json["detail"], action + ": a dry run would have nothing to show", a)
    a = r.api("POST", B, {"action": action, "users": ["1001"], "options": {"phone-lines": True}})
    is_(a.status, 400, action + ": no options")
is_((len(server.mails()), login("1001", "Neues77y").status), (4, 200), "and nothing was done")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

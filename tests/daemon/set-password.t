#!/usr/bin/python3
"""The page that a link opens: curl as the browser, no script. Rule, PIN, single use, two at once, scanners, expiry, throttle; the same
in JSON; one's own password; statuses by every route; links for administrators, once."""
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

server = smtp.Server(tls="none", user="")
r = rekeylib.Rekeyd(mail__server="127.0.0.1", mail__port=server.port, mail__tls="none", mail__from="phones@example.test",
                    password__pin_weak="4711 0815")
r.domain()
r.domain("other.test")
D = "/domains/example.test"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def user(ext, first="Anna", last="Berg", **more):
    r.user(ext, first, last, **more)


def link(ext, domain="example.test"):
    """A one-time link, as an administrator gets it: its path."""
    a = r.must("POST", "/domains/%s/users/%s/welcome" % (domain, ext), {"link": True})
    return re.sub(r"^https://[^/]*", "", a["one-time-link"]["link"])


def status(ext):
    return r.must("GET", D + "/users/" + ext)["account-status"]


def login(who, password):
    return r.ask("POST", "/api/v1/login", json.dumps({"login": who, "password": password}), JSON)


def post(path, **fields):
    return r.ask("POST", path, urllib.parse.urlencode(fields), FORM)


def alive(**headers):
    """Is this somebody's session?"""
    return r.ask("GET", "/api/v1/session", headers=headers).json != {}


def choose(path, password="Zebra77x", again=None, **more):
    return post(path, password=password, again=password if again is None else again, **more)


# ---- by mail, with curl as the browser ----
user("1001", **{"email-address": "anna@example.test"})
is_(status("1001"), "new", "Password Required")
r.must("POST", D + "/users/1001/welcome", {})
m = server.wait(1)[0]
jar, page = os.path.join(r.dir, "jar"), os.path.join(r.dir, "page")


def curl(*args):
    out = subprocess.run(["curl", "-s", "--cacert", r.ca, "-o", page, "-D", "-", "--max-time", "20", *args], capture_output=True, text=True)
    return int(out.stdout.split()[1]), out.stdout, open(page).read()


code, head, body = curl(m.link)
is_(code, 200, "the link of the mail opens")
ok('value="1001@example.test" readonly' in body and 'name="password" type="password"' in body and 'name="again"' in body and 'name="pin"' in body,
   "login name, password twice, PIN", body)
ok("<script" not in body and " style=" not in body and "<style" not in body and not re.search(r"\bon\w+=", body), "no script, no inline style")
csp = rekeylib.header(head, "Content-Security-Policy")
is_(csp, "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", "a policy that lets nothing run")
is_((rekeylib.header(head, "Referrer-Policy"), rekeylib.header(head, "Cache-Control"), rekeylib.header(head, "X-Frame-Options")), ("no-referrer", "no-store", "DENY"),
    "no referrer, not kept, in no frame")
is_(curl("https://localhost:%d/page.css" % r.admin_port)[0], 200, "its style is there")
for _ in range(3):
    curl(m.link)
    curl("-I", m.link)
is_(curl(m.link)[0], 200, "who only looks (mail scanners do) uses nothing up")
for data, says in ((("password=short", "again=short"), "at least 8 characters"), (("password=Zebra77x", "again=Zebra77y"), "not the same"),
                   (("password=zebra77x", "again=zebra77x"), "capital letter"), (("password=Zebra1001", "again=Zebra1001"), "contain the extension"),
                   (("password=Annabel77", "again=Annabel77"), "first or last name"), (("password=Zebra77x", "again=Zebra77x", "pin=1234"), "digits in a row"),
                   (("password=Zebra77x", "again=Zebra77x", "pin=4711"), "too easy to guess"), (("password=Zebra77x", "again=Zebra77x", "pin=1001"), "the extension"),
                   (("password=Zebra77x", "again=Zebra77x", "pin=12a4"), "digits alone"), (("password=Zebra77x",), "not the same"), ((), "not the same")):
    code, head, body = curl("-X", "POST", *[x for d in data for x in ("--data-urlencode", d)], m.link)
    ok(code == 422 and says in body and 'role="alert"' in body and "Zebra77x" not in body, "refused, with what to do: " + says, (code, body[:900]))
is_(status("1001"), "new", "none of it was the one use")
code, head, body = curl("--data-urlencode", "password=Zebra 77&x=ü", "--data-urlencode", "again=Zebra 77&x=ü", "--data-urlencode", "pin=826417", m.link)
is_((code, rekeylib.header(head, "Location")), (303, "/"), "a good one: on to the login")
is_(curl("https://localhost:%d/" % r.admin_port)[0], 200, "which is there")
is_((status("1001"), r.must("GET", D + "/users/1001")["voicemail-login-pin-set"]), ("standard", "yes"), "Active, with the PIN")
is_(login("1001@example.test", "Zebra 77&x=ü").status, 200, "the login works")
code, head, body = curl("--data-urlencode", "password=Otter88y", "--data-urlencode", "again=Otter88y", m.link)
ok(code == 410 and "administrator" in body, "used twice: the page says what to do", (code, body))
is_(login("1001@example.test", "Otter88y").status, 401, "and changes nothing")

# ---- dead links are one page ----
user("1002")
path = link("1002")
newer = link("1002")
pages = [r.ask("GET", p) for p in (path, "/set-password/" + "A" * 43, "/set-password/x", "/set-password/%00")]
is_([p.status for p in pages[:3]], [410] * 3, "replaced, unknown, nonsense")
ok(pages[0].body == pages[1].body == pages[2].body and "newer mail" in pages[0].text, "one page for all")
is_(pages[3].status in (400, 404, 410), True, "a name that is no text")
r.stop()
r.set("mail", "link-hours", 1)
r.start()
is_(r.ask("GET", newer).status, 200, "a link outlives a restart")
import sqlite3  # noqa: E402

with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:
    db.execute("UPDATE links SET expires_ms = expires_ms - 48 * 3600000 - 1000")
db.close()
is_((r.ask("GET", newer).status, choose(newer).status), (410, 410), "expired")

# ---- two browsers at once ----
path = link("1002")
got = []
crowd = [threading.Thread(target=lambda i=i: got.append((i, choose(path, "Zebra77x%d" % i).status))) for i in range(2)]
for t in crowd:
    t.start()
for t in crowd:
    t.join()
is_(sorted(s for _, s in got), [303, 410], "two at once: one wins")
won = [i for i, s in got if s == 303][0]
is_([login("1002@example.test", "Zebra77x%d" % i).status for i in (won, 1 - won)], [200, 401], "and it is that one's password")

# ---- the same in JSON ----
user("1003", "Carla", "Diaz")
token = link("1003").split("/")[-1]
a = r.ask("GET", "/api/v1/set-password/" + token)
is_((a.status, a.json["login"], a.json["asks-pin"], a.json["pin-required"]), (200, "1003@example.test", True, False), "whom a link is for, and what is asked")
a = r.ask("POST", "/api/v1/set-password", json.dumps({"link": token, "password": "carla", "pin": "7777"}), JSON)
ok(a.status == 400 and all(x in a.json["detail"] for x in ("8 characters", "capital", "digit", "name", "one digit repeated")), "every fault in one answer", a)
is_(r.ask("POST", "/api/v1/set-password", json.dumps({"link": token, "password": "Zebra77x"}), JSON).json, {"login": "1003@example.test", "account-status": "standard"},
    "a good one")
a = r.ask("POST", "/api/v1/set-password", json.dumps({"link": token, "password": "Zebra77x"}), JSON)
ok(a.status == 404 and "new link" in a.json["detail"], "once", a)
is_(r.ask("POST", "/api/v1/set-password", json.dumps({"link": token}), JSON).status, 400, "without a password")

# ---- one's own password ----
a = login("1003@example.test", "Zebra77x")
me = dict(JSON, Cookie=a.get("Set-Cookie").split(";")[0], **{"X-CSRF-Token": a.json["csrf-token"]})
other = login("1003@example.test", "Zebra77x").get("Set-Cookie").split(";")[0]


def own(old, new):
    return r.ask("POST", "/api/v1/password", json.dumps({"old-password": old, "password": new}), me)


is_(own("wrong", "Otter88y").status, 403, "not without the old one")
is_(own("Zebra77x", "otter").status, 400, "not against the rule")
is_(r.ask("POST", "/api/v1/password", json.dumps({"old-password": "Zebra77x", "password": "Otter88y"}), dict(JSON, Cookie=me["Cookie"])).status, 403, "not forged")
dead = link("1003")
is_(own("Zebra77x", "Otter88y").status, 200, "a new one for the old one")
is_((alive(**me), alive(Cookie=other)), (True, False), "other sessions end, this one stays")
is_((login("1003@example.test", "Otter88y").status, login("1003@example.test", "Zebra77x").status), (200, 401), "and the old one is dead")
is_(r.ask("GET", dead).status, 410, "so is a link that was on its way")
is_(r.api("POST", "/password", {"old-password": "x", "password": "Otter88y"}).status, 400, "a program's key has no password")
seen = [own("wrong%d" % i, "Marder99z").status for i in range(10)]
is_((set(seen[:9]), seen[9], own("Otter88y", "Marder99z").status), ({403}, 503, 503), "guessing is stopped, also for the right one")

# ---- force password reset ----
user("1004", "Dora", "Ende", **{"email-address": "dora@example.test"})
choose(link("1004"))
s = login("1004@example.test", "Zebra77x").get("Set-Cookie").split(";")[0]
ok(alive(Cookie=s), "somebody is logged in")
program = r.must("POST", D + "/apikeys", {"name": "crm", "user-scope": "Office Manager"})
client = {"client_id": str(program["apikey"]), "client_secret": program["key"]}


def refresh(token):
    return r.api("POST", "/tokens", dict(client, grant_type="refresh_token", refresh_token=token))


t = r.must("POST", "/tokens", dict(client, grant_type="password", username="1004@example.test", password="Zebra77x"))
r.must("POST", D + "/users/1004/email", {"template": "password-reset"})
t = refresh(t["refresh_token"])
is_(t.status, 200, "a recovery mail ends no program's tokens")
r.until(lambda: r.must("GET", D + "/users/1004/mails")[0]["state"] == "sent")
n = len(server.mails())
a = r.api("POST", D + "/users/1004/force-password-reset", {})
is_((refresh(t.json["refresh_token"]).status, r.api("GET", "/session", key=t.json["access_token"]).json), (401, {}), "a forced reset ends them too")
is_((a.status, a.json["account-status"], a.json["mail"]["template"]), (202, "pwd reset", "password-reset"), "force password reset")
is_((alive(Cookie=s), login("1004@example.test", "Zebra77x").status), (False, 401), "session and password are gone at once")
m = server.wait(n + 1)[n]
ok("new password" in m.message["Subject"] and "1004@example.test" in m.text, "a mail says so", m.text)
is_(choose(re.sub(r"^https://[^/]*", "", m.link), "Neues77y").status, 303, "its link works")
is_((status("1004"), login("1004@example.test", "Neues77y").status), ("standard", 200), "Active again")
user("1005", "Eva", "Ohne")
a = r.api("POST", D + "/users/1005/force-password-reset", {})
ok(a.status == 201 and a.json["one-time-link"]["link"], "without an address the link is in the answer", a)

# ---- who may ----
keys = {scope: r.must("POST", D + "/apikeys", {"name": scope, "user-scope": scope})["key"] for scope in ("Office Manager", "Site Manager", "Basic User")}
keys["foreign"] = r.must("POST", "/domains/other.test/apikeys", {"name": "f", "user-scope": "Office Manager"})["key"]
user("1006", "Re", "Seller", **{"user-scope": "Reseller"})
for call in ("welcome", "email", "force-password-reset", "link"):
    body = {"template": "welcome", "subject": "x"} if call == "email" else {}
    is_([r.api("POST", D + "/users/1005/" + call, body, key=keys[k]).status for k in ("Site Manager", "Basic User", "foreign")], [403] * 3, call + ": not for lesser scopes, nor another domain's")
    is_(r.api("POST", D + "/users/1006/" + call, body, key=keys["Office Manager"]).status in (403, 404), True, call + ": not on a higher scope")
h = r.login_now() or dict(JSON, Cookie=r.cookie, **{"X-CSRF-Token": r.csrf})
for call in ("welcome", "force-password-reset"):
    is_(r.ask("POST", "/api/v1/domains/~/users/~/" + call, "{}", h).status, 403, call + ": not on oneself")

# ---- in a job: the link is shown once ----
user("1010", "Old", "Person", **{"email-address": "old@example.test"})
user("1011", "Other", "Old")
job = r.must("POST", D + "/resets", {"users": ["1010", "1011"], "send-welcome-email": True, "dry-run": True, "recycle": [
    {"user": "1010", "name-first-name": "New", "name-last-name": "Person", "email-address": "new@example.test"},
    {"user": "1011", "name-first-name": "No", "name-last-name": "Address"}]})
is_([[(s["step"], s["to"]) for s in p["steps"] if s["step"] == "welcome"] for p in job["plans"]], [[("welcome", "new@example.test")], [("welcome", "")]], "the dry run says to whom")
n = len(server.mails())
job = r.must("POST", D + "/resets", {"users": ["1010", "1011"], "send-welcome-email": True, "recycle": [
    {"user": "1010", "name-first-name": "New", "name-last-name": "Person", "email-address": "new@example.test"},
    {"user": "1011", "name-first-name": "No", "name-last-name": "Address"}]})["reset"]
m = server.wait(n + 1)[n]
is_((m.envelope["to"], "New Person" in m.text), (["new@example.test"], True), "a recycle with the welcome mail")
j = r.until(lambda: (lambda x: x if x["state"] == "done" and "sent" in {m["state"] for m in x["mails"]} else None)(r.must("GET", D + "/resets/" + job)))
is_([(x["user"], x["state"]) for x in j["mails"]], [("1010", "sent"), ("1011", "link")], "the job shows each mail")
ok("/set-password/" not in json.dumps(j), "and no link")
raw = open(os.path.join(r.data, "rekey.db"), "rb").read() + open(os.path.join(r.data, "rekey.db-wal"), "rb").read()
is_(r.api("POST", D + "/resets/%s/links" % job, {}, key=keys["Site Manager"]).status, 403, "links are for Office Managers")
first, second = r.must("POST", D + "/resets/%s/links" % job, {}), r.must("POST", D + "/resets/%s/links" % job, {})
is_(([x["user"] for x in first], second), (["1011"], []), "the link is given once")
ok(first[0]["link"].split("/")[-1].encode() not in raw, "before that it lay sealed")
is_(choose(re.sub(r"^https://[^/]*", "", first[0]["link"])).status, 303, "and works")
is_(r.api("POST", "/domains/other.test/resets/%s/links" % job, {}).json, [], "not through another domain")
user("1012", "Third", "Old")
r.must("DELETE", D + "/users/1012")
for body, want, says in (({"users": ["1001"], "send-welcome-email": True}, 400, "no recycle"),
                         ({"users": ["1001"], "recycle": [{"user": "1001", "name-first-name": "A", "name-last-name": "B", "email-address": "nope"}]}, 400, "no address")):
    a = r.api("POST", D + "/resets", body)
    ok(a.status == want and says in a.json["detail"], "refused: " + says, a)
is_(status("1001"), "standard", "and nothing was changed")

# ---- statuses: names on a reset user are a recycle, whatever the route ----


def set_up(ext):
    user(ext, "Was", "Here")
    id = r.must("POST", D + "/resets", {"users": [ext]})["reset"]
    r.until(lambda: r.must("GET", D + "/resets/" + id)["state"] == "done")
    is_(status(ext), "reset", ext + ": Setup Required")


names = {"name-first-name": "Next", "name-last-name": "Person"}
cli = [tap.program("rekeyd")]
for ext, how, fn in (("1020", "PUT", lambda e: r.must("PUT", D + "/users/" + e, names)), ("1021", "PATCH", lambda e: r.must("PATCH", D + "/users/" + e, names)),
                     ("1022", "PUT under NetSapiens' prefix", lambda e: r.must("PUT", D + "/users/" + e, names, prefix="/ns-api/v2")),
                     ("1023", "import", lambda e: r.must("POST", D + "/import", "user,name-first-name,name-last-name\n%s,Next,Person\n" % e, Content_Type="text/csv")),
                     ("1024", "recycle", lambda e: r.must("POST", D + "/users/%s/recycle" % e, names)),
                     ("1025", "rekeyd recycle --welcome", lambda e: subprocess.run(cli + ["recycle", "example.test", e, "Next", "Person", "--welcome", "--conf", r.conf], capture_output=True,
                                                                               text=True).stdout)):
    set_up(ext)
    out = fn(ext)
    ok(r.until(lambda: status(ext) == "new"), how + ": Password Required", status(ext))
    is_(r.must("GET", D + "/users/" + ext)["caller-id-name"], "Next Person", how + ": and a whole recycle")
found = re.search(r"https://\S*(/set-password/\S+)", out)
ok(found and choose(found.group(1)).status == 303, "the command prints the one-time link", out)
is_(status("1025"), "standard", "which works")
set_up("1026")
r.must("PATCH", D + "/users/1026", {"name-first-name": "Half"})
is_(status("1026"), "reset", "half a name is nobody")

# ---- no stale row goes over a newer one ----
user("1030", "Race", "Car")
path, bad = link("1030"), []


def patch():
    for i in range(20):
        a = r.api("PATCH", D + "/users/1030", {"department": "d%d" % i})
        if a.status not in (200, 409):
            bad.append(a)


t = threading.Thread(target=patch)
t.start()
is_(choose(path).status, 303, "a password while the row is being edited")
t.join()
is_((bad, status("1030"), login("1030@example.test", "Zebra77x").status), ([], "standard", 200), "is not undone by an edit that began before it")

# ---- knocking at links ----
codes = [r.ask("GET", "/set-password/" + "B" * 42 + c).status for c in "abcdefghijklmnopqrstuvwxyz"]
is_((set(codes[:10]), codes[-1]), ({410}, 429), "who tries links is told to wait")
user("1031", "Still", "Works")
path = link("1031")
is_(r.ask("GET", path).status, 200, "a link that works still works from there")
text = r.log_text()
ok(not any(p in text for p in ("Zebra77x", "Otter88y", "826417")) and path.split("/")[-1] not in text, "no password, PIN or link in the log")
log = json.dumps(r.must("GET", D + "/auditlog?limit=1000"))
ok("password-set" in log and "password-change" in log and "force-password-reset" in log and "take-link" in log and "Zebra77x" not in log, "audited, without secrets")

# ---- a PIN that is required, and a user without voicemail ----
r.stop()
r.set("password", "pin", "required")
r.start()
user("1040", "Pin", "Pflicht")
path = link("1040")
a = choose(path)
ok(a.status == 422 and "PIN is needed" in a.text, "a PIN is required", a.text[:900])
is_(choose(path, pin="8264").status, 303, "and taken")
path = link("1040")
ok(" required maxlength" not in r.ask("GET", path).text.split('id="pin"')[1], "who has one need not choose another")
is_(choose(path).status, 303, "and may leave it")
user("1041", "Kein", "Fach", **{"voicemail-enabled": "no"})
path = link("1041")
is_(('id="pin"' in r.ask("GET", path).text, choose(path).status), (False, 303), "without voicemail nobody asks for one")
done()

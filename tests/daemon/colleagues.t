#!/usr/bin/python3
"""What a handover does to others: labels on colleagues' phones, the other person's line on a shared phone, keys of an expansion
module; and jobs of many users: refused as a whole, failed alone, held, cancelled, planned only, asked for twice."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from content import at_rest, content  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
U, P = D + "/users/", D + "/phones/"
agent = {"yealink": "Yealink SIP-T46U 108.87.14.1 %s", "polycom": "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Application",
         "grandstream": "Grandstream Model HW GXP2170 SW 1.0.11.79 DevId %s"}
NAMES = {"yealink": ["%s.boot", "%s.cfg"], "polycom": ["%s.cfg", "%s-lines.cfg"], "grandstream": ["cfg%s.xml"]}


class Phone:
    def __init__(self, mac, model, lines):
        self.mac, self.vendor = mac, model.split("-")[0]
        self.path = r.phone(mac, model, lines)

    def file(self):
        """All that it would be given now, as one text."""
        text = ""
        for name in NAMES[self.vendor]:
            status, _, body = r.curl(self.path + name % self.mac, agent=agent[self.vendor] % self.mac if "%s" in agent[self.vendor] else agent[self.vendor])
            text += body.decode() if status == 200 else "!%d" % status
        return text

    def key(self, place, kind, value, **more):
        r.must("POST", P + self.mac + "/keys", dict({"place": place, "type": kind, "value": value}, **more))

    def wanted(self):
        return r.must("GET", P + self.mac)["generation-wanted"]


def reset(users, **more):
    id = r.must("POST", D + "/resets", dict({"users": users}, **more))["reset"]
    return ended(id)


def ended(id):
    return r.until(lambda: (lambda j: j if j["state"].startswith("done") else None)(r.must("GET", D + "/resets/" + id)), 15)


def setting(text, name):
    m = re.search(r"(?m)^%s = ?(.*)$" % re.escape(name), text)
    return m.group(1) if m else None


# ---- a colleague's labels follow a rename, and a delete ----
for ext, first, last in (("1001", "Anna", "Berg"), ("1002", "Emil", "Koch"), ("1003", "Ida", "Lang"), ("1004", "Otto", "Mai"), ("1005", "Lea", "Ode")):
    r.user(ext, first, last)
others = [Phone("001565cc0001", "yealink-t46u", ["1002"]), Phone("0004f2cc0002", "polycom-vvx450", ["1003"]), Phone("000b82cc0003", "grandstream-gxp2170", ["1004"])]
bystander = Phone("001565cc0004", "yealink-t54w", ["1005"])
for p in others:
    p.key(4, "blf", "1001")
    p.key(5, "blf", "1001", label="Reception")
    ok("Anna Berg" in p.file() and "Reception" in p.file(), p.vendor + ": a BLF shows the colleague's name, and a label of the desk's own")
before, aside = [p.wanted() for p in others], bystander.wanted()
r.must("PUT", U + "1001", {"name-last-name": "Hill"})
for p, was in zip(others, before):
    text = p.file()
    ok("Anna Hill" in text and "Berg" not in text and "Reception" in text, p.vendor + ": after a rename it shows the new name, the own label stays", text)
    is_(p.wanted() > was, True, p.vendor + ": in a new generation")
is_(bystander.wanted(), aside, "a phone that shows nothing of her has no new generation")
is_(r.api("DELETE", U + "1001").status, 200, "she is deleted")
for p in others:
    text = p.file()
    ok("Anna" not in text and "Hill" not in text, p.vendor + ": nothing of her name is left", text)

# ---- a phone with lines of two users ----
for ext, first, last in (("1011", "Nora", "Vale"), ("1012", "Theo", "Wolf")):
    r.user(ext, first, last)
shared = Phone("001565cc0011", "yealink-t46u", ["1011", "1012"])
shared.key(6, "blf", "1002")
was = shared.file()
is_([setting(was, "account.%d.user_name" % i) for i in (1, 2)], ["1011", "1012"], "two people on one phone")
job = reset(["1011"])
now = shared.file()
is_([setting(now, "account.%d.user_name" % i) for i in (1, 2)], ["1011", "1012"], "reset without phone-lines: both lines stay")
ok(all(setting(now, "account.%d.password" % i) != setting(was, "account.%d.password" % i) for i in (1, 2)), "each under a new secret")
ok("Nora" not in now and "Theo Wolf" in now, "the one without a name, the other as before")
is_(sorted((h["kind"], h["device"]) for h in job["handovers"]), [("rekeyed", "1011"), ("rekeyed", "1012")], "with a record of each line")
was = now
r.must("PUT", U + "1011", {"name-first-name": "Kai", "name-last-name": "Zorn"})
was = shared.file()
job = reset(["1011"], options={"phone-lines": True})
now = shared.file()
is_([setting(now, "account.%d.enable" % i) for i in (1, 2)], ["0", "1"], "with phone-lines: the one line is gone")
ok("1011" not in now and "Kai" not in now, "with everything of it", [line for line in now.splitlines() if "1011" in line or "Kai" in line])
is_(setting(now, "account.2.user_name"), "1012", "the other stays")
is_([setting(now, "account.2." + n) for n in ("label", "display_name")], [setting(was, "account.2." + n) for n in ("label", "display_name")], "under its name")
ok(setting(now, "account.2.password") != setting(was, "account.2.password"), "with a new secret")
ok("Emil Koch" in now, "and the desk's BLF stays")
is_(r.must("GET", P + shared.mac)["state"], "assigned", "the phone is not vacant")
is_(sorted((h["kind"], h["device"]) for h in job["handovers"]), [("rekeyed", "1012"), ("unassigned", "1011")], "one record per line, each of its kind")

# ---- an expansion module ----
r.user("1021", "Mona", "Reiss")
desk = Phone("001565cc0021", "yealink-t46u", ["1021"])
desk.key(3, "blf", "1002", module=1)
desk.key(4, "speed-dial", "0715550199", module=1, label="Mother", owner="person", user="1021")
desk.key(60, "blf", "1003", module=3)
text = desk.file()
is_([setting(text, "expansion_module.%d.key.%d.value" % at) for at in ((1, 3), (1, 4), (3, 60))], ["1002", "0715550199", "1003"], "keys of three modules are in the file, up to the last")
reset(["1021"], options={"phone-lines": True})
text = desk.file()
ok(not any(w in text for w in ("Mona", "Reiss", "0715550199", "Mother", "1021")), "vacant: nothing of the person", [line for line in text.splitlines() if "Mother" in line or "1021" in line])
ok(all(setting(text, "expansion_module.%d.key.%d.value" % at) in ("", "%NULL%") for at in ((1, 3), (1, 4), (3, 60))), "every key of the modules is blanked",
   [line for line in text.splitlines() if re.match(r"expansion_module\.(1\.key\.[34]|3\.key\.60)\.", line)])
r.must("POST", U + "1021/recycle", {"name-first-name": "Uwe", "name-last-name": "Neu", "phone": desk.mac})
ok(r.until(lambda: r.must("GET", P + desk.mac)["state"] == "assigned"), "the next person")
text = desk.file()
is_([setting(text, "expansion_module.%d.key.%d.value" % at) for at in ((1, 3), (3, 60))], ["1002", "1003"], "the desk's own keys are back")
ok("Mother" not in text and "0715550199" not in text, "the leaver's are not")

# ---- twenty users in one job ----
many = [str(2000 + i) for i in range(20)]
for ext in many:
    r.user(ext, "First" + ext, "Last")
a = r.api("POST", D + "/resets", {"users": many[:10] + ["2999"] + many[10:], "options": {"phone-lines": True}})
ok(a.status == 404 and "2999" in a.json["detail"], "one unknown among them: the whole order is refused, and named", a)
is_({r.must("GET", U + ext)["name-first-name"] for ext in many}, {"First" + ext for ext in many}, "and nobody is reset")
tomorrow = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
held = r.must("POST", D + "/resets", {"users": many[:10], "at": tomorrow})["reset"]
a = r.api("POST", D + "/resets", {"users": many})
ok(a.status == 409 and held in a.json["detail"], "a user that another job holds: refused with that job's id", a)
is_(len([j for j in r.must("GET", D + "/resets") if j["state"] in ("queued", "running", "scheduled")]), 1, "and no second job is left behind")
is_(r.must("GET", U + many[15])["name-first-name"], "First" + many[15], "its other users are untouched")
is_(r.api("DELETE", D + "/resets/" + held).status, 200, "the first one is cancelled")
job = reset(many)
is_((job["state"], {u["state"] for u in job["users"]}, len(job["users"])), ("done", {"done"}, 20), "and now all twenty are done")
is_({r.must("GET", U + ext)["account-status"] for ext in many}, {"reset"}, "each of them")

# ---- one that cannot be done fails alone ----
for ext in many[:7] + many[8:]:
    r.must("PUT", U + ext, {"name-first-name": "Again" + ext, "name-last-name": "Last"})
soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
id = r.must("POST", D + "/resets", {"users": many, "at": soon})["reset"]
is_(r.api("DELETE", U + many[8]).status, 409, "one of them cannot be deleted meanwhile")
r.must("PUT", U + many[7], {"name-first-name": "Nadja", "name-last-name": "Next"})  # the next person comes before the job does
job = ended(id)
is_(job["state"], "done-with-errors", "the job: done with errors")
bad = [u for u in job["users"] if u["state"] != "done"]
ok(len(bad) == 1 and bad[0]["user"] == many[7] and "Another person" in bad[0]["error"], "that one alone, with a sentence", bad)
is_(r.must("GET", U + many[7])["name-first-name"], "Nadja", "who came since is not touched")
is_({r.must("GET", U + ext)["account-status"] for ext in many if ext != many[7]}, {"reset"}, "the nineteen others are reset")


# ---- a plan changes nothing ----
r.must("PUT", U + "1011", {"name-first-name": "Kai", "name-last-name": "Zorn"})
first = at_rest(r)
for body in ({"users": ["1011", "1012", "1021"], "options": {"phone-lines": True}, "dry-run": True}, {"users": ["1012"], "dry-run": True, "cut-off": True}):
    a = r.api("POST", D + "/resets", body)
    ok(a.status == 200 and a.json["plans"], "a dry run: 200 and a plan", a)
then = content(r)
is_({t for t in first if first[t] != then.get(t)}, set(), "and not one row of any table differs")
ok(len(first) > 20 and sum(map(len, first.values())) > 100, "of many", {t: len(v) for t, v in first.items()})
out = r.run("reset", "example.test", "1011", "1012", "--phone-lines", "--dry-run")
ok(out.returncode == 0 and "1011" in out.stdout and "001565cc0011" in out.stdout.replace(":", "").lower(), "rekeyd reset --dry-run says what would be", out.stdout + out.stderr)
then = content(r)
is_({t for t in first if first[t] != then.get(t)}, set(), "and changes nothing either")

# ---- the same order twice ----
body = {"users": ["1011"], "options": {"phone-lines": True}}
one = r.api("POST", D + "/resets", body, Idempotency_Key="again-1")
ended(one.json["reset"])
two = r.api("POST", D + "/resets", body, Idempotency_Key="again-1")
is_((two.status, two.json, two.get("Location")), (one.status, one.json, one.get("Location")), "the same Idempotency-Key: the same answer, though the job is over")
is_(len([j for j in r.must("GET", D + "/resets") if j["reset"] == one.json["reset"]]), 1, "and one job")
is_(r.api("POST", D + "/resets", {"users": ["1012"]}, Idempotency_Key="again-1").status, 422, "the key with another order is refused")
r.must("PUT", U + "1011", {"name-first-name": "Zoe", "name-last-name": "Quist"})
r.api("POST", D + "/resets", body, Idempotency_Key="again-1")
is_(r.must("GET", U + "1011")["name-first-name"], "Zoe", "a late repeat resets nobody who came since")
done()

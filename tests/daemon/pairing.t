#!/usr/bin/python3
"""The pairing window against a real daemon: one MAC, one model, one file, once; everybody else and everything else gets what any
stranger gets, to the byte. A second first access raises an alert, a phone that came back with its login does not."""
import os
import re
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd(phones__second_access_ms=500)
r.domain()
D, P = "/domains/example.test", "/domains/example.test/phones/"
r.user("1001", "Nora", "Vale")
FILES = {"yealink": ["%s.boot", "y000000000108.cfg", "%s.cfg"], "polycom": ["%s.cfg", "%s-lines.cfg"], "grandstream": ["cfg%s", "cfg%s.xml"]}
MODEL = {"yealink": "yealink-t46u", "polycom": "polycom-vvx450", "grandstream": "grandstream-gxp2170"}
PREFIX = {"yealink": "001565", "polycom": "0004f2", "grandstream": "000b82"}
n = [0]


def new(vendor, lines=("1001",)):
    n[0] += 1
    mac = "%s%06x" % (PREFIX[vendor], n[0])
    r.must("POST", D + "/phones", {"device-provisioning-mac-address": mac, "device-models-brand-and-model": MODEL[vendor], "token": False,
                                   "lines": [{"slot": i + 1, "device": d} for i, d in enumerate(lines)]})
    return mac


def ua(vendor, mac):
    return rekeylib.ua(vendor, mac)


def get(name, agent, *args):
    status, head, body = r.curl("/cfg/" + name, *args, agent=agent)
    return status, body


def shown(name, agent, *args):
    """An answer without what differs each time."""
    status, head, body = r.curl("/cfg/" + name, *args, agent=agent)
    head = re.sub(r'nonce="[^"]*"', "nonce", re.sub(r"(?mi)^date:.*$", "", head))
    return status, head, body


def pair(mac, want=200, **body):
    return r.must("POST", P + mac + "/pair", body, want=(want,))


def alerts(mac):
    return [a for a in r.must("GET", D + "/alerts") if a["kind"] == "second-first-access" and mac in a["text"]]


STRANGER = "0015650ffffe"
for vendor in ("yealink", "polycom", "grandstream"):
    mac, other, agent = new(vendor), new(vendor, ()), ua(vendor, "%s")
    mine = ua(vendor, mac)
    first = FILES[vendor][-1] % mac
    none = shown(FILES[vendor][-1] % STRANGER, ua(vendor, STRANGER))
    is_(none[0], 401, vendor + ": a stranger gets 401")
    is_(shown(first, mine), none, vendor + ": a known phone without a login too, the same bytes, before the window opens")
    a = pair(mac)
    ok(a["pair-until-datetime"] and a["url"].endswith("/cfg/"), vendor + ": the window is open", a)
    # who does not fit: another MAC, another model, another vendor, no User-Agent, a wrong login, HEAD, PUT
    wrong = {"another phone": (FILES[vendor][-1] % other, ua(vendor, other)), "an unknown MAC": (FILES[vendor][-1] % STRANGER, ua(vendor, STRANGER)),
             "another model": (first, {"yealink": "Yealink SIP-T54W 96.86.0.1 %s", "polycom": "FileTransport PolycomVVX-VVX_250-UA/6.4.0.1 Type/Application",
                                       "grandstream": "Grandstream Model HW GRP2614 SW 1.0.5.1 DevId %s"}[vendor].replace("%s", mac)),
             "another vendor": (first, ua({"yealink": "polycom", "polycom": "grandstream", "grandstream": "yealink"}[vendor], mac)),
             "no User-Agent": (first, ""), "a browser": (first, "Mozilla/5.0")}
    for who, (name, a) in wrong.items():
        is_(shown(name, a), none, "%s: %s gets what any stranger gets" % (vendor, who))
    is_(shown(first, mine, "-u", mac + ":guess"), none, vendor + ": a wrong password too")
    is_(shown(first, mine, "-I")[0], 401, vendor + ": HEAD is not let in")
    is_(shown(first, mine, "-X", "PUT", "-d", "x")[0], 401, vendor + ": nor PUT")
    for kind in ("%s-local.cfg", "%s-phone.cfg", "%s-directory.xml", "%s-contact.xml"):
        is_(shown(kind % mac, mine)[0], 401, "%s: %s, which a phone itself writes, is not given" % (vendor, kind))
    # the phone
    got = [get(f % mac if "%s" in f else f, mine) for f in FILES[vendor]]
    want = [404 if f == "cfg%s" else 200 for f in FILES[vendor]]
    if vendor == "polycom":
        want = [200, 200]
    is_([s for s, _ in got], want, vendor + ": the phone gets what leads to its first file, and that file")
    body = got[-1][1].decode()
    login = rekeylib.password_in(body)
    ok(login and "1001" in body, vendor + ": with its line and a login of its own")
    is_(shown(first, mine), none, vendor + ": once: then it is refused like a stranger")
    is_(r.must("GET", P + mac)["generation-acknowledged"], 0, vendor + ": what was given to somebody unproved is no proof that the phone has it")
    is_(get(first, mine, "--digest", "-u", mac + ":" + login)[0], 200, vendor + ": with the login that stands in the file it comes back")
    ok(r.until(lambda: r.must("GET", P + mac)["generation-acknowledged"] > 0), vendor + ": and that is a proof")
    time.sleep(0.9)
    is_(alerts(mac), [], vendor + ": no alert, though it asked without its login once more in between")
    is_(shown(first, mine), none, vendor + ": the window has ended with it")
    is_(r.must("GET", P + mac)["pair-until-datetime"], None, vendor + ": and the phone says so")

# ---- two of them ----
mac = new("yealink")
mine = ua("yealink", mac)
pair(mac)
is_(get(mac + ".cfg", mine)[0], 200, "somebody takes the first file")
is_(get(mac + ".cfg", mine)[0], 401, "and a second one comes for it")
a = r.until(lambda: alerts(mac), 5)
ok(a and "127.0.0.1" in a[0]["text"], "neither ever uses the login: an alert, with both addresses", a)
ok("second-first-access" in r.log_text(), "and a line in the log")
r.must("POST", P + mac + "/pair")
is_(get(mac + ".cfg", mine)[0], 200, "opened again, it gives the file once more")

# ---- both at the same moment: one file ----
mac = new("yealink")
pair(mac)
cmd = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\n", "--cacert", r.ca, "-A", ua("yealink", mac), "https://localhost:%d/cfg/%s.cfg" % (r.phones_port, mac)]
procs = [subprocess.Popen(cmd, stdout=subprocess.PIPE, text=True) for _ in range(8)]
codes = sorted(p.communicate()[0].strip() for p in procs)
is_(codes, ["200"] + ["401"] * 7, "eight at once: one file")

# ---- broken off: the window stays ----
mac = new("grandstream")
pair(mac)
mine = ua("grandstream", mac)
r.curl("/cfg/cfg%s.xml" % mac, "--limit-rate", "400", "--max-time", "1", agent=mine)
got = r.until(lambda: (lambda s: s if s == 200 else None)(get("cfg%s.xml" % mac, mine)[0]), 15)
is_(got, 200, "what did not arrive whole was not given: the phone may come again")

# ---- its file cannot be made: nothing was given ----
mac = new("grandstream")
mine = ua("grandstream", mac)
r.must("PUT", P + mac + "/overrides", {"overrides": [{"name": "P60000", "value": "x"}]})
r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
layer, target = db.execute("SELECT layer, target FROM overrides WHERE name = 'P60000'").fetchone()
db.executemany("INSERT INTO overrides VALUES (?, ?, ?, ?, ?, 1)", [(-i, layer, target, "P%d" % (60000 + i), "&" * 511) for i in range(1, 500)])
db.commit()
db.close()
r.start()
pair(mac)
is_(get("cfg%s.xml" % mac, mine)[0], 503, "a file that is too large is not given")
r.must("PUT", P + mac + "/overrides", {"overrides": []})
got = r.until(lambda: (lambda s: s if s == 200 else None)(get("cfg%s.xml" % mac, mine)[0]), 5)
is_((got, alerts(mac)), (200, []), "and what was not given uses up no window")

# ---- closed, over, reset phone, encrypted ----
mac = new("yealink")
pair(mac)
pair(mac, open=False)
is_(get(mac + ".cfg", ua("yealink", mac))[0], 401, "closed by hand: nobody gets anything")
e = r.api("POST", P + mac + "/pair", {"minutes": 0})
ok(e.status == 200, "0 minutes: as the setting says", e)
for body in ({"minutes": 1441}, {"minutes": -1}, {"minutes": 5, "open": False}, {"hours": 1}):
    e = r.api("POST", P + mac + "/pair", body)
    ok(e.status == 400 and e.get("Content-Type") == "application/problem+json" and len(e.json["detail"]) > 15, "refused: %r" % body, e)
is_(r.api("POST", P + "0015650fffff/pair").status, 404, "refused: a MAC that is not there")
pair(mac)
body = get(mac + ".cfg", ua("yealink", mac))[1].decode()
one = rekeylib.password_in(body)
is_(get(mac + ".cfg", ua("yealink", mac), "--digest", "-u", mac + ":" + one)[0], 200, "it has its login")
r.until(lambda: r.must("GET", P + mac)["paired-datetime"] is None)
pair(mac)
body = get(mac + ".cfg", ua("yealink", mac))[1].decode()
two = rekeylib.password_in(body)
ok(two != one, "after a factory reset it is paired anew, with another login")
is_(get(mac + ".cfg", ua("yealink", mac), "--digest", "-u", mac + ":" + one)[0], 200, "the one before is good until the new one is used")
is_(get(mac + ".cfg", ua("yealink", mac), "--digest", "-u", mac + ":" + two)[0], 200, "the new one works")
ok(r.until(lambda: get(mac + ".cfg", ua("yealink", mac), "--digest", "-u", mac + ":" + one)[0] == 401), "and then the one before does not")

mac = new("grandstream")
r.must("PATCH", P + mac, {"encrypt-files": True})
pair(mac)
login = rekeylib.password_in(get("cfg%s.xml" % mac, ua("grandstream", mac))[1])
get("cfg%s.xml" % mac, ua("grandstream", mac), "--digest", "-u", mac + ":" + login)
ok(r.until(lambda: r.must("GET", P + mac)["encrypt-files-state"] == "encrypted"), "a Grandstream holds its file password")
ok("factory reset" in pair(mac).get("warning", ""), "opening its window warns that it takes a plain file after a factory reset alone", pair(mac))
a = r.must("POST", P + mac + "/token")
ok("factory reset" in a.get("warning", ""), "a first-access address warns of it too", a)
ok("warning" not in r.must("POST", P + new("grandstream") + "/token"), "one of a phone without such a password does not")

# ---- a phone that knocked: claimed, paired, works ----
mac = "0015650c0001"
is_(get(mac + ".cfg", ua("yealink", mac))[0], 401, "a phone that nobody knows knocks")
ok(r.until(lambda: [u for u in r.must("GET", "/unclaimed") if u["device-provisioning-mac-address"] == mac]), "and is noted")
a = r.must("POST", "/unclaimed/%s/claim" % mac, {"domain": "example.test", "lines": [{"slot": 1, "device": "1001"}], "pair": True})
ok(a["device-models-model"] == "yealink-t46u" and a["first-access"]["pair-until-datetime"], "claimed, with its window open", a)
body = get(mac + ".cfg", ua("yealink", mac))[1].decode()
ok("Nora Vale" in body, "the next time it comes it has a line")

# ---- on the command line, while the daemon runs ----
mac = new("yealink")
out = r.run("phone", mac, "--pair")
ok(out.returncode == 0 and "5 minutes" in out.stdout, "rekeyd phone MAC --pair", out.stdout + out.stderr)
is_(r.until(lambda: (lambda s: s if s == 200 else None)(get(mac + ".cfg", ua("yealink", mac))[0]), 5), 200, "opens the window of a daemon that runs")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

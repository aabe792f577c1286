#!/usr/bin/python3
"""kill -9 of rekeyd at named places of a handover. After the next start the job finishes by itself, and nothing is done twice
that a phone, a registrar or a person could see."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office(reset__longest_wait_ms=600000)  # a dead rekeyd must not use up the phone's time
o.user("2000", "Olga", "Stays")


def start(fault=None):
    """Starts rekeyd; with a fault it dies at that place."""
    os.environ.pop("REKEY_FAULT", None)
    if fault:
        os.environ["REKEY_FAULT"] = fault
    o.start()
    os.environ.pop("REKEY_FAULT", None)


def leads(number):
    """Where Kamailio's table leads a number."""
    out = subprocess.run(["sqlite3", "-cmd", ".timeout 3000", o.registrar.db, "SELECT username FROM dbaliases WHERE alias_username='%s'" % number],
                         capture_output=True, text=True)
    return out.stdout.split()


def dies(fault):
    is_(o.until(lambda: o.p.poll(), 10), -signal.SIGKILL, fault + ": rekeyd was killed there")


def drain(h, slot=1):
    """NOTIFYs that came and were not looked at."""
    n = 0
    while h.sip[slot][1].recv(0.3) is not None:
        n += 1
    return n


for i, fault in enumerate(("after-apply", "before-notify", "flip-before-unbind", "flip-before-note")):
    ext = str(1001 + i)
    o.user(ext, "Greta", "Leaver")
    number = "1555123%04d" % i
    o.must("POST", "/domains/%s/phonenumbers" % DOMAIN, {"phonenumber": number, "dial-rule-translation-destination-user": ext})
    ok(o.until(lambda: leads(number) == [ext]), fault + ": Kamailio's table leads the number to the phone")
    h = o.handset("0015650000%02x" % (i + 1), "yealink-t46u", [ext], "yealink")
    h.pull()
    is_(h.register(), {1: 200}, fault + ": the phone is there")
    o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, h.mac))["generation-acknowledged"] >= 1)
    old = h.lines()[1][1]
    o.stop()
    start(fault)
    job = o.must("POST", "/domains/%s/resets" % DOMAIN, {"users": [ext], "options": {"phone-lines": True, "phone-numbers": True}})["reset"]
    told = 0
    if fault.startswith("flip"):
        # a flip happens at the commit for the idle line, or as the file that carries a new secret leaves
        for _ in range(100):
            if o.p.poll() is not None or told:
                break
            told += h.told(1, timeout=0.2) is not None
        if o.p.poll() is None:
            h.pull()
    dies(fault)
    start()
    ok(o.until(lambda: o.job(job)["state"] == "done", 10), fault + ": the job is done after the restart", o.job(job))
    if not told:
        ok(h.told(1), fault + ": the phone is told")
        told = 1
    h.pull()
    is_(set(h.register().values()), {200}, fault + ": the phone registers with what it got")
    o.until(lambda: o.record(h.mac, device=ext)["state"] == "confirmed", 10)
    rows = [r for r in o.records(mac=h.mac) if r["device"] == ext]
    is_([(r["kind"], r["state"]) for r in rows], [("unassigned", "confirmed")], fault + ": one record, and it is confirmed")
    is_(o.registrar.contacts(ext), [], fault + ": no binding of the old line")
    ok(o.until(lambda: leads(number) == []), fault + ": and its number leads nowhere, Kamailio's table says", leads(number))
    is_(o.must("GET", "/domains/%s/phonenumbers/%s" % (DOMAIN, number))["dial-rule-application"], "available-number", fault + ": as the inventory does")
    is_(len(o.registrar.contacts("idle-" + h.mac)), 1, fault + ": the phone's new binding stands")
    is_(drain(h), 0, fault + ": told once")
    # the next person; what was left of the crash must not touch them
    o.recycle(ext, "Nils", "Next", h.mac)
    ok(h.told(1), fault + ": told of the next person")
    h.pull()
    is_(h.register(), {1: 200}, fault + ": the next person's line registers")
    o.stop()
    start()
    o.until(lambda: False, 0.6)
    is_(len(o.registrar.contacts(ext)), 1, fault + ": and its binding outlives another restart")
    ok(h.lines()[1][1] != old, fault + ": under a secret that the leaver never had")

# ---- hardware that moves: killed before the commit nothing has happened, killed after it everything goes on ----
for i, (what, fault) in enumerate((("swap", "move-half"), ("swap", "before-notify"), ("rehome", "before-notify"), ("retire", "flip-before-note"))):
    name = "%s, %s" % (what, fault)
    ext, other = str(2001 + 2 * i), str(2002 + 2 * i)
    o.user(ext, "Mara", "Mover")
    o.user(other, "Otto", "Other")
    h = o.handset("0015650001%02x" % (i + 1), "yealink-t46u", [ext], "yealink")
    h.pull()
    is_(h.register(), {1: 200}, name + ": the phone is there")
    o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, h.mac))["generation-acknowledged"] >= 1)
    spare = "0015650002%02x" % (i + 1)
    path, order = "/domains/%s/phones/%s/%s" % (DOMAIN, h.mac, what), {"swap": {"device-provisioning-mac-address": spare}, "rehome": {"user": other}, "retire": {}}[what]
    o.stop()
    start(fault)
    try:
        o.api("POST", path, order)
    except OSError:
        pass  # it died under the request
    told = 0
    if fault.startswith("flip"):
        told += h.told(1, timeout=5) is not None
        h.pull()
    dies(fault)
    start()
    if fault == "move-half":
        is_((o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, h.mac))["state"], o.api("GET", "/domains/%s/phones/%s" % (DOMAIN, spare)).status, o.records(mac=h.mac)), ("assigned", 404, []),
            name + ": nothing has happened")
        is_(o.api("POST", path, order).status, 200, name + ": and it can be asked for again")
    if not told:
        ok(h.told(1), name + ": the phone is told")
    h.pull()
    h.register()
    got = o.until(lambda: (lambda r: r if r and r[0]["state"] == "confirmed" else None)(o.records(mac=h.mac, device=ext, kind="unassigned")), 10)
    rows = [(r["kind"], r["state"]) for r in o.records(mac=h.mac) if r["device"] == ext]
    is_(rows, [("unassigned", "confirmed")], name + ": one record, and it is confirmed")
    is_(o.registrar.contacts(ext), [], name + ": no binding of the old line")
    is_({"swap": ["idle-" + h.mac], "rehome": [other], "retire": []}[what], [u for u, _ in h.lines().values()], name + ": the phone has what it should")
    if what == "swap":
        is_(o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, spare))["lines"][0]["device"], ext, name + ": and the new one the line")

o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

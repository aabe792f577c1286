#!/usr/bin/python3
"""The registrar is away, and later it hangs: jobs end, phones get their files, every state is the true one, it is said aloud (alert,
metrics, what each record lacks), nothing is lost, and all of it comes right by itself when the registrar is back. In a realm that
is a setting."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

REALM = "phones.example"
o = Office(realm=REALM, registrar__realm=REALM, reset__grace_ms=300)
A = "/domains/" + DOMAIN


def alerts():
    return [a for a in o.must("GET", A + "/alerts") if a["kind"] == "registrar-down"]


def state(h, device, want, name, seconds=20):
    got = o.until(lambda: (lambda r: r if r["state"] == want else None)(o.record(h.mac, device=device)), seconds)
    ok(got, "%s: %s" % (name, want), o.record(h.mac, device=device))
    return got or o.record(h.mac, device=device)


def refused(user, secret, name):
    p = sip.Phone(o.registrar.address(), user, secret)
    is_(p.register(), 401, name)
    p.close()


def processes():
    pid = o.registrar.proc.pid
    return [pid] + [int(x) for x in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]


is_(o.must("GET", A)["sip-realm"], REALM, "the realm is that of the setting")
desks = {}
for i, ext in enumerate(("1001", "1002", "1003", "1004")):
    o.user(ext, "Nora", "Vale")
    h = desks[ext] = o.handset("00156500000%d" % i, "yealink-t46u", [ext], "yealink")
    h.pull()
    is_(h.register(), {1: 200}, ext + " registers")
    h.old = h.lines()[1][1]
    o.until(lambda: o.must("GET", A + "/phones/" + h.mac)["generation-acknowledged"] >= 1)
is_(o.registrar.ha1("1001"), digest.hashed("1001:%s:%s" % (REALM, desks["1001"].old)), "ha1 is made with the realm, in the table that auth_db reads")
a = o.api("POST", "/domains", {"domain": "other.test", "sip-server": "other.test"})
a = o.api("POST", "/domains/other.test/users", {"user": "1001"})
ok(a.status == 409 and "realm" in a.text, "a second 1001 in one realm is refused: the registrar could not tell them apart", a)
is_(o.api("POST", "/domains/other.test/users", {"user": "2001"}).status, 201, "another extension is not")
ok(o.metric("registrar_asked_total") is not None and o.metric("registrar_up") == 1, "the registrar is up, by the metrics")
is_(alerts(), [], "and there is no alert")

# ---- it is away ----
o.registrar.proc.terminate()
o.registrar.proc.wait(10)
t = time.monotonic()
o.reset(["1001"], options={"phone-lines": True})
o.reset(["1002"], options={"phone-lines": True}, **{"cut-off": True})
ok(time.monotonic() - t < 6, "away: both jobs end all the same", time.monotonic() - t)
ok(o.until(alerts), "away: an alert says so")
is_(len(alerts()), 1, "away: one alert, however many steps fail")
ok("asked again by itself" in alerts()[0]["text"], "away: and what becomes of it", alerts())
is_(o.metric("registrar_up"), 0, "away: by the metrics too")
ok(o.metric("registrar_failed_total") > 0, "away: with the questions that had no answer")
h = desks["1001"]
is_(set(h.pull()) <= {200, 404}, True, "away: the phone gets its file")
is_([u for u, _ in h.lines().values()], ["idle-" + h.mac], "away: the new one")
r = state(h, "1001", "fetched", "away: the phone has fetched")
ok("the registrar has not been seen without the old registration" in (r["missing"] or "") and "unbound" not in r["facts"], "away: what is missing is said", r)
r = o.until(lambda: (lambda x: x if "flipped" in x["facts"] else None)(o.record(desks["1002"].mac, device="1002")))
ok(r and r["state"] == "open" and "unbound" not in r["facts"], "away: cut off at once, the secret is changed, but nobody claims that the old registration is gone", r)
is_(o.registrar.ha1("1002") == digest.hashed("1002:%s:%s" % (REALM, desks["1002"].old)), False, "away: the file has the new secret")

# ---- it is back ----
o.registrar.start()
refused("1001", desks["1001"].old, "back: the old secret of the one is refused")
refused("1002", desks["1002"].old, "back: and of the other")
is_(set(h.register().values()), {200}, "back: the new secret works")
state(h, "1001", "confirmed", "back: the one record", 70)
r = state(desks["1002"], "1002", "cut-off", "back: the other", 70)
ok("the phone has not fetched its new file" in r["missing"], "back: and what is still missing", r)
ok(o.until(lambda: alerts() == [], 70), "back: the alert is taken back", alerts())
is_(o.metric("registrar_up"), 1, "back: up, by the metrics")
is_((o.registrar.contacts("1001"), o.registrar.contacts("1002")), ([], []), "back: Kamailio has no binding of either")

# ---- it hangs ----
h = desks["1003"]
is_(h.register(), {1: 200}, "1003 is there")
for pid in processes():
    os.kill(pid, signal.SIGSTOP)
try:
    t = time.monotonic()
    o.reset(["1003"], options={"phone-lines": True})
    ok(time.monotonic() - t < 8, "hangs: the job ends", time.monotonic() - t)
    ok(o.until(alerts, 20), "hangs: an alert says so")
    t = time.monotonic()
    o.reset(["1004"], options={"phone-lines": True}, **{"cut-off": True})
    ok(o.until(lambda: o.registrar.ha1("1004") and o.registrar.ha1("1004") != digest.hashed("1004:%s:%s" % (REALM, desks["1004"].old)), 15),
       "hangs: the next one is cut off: its old secret dies")
    ok(time.monotonic() - t < 15, "hangs: without waiting for the questions that are not answered", time.monotonic() - t)
    t = time.monotonic()
    is_(set(h.pull()) <= {200, 404}, True, "hangs: a phone gets its files")
    ok(time.monotonic() - t < 15, "hangs: soon", time.monotonic() - t)
finally:
    for pid in processes():
        os.kill(pid, signal.SIGCONT)
ok(o.until(lambda: o.registrar.contacts("1003") == [], 90), "goes on: the old binding of the one is removed", o.registrar.contacts("1003"))
ok(o.until(lambda: o.registrar.contacts("1004") == [], 90), "goes on: and of the other", o.registrar.contacts("1004"))
is_(set(h.register().values()), {200}, "goes on: the phone registers with what it got")
state(h, "1003", "confirmed", "goes on: the one record", 70)
state(desks["1004"], "1004", "cut-off", "goes on: the other", 70)
ok(o.until(lambda: alerts() == [], 70), "goes on: no alert is left")
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

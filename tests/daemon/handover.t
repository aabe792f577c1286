#!/usr/bin/python3
"""One handover after the other against a real rekeyd and a real Kamailio: what rekeyd says of each phone is held against what
the phone got and what the registrar itself answers. The states are those of the table in provisioning/reset/README.md."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office()
number = [0]


def person(name="Nora Vale"):
    """A new extension; its number as text."""
    number[0] += 1
    ext = str(1000 + number[0])
    o.user(ext, *name.split())
    return ext


def phone(ext, vendor="yealink", model="yealink-t46u", start=True, mac=None, **more):
    mac = mac or {"yealink": "001565", "polycom": "0004f2", "grandstream": "000b82"}[vendor] + "%06x" % (int(ext) + len(o.phones) * 65536)
    h = o.handset(mac, model, [ext] if isinstance(ext, str) else ext, vendor, **more)
    if start:
        h.pull()
        is_(set(h.register().values()), {200}, "%s: %s registers with what its file said" % (model, ext))
        o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, mac))["generation-acknowledged"] >= 1)
    return h


def state(h, want, name, seconds=20, **query):
    """Waits for the newest record of that phone to be in a state."""
    got = o.until(lambda: (lambda r: r if r and r["state"] == want else None)(o.record(h.mac, **query)), seconds)
    now = got or o.record(h.mac, **query)
    ok(got, "%s: %s" % (name, want), now)
    return now


def facts(record):
    return set(record["facts"])


def agrees(h, ext, old, record, name):
    """What Kamailio says agrees with a record that claims the old line is dead."""
    probe = sip.Phone(o.registrar.address(), ext, old)
    is_(probe.register(), 401, name + ": a REGISTER with the old secret is refused")
    probe.close()
    is_([c for c in o.registrar.contacts(ext) if c == h.old_contact], [], name + ": no binding of the old phone")
    ok("flipped" in record["facts"], name + ": and the record says flipped")


# ---- each vendor: told, fetched, applied ----
for vendor, model in (("yealink", "yealink-t54w"), ("polycom", "polycom-vvx450"), ("grandstream", "grandstream-grp2614")):
    ext = person("Vera %s" % vendor.title())
    h = phone(ext, vendor, model)
    old = h.lines()[1][1]
    h.old_contact = h.sip[1][1].contact
    id = o.reset([ext], options={"phone-lines": True})
    m = h.told(1)
    is_(m and m.get("event"), {"yealink": "check-sync;reboot=false", "polycom": "check-sync", "grandstream": "resync"}[vendor],
        vendor + ": the Event of its vendor")
    ok(m and m.uri == h.old_contact, vendor + ": sent to its contact, not to the address of record", m and m.uri)
    state(h, "told", vendor, device=ext)
    is_(sip.Phone(o.registrar.address(), ext, old).register(60) if vendor == "yealink" else 200, 200,
        vendor + ": until it comes, the old secret is good")
    h.pull()
    text = "\n".join(h.files.values())
    ok("Vera" not in text and old not in text, vendor + ": its file knows neither name nor secret")
    users = [u for u, _ in h.lines().values()]
    is_(users, ["idle-" + h.mac], vendor + ": vacant, with a line of its own")
    is_(set(h.register().values()), {200}, vendor + ": the idle line registers")
    r = state(h, "confirmed", vendor, device=ext)
    ok({"told", "fetched", "flipped", "unbound", "applied"} <= facts(r), vendor + ": with all five facts", r["facts"])
    agrees(h, ext, old, r, vendor)
    # the vacant phone takes the next person without a restart: told on its idle line
    o.recycle(ext, "Ida", "Next", h.mac)
    ok(h.told(1), vendor + ": recycled, it is told on its idle line")
    h.pull()
    is_([u for u, _ in h.lines().values()], [ext], vendor + ": the next person's line, same phone")
    is_(set(h.register().values()), {200}, vendor + ": and it registers")
    ok(o.until(lambda: not o.registrar.contacts("idle-" + h.mac), 5), vendor + ": the idle line is gone from the registrar")

# ---- without phone-lines: the line stays, under a new secret ----
ext = person()
h = phone(ext)
old = h.lines()[1][1]
h.old_contact = None
o.reset([ext])
ok(h.told(1), "kept line: told")
h.pull()
is_(h.lines()[1][0], ext, "kept line: the same line")
ok(h.lines()[1][1] != old, "kept line: a new secret")
is_(h.register(), {1: 200}, "kept line: registers with it")
r = state(h, "confirmed", "kept line")
is_(r["kind"], "rekeyed", "kept line: the record says so")
agrees(h, ext, old, r, "kept line")

# ---- answers of the phone that are no 2xx: told and failed, then grace, then cut off ----
for status in (404, 480, 481):
    ext = person()
    h = phone(ext)
    old = h.lines()[1][1]
    h.old_contact = h.sip[1][1].contact
    o.reset([ext], options={"phone-lines": True})
    ok(h.told(1, status), "answer %d: the NOTIFY came" % status)
    r = state(h, "cut-off", "answer %d" % status)
    ok(str(status) in str(r["facts"].get("told-failed") or r["facts"].get("told")), "answer %d: is the evidence" % status, r["facts"])
    agrees(h, ext, old, r, "answer %d" % status)
    # it comes by itself, late
    h.pull()
    h.register()
    state(h, "confirmed", "answer %d, then it came" % status)

# ---- silence ----
ext = person()
h = phone(ext)
old = h.lines()[1][1]
h.old_contact = h.sip[1][1].contact
o.reset([ext], options={"phone-lines": True})
ok(h.told(1, 0), "silence: the NOTIFY came and is not answered")
r = state(h, "cut-off", "silence", 12)
ok(o.until(lambda: "told-failed" in o.record(h.mac)["facts"], 20), "silence: told failed", o.record(h.mac)["facts"])
agrees(h, ext, old, r, "silence")

# ---- cut-off at once ----
ext = person()
h = phone(ext)
old = h.lines()[1][1]
h.old_contact = h.sip[1][1].contact
o.reset([ext], options={"phone-lines": True}, **{"cut-off": True})
r = state(h, "cut-off", "cut off at once", 4)
agrees(h, ext, old, r, "cut off at once")

# ---- a challenge with the old secret (Grandstream's and Polycom's default) ----
ext = person()
h = phone(ext, "grandstream", "grandstream-gxp2170")
user, old = h.lines()[1]
o.reset([ext], options={"phone-lines": True})
m = h.told(1, 0)
h.sip[1][1].reply(m, 401, extra=('WWW-Authenticate: Digest realm="grandstream", nonce="n1", qop="auth", algorithm=MD5',))
m = h.sip[1][1].recv(3)
ok(m and m.get("authorization") and digest.proves(m.get("authorization"), "NOTIFY", user, old),
   "a challenged NOTIFY is answered with the secret that the phone still holds", m and m.start)
h.sip[1][1].reply(m, 200)
h.pull()
h.register()
state(h, "confirmed", "challenged", device=ext)

# ---- it pulls before it is told ----
ext = person()
h = phone(ext)
o.reset([ext], options={"phone-lines": True})
h.pull()
h.register()
r = state(h, "confirmed", "pulled before it was told", device=ext)

# ---- half of its files, then the rest ----
ext = person()
h = phone(ext, "polycom", "polycom-vvx250")
h.pull()
o.reset([ext], options={"phone-lines": True})
h.told(1)
h.pull(["%s.cfg", "%s-lines.cfg"])
time.sleep(0.5)
r = o.record(h.mac, device=ext)
ok("fetched" not in r["facts"], "half of its files is not fetched", r["facts"])
h.pull()
h.register()
state(h, "confirmed", "then the other half", device=ext)

# ---- twice, and a later generation ----
ext = person()
h = phone(ext)
o.reset([ext], options={"phone-lines": True})
o.recycle(ext, "Ola", "Two", h.mac)
h.told(1)
h.pull()
h.pull()
h.register()
r = state(h, "confirmed", "the file of a later generation counts for the earlier record", device=ext, kind="unassigned")

# ---- it keeps the old line ----
ext = person()
h = phone(ext)
old = h.lines()[1][1]
o.reset([ext], options={"phone-lines": True})
h.told(1)
h.pull()
h.register()
state(h, "confirmed", "before the ghost", device=ext, kind="unassigned")
ghost = sip.Phone(o.registrar.address(), ext, old)
is_(ghost.register(extra=("User-Agent: " + h.sip_agent(),)), 401, "the ghost is refused")
ghost.close()
got = o.until(lambda: (lambda r: r["open"] and r)(o.record(h.mac, device=ext, kind="unassigned")), 5)
ok(got, "a REGISTER with the old identity re-opens the record", o.record(h.mac, device=ext, kind="unassigned"))
ok(any(h.mac in str(a) for a in o.must("GET", "/domains/%s/alerts" % DOMAIN)), "and raises an alert")

# ---- two contacts on one address of record: only the right one is told ----
ext = person()
h = phone(ext)
other = sip.Phone(o.registrar.address(), ext, h.lines()[1][1])
is_(other.register(extra=("User-Agent: somebody else",)), 200, "a second contact on the same address of record")
o.reset([ext], options={"phone-lines": True})
first = h.told(1)
ok(first is not None, "two contacts: the phone is told")
ok(other.recv(1.0) is None, "two contacts: the other one is not")
other.close()

# ---- one device on two phones of one model behind one address: the MAC that each names tells them apart ----
ext = person()
h = phone(ext)
twin = phone(ext, mac="001565fffff1")
for p, q in ((h, twin), (twin, h)):
    o.must("POST", "/domains/%s/phones/%s/resync" % (DOMAIN, p.mac))
    ok(p.told(1), "two phones on one device: the one that is meant is told")
    ok(q.sip[1][1].recv(0.5) is None, "two phones on one device: the other is not")

# ---- over TCP, never listening ----
ext = person()
h = phone(ext, transport="tcp")
o.reset([ext], options={"phone-lines": True})
ok(h.told(1), "TCP: told on the connection that the phone opened")
h.pull()
h.register()
state(h, "confirmed", "TCP", device=ext)

o.close()
ok(o.stop() == 0, "rekeyd ends cleanly", o.log_text()[-2000:])
done()

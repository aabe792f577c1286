#!/usr/bin/python3
"""Old phones that register without a pause while their secret is changed: what is removed stays removed, whatever was on its way; a
REGISTER that was overheard before is worth nothing after; and the next person's binding, made in the very second of the flip, stands."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office(reset__sweep_ms=300)
N = 4


class Stubborn(threading.Thread):
    """Registers again and again with one secret; counts what it hears."""

    def __init__(self, user, secret, agent):
        super().__init__(daemon=True)
        self.p, self.agent = sip.Phone(o.registrar.address(), user, secret), agent
        self.heard, self.stopped = [], False
        self.start()

    def run(self):
        while not self.stopped:
            self.heard.append(self.p.register(extra=("User-Agent: " + self.agent,)))
            if len(self.heard) > 100:
                time.sleep(0.02)  # the flip is over; they go on, without taking the machine

    def stop(self):
        self.stopped = True
        self.join()
        self.p.close()


desks = []
for i in range(N):
    ext = str(1001 + i)
    o.user(ext, "Olga", "Old")
    h = o.handset("0015650000%02x" % i, "yealink-t46u", [ext], "yealink")
    h.pull()
    is_(h.register(), {1: 200}, ext + " is there")
    o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, h.mac))["generation-acknowledged"] >= 1)
    h.ext, h.old = ext, h.lines()[1][1]
    desks.append(h)

# A REGISTER as somebody on the wire could have kept it: good now, to be sent again later.
spy = sip.Phone(o.registrar.address(), "1001", desks[0].old)
uri = "sip:" + DOMAIN
m = spy.request("REGISTER", uri, ["Expires: 600"])
kept = ["Expires: 600", "Authorization: " + digest.answer(m.get("www-authenticate"), "REGISTER", uri, "1001", desks[0].old)]
is_(spy.request("REGISTER", uri, kept).status, 200, "overheard: it is good before")

stubborn = [Stubborn(h.ext, h.old, h.sip_agent()) for h in desks]
ok(o.until(lambda: all(200 in s.heard for s in stubborn), step=0.005), "all of them register without a pause")
o.reset([h.ext for h in desks], options={"phone-lines": True}, **{"cut-off": True})
ok(o.until(lambda: all(s.heard[-20:] == [401] * 20 for s in stubborn), 20), "from the flip on each of them hears 401, twenty times and more", [s.heard[-3:] for s in stubborn])
is_([s.heard.index(401) < 0 or 200 in s.heard[s.heard.index(401):] for s in stubborn], [False] * N, "and never 200 after the first 401")
ok(o.until(lambda: all(o.registrar.contacts(h.ext) == [] for h in desks), 5), "their bindings are gone, Kamailio says", [o.registrar.contacts(h.ext) for h in desks])
is_(spy.request("REGISTER", uri, kept).status, 401, "overheard: it is worth nothing after")
for h in desks:
    r = o.until(lambda: (lambda x: x if {"flipped", "unbound"} <= set(x["facts"]) else None)(o.record(h.mac, device=h.ext, kind="unassigned")))
    ok(r and r["state"] == "cut-off", h.ext + ": cut off, the record says", r)
end = time.monotonic() + 1.0  # the second look and more is over by then
seen = set()
while time.monotonic() < end:
    seen |= {c for h in desks for c in o.registrar.contacts(h.ext)}
is_(seen, set(), "while they go on, no removed binding comes back")

# ---- the next persons register in the second of their flip, while the old phones go on ----
for h in desks:
    h.pull()
    o.recycle(h.ext, "Nora", "New", h.mac)
for h in desks:
    h.pull()
    h.began = int(time.time())
    is_(h.register(), {1: 200}, h.ext + ": the new secret works the moment the phone has it")
o.until(lambda: False, 0.8)
for h in desks:
    is_(o.registrar.contacts(h.ext), [h.sip[1][1].contact], h.ext + ": the new binding stands, alone")
is_({s.heard[-1] for s in stubborn}, {401}, "the old phones still hear 401")
o.stop()
o.start()
o.until(lambda: False, 0.8)
for h in desks:
    is_(o.registrar.contacts(h.ext), [h.sip[1][1].contact], h.ext + ": and it outlives a restart of rekeyd")
for s in stubborn:
    s.stop()
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

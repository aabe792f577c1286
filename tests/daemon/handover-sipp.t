#!/usr/bin/python3
"""sipp is the phone: it registers through Kamailio over UDP and TCP, and answers the NOTIFY in every way. The states that each
record goes through, and the evidence of each fact, are those of the table in provisioning/reset/README.md; then the phone comes
(curl pulls, sipp registers what the file says), and the record ends confirmed. All phones hand over at the same time."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip  # noqa: E402
import sipp  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

# Kamailio waits longer than rekeyd's time-out (64 T1 = 3.2 s), so that silence is silence and a late answer still comes through.
o = Office(proxy_ms=8000, reset__grace_ms=1200, reset__retell_ms=60000)
FAILED = ["unreachable", "cut-off"]

# what the phone does; the states before it comes; the evidence of told; of told-failed
CASES = [
    ("200", lambda u, s: sipp.answers("200 OK"), ["told", "cut-off"], r"^200\b", None),
    ("401 then 200", sipp.challenges, ["told", "cut-off"], r"^200\b.*challenge", None),
    ("404", lambda u, s: sipp.answers("404 Not Found"), FAILED, r"^404\b", r"^404\b"),
    ("480", lambda u, s: sipp.answers("480 Temporarily Unavailable"), FAILED, r"^480\b", r"^480\b"),
    ("481", lambda u, s: sipp.answers("481 Subscription Does Not Exist"), FAILED, r"^481\b", r"^481\b"),
    ("silence", lambda u, s: sipp.silent(), FAILED, None, r"(?i)no answer"),
    ("late 200", lambda u, s: sipp.late(3800), ["unreachable", "told", "cut-off"], r"^200\b.*late", None),
]


class Desk:
    def __init__(self, number, transport, case):
        self.ext = str(1000 + number)
        self.what, reacts, self.states, self.told, self.failed = case
        self.name = "%s: %s" % (transport, self.what)
        self.transport, self.seen, self.record = transport, [], None
        o.user(self.ext, "Nora", "Vale")
        vendor, model = ("grandstream", "grandstream-gxp2170") if "401" in self.what else ("yealink", "yealink-t46u")
        self.h = o.handset(("000b82" if vendor == "grandstream" else "001565") + "%06x" % number, model, [self.ext], vendor)
        self.h.pull()
        self.user, self.old = self.h.lines()[1]
        self.line = sipp.Line(o.registrar.address(), DOMAIN, self.user, self.old, transport, self.h.sip_agent(),
                              reacts(self.user, self.old))

    def look(self, records):
        """Notes a state that the newest record of this phone had not before."""
        mine = [r for r in records if r["device-provisioning-mac-address"] == self.h.mac and r["kind"] == "unassigned"]
        if mine:
            self.record = mine[0]
            if [mine[0]["state"]] != self.seen[-1:]:
                self.seen.append(mine[0]["state"])


desks = [Desk(i * 10 + j, t, case) for i, t in enumerate(("udp", "tcp")) for j, case in enumerate(CASES)]


def until_all(reached, seconds):
    def look():
        records = o.records(limit=100)
        for d in desks:
            d.look(records)
        return all(reached(d) for d in desks)
    return o.until(look, seconds)


def evidence(d, fact):
    return (d.record["facts"].get(fact) or {}).get("evidence")


ok(o.until(lambda: all(o.registrar.contacts(d.ext) for d in desks)), "all of them are registered, Kamailio says",
   [d.name for d in desks if not o.registrar.contacts(d.ext)])
o.reset([d.ext for d in desks], options={"phone-lines": True})
until_all(lambda d: d.record and d.record["state"] == "cut-off", 12)
for d in desks:
    is_([s for s in d.seen if s != "open"], d.states, d.name + ": the states until the grace is over")
    for fact, want in (("told", d.told), ("told-failed", d.failed)):
        got = evidence(d, fact)
        ok(got is None if want is None else got and re.search(want, got), "%s: evidence of %s is %s" % (d.name, fact, want and want.strip("^\\b")), d.record)
    ok({"flipped", "unbound"} <= set(d.record["facts"]) and not {"fetched", "applied"} & set(d.record["facts"]),
       d.name + ": the old line is dead, and nothing more is claimed", d.record["facts"])
    is_(o.registrar.contacts(d.ext), [], d.name + ": Kamailio has no binding of it")
    heard = d.line.heard()
    if "401" in d.what:
        is_(heard, 2, d.name + ": two requests, the second with the digest")
    elif d.transport == "tcp":
        is_(heard, 1, d.name + ": one request")
    else:
        ok(heard >= 1, d.name + ": it was asked")
    d.line.stop()
probes = [sip.Phone(o.registrar.address(), d.user, d.old) for d in desks]
is_({p.register() for p in probes}, {401}, "no old secret is good any more")
for p in probes:
    p.close()

# ---- and then each phone comes by itself ----
for d in desks:
    d.seen = []
    is_(set(d.h.pull()) <= {200, 404}, True, d.name + ": it comes and pulls")
until_all(lambda d: d.record["state"] == "fetched", 5)
is_({d.record["state"] for d in desks}, {"fetched"}, "all have fetched; until they register, that is all")
new = []
for d in desks:
    lines = d.h.lines()
    is_([u for u, _ in lines.values()], ["idle-" + d.h.mac], d.name + ": the vacant phone's own line is all that its file has")
    new.append(sipp.Line(o.registrar.address(), DOMAIN, *lines[1], d.transport, d.h.sip_agent()))
is_([n.ended() for n in new], [0] * len(new), "sipp registers each of them with what the file says")
until_all(lambda d: d.record["state"] == "confirmed", 5)
for d in desks:
    is_(d.record["state"], "confirmed", d.name + ", then it came: confirmed")
    is_(d.record["open"], False, d.name + ": and closed")
    ok({"fetched", "flipped", "unbound", "applied"} <= set(d.record["facts"]), d.name + ": with its four facts", d.record["facts"])
for n in new:
    n.stop()
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""A fleet that can be called: desk phones (sipp) and a softphone (baresip) at Kamailio, and sipp that calls extensions and numbers
before a reset, after it, and when the next person is there. Whoever answers says which phone it is. What the records claim, what
Kamailio itself says and what a caller hears must be one story."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import baresip  # noqa: E402
import digest  # noqa: E402
import sip  # noqa: E402
import sipp  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office(reset__grace_ms=60000, reset__longest_wait_ms=120000)  # nothing is cut off by the clock
N, D = "/domains/%s/phonenumbers" % DOMAIN, "dial-rule-translation-destination-user"
SECRET = "softphone-secret-1"
for ext, first in (("1001", "Anna"), ("1002", "Ben"), ("1003", "Carla")):
    o.user(ext, first, "Vale")
o.must("POST", "/domains/%s/users/1001/devices" % DOMAIN,
       {"device": "1001b", "device-kind": "softphone", "device-sip-registration-password": SECRET})
sheet = o.must("POST", "/domains/%s/users/1001/devices/1001b/enrol" % DOMAIN, {"kind": "sheet"})
ok(sheet["url"], "the softphone has its address")
for number, app, to in (("15551230001", "to-user", "1001"), ("15551230002", "to-single-device", "1001b"), ("15551230003", "to-user", "1002"),
                        ("15551230004", "to-callqueue", "4000"), ("15551230005", "available-number", ""), ("15551230006", "to-user", "1003")):
    o.must("POST", N, {"phonenumber": number, "dial-rule-application": app, D: to})
o.must("PATCH", N + "/15551230006", {"enabled": "no"})


class Desk:
    """A desk phone: curl for its files, sipp for its line."""

    def __init__(self, name, mac, model, vendor, lines, transport="udp"):
        self.name, self.transport = name, transport
        self.h = o.handset(mac, model, lines, vendor)
        self.line = None

    def start(self):
        self.h.pull()
        self.user, self.secret = self.h.lines()[1]
        self.line = sipp.Line(o.registrar.address(), DOMAIN, self.user, self.secret, self.transport, self.h.sip_agent(), sipp.picks_up(self.name))
        ok(o.until(lambda: o.registrar.contacts(self.user)), "%s registers as %s, Kamailio says" % (self.name, self.user))
        o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, self.h.mac))["generation-acknowledged"] >= 1)
        return self

    def rung(self):
        return self.line.heard("INVITE")


anna = Desk("anna", "001565000001", "yealink-t46u", "yealink", ["1001"]).start()
ben = Desk("ben", "0004f2000002", "polycom-vvx450", "polycom", ["1002"], "tcp").start()
carla = o.handset("000b82000003", "grandstream-grp2614", ["1003"], "grandstream")
carla.pull()
caller = carla.lines()[1]


def call(target, domain=DOMAIN):
    """What Carla hears: (status, name of the phone that answered)."""
    return sipp.call(o.registrar.address(), domain, caller[0], caller[1], "%s@%s" % (target, domain))


def routed(number):
    """Where Kamailio's own table leads a number."""
    out = subprocess.run(["sqlite3", "-cmd", ".timeout 3000", o.registrar.db,
                          "SELECT username FROM dbaliases WHERE alias_username='%s' ORDER BY 1" % number], capture_output=True, text=True)
    return out.stdout.split()


def refused(user, secret, name):
    p = sip.Phone(o.registrar.address(), user, secret)
    is_(p.register(), 401, name)
    p.close()


# ---- before ----
ok(o.until(lambda: routed("15551230001") == ["1001", "1001b"] and routed("15551230003") == ["1002"]), "Kamailio's table has the numbers", routed("15551230001"))
for target, want, name in (("1001", (200, "anna"), "an extension reaches its phone"), ("15551230001", (200, "anna"), "a number reaches it"),
                           ("+15551230001", (200, "anna"), "with a plus too"), ("1002", (200, "ben"), "a phone on TCP is reached"),
                           ("15551230003", (200, "ben"), "by its number too"), ("15551230002", (480, None), "a number of a softphone that is off: 480"),
                           ("1003", (480, None), "an extension that nobody is registered for: 480"), ("15551230005", (404, None), "an available number: 404"),
                           ("15551230004", (404, None), "a number that leads to something that is not here: 404"), ("15551230006", (404, None), "a number that is switched off: 404"),
                           ("15559999999", (404, None), "a number that nobody has: 404"), ("1999", (404, None), "an extension that is not there: 404")):
    is_(call(target), want, "before: " + name)
soft = baresip.Baresip(o.registrar.address(), DOMAIN, "1001b", SECRET, regint=2)
ok(o.until(lambda: o.registrar.contacts("1001b"), 20), "baresip registers as the softphone")
status, who = call("15551230002")
ok(status == 200 and who.startswith("1001b"), "before: the number of the softphone reaches baresip, and it alone", (status, who))

# ---- Anna leaves: lines and numbers go ----
before, soft_before = anna.rung(), soft.heard("INVITE")
o.reset(["1001"], options={"phone-lines": True, "phone-numbers": True})
ok(o.until(lambda: routed("15551230001") == [] and routed("15551230002") == []), "reset: Kamailio's table leads the numbers nowhere")
is_([call(n) for n in ("15551230001", "15551230002")], [(404, None)] * 2, "reset: both numbers are available, and refused")
is_([o.must("GET", N + "/" + n)["dial-rule-application"] for n in ("15551230001", "15551230002")], ["available-number"] * 2, "as the inventory says")
is_(anna.rung(), before, "reset: no call to a number reached the old phone")
ok(o.until(lambda: o.registrar.contacts("1001b") == []), "reset: the softphone's binding is gone")
is_(call("1001b"), (404, None), "reset: the softphone's identity is nobody's")
ok(o.until(lambda: anna.line.heard() >= 1), "reset: the desk phone is told")
anna.h.pull()
is_([u for u, _ in anna.h.lines().values()], ["idle-" + anna.h.mac], "reset: its file leaves it an idle line")
ok(o.until(lambda: o.registrar.contacts("1001") == []), "reset: with its file the old binding goes")
is_(call("1001"), (480, None), "reset: the extension is there, and nobody answers")
idle = sipp.Line(o.registrar.address(), DOMAIN, *anna.h.lines()[1], "udp", anna.h.sip_agent(), sipp.picks_up("idle"))
ok(o.until(lambda: o.registrar.contacts("idle-" + anna.h.mac)), "reset: the vacant phone registers its idle line")
is_(call("idle-" + anna.h.mac), (404, None), "reset: an idle line cannot be called")
r = o.until(lambda: (lambda x: x if x["state"] == "confirmed" else None)(o.record(anna.h.mac, device="1001", kind="unassigned")))
ok(r, "reset: the record is confirmed", o.record(anna.h.mac))
refused("1001", anna.secret, "reset: the old password of the desk phone is refused")
refused("1001b", SECRET, "reset: and that of the softphone")
tries = soft.log().count("REGISTER sip:")
ok(o.until(lambda: soft.log().count("REGISTER sip:") > tries + 1, 20), "reset: baresip goes on trying")
is_(o.registrar.contacts("1001b"), [], "reset: and its removed binding does not come back")
is_((anna.rung(), soft.heard("INVITE")), (before, soft_before), "reset: since then no call has reached the old phone or the old softphone")

# ---- the next person, on another phone ----
new = Desk("ida", "001565000009", "yealink-t54w", "yealink", [])
new.h.pull()
o.recycle("1001", "Ida", "Next", new.h.mac)
new.start()
is_(call("1001"), (200, "ida"), "recycled: the extension reaches the new phone")
is_(call("15551230001"), (404, None), "recycled: a number does not come back by itself")
o.must("PUT", N, {"phonenumber": "15551230001", "dial-rule-application": "to-user", D: "1001"})
ok(o.until(lambda: routed("15551230001") == ["1001"]), "given again, Kamailio's table leads it to the desk alone", routed("15551230001"))
is_(call("15551230001"), (200, "ida"), "recycled: and it reaches the new phone")
is_((anna.rung(), soft.heard("INVITE")), (before, soft_before), "recycled: never the old one")
ok(len(o.registrar.contacts("1001")) == 1 and o.registrar.ha1("1001") != digest.hashed("1001:%s:%s" % (DOMAIN, anna.secret)), "recycled: one binding, under another secret")

# ---- Ben is cut off at once; his phone never comes ----
before = ben.rung()
o.reset(["1002"], options={"phone-lines": True, "phone-numbers": True}, **{"cut-off": True})
ok(o.until(lambda: o.record(ben.h.mac, device="1002")["state"] == "cut-off", 5), "cut off at once: the record says so", o.record(ben.h.mac, device="1002"))
is_((o.registrar.contacts("1002"), call("1002"), call("15551230003")), ([], (480, None), (404, None)), "cut off: Kamailio has no binding, a caller hears 480, the number 404")
refused("1002", ben.secret, "cut off: the old password is refused")
r = o.until(lambda: (lambda x: x if "told-failed" in x["facts"] else None)(o.record(ben.h.mac, device="1002")))
ok(r and "told" not in r["facts"] and "Not Registered" in r["facts"]["told-failed"]["evidence"],
   "cut off: Kamailio's own 404 is no answer of the phone", r or o.record(ben.h.mac, device="1002"))
is_(ben.rung(), before, "cut off: no call reached the old phone")

# ---- the registrar's file is not the one that holds people ----
files = set()
pid = o.registrar.proc.pid
for pid in open("/proc/%d/task/%d/children" % (pid, pid)).read().split() + [str(pid)]:
    for fd in os.listdir("/proc/%s/fd" % pid):
        try:
            files.add(os.readlink("/proc/%s/fd/%s" % (pid, fd)))
        except OSError:
            pass
ok(o.registrar.db in files and not [f for f in files if f.startswith(o.data) and not f.startswith(o.registrar.db)],
   "of rekeyd's folder Kamailio has the small file open, and nothing else", sorted(f for f in files if f.startswith("/tmp") or f.startswith(o.data)))

# ---- rekeyd away: the file alone is enough; lost, it is made anew ----
o.stop()
is_((call("1001"), call("15551230001"), call("15551230003")), ((200, "ida"), (200, "ida"), (404, None)), "calls go their way while rekeyd is down")
subprocess.run(["sqlite3", o.registrar.db, "DELETE FROM aliases; INSERT INTO aliases (name, number, domain, device, owner) VALUES ('15551230003', 1, '%s', '1002', 'x')" % DOMAIN])
o.start()
is_((routed("15551230001"), routed("15551230003")), (["1001"], []), "what was changed in the file meanwhile is mended at the start")
for x in (anna.line, ben.line, new.line, idle):
    x.stop()
soft.stop()
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

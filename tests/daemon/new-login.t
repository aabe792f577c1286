#!/usr/bin/python3
"""A phone that changes hands gets a new login of its own, and is never locked out by it: what it has is good until it has used the new
one, and dead from then on. A Polycom gets one on request or in another domain. One with a certificate has it when its files were delivered."""
import os
import sqlite3
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import x509  # noqa: E402
from tap import done, is_, ok  # noqa: E402

tmp = tempfile.TemporaryDirectory()
VENDOR = os.path.join(tmp.name, "vendor")


def certificate(mac):
    at = os.path.join(tmp.name, mac)
    x509.request(at, "/CN=" + mac)
    x509.signed(at, VENDOR)
    return x509.curl(at)


x509.own(VENDOR, "/CN=vendor")
r = rekeylib.Rekeyd(phones__grandstream_ca=VENDOR + ".pem")
r.domain()
r.domain("other.test")
D = "/domains/example.test"
PARTS = {"yealink": ("yealink-t46u", "001565aac%03x", "%s.cfg"),
         "grandstream": ("grandstream-gxp2170", "000b82aac%03x", "cfg%s.xml"),
         "polycom": ("polycom-vvx450", "0004f2aac%03x", "%s-lines.cfg")}


class Phone:
    count = 0

    def __init__(self, vendor, domain="example.test", **person):
        Phone.count += 1
        model, mac, name = PARTS[vendor]
        self.vendor, self.mac, self.ext = vendor, mac % Phone.count, "%d" % (1000 + Phone.count)
        self.name, self.agent, self.domain = name % self.mac, rekeylib.ua(vendor, self.mac), domain
        r.user(self.ext, "Anna", "Number " + self.ext)
        self.token = r.phone(self.mac, model, [self.ext])

    def at(self):
        return "/domains/%s/phones/%s" % (self.domain, self.mac)

    def first(self):
        """By its first-access address; then with the login that it found."""
        self.login = rekeylib.password_in(r.curl(self.token + self.name, agent=self.agent)[2])
        is_(self.get(self.login)[0], 200, self.vendor + ": it comes with the login of its first file")
        ok(self.settled(), self.vendor + ": which is noted")
        return self

    def get(self, login, name=None):
        return r.curl("/cfg/" + (name or self.name), "--digest", "-u", "%s:%s" % (self.mac, login), agent=self.agent)

    def events(self):
        return [e["event"] for e in r.must("GET", self.at() + "/timeline")].count("new-login")

    def settled(self):
        """The store learns a moment after the phone plane that a login was used."""
        with sqlite3.connect(os.path.join(r.data, "rekey.db")) as db:
            return r.until(lambda: db.execute("SELECT prov_password_seen_ms FROM phones WHERE mac = ?", (self.mac,)).fetchone()[0] > 0)

    def reset(self, **more):
        a = r.must("POST", D + "/resets", dict({"users": [self.ext], "options": {"phone-lines": True}}, **more))
        if "reset" in a:
            r.until(lambda: r.must("GET", D + "/resets/%s" % a["reset"])["state"].startswith("done"))
        return a

    def recycle(self):
        a = r.must("POST", D + "/users/%s/recycle" % self.ext, {"name-first-name": "Nora", "name-last-name": "Vale", "phone": self.mac})
        r.until(lambda: r.must("GET", D + "/resets/%s" % a["reset"])["state"].startswith("done"))


def planned(plan):
    return [s["step"] for p in plan["plans"] for s in p["steps"]].count("new-login")


def command(*args):
    p = r.run("phone", *args)
    return p.returncode, p.stdout + p.stderr


def hands_over(p, old, what):
    """It comes with what it has, finds the new login, and uses it: from then on that one alone is good."""
    new = rekeylib.password_in(p.get(old)[2])
    ok(new and new != old, what + ": its file holds a new login", (old, new))
    is_(p.get(old)[0], 200, what + ": the one that it has is good still")
    is_(rekeylib.password_in(p.get(old)[2]), new, what + ": and still shows the new one")
    is_(p.get(new)[0], 200, what + ": the new one is good at once")
    is_(p.get(old)[0], 401, what + ": and the former one from then on no more")
    ok(p.settled(), what + ": which is noted")
    p.login = new


for vendor in ("yealink", "grandstream"):
    p = Phone(vendor)
    is_(planned(p.reset(**{"dry-run": True})), 0, vendor + ": nobody has used its login yet: none is planned")
    p.first()
    first = p.login
    is_(planned(p.reset(**{"dry-run": True})), 1, vendor + ": a dry run shows it")
    is_(p.events(), 0, vendor + ": and does nothing")
    p.reset()
    is_(p.events(), 1, vendor + ": a reset does it, and its timeline says so")
    new = rekeylib.password_in(p.get(first)[2])
    p.recycle()
    p.reset()
    is_((rekeylib.password_in(p.get(first)[2]), p.events()), (new, 1), vendor + ": one that it has not used yet is not replaced: it would be locked out")
    hands_over(p, first, vendor + ", two resets in a row")
    p.recycle()
    hands_over(p, p.login, vendor + ", the next person")
    r.must("PATCH", p.at(), {"lines": []})
    hands_over(p, p.login, vendor + ", its line is taken away by hand")
    is_(p.events(), 3, vendor + ": three times in all")

# ---- the other files of one pull come with the new login, though the running daemon was not told of it yet ----
p = Phone("yealink").first()
is_(p.get(p.login, p.mac + "-local.cfg")[0], 200, "a Yealink that asks for what was changed on it")
for i in range(3):
    code, said = command(p.mac, "--new-login")
    is_(code, 0, "another process gives it a new login: " + said)
    new = rekeylib.password_in(p.get(p.login)[2])
    is_(p.get(new, p.mac + "-local.cfg")[0], 200, "the next file of that pull is given to the new one at once")
    p.login = new
    ok(p.settled(), "which is noted")
p.reset()
new = rekeylib.password_in(p.get(p.login)[2])
p.get(new, p.mac + "-local.cfg")
proved = lambda: [(h["state"], h["facts"]) for h in r.must("GET", p.at() + "/handovers") if h["kind"] == "unassigned"]  # noqa: E731
ok(r.until(lambda: ["fetched" in f for s, f in proved()] == [True]), "a pull that begins with the one and ends with the other is a proof", proved())

# ---- Polycom ----
p = Phone("polycom").first()
p.reset()
is_((p.events(), rekeylib.password_in(p.get(p.login)[2])), (0, None), "polycom: a change of owner does not touch the login in its flash")
a = r.api("POST", p.at() + "/login")
is_((a.status, p.events()), (202, 1), "polycom: on request")
is_(r.api("POST", p.at() + "/login").status, 409, "not once more before it has come with that one")
text = p.get(p.login)[2].decode()
ok(all(w in text for w in ('device.set="1"', 'device.prov.user="%s"' % p.mac, 'device.prov.user.set="1"', 'device.prov.password.set="1"')), "polycom: with the flags that make it take the login", text)
hands_over(p, p.login, "polycom")
is_(rekeylib.password_in(p.get(p.login)[2]), None, "polycom: once it has used it, its file is silent on it again: it would restart for nothing")
p = Phone("polycom").first()
r.must("POST", p.at() + "/rehome", {"domain": "other.test"})
p.domain = "other.test"
is_(p.events(), 1, "polycom: in another domain its timeline begins with a new login")
hands_over(p, p.login, "polycom, another domain")
office = r.must("POST", "/domains/other.test/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
site = r.must("POST", "/domains/other.test/apikeys", {"name": "site", "user-scope": "Site Manager"})["key"]
is_((r.api("POST", p.at() + "/login", key=site).status, r.api("POST", p.at() + "/login", key=office).status), (403, 202), "an Office Manager may ask for it, a Site Manager may not")
r.must("POST", p.at() + "/retire", {})
code, said = command(p.mac, "--new-login")
ok(code == 1 and "retired" in said, "a retired phone gets none", said)

# ---- a phone with a certificate never uses its login ----
p = Phone("grandstream")
mine = certificate(p.mac)
by_certificate = lambda: rekeylib.password_in(r.curl("/cfg/" + p.name, *mine, agent=p.agent)[2])  # noqa: E731
p.login = by_certificate()
ok(p.login and p.settled(), "a phone with a certificate: it has its login when its file was delivered")
p.reset()
is_((p.events(), p.get(p.login)[0]), (1, 200), "it changes hands: a new one, and the old one is good until it has come")
new = by_certificate()
ok(p.settled(), "which it does")
ok(r.until(lambda: p.get(p.login)[0] == 401), "then whoever knew the old one is out")
is_((p.get(new)[0], by_certificate()), (200, new), "the new one is good, and its file holds it: it may have been reset by hand")
done()

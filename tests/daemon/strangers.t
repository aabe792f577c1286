#!/usr/bin/python3
"""The throttle: a MAC scan and guessed logins from one address, and what a phone with a good login beside it sees: nothing. Ban in
/metrics, alert, log line and fail2ban's filter. Limits from both sides. Trusted proxies: who is counted and noted."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import rekeylib  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

LIMIT = 20
r = rekeylib.Rekeyd(phones__failures_per_address=LIMIT, phones__failures_per_network=LIMIT + 10, phones__ban_seconds=3600,
                    phones__trusted_proxies="127.0.0.1", admin__trusted_proxies="127.0.0.1 198.51.100.0/24", admin__proxy_hops=2)
r.domain()
D = "/domains/example.test"
r.user("1001", "Anna", "Berg")
MAC = "001565aabb01"
token = r.phone(MAC, "yealink-t46u", ["1001"])
password = rekeylib.password_in(r.curl(token + MAC + ".cfg", agent=rekeylib.ua("yealink", MAC))[2])


class Phone:
    """One connection kept open; asks as from an address behind the proxy that this test is."""

    def __init__(self, address):
        self.address = address
        self.c = r.connect(r.phones_port)

    def ask(self, path, method="GET", **headers):
        h = {"X-Forwarded-For": self.address, "User-Agent": rekeylib.ua("yealink", MAC)}
        h.update(headers)
        a = r.ask(method, path, body=b"x" if method in ("PUT", "POST") else None, headers=h, conn=self.c)
        head = sorted((k, rekeylib.plain_head(v)) for k, v in a.headers if k != "Date")
        return a.status, head, a.body

    def login(self, path, word, mac=MAC):
        """As a phone: asks, is challenged, answers."""
        a = r.ask("GET", path, headers={"X-Forwarded-For": self.address}, conn=self.c)
        if a.status != 401:
            return a.status
        ch = [v for v in a.all("WWW-Authenticate") if "MD5" in v][0]
        return self.ask(path, Authorization=digest.answer(ch, "GET", path, mac, word))[0]


def v(name, **lab):
    return r.metric(name, **lab) or 0


def alerts():
    return [a for a in r.must("GET", "/alerts") if a["kind"] == "scan"]


# ---- a fleet behind one NAT, more phones than either limit ----
NAT = "192.0.2.50"
setup, fleet = Phone("192.0.4.1"), {}
for mac in ("00156500f0%02x" % n for n in range(LIMIT + 15)):
    fleet[mac] = rekeylib.password_in(setup.ask(r.phone(mac, "yealink-t46u") + mac + ".cfg")[2])
is_({Phone(NAT).login("/cfg/%s.cfg" % mac, word, mac) for mac, word in fleet.items()}, {200}, "each phone of a fleet is challenged, and gets its file")

# ---- a MAC scan over a prefix, without credentials ----
SCANNER = "203.0.113.7"
scanner = Phone(SCANNER)
macs = ["001565%06x" % n for n in range(0xaabb01 - 150, 0xaabb01 + 150)]
answers = [scanner.ask("/cfg/%s.cfg" % m) for m in macs]
is_(len({repr(a) for a in answers}), 1, "300 MACs, one of them ours: one answer")
is_((answers[0][0], v("bans_total")), (401, 0), "which is the challenge; for some seconds it might be a fleet that starts")
time.sleep(10.2)
is_((Phone(NAT).login("/cfg/%s.cfg" % mac, fleet[mac], mac), v("bans_total")), (200, 0), "a fleet has proved itself: by now nobody is banned for it")
ok(NAT not in r.log_text() and not alerts(), "no line tells of it, and no alert")
challenge = scanner.ask("/cfg/001565ffff01.cfg")
is_(challenge, answers[0], "the challenge stays, for it says nothing and phones need it")
is_((v("bans_total"), v("banned", of="address"), v("banned", of="network")), (2, 1, 1), "and the address is banned, and its network")
wrong = [scanner.ask("/cfg/%s.cfg" % m, Authorization=w) for m in (MAC, "001565ffff02") for w in ("Basic " + __import__("base64").b64encode((m + ":x").encode()).decode(),)]
is_((wrong[0][0], wrong[0][2], dict(wrong[0][1])["Retry-After"]), (429, b"Too many requests\n", "3600"), "a wrong login from there is refused at once")
is_(wrong[0], wrong[1], "the same for a MAC that nobody has")
is_([scanner.ask(p, m)[0] for p in ("/cfg/" + "x" * 32 + "/" + MAC + ".cfg", "/soft/" + "x" * 32) for m in ("GET", "HEAD")], [429] * 4, "so are addresses that are none")
is_(scanner.login("/cfg/%s.cfg" % MAC, "guess"), 429, "and a guess by Digest")
is_(Phone("203.0.113.99").login("/cfg/%s.cfg" % MAC, "guess"), 429, "its network too")
is_(Phone("203.0.112.99").login("/cfg/%s.cfg" % MAC, "guess"), 401, "not the one beside it")

# ---- a phone behind the same NAT ----
is_(Phone(SCANNER).login("/cfg/%s.cfg" % MAC, password), 200, "a phone with its own login gets its file from the same address")
is_([scanner.login("/cfg/%s.cfg" % MAC, password) for _ in range(30)], [200] * 30, "as often as it likes, on the scanner's own connection")
other = r.phone("001565aabb02", "yealink-t46u", [])
is_(scanner.ask(other + "001565aabb02.cfg")[0], 200, "and a new one by its first-access address")

# ---- who is told ----
a = r.until(alerts)
is_(len(a), 1, "one alert for the network")
ok("203.0.113.0/24" in a[0]["text"] and "domain" not in a[0]["text"], "which it names", a[0])
r.must("POST", "/alerts/%s/acknowledge" % a[0]["alert"], {"reason": "a test"})
is_(alerts(), [], "who acknowledges it clears it")
log = r.log_text()
lines = [x for x in log.splitlines() if " phone-refused " in x]
ok(any("address=%s mac=%s why=login" % (SCANNER, MAC) in x for x in lines) and any("why=address" in x for x in lines) and any("why=scan" in x for x in lines),
   "lines for each reason", "\n".join(lines[:20]))
is_([re.search(r"of=(\S+)", x).group(1) for x in log.splitlines() if " phone-banned " in x], ["203.0.113.0/24"], "a line for the ban")
ok(not any(w in r.ask("GET", "/metrics").text for w in ("203.0.113", MAC)), "no address in /metrics")
Phone("192.0.2.9").ask("/cfg/001565ffff09.cfg")  # knocks are written in their order, a little later
noted = r.until(lambda: (lambda seen: "001565ffff09" in seen and seen)({u["device-provisioning-mac-address"] for u in r.must("GET", "/unclaimed?limit=500")})) or set()
ok(macs[0] in noted and MAC not in noted and not {"001565ffff01", "001565ffff02"} & noted, "what a banned address names is not noted as unclaimed", sorted(noted)[-3:])

# ---- fail2ban's filter ----
conf = open(os.path.join(tap.top(), "provisioning", "phones", "fail2ban", "rekey.conf")).read()
regex = re.search(r"(?m)^failregex = (.*)$", conf).group(1).replace("<HOST>", r"(?P<host>[0-9a-f.:]+)")
ban = lambda line: (re.search(regex, line) or [None, None])["host"] if re.search(regex, line) else None  # noqa: E731
is_({ban(x) for x in lines if SCANNER in x}, {SCANNER}, "fail2ban's filter finds the address in each line")
is_([x for x in log.splitlines() if ban(x) and " phone-refused " not in x], [], "and in no other line")
FORGED = "x warn phone-refused address=192.0.2.66 mac=- why=login"
forged = Phone("203.0.111.1")
forged.ask("/cfg/%s.cfg" % MAC, Authorization="Basic eDp4", **{"User-Agent": FORGED})
logins = [r.ask("POST", "/api/v1/login", json.dumps({"login": x, "password": "y"}), {"Content-Type": "application/json", "X-Forwarded-For": "203.0.111.1, 198.51.100.3"})
          for x in (FORGED, "\n%s\n" % FORGED)]
log = r.log_text()
ok(logins[0].status == 401 and ' login-refused login="%s" from=203.0.111.1\n' % FORGED in log, "a login that looks like a line stands in the log, quoted", log[-600:])
is_((logins[1].status, any(x.startswith("x warn") for x in log.splitlines())), (400, False), "one with a line break begins no line of its own")
is_([x for x in log.splitlines() if ban(x) == "192.0.2.66"], [], "nobody writes a line for somebody else")
time.sleep(1.1)  # the log bears ten lines in any second
Phone("203.0.110.1").ask("/soft/" + "x" * 32, **{"User-Agent": "x"})
is_([re.search(r"mac=(\S+) why=(\S+)", x).groups() for x in r.log_text().splitlines() if ban(x) == "203.0.110.1"], [("-", "address")], "the filter finds whoever names no phone")

# ---- limits from both sides ----
guesser = Phone("192.0.2.7")
is_([guesser.login("/cfg/%s.cfg" % MAC, "guess") for _ in range(LIMIT - 1)], [401] * (LIMIT - 1), "one less than the limit is refused as ever")
is_(guesser.login("/cfg/%s.cfg" % MAC, "guess"), 429, "the limit is the throttle's")
foreign = 'Digest username="%s", realm="rekey", nonce="%s", uri="/cfg/%s.cfg", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="a"' % (
    MAC, "A" * 70, MAC, "0" * 32)
old = Phone("192.0.3.7")
is_({old.ask("/cfg/%s.cfg" % MAC, Authorization=foreign)[0] for _ in range(3 * LIMIT)}, {401}, "an answer to a challenge from before a restart is none that failed")
is_(old.login("/cfg/%s.cfg" % MAC, password), 200, "and is challenged anew")

# ---- trusted proxies ----
said = lambda who: [x for x in r.log_text().splitlines() if " phone-refused address=%s " % who in x]  # noqa: E731
time.sleep(1.1)  # the log bears ten lines in any second
spoof = Phone("192.0.2.251, 192.0.2.250, 198.18.0.1")
spoof.login("/cfg/%s.cfg" % MAC, "guess")
ok(said("198.18.0.1") and not said("192.0.2.250") and not said("192.0.2.251"), "what stands left of the proxy's own entry is nothing", "\n".join(x for x in r.log_text().splitlines() if "phone-refused" in x)[-800:])
garbage = Phone("unknown")
garbage.login("/cfg/%s.cfg" % MAC, "guess")
ok(said("127.0.0.1"), "garbage: the proxy's own address counts")
is_(Phone("198.18.5.5").login("/cfg/%s.cfg" % MAC, password), 200, "a pull through the proxy")
ok(r.until(lambda: "198.18.5.5" in r.api("GET", D + "/phones/" + MAC).text), "is noted with the phone's address")
bad = r.ask("POST", "/api/v1/login", '{"login":"nobody@x","password":"y"}', {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.1, 198.18.7.7, 198.51.100.3"})
is_(bad.status, 401, "a wrong login at the portal, through two proxies")
ok(re.search(r"login-refused .*from=198\.18\.7\.7\b", r.log_text()), "is logged with the person's address", r.log_text()[-600:])

# ---- nobody is trusted ----
r.stop()
r.set("phones", "trusted-proxies", "192.0.2.1")
r.start()
mark = len(r.log_text())
Phone("198.18.9.9").login("/cfg/%s.cfg" % MAC, "guess")
ok("198.18.9.9" not in r.log_text()[mark:] and "phone-refused address=127.0.0.1" in r.log_text()[mark:], "whoever is no trusted proxy says nothing about addresses")

# ---- in total, and a ban that ends ----
r.stop()
for k, x in (("trusted-proxies", "127.0.0.1"), ("failures-total", 5), ("failures-per-address", 5), ("ban-seconds", 1)):
    r.set("phones", k, x)
r.start()
crowd = [Phone("198.18.%d.1" % i) for i in range(12)]
for c in crowd:
    c.ask("/cfg/x")
got = [c.ask("/soft/" + "x" * 32)[0] for c in crowd]
ok(got[:5] == [404] * 5 and 429 in got[5:], "in total: what is wrong beyond five in a second", got)
time.sleep(1.1)
one = Phone("198.19.0.1")
got = [one.ask("/soft/" + "x" * 32)[0] for _ in range(6)]
is_(got[:4] + got[5:], [404] * 4 + [429], "five from one address")
time.sleep(1.2)
is_(one.ask("/soft/" + "x" * 32)[0], 404, "a ban ends")
r.end()
done()

#!/usr/bin/python3
"""Identity = file, and what a stranger sees: one answer per form of path, whatever stands behind it."""
import os
import socket
import ssl
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import rekeylib  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd(phones__token_hours=1)
r.domain()
r.user("1001", "Anna", "Berg")
r.user("1002", "Emil", "Koch")
ONE, TWO, VACANT, GONE, NOBODY = "001565aabb01", "001565aabb02", "001565aabb03", "001565aabb04", "001565aabb05"
token = {m: r.phone(m, "yealink-t46u", lines) for m, lines in ((ONE, ["1001"]), (TWO, ["1002"]), (VACANT, []), (GONE, []))}


def password_of(mac):
    return rekeylib.password_in(r.curl(token[mac] + mac + ".cfg")[2])


password = {m: password_of(m) for m in token}
gone_token, gone_password = token[GONE], password[GONE]
is_(r.api("DELETE", "/domains/example.test/phones/" + GONE).status, 200, "a phone without lines can be deleted")

# ---- a file is given to its own phone alone ----
for who, status in ((ONE, 200), (TWO, 401), (VACANT, 401)):
    is_(r.curl("/cfg/%s.cfg" % ONE, "--digest", "-u", "%s:%s" % (who, password[who]))[0], status, "%s.cfg to %s" % (ONE, who))
is_(r.curl("/cfg/%s.cfg" % ONE, "--digest", "-u", "%s:%s" % (ONE, password[TWO]))[0], 401, "another phone's password")
is_(r.curl("/cfg/%s.cfg" % ONE, "--digest", "-u", "%s:%s" % (ONE.upper(), password[ONE]))[0], 401, "a name spelled otherwise is another name")
is_(r.curl("/cfg/%s.cfg" % VACANT, "--digest", "-u", "%s:%s" % (VACANT, password[VACANT]))[0], 200, "a vacant phone is served")
is_(r.curl("/cfg/001565AABB02.cfg", "--digest", "-u", "%s:%s" % (TWO, password[TWO]))[0], 200, "the MAC in the other case")
is_(r.curl("/cfg/00-15-65-aa-bb-02.cfg", "--digest", "-u", "%s:%s" % (TWO, password[TWO]))[0], 200, "the MAC with separators")
FRESH = "001565aabb07"
fresh = r.phone(FRESH, "yealink-t46u", [])
is_((r.curl(fresh + ONE + ".cfg")[0], r.curl(fresh + NOBODY + ".cfg")[0], r.curl(fresh + FRESH + ".cfg")[0]), (404, 404, 200),
    "a token is good for its own MAC alone")
is_(r.curl("/cfg/%s.cfg" % ONE, "--digest", "-u", "%s:%s" % (ONE, password[ONE]), agent=ua("yealink", TWO))[0], 200,
    "the User-Agent proves nothing, either way")

# ---- constant answers ----
base = r.seen("/cfg/%s.cfg" % NOBODY)
is_(base[0], 401, "an unknown MAC: 401")
cases = {"no password, known": ("/cfg/%s.cfg" % ONE,), "no password, vacant": ("/cfg/%s.cfg" % VACANT,), "no password, deleted": ("/cfg/%s.cfg" % GONE,),
         "no password, common file": ("/cfg/y000000000108.cfg",), "no password, no file of ours": ("/cfg/hello",),
         "no password, polycom name": ("/cfg/%s-lines.cfg" % ONE,), "no password, grandstream name": ("/cfg/cfg%s.xml" % ONE,)}
for mac, what in ((ONE, "known"), (VACANT, "vacant"), (GONE, "deleted"), (NOBODY, "unknown")):
    for scheme in ("--digest", "--basic"):
        cases["%s, wrong password, %s" % (scheme, what)] = ("/cfg/%s.cfg" % mac, scheme, "-u", mac + ":wrong-password-1")
        cases["%s, other phone's password, %s" % (scheme, what)] = ("/cfg/%s.cfg" % mac, scheme, "-u", "%s:%s" % (TWO, password[TWO]))
cases["deleted phone's own password"] = ("/cfg/%s.cfg" % GONE, "--digest", "-u", "%s:%s" % (GONE, gone_password))
for what, args in cases.items():
    is_(r.seen(*args), base, "the same 401: " + what)
put = r.seen("/cfg/%s-phone.cfg" % NOBODY, "-T", "-", data=b"x")
is_(put[0], 401, "PUT, unknown: 401")
for what, args in {"known": ("/cfg/%s-phone.cfg" % ONE,), "no such file": ("/cfg/hello",), "wrong password": ("/cfg/%s-phone.cfg" % ONE, "--basic", "-u", ONE + ":no")}.items():
    is_(r.seen(args[0], "-T", "-", *args[1:], data=b"x"), put, "the same 401 to a PUT: " + what)

base = r.seen("/cfg/no-such-token/%s.cfg" % NOBODY)
is_(base[0], 404, "an unknown token: 404")
for what, path in {"known MAC": "/cfg/no-such-token/%s.cfg" % ONE, "deleted phone's token": gone_token + GONE + ".cfg",
                   "another phone's token": fresh + ONE + ".cfg", "no file": "/cfg/no-such-token/hello", "soft": "/soft/no-such-token",
                   "spent token": token[ONE] + ONE + ".cfg"}.items():
    r.until(lambda: r.curl(path)[0] == 404, 5)
    is_(r.seen(path), base, "the same 404: " + what)
is_(r.seen("/elsewhere"), base, "the same 404: no such path")
for bad in ("/cfg/..%2f..%2fetc%2fpasswd", "/cfg/%2e%2e/%2e%2e/etc/passwd", "/cfg/a%00b.cfg", "/cfg/%0d%0aX: y", "/cfg/" + "a" * 300):
    status, head, body = r.curl(bad.replace(" ", "%20"))
    ok(status in (400, 401, 404) and b"root:" not in body and "X: y" not in head, "nothing to be had by " + bad[:40], (status, head))

# ---- an expired token ----
import sqlite3  # noqa: E402

LATE = "001565aabb06"
late = r.phone(LATE, "yealink-t46u", [])
is_(r.curl(late + LATE + ".cfg")[0], 200, "a fresh token")
r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
db.execute("UPDATE tokens SET expires_ms = 1")
db.commit()
db.close()
r.start()
is_(r.seen(late + LATE + ".cfg"), base, "the same 404: expired token")

# ---- Digest by hand: old nonces and other paths ----


def answer(ch, mac, uri):
    return "Authorization: " + digest.answer(ch, "GET", uri, mac, password[mac])


ch = digest.challenge(r.curl("/cfg/%s.cfg" % TWO)[1])
for name in (TWO + ".cfg", TWO + ".boot", "y000000000108.cfg"):
    is_(r.curl("/cfg/" + name, "-H", answer(ch, TWO, "/cfg/" + name))[0], 200, "one challenge is good for " + name)
is_(r.curl("/cfg/%s.cfg" % TWO, "-H", answer(ch, TWO, "/cfg/%s.boot" % TWO))[0], 401,
    "an answer made for another path")
is_(r.curl("/cfg/%s.cfg" % ONE, "-H", answer(ch, TWO, "/cfg/%s.cfg" % ONE))[0], 401, "an answer of another phone")
is_(r.curl("/cfg/%s.cfg" % TWO, "-H", answer(dict(ch, nonce="AAAA" + ch["nonce"][4:]), TWO, "/cfg/%s.cfg" % TWO))[0], 401,
    "a nonce that is not ours")

# ---- knocks are noted, bounded, and can be claimed ----
r.curl("/cfg/%s.cfg" % NOBODY, agent=ua("yealink", NOBODY))
for i in range(5):
    r.curl("/cfg/cfg000b82aa00%02x.xml" % i, agent=ua("grandstream", "000b82aa00%02x" % i))
got = r.until(lambda: [u for u in r.must("GET", "/unclaimed") if (u["device-provisioning-mac-address"], u["brand"]) == (NOBODY, "yealink")])
ok(got, "an unknown MAC is noted", r.must("GET", "/unclaimed"))
ok(not [u for u in r.must("GET", "/unclaimed") if u["device-provisioning-mac-address"] in (ONE, TWO, VACANT)], "a known one is not")
is_(len(r.until(lambda: len(r.must("GET", "/unclaimed")) >= 6 and r.must("GET", "/unclaimed?limit=3"))), 3, "the list is paged")
a = r.api("POST", "/unclaimed/000b82aa0001/claim", {"domain": "example.test"})
is_((a.status, a.json.get("device-models-model")), (201, "grandstream-gxp2170"), "claimed: its model is what its User-Agent said")
ok("000b82aa0001" not in [u["device-provisioning-mac-address"] for u in r.must("GET", "/unclaimed")], "and it is not on the list any more")

# ---- twenty clients that ask, read nothing and reset the connection: nothing is acknowledged ----
r.must("PUT", "/domains/example.test/users/1002", {"name-first-name": "Paul"})
wanted = r.must("GET", "/domains/example.test/phones/" + TWO)["generation-wanted"]
ctx = ssl.create_default_context(cafile=r.ca)
ch = digest.challenge(r.curl("/cfg/%s.cfg" % TWO)[1])
for i in range(20):
    raw = socket.create_connection(("127.0.0.1", r.phones_port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c = ctx.wrap_socket(raw, server_hostname="localhost")
    c.sendall(("GET /cfg/%s.cfg HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % (TWO, answer(ch, TWO, "/cfg/%s.cfg" % TWO))).encode())
    if i % 2:
        c.recv(100)
    os.close(c.detach())
is_(r.ask("GET", "/healthz").status, 200, "still alive")
now = r.must("GET", "/domains/example.test/phones/" + TWO)
ok(now["generation-acknowledged"] < wanted, "nothing is acknowledged", now)
is_(r.curl("/cfg/%s.cfg" % TWO, "--digest", "-u", "%s:%s" % (TWO, password[TWO]))[0], 200, "an honest pull")
r.curl("/cfg/%s-local.cfg" % TWO, "--digest", "-u", "%s:%s" % (TWO, password[TWO]))
ok(r.until(lambda: r.must("GET", "/domains/example.test/phones/" + TWO)["generation-acknowledged"] >= wanted), "is")
text = r.log_text()
ok(not any(p in text for p in password.values()) and not any(t.split("/")[2] in text for t in token.values()), "no password and no token is in the log")
done()

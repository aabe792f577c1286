#!/usr/bin/python3
"""Digest over the wire: curl with both algorithms, challenges answered elsewhere, stale, and what is refused."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import edgelib as e  # noqa: E402
from rekeylib import plain_head  # noqa: E402
from tap import is_, ok  # noqa: E402

e.certs()
s = e.Server("threads=3")
USER, PASSWORD = "Mufasa", "Circle of Life"


def answer(ch, method, uri, user=USER, password=PASSWORD, **more):
    return "Authorization: " + digest.answer(ch, method, uri, user, password, **more)


def ask(target, *headers, method="GET"):
    c = s.tls()
    c.sendall(e.get(target, *headers, method=method))
    got = e.read_answer(c)
    c.close()
    return got


status, head, body = ask("/cfg/Mufasa.cfg")
sha, md5 = digest.challenge(head, "SHA-256"), digest.challenge(head)
is_((status, sha is not None, md5 is not None), (401, True, True), "both algorithms are offered")
ok(head.index("SHA-256") < head.index("algorithm=MD5"), "the better one first (RFC 7616 §3.7)")
is_(sha.get("qop"), "auth", "qop")
is_(plain_head(ask("/cfg/nobody.cfg")[1]), plain_head(head), "the 401 is the same for all, nonce and Date aside")

for algorithm in ("SHA-256", "MD5"):
    out = s.curl("/cfg/Mufasa.cfg", "--digest", "-u", USER + ":" + PASSWORD, "-v")
    is_(out.stdout, b"hello tls GET\n", "curl --digest")
    break
ok(b"algorithm=SHA-256" in [x for x in out.stderr.split(b"\n") if b"> Authorization" in x][-1], "curl takes SHA-256", out.stderr.decode())
is_(s.curl("/cfg/Mufasa.cfg", "--digest", "-u", USER + ":" + PASSWORD, "-T", "-", data=b"x" * 100).stdout.split()[0], b"100", "curl --digest PUT")
is_(s.code("/cfg/Mufasa.cfg", "--digest", "-u", USER + ":wrong"), "401", "a wrong password")

for alg, ch in (("MD5", md5), ("SHA-256", sha)):
    is_([ask("/cfg/Mufasa.cfg?x=%d" % i, answer(ch, "GET", "/cfg/Mufasa.cfg?x=%d" % i, algorithm=alg))[0] for i in range(9)], [200] * 9,
        alg + ": one challenge, nine other connections on three threads, nine paths")
is_(ask("/cfg/Mufasa.cfg", answer(md5, "GET", "/cfg/Mufasa.cfg", qop=False))[0], 200, "old firmware without qop")

bad = {
    "another uri": answer(md5, "GET", "/cfg/other.cfg"),
    "another method": answer(md5, "PUT", "/cfg/Mufasa.cfg"),
    "another phone's name": answer(md5, "GET", "/cfg/Mufasa.cfg", user="Simba"),
    "another realm": answer(md5, "GET", "/cfg/Mufasa.cfg", realm="other"),
    "a nonce of one's own": answer(dict(md5, nonce="A" * 70), "GET", "/cfg/Mufasa.cfg"),
    "a nonce with one digit changed": answer(dict(md5, nonce=md5["nonce"][:5] + ("A" if md5["nonce"][5] != "A" else "B") + md5["nonce"][6:]), "GET", "/cfg/Mufasa.cfg"),
    "no response": re.sub(r'response="[^"]*", ', "", answer(md5, "GET", "/cfg/Mufasa.cfg")),
    "an unknown algorithm": answer(md5, "GET", "/cfg/Mufasa.cfg").replace("algorithm=MD5", "algorithm=MD5-sess"),
    "another scheme": "Authorization: Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl",
    "nothing behind the scheme": "Authorization: Digest",
}
heads = set()
for name, header in bad.items():
    got = ask("/cfg/Mufasa.cfg", header)
    is_(got[0], 401, "refused: " + name)
    heads.add(plain_head(got[1]))
is_(heads, {plain_head(head)}, "and every refusal reads the same")
ok("stale" not in head, "none of them is called stale")

late = ask("/cfg/Mufasa.cfg", answer(md5, "GET", "/cfg/Mufasa.cfg"), "X-Skew: 280000")
is_(late[0], 200, "good for five minutes")
late = ask("/cfg/Mufasa.cfg", answer(md5, "GET", "/cfg/Mufasa.cfg"), "X-Skew: 301000")
is_((late[0], "stale=true" in late[1]), (401, True), "then stale")
late = ask("/cfg/Mufasa.cfg", answer(md5, "GET", "/cfg/Mufasa.cfg", password="wrong"), "X-Skew: 301000")
is_((late[0], "stale=true" in late[1]), (401, False), "but stale only to who knows the password")

other = e.Server("threads=1")
s, mine = other, s
is_(ask("/cfg/Mufasa.cfg", answer(md5, "GET", "/cfg/Mufasa.cfg"))[0], 200, "another server with the same key takes it too")
other.stop()
mine.stop()
e.done()

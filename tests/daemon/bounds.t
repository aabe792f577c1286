#!/usr/bin/python3
"""Every limit of the phones' listener from both sides: one below is served, one beyond is not, and the neighbour never feels it."""
import base64
import contextlib
import os
import re
import sqlite3
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib  # noqa: E402
import rekeylib  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok, program, within  # noqa: E402

r = rekeylib.Rekeyd(limits__connections=40, limits__connections_per_address=20, limits__handshake_ms=700, limits__head_bytes=2000,
                    limits__head_ms=600, limits__stall_ms=800, limits__idle_ms=1500, limits__requests_per_connection=5,
                    limits__upload_bytes=5000, limits__uploads=3, limits__uploads_per_phone=2, limits__log_bytes=3000, phones__threads=1)
r.domain()
r.user("1001", "Anna", "Berg")
MACS = ["0004f2aabb%02x" % i for i in range(5)]
token = {m: r.phone(m, "polycom-vvx450", ["1001"] if m == MACS[0] else []) for m in MACS}
agent = ua("polycom", MACS[0])
pw = {m: rekeylib.password_in(r.curl(token[m] + m + "-lines.cfg", agent=agent)[2]) for m in MACS}
PATH = token[MACS[4]] + MACS[4] + "-lines.cfg"  # which never uses its password
dial, ends = r.dial, edgelib.ends


def head(path=PATH, *more, method="GET"):
    return edgelib.get(path, *more, method=method)


def ask(c, what):
    c.sendall(what)
    return edgelib.read_answer(c)


def neighbour(name):
    """A phone at another address, while it lasts."""
    c = dial("127.0.0.9")
    is_(ask(c, head())[0], 200, "a phone beside it is served: " + name)
    c.close()


# ---- the settings themselves: one below and one beyond each end ----
shown = r.run("check-conf").stdout
rows = re.findall(r"\((\d+) to (\d+), default (\d+)\)\n(\S+) = ", shown[shown.index("[limits]"):shown.index("[admin]")])
is_(len(rows), 12, "every limit stands in the settings with its range")
wrong = []
for low, high, default, name in rows:
    for value, fine in ((int(low), True), (int(high), True), (int(low) - 1, False), (int(high) + 1, False)):
        conf = os.path.join(r.dir, "try.conf")
        open(conf, "w").write("[limits]\n%s = %d\n" % (name, value))
        out = subprocess.run([program("rekeyd"), "check-conf", "--conf", conf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if (out.returncode == 0) != fine or not fine and "%s to %s" % (low, high) not in out.stderr:
            wrong.append((name, value, out.stderr))
is_(wrong, [], "both ends are taken; what lies beyond is refused with the range")

# ---- header bytes ----
def sized(n):
    return head(PATH, "X-Fill: " + "x" * (n - len(head(PATH, "X-Fill: "))))


c = dial()
is_(len(sized(2000)), 2000, "a head of just the limit")
is_(ask(c, sized(2000))[0], 200, "is served")
got = ask(c, sized(2001))
is_(got and got[0], 431, "one byte more is refused")
within(ends(c, 5), 0, 2, "and the connection ends")
c = dial()
got = ask(c, head(PATH + "?" + "q" * 2000))
is_(got and got[0], 431, "a target that is too long as well")
c.close()

# ---- requests per connection ----
c = dial()
answers = [ask(c, head()) for _ in range(5)]
is_([a[0] for a in answers], [200] * 5, "five requests on one connection")
is_(["connection: close" in a[1].lower() for a in answers], [False] * 4 + [True], "the last one is told that it is the last")
within(ends(c, 5), 0, 4, "and the connection ends")

# ---- time ----
c = dial(tls=False)
within(ends(c, 5), 0.5, 2.5, "a handshake that does not begin ends")
slow = dial(tls=False)
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
shy = ssl.create_default_context(cafile=r.ca).wrap_bio(incoming, outgoing, server_hostname="localhost")
try:
    shy.do_handshake()
except ssl.SSLWantReadError:
    pass
hello = outgoing.read()
slow.sendall(hello[:50])
time.sleep(0.35)
slow.sendall(hello[50:])
ok(slow.recv(1) == b"\x16", "one that takes half its time goes on")
slow.close()
slow = dial(tls=False)
began = time.monotonic()
try:
    for i in range(len(hello)):
        slow.sendall(hello[i:i + 1])
        time.sleep(0.03)
except OSError:
    pass
within(time.monotonic() - began, 0.5, 2, "one that comes byte by byte gets no more time than any other")
slow.close()
c = dial()
c.sendall(head()[:20])
time.sleep(0.3)
is_(ask(c, head()[20:])[0], 200, "a head that takes half its time is served")
c.sendall(head()[:20])
within(ends(c, 5), 0.4, 1.4, "one that takes longer ends")
c = dial()
time.sleep(0.9)
is_(ask(c, head())[0], 200, "an idle connection that is used in time is served")
within(ends(c, 5), 1.2, 4, "one that stays idle ends")


def put(c, mac, name, body, announced=None, login=None):
    word = base64.b64encode(("%s:%s" % (mac, pw[mac])).encode()).decode()
    c.sendall(edgelib.get("/cfg/%s%s" % (mac, name), "Authorization: Basic " + word, "Content-Length: %d" % (len(body) if announced is None else announced),
                          "User-Agent: " + agent, method="PUT") + body)


def answer(c):
    got = edgelib.read_answer(c)
    return got[0] if got else None


c = dial()
put(c, MACS[0], "-app.log", b"a" * 5, 10)
time.sleep(0.4)
c.sendall(b"b" * 5)
is_(answer(c), 200, "a body with a pause is taken")
put(c, MACS[0], "-app.log", b"a" * 5, 10)
within(ends(c, 5), 0.6, 2.2, "one that stops ends")
c = dial()
put(c, MACS[0], "-app.log", b"", 4000)
began = time.monotonic()
try:
    while time.monotonic() - began < 5:
        c.sendall(b"x")
        time.sleep(0.02)
except OSError:
    pass
within(time.monotonic() - began, 0.6, 2.5, "one that trickles ends")
stalled = r.metric("connections_stalled_total", listener="phones")
slow = [dial(tls=False)] + [dial(rcvbuf=4096) for _ in range(3)]
slow[1].sendall(head()[:20])
put(slow[2], MACS[0], "-app.log", b"a" * 5, 10)
slow[3].sendall(head())
began = time.monotonic()
neighbour("slow ones")
is_([ends(c, 0.01) for c in slow[:3]], [None] * 3, "and they are all there still")
for c in slow[:3]:
    c.close()
r.until(lambda: r.metric("connections_stalled_total", listener="phones") > stalled, 4)
within(time.monotonic() - began, 0.6, 2, "a reader that takes nothing of its file is given up")
is_(r.metric("connections_stalled_total", listener="phones"), stalled + 1, "as one that stalls, not as an idle one")

# ---- uploads ----
c = dial()
put(c, MACS[0], "-app.log", b"x" * 5000)
is_(answer(c), 200, "an upload of just the limit")
put(c, MACS[0], "-app.log", b"x" * 5001)
is_(answer(c), 413, "one byte more")
c.close()
c = dial()
c.sendall(head("/cfg/%s-app.log" % MACS[0], "Authorization: Basic " + base64.b64encode(("%s:%s" % (MACS[0], pw[MACS[0]])).encode()).decode(),
               "Transfer-Encoding: chunked", method="PUT"))
c.sendall(b"1389\r\n" + b"x" * 5001 + b"\r\n0\r\n\r\n")
is_(answer(c), 413, "one byte more in chunks, which nobody announced")
c.close()
held = []
for mac, want in ((MACS[0], None), (MACS[0], None), (MACS[0], 503), (MACS[1], None), (MACS[2], 503)):
    c = dial()
    put(c, mac, "-app.log", b"x" * (500 if want else 1), 500)
    time.sleep(0.05)
    is_(answer(c) if want else None, want, "uploads at once, of one phone at most 2 and 3 in all: %s" % ("told to come back" if want else "this one may"))
    held.append(c)
for c in (held[0], held[1], held[3]):
    c.settimeout(5)
    c.sendall(b"x" * 499)
is_([answer(held[i]) for i in (0, 1, 3)], [200] * 3, "those that may are taken")
for c in held:
    c.close()
c = dial()
put(c, MACS[0], "-app.log", b"x")
is_(answer(c), 200, "and then there is room again")
c.close()


# ---- what is kept of a log ----
def log(data):
    c = dial()
    put(c, MACS[3], "-app.log", data)
    is_(answer(c), 200, "a log of %d bytes is taken" % len(data))
    c.close()
    with contextlib.closing(sqlite3.connect(os.path.join(r.data, "rekey.db"))) as db:  # nobody is given it back, and there it is sealed
        return len(db.execute("SELECT body FROM uploads WHERE kind LIKE '%app.log' ORDER BY created_ms DESC LIMIT 1").fetchone()[0])


sealed = log(b"a" * 1000) - 1000
ok(0 < sealed < 64, "kept, sealed", sealed)
is_(log(b"b" * 2000) - sealed, 3000, "appended up to the limit")
is_(log(b"c") - sealed, 1, "one byte more, and it begins anew")
is_(log(b"d" * 1000 + b"e" * 3000) - sealed, 3000, "of a piece larger than the limit its end is kept")

# ---- connections ----
time.sleep(0.5)
many = [dial(tls=False) for _ in range(20)]
time.sleep(0.2)
is_([edgelib.readable(c, 0) for c in many], [False] * 20, "twenty connections of one address")
within(ends(dial(tls=False), 2), 0, 0.3, "the twenty-first is turned away at once, long before a handshake's time is over")
neighbour("one address has all that it may")
for c in many:
    c.close()
elder = dial("127.0.0.9")
is_(ask(elder, head())[0], 200, "one of another address is idle for longer")
busy = [dial() for _ in range(20)]
is_([ask(c, head())[0] for c in busy], [200] * 20, "twenty that are served")
late = dial()
is_(ask(late, head())[0], 200, "the next one is served too: the longest idle one of its address makes room")
is_([edgelib.readable(c, 0.2) for c in (busy[0], busy[1], elder)], [True, False, False], "that one and no other")
for c in busy + [late, elder]:
    c.close()
time.sleep(0.3)
began = time.monotonic()
crowd = [dial("127.0.0.%d" % (2 + i % 4), tls=False) for i in range(40)]
time.sleep(0.2)
is_([edgelib.readable(c, 0) for c in crowd], [False] * 40, "forty connections in all")
neighbour("all places are taken by handshakes that say nothing")
within(time.monotonic() - began, 0.65, 2.5, "it waited until the first of them had had its time")
for c in crowd:
    c.close()
is_(r.metric("connections_refused_by_address_total", listener="phones"), 1, "the one that was turned away is told in the metrics")
done()

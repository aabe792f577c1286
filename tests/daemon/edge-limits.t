#!/usr/bin/python3
"""Timers, connection and descriptor limits, the queue of handshakes, the cap of transfers, early refusals, libmicrohttpd's wish."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, ok, program, within  # noqa: E402

e.certs()
s = e.Server("threads=2", "handshake=400", "head=400", "idle=700", "stall=600", "linger=500")


# wait = min(our timers, libmicrohttpd's wish)
body = os.urandom(5 * 1024 * 1024)
t = time.monotonic()
out = s.curl("/put", "-X", "PUT", "--data-binary", "@-", data=body).stdout
total = 0
for b in body[:1000]:
    total = (total * 31 + b) & 0xffffffff
is_(out.split()[0], b"%d" % len(body), "5 MB come in whole")
within(time.monotonic() - t, 0, 5, "at once, not one piece per timer")

# Early refusal
for name, args in (("a length that is announced", []), ("chunks", ["-H", "Transfer-Encoding: chunked"]), ("without Expect", ["-H", "Expect:"])):
    is_(s.code("/small", "-X", "PUT", *args, "--data-binary", "@-", data=body[:300000]), "413", "413 arrives: " + name)
is_([s.code("/cfg/x.cfg", "-X", "PUT", "-H", "Expect:", "--data-binary", "@-", data=body[:1024 * 1024]) for _ in range(20)], ["401"] * 20,
    "a phone that sends 1 MB before its login is asked for it each time")
t = time.monotonic()
is_(s.code("/cfg/x.cfg", "-X", "PUT", "-H", "Expect: 100-continue", "--data-binary", "@-", "--expect100-timeout", "30", data=body), "401", "a client that asks first")
within(time.monotonic() - t, 0, 5, "is told at once")
c = s.tls()
c.sendall(b"PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + body[:400000])
is_(e.read_answer(c)[0], 413, "a body of 900 KB: the answer comes while the client still sends")
c.close()
c = s.tls()
c.sendall(b"PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000)
is_(e.read_answer(c)[0], 413, "a small one is refused")
c.sendall(e.get("/hello"))
is_(e.read_answer(c)[0], 200, "and the connection goes on")
c.close()
c = s.tls()
sent = 0
try:
    c.sendall(b"PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n")
    while sent < 20_000_000:
        sent += c.send(body[:16384])
except OSError:
    pass
ok(sent < 5_000_000, "nobody may send for ever", sent)
c.close()

# Own timers
within(e.ends(s.raw(), 3), 0.3, 1.5, "a handshake that does not begin ends")
c = s.raw()
c.sendall(b"\x16\x03\x01")
within(e.ends(c, 3), 0.3, 1.5, "one that stops half-way ends")
within(e.ends(s.tls(), 4), 0.6, 2.5, "an idle connection ends")
c = s.tls()
c.sendall(e.get("/hello"))
e.read_answer(c)
within(e.ends(c, 4), 0.6, 2.5, "after an answer too")
c = s.tls()
t = time.monotonic()
try:
    while time.monotonic() - t < 4:
        c.sendall(b"G")
        time.sleep(0.05)
except OSError:
    pass
within(time.monotonic() - t, 0.3, 2, "a head that trickles in ends")
c = s.tls()
c.sendall(b"PUT /put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
within(e.ends(c, 4), 0.5, 2, "a body that stops ends")
c = s.tls()
t = time.monotonic()
try:
    c.sendall(b"PUT /put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    while time.monotonic() - t < 4:
        c.sendall(b"x")
        time.sleep(0.05)
except OSError:
    pass
within(time.monotonic() - t, 0.5, 2, "a body that trickles in ends")
c = s.tls(rcvbuf=4096)
c.sendall(e.get("/sleep?ms=900&n=3000000"))
got = e.read_answer(c)
is_(got and len(got[2]), 3000000, "a request that waits longer than output may stall is answered whole")
c.close()
c = s.tls(rcvbuf=4096)
c.sendall(e.get("/bytes/3000000?name=stall"))
ok(s.wait("^delivery stall lost", 4), "output that stalls is given up")
c.close()
st = s.until(lambda x: x["open"] == 1)
is_(st["open"], 1, "nothing stays behind")
ok(st["handshake_failed"] >= 2 and st["closed_idle"] >= 2 and st["closed_stalled"] >= 2, "the counters tell", st)

# The cap of transfers
a, b = s.tls(rcvbuf=4096), s.tls(rcvbuf=4096)
a.sendall(e.get("/frm/x"))
b.sendall(e.get("/frm/x"))
a.recv(1), b.recv(1)
out = s.curl("/frm/x", "-i").stdout.decode()
ok(out.startswith("HTTP/1.1 503") and "Retry-After: 5" in out, "the third transfer at once gets 503 with Retry-After", out[:300])
e.reset(a)
deadline = time.monotonic() + 5
while (code := s.code("/frm/x")) != "200" and time.monotonic() < deadline:
    time.sleep(0.05)
is_(code, "200", "when one has gone there is room again")
b.close()
s.stop()

# The connection limit: idle ones go first, busy ones stay.
s = e.Server("threads=1", "max=8")
busy = s.tls()
busy.sendall(e.get("/sleep?ms=1500"))
idle = [s.tls() for _ in range(5)]
heads = []
for c in idle:
    c.sendall(e.get("/hello"))
    heads.append(e.read_answer(c)[1])
idle[0].sendall(e.get("/hello"))
heads.append(e.read_answer(idle[0])[1])
is_([h for h in heads if "close" in h], [], "with a quarter of the places left, connections are kept")
silent = [s.tls(), s.tls()]
fresh = s.tls()
fresh.sendall(e.get("/hello"))
a = e.read_answer(fresh)
is_(a[0], 200, "at the limit a new connection is served")
is_("Connection: close" in a[1], True, "and gives its place back with the answer")
is_(e.ends(idle[1], 2) is not None, True, "the one that was idle longest made room")
is_(e.readable(idle[0], 0), False, "not the one that was used again since")
is_(e.readable(idle[4], 0), False, "the youngest of them stays")
is_(e.read_answer(busy)[0], 200, "and the busy one has its answer")
for c in idle + silent + [busy, fresh]:
    c.close()
s.stop()

# Whoever has shaken hands and not asked yet is given the time to: else a crowd would shake hands for ever.
s = e.Server("threads=1", "max=4")
young = [s.tls() for _ in range(4)]
crowd = [s.raw() for _ in range(8)]
time.sleep(1)
for c in young:
    c.sendall(e.get("/hello"))
is_([e.read_answer(c)[0] for c in young], [200] * 4, "a crowd before the door throws nobody out who is about to ask")
for c in young + crowd:
    c.close()
s.stop()

# Whoever reads slowly looks idle: its requests are answered, the bodies wait for it. It is no spare place, and no idle connection.
FILES = 8


def slow_reader():
    c = s.tls(rcvbuf=4096)
    c.sendall(e.get("/bytes/65536") * FILES)
    time.sleep(0.5)
    return c


def whole(c):
    """How many answers have come whole."""
    data = e.rest(c)[0]
    return [x.partition(b"\r\n\r\n")[2] == file for x in data.split(b"HTTP/1.1 200 OK\r\n")[1:]].count(True)


s = e.Server("threads=1", "max=4", "idle=1500", "linger=300")
file = s.curl("/bytes/65536").stdout
slow = slow_reader()
kept = [s.tls() for _ in range(3)]
for c in kept:
    c.sendall(e.get("/hello"))
is_([e.read_answer(c)[0] for c in kept], [200] * 3, "beside one that reads slowly, three are served")
is_([s.code("/hello") for _ in range(4)], ["200"] * 4, "every place is taken, and four that come are served")
is_(e.readable(kept[0], 0), True, "an idle one made room")
time.sleep(1.5)
is_((len(file), whole(slow)), (65536, FILES), "the slow one, later than an idle connection lives, has every file whole")
for c in kept + [slow]:
    c.close()
slow = slow_reader()
s.p.send_signal(signal.SIGTERM)
time.sleep(0.3)
is_(whole(slow), FILES, "a server that stops gives the slow one every file whole")
slow.close()
s.stop()

# All busy: nobody is thrown out, the next one waits its turn.
s = e.Server("threads=1", "max=3")
many = []
for i in range(3):
    c = s.tls()
    c.sendall(e.get("/sleep?ms=900"))
    many.append(c)
time.sleep(0.3)
late = s.raw()
t = time.monotonic()
ctx = e.client_context()
late = ctx.wrap_socket(late)
late.sendall(e.get("/hello"))
is_(e.read_answer(late)[0], 200, "all busy: the next one waits and is served")
within(time.monotonic() - t, 0.3, 5, "it waited for them")
is_([e.read_answer(c)[0] for c in many], [200] * 3, "and nobody was thrown out")
for c in many + [late]:
    c.close()
s.stop()

# The queue of handshakes: what waits for the server, not what lets the server wait.
s = e.Server("threads=1")
quiet = [s.raw() for _ in range(40)]
half = []
for i in range(10):  # the beginning of a ClientHello, and no more
    c = s.raw()
    c.sendall(b"\x16\x03\x01\x02")
    half.append(c)
s.until(lambda x: x["accepted"] >= 50)
time.sleep(0.3)
now = s.stats()
ok(now["unread_most"] <= 11 and now["queue"] == 0, "connections that say nothing, or half a word, do not count as waiting", now)
for c in quiet + half:
    c.close()
s.stop()
s = e.Server("threads=1")
s.curl("/hello")
os.kill(s.p.pid, signal.SIGSTOP)
flood = [s.raw() for _ in range(100)]
os.kill(s.p.pid, signal.SIGCONT)
now = s.until(lambda x: x["unaccepted_most"] > 0)
ok(now["unaccepted_most"] >= 20, "a hundred that came at once: those that are not accepted yet are counted", now)
for c in flood:
    c.close()
load = subprocess.Popen([program("edge_load"), str(s.port), "full", "3000", "60", "/hello"], stdout=subprocess.DEVNULL)
now = s.until(lambda x: x["unread_most"] >= 5, 20)
ok(now["unread_most"] >= 5, "sixty that shake hands without a pause: those whose bytes are not read yet are counted", now)
load.kill()
load.wait()
is_(s.until(lambda x: x["queue"] == 0)["queue"], 0, "and when they are gone the queue is empty")
s.stop()

# Descriptors run out: no spinning, and service afterwards.
s = e.Server("threads=2", "max=100000", "idle=60000", limit=64)
before = s.stats()["cpu_us"]
flood = []
for i in range(80):
    flood.append(s.raw())
time.sleep(1.5)
cpu = int(open("/proc/%d/stat" % s.p.pid).read().rsplit(")", 1)[1].split()[11]) + int(open("/proc/%d/stat" % s.p.pid).read().rsplit(")", 1)[1].split()[12])
used = cpu / os.sysconf("SC_CLK_TCK") - before / 1e6
ok(used < 0.8, "no descriptors left: the server does not spin", "%.2f s of CPU in 1.5 s" % used)
for c in flood:
    c.close()
is_(s.curl("/hello").stdout, b"hello tls GET\n", "and serves again")
s.stop()
e.done()

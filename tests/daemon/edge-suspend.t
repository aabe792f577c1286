#!/usr/bin/python3
"""Workers, requests that sleep, hang-ups, and the stop."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, ok  # noqa: E402

e.certs()
s = e.Server("threads=2")
c = s.tls()
times = []
for i in range(50):
    t = time.monotonic()
    c.sendall(e.get("/worker"))
    got = e.read_answer(c)
    times.append(time.monotonic() - t)
    if got[2] != b"worker run 1\n":
        break
is_(got[2], b"worker run 1\n", "a handler that asks for a worker runs again on one")
times.sort()
ok(times[25] < 0.05, "and its answer leaves at once: our own wake-up", "median %.1f ms" % (times[25] * 1000))
c.sendall(e.get("/sleep?ms=30&times=4"))
t = time.monotonic()
is_(e.read_answer(c)[2], b"edge run 4\n", "a request that sleeps four times")
ok(0.12 <= time.monotonic() - t < 1, "for as long as it said", time.monotonic() - t)
c.sendall(e.get("/sleep-worker?ms=30&times=2"))
is_(e.read_answer(c)[2], b"worker run 2\n", "one that sleeps between runs on a worker")
c.sendall(e.get("/events", "Last-Event-ID: 7"))
is_(e.read_answer(c)[2], b"retry: 500\n\nid: 8\nevent: state\ndata: one\ndata: two\n\nid: 9\ndata: 7\n\n", "events")
c.close()

# While one waits, its thread serves others.
sleepers = [s.tls() for _ in range(30)]
for x in sleepers:
    x.sendall(e.get("/sleep?ms=1000"))
t = time.monotonic()
is_(s.code("/hello"), "200", "thirty sleep, another is served")
ok(time.monotonic() - t < 0.7, "at once")
ok(s.until(lambda x: x["suspended"] == 30)["suspended"] == 30, "thirty are suspended")
is_([e.read_answer(x)[0] for x in sleepers], [200] * 30, "and all wake")
for x in sleepers:
    x.close()

# A hang-up cancels.
c = s.tls()
c.sendall(e.get("/sleep?ms=20000&name=nap"))
s.until(lambda x: x["suspended"] == 1)
c.close()
ok(s.wait("^over nap", 3), "FIN while asleep: the request is over at once")
c = s.tls()
c.sendall(e.get("/sleep?ms=20000&name=nap2"))
s.until(lambda x: x["suspended"] == 1)
e.reset(c)
ok(s.wait("^over nap2", 3), "a reset too")
for i in range(6):
    c = s.tls()
    c.sendall(e.get("/worker?ms=400&name=w%d" % i))
    time.sleep(0.05)
    (e.reset if i % 2 else lambda x: x.close())(c)
ok(s.wait("^cancelled w0 worker", 3), "a worker sees that nobody waits any more")
ok(s.wait("^delivery w3 lost", 5), "and nothing of it is delivered")
c = s.tls()
c.sendall(e.get("/sleep?ms=20000&name=buried") + e.get("/hello") * 1500)
s.until(lambda x: x["suspended"] == 1)
time.sleep(0.1)
c.close()
ok(s.wait("^over buried", 3), "a hang-up is seen behind requests that wait unread")
st = s.until(lambda x: x["suspended"] == 0 and x["open"] == 1)
is_((st["suspended"], st["open"]), (0, 1), "nothing stays behind")
s.stop()

# Stop: no accept, Connection: close, sleepers wake, workers finish.
s = e.Server("threads=2", "stop=5000")
nap, busy, idle, late = s.tls(), s.tls(), s.tls(), s.tls()
idle.sendall(e.get("/hello"))
e.read_answer(idle)
nap.sendall(e.get("/sleep?ms=20000&name=n"))
busy.sendall(e.get("/worker?ms=600"))
s.until(lambda x: x["suspended"] == 2)
t = time.monotonic()
s.p.send_signal(signal.SIGTERM)
got = e.read_answer(nap)
is_((got[0], got[2]), (200, b"edge run 1 stopping\n"), "stop: who sleeps wakes and answers")
ok("connection: close" in got[1].lower(), "with Connection: close", got[1])
got = e.read_answer(busy)
is_((got[0], got[2]), (200, b"worker run 1\n"), "what a worker has in hand is finished")
is_(idle.recv(10), b"", "idle connections end")
try:
    s.raw().recv(1)
    refused = False
except OSError:
    refused = True
for x in (nap, busy, idle, late):
    x.close()
s.stop()
ok(time.monotonic() - t < 5, "and it did not wait for its deadline", time.monotonic() - t)

# The deadline cuts what does not end.
s = e.Server("threads=2", "stop=300")
stuck = s.tls(rcvbuf=4096)
stuck.sendall(e.get("/bytes/3000000?name=stuck"))
slow = s.tls()
slow.sendall(e.get("/worker?ms=1500&name=slow"))
s.until(lambda x: x["suspended"] == 1)
t = time.monotonic()
s.stop()
ok(time.monotonic() - t < 4, "the deadline cuts a stalled download and a slow worker", time.monotonic() - t)
ok(s.seen("^delivery stuck lost"), "what was cut is lost")
ok(s.seen("^cancelled slow worker"), "the worker may finish for nobody")
e.done()

#!/usr/bin/python3
"""The window of 64, the rates, fairness between sources, phones that are silent, pressure, the queue's end, many submitting threads,
and a stop with jobs under way. And a fleet behind many addresses, counted by whoever receives (PHONES=n: of that size)."""
import os
import socket
import struct
import sys
import threading
import time

SIZE = int(os.environ.get("PHONES", "500"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import fleet
import sip
from tap import done, is_, ok, temp_dir


SO_TIMESTAMPNS = 35


class Peer(threading.Thread):
    """Answers 200 after delay seconds; counts how many requests it owes an answer to at once. When one came is the kernel's
    word: on a busy machine this thread may look later."""

    def __init__(self, delay=0.0):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(0.002)
        self.port, self.delay, self.most, self.seen, self.stopped = self.sock.getsockname()[1], delay, 0, [], False
        self.start()

    def run(self):
        owed, known = [], set()
        while not self.stopped:
            try:
                data, stamps, _, src = self.sock.recvmsg(65536, 128)
                s, ns = struct.unpack("qq", stamps[0][2])
                m = sip.Message(data)
                if m.get("call-id") not in known:
                    known.add(m.get("call-id"))
                    self.seen.append((s + ns / 1e9, m.uri))
                    owed.append((time.monotonic() + self.delay, sip.answer_to(m, 200), src))
            except socket.timeout:
                pass
            self.most = max(self.most, len(owed))
            while owed and owed[0][0] <= time.monotonic():
                _, data, src = owed.pop(0)
                self.sock.sendto(data, src)

    def uri(self, user="1001"):
        return "sip:%s@127.0.0.1:%d" % (user, self.port)

    def stop(self):
        self.stopped = True
        self.join()
        self.sock.close()


def statuses(rows):
    out = {}
    for r in rows:
        out[r[1]] = out.get(r[1], 0) + 1
    return out


p = Peer(0.15)
rows, counts, _ = sip.notify_once("direct", "count", 400, p.uri())
is_(statuses(rows), {"200": 400}, "400 jobs, all answered")
is_(sorted(int(r[0]) for r in rows), list(range(400)), "each job has exactly one result")
is_(counts["peak"], 64, "64 in flight and not one more, by our own count")
ok(32 <= p.most <= 64, "the phone never owed more than 64 answers", p.most)
p.stop()

p = Peer(0.05)
rows, counts, _ = sip.notify_once("direct", "count", 60, "window", 5, p.uri())
ok(counts["peak"] == 5 and p.most <= 5, "a smaller window is honoured", (counts, p.most))
rows, counts, _ = sip.notify_once("direct", "count", 300, "window", 1000, p.uri())
is_(counts["peak"], 64, "a larger one than 64 is cut to 64")
p.stop()

p = Peer()
rows, counts, _ = sip.notify_once("direct", "count", 60, "rate", 100, p.uri())
times = [t for t, _ in p.seen]
ok(0.5 <= times[-1] - times[0] <= 3.0, "100 a second: 60 jobs take about 0.6 s", times[-1] - times[0])
window = max(sum(1 for u in times if t <= u < t + 0.1) for t in times)
ok(window <= 14, "and no tenth of a second holds many more than 10", window)
is_(statuses(rows), {"200": 60}, "all are answered")
p.stop()

p = Peer()
args = ["direct", "count", 10, "rate-source", 20]
for i in range(4):
    args += ["source", "192.0.2.%d" % i]
rows, counts, _ = sip.notify_once(*args, *[p.uri("u%d" % i) for i in range(4)])
for i in range(4):
    mine = [t for t, uri in p.seen if ":u%d@" % i in uri]
    gaps = [b - a for a, b in zip(mine, mine[1:])]
    ok(len(mine) == 10 and min(gaps) >= 0.03, "20 a second per source: source %d is kept to it" % i, (len(mine), min(gaps)))
span = p.seen[-1][0] - p.seen[0][0]
ok(span <= 2.5, "while the sources go side by side", span)
p.stop()

p = Peer()
# 200 jobs of one site are submitted before 3 of another: with turns, the small one is through at once.
args = ["direct", "rate", 200, "count", 1] + ["source", "big"] * 60 + ["source", "small"] * 3
rows, counts, _ = sip.notify_once(*args, *([p.uri("big")] * 60 + [p.uri("small")] * 3))
place = [i for i, (_, uri) in enumerate(p.seen) if ":small@" in uri]
ok(len(place) == 3 and max(place) < 30, "a small site is not behind all of a big one", place)
p.stop()

# A site whose phones are all dead: without an end to waiting for them they would hold the window against everybody.
p, dead = Peer(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dead.bind(("127.0.0.9", 0))
uris = ["sip:dead%d@127.0.0.9:%d" % (i, dead.getsockname()[1]) for i in range(200)] + [p.uri("alive")] * 100
rows, counts, _ = sip.notify_once("direct", "t1", 50, *uris)
alive = [t for t, uri in p.seen if ":alive@" in uri]
is_(statuses(rows), {"0": 200, "200": 100}, "200 dead phones at one site, 100 at another: each has its result")
ok(len(alive) == 100 and alive[-1] - alive[0] < 2.0, "who lives is not kept waiting for time-outs of 3.2 s", len(alive) and alive[-1] - alive[0])
ok(counts["peak"] <= 64, "and no more than 64 are waited for at once", counts)
p.stop()
dead.close()

p = Peer()
slow = []
for pressure in (0, 64):
    del p.seen[:]
    sip.notify_once("direct", "count", 40, "rate", 100, "bears", 16, "pressure", pressure, p.uri())
    slow.append(p.seen[-1][0] - p.seen[0][0])
ok(slow[0] < 1.2 <= 1.45 <= slow[1], "four times the pressure that is borne: a quarter of the rate", slow)
p.stop()

p = Peer()
rows, counts, err = sip.notify_once("direct", "count", 50, "queue-max", 10, "rate", 5, "stop-after", 300, p.uri())
ok(err.count("limit:") >= 30, "a full queue refuses with its own error", err[:200])
ok(len(rows) == 50 - err.count("limit:"), "and every job that was taken has its result", len(rows))
p.stop()

p = Peer()
rows, counts, _ = sip.notify_once("direct", "count", 2000, "threads", 8, p.uri())
is_(statuses(rows), {"200": 2000}, "8 threads submit 2000 jobs: each is answered")
is_(len({r[0] for r in rows}), 2000, "each once")
p.stop()

# ---- a fleet: one big site, ten small ones, and homes with one phone each ----
RATE, SOURCE = 200, 20
f = fleet.Fleet()
plan = fleet.sites(SIZE)
listing = os.path.join(temp_dir("fleet"), "uris")
with open(listing, "w") as out:  # the big site first: all of it is submitted before anybody else
    out.write("\n".join("sip:p%d@%s:%d" % (i, address, f.port) for address, n in plan.items() for i in range(n)))
rows, counts, _ = sip.notify_once("direct", "rate", RATE, "rate-source", SOURCE, "file", listing, timeout=900)
f.stop()
is_(statuses(rows), {"200": SIZE}, "%d phones behind %d addresses: each is told" % (SIZE, len(plan)))
ok(f.datagrams == SIZE and counts["datagrams"] == SIZE, "each once", (f.datagrams, counts))
f.judge(plan, RATE, SOURCE)

p = Peer(30)
rows, counts, _ = sip.notify_once("direct", "count", 100, "stop-after", 300, p.uri())
is_(len(rows), 100, "a stop gives every job its result")
ok(all(r[1] == "0" and "stopped" in r[8] for r in rows), "which says that Rekey stopped", rows[:2])
p.stop()
done()

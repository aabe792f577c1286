#!/usr/bin/python3
"""After a power cut: PHONES (20,000) come back within WINDOW (10) seconds, each pulls its whole set of files on one connection. What
the server has to do beforehand, the first file of a new generation, it has done: the phones came once before. The budget of
connections is the server's own (edge_room()); when they are scarce, an answer closes its connection."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pulls  # noqa: E402
from tap import done, is_, ok  # noqa: E402

PHONES, WINDOW = int(os.environ.get("PHONES", "20000")), float(os.environ.get("WINDOW", "10"))
PROCESSES = 4  # of the phones: one may not have 20,000 sockets
FILES = ["/cfg/%s.boot", "/cfg/y000000000108.cfg", "/cfg/%s.cfg", "/cfg/%s-local.cfg"]
r = pulls.seeded("yealink", PHONES)
r.start()
mine = pulls.rekeyd(r)
first = mine.load(mode="keep", phones=PHONES, count=PHONES, seconds=600)
is_(first["errors"], 0, "each phone came once before")
before, peak = mine.memory("VmRSS"), mine.memory()
print("# before the storm: %.0f MB, %.0f MB at most" % (before, peak))


health, over = [], threading.Event()


def ask_health():
    """Is it alive? From the first phone to the last."""
    while not over.wait(0.1):
        began = time.monotonic()
        status = r.ask("GET", "/healthz").status
        health.append((time.monotonic() - began, status))


asking = threading.Thread(target=ask_health)
asking.start()
sets = ["file=" + f for f in FILES]
got = mine.storm(sets, phones=PHONES, storm=WINDOW, seconds=300, processes=PROCESSES)
over.set()
asking.join()
print("# %d phones, %d files each, within %.0f s: the last one served %.1f s after the cut; %d connections, %d at once at most" % (
    PHONES, len(FILES), WINDOW, got["seconds"], got["connections"], got["open"]))
print("# %.0f us of the processor a file, %.2f ms a phone; p50 %.0f ms, p99 %.0f ms a file; peak memory %.0f MB" % (
    got["us"], got["us"] * len(FILES) / 1000, got["p50"], got["p99"], mine.memory()))
is_((got["errors"], got["pulls"]), (0, PHONES * len(FILES)), "everybody gets everything")
slow = sorted(t for t, _ in health)
print("# /healthz, asked %d times meanwhile: half within %.0f ms, the slowest %.0f ms" % (len(slow), slow[len(slow) // 2] * 1000, slow[-1] * 1000))
ok(all(s == 200 for _, s in health) and slow[-1] < 1, "health is answered within a second all the while", slow[-1])
ok(got["seconds"] < 120, "within two minutes of the cut", got["seconds"])
ok(mine.memory() < 400, "in bounded memory", mine.memory())
r.stop()
done()

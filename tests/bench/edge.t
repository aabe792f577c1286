#!/usr/bin/python3
"""Server CPU and pulls per second for an 8 KB file, and the memory of idle and of stalled connections. The bounds are wide: they
catch a mistake of a factor, not a busy machine."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import ok, program  # noqa: E402

e.certs()


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % pid).read()).group(1))


files = ["", "", e.path("ec.pem"), e.path("ec.key")]
for mode, count, bound in (("full", 2000, 1.6), ("resumed", 3000, 1.2), ("keep", 30000, 0.12)):
    s = e.Server("threads=2", files=files)
    shutil.copy(e.path("ec.pem"), e.path("both.pem"))
    s.curl("/bytes/8192")
    before = s.stats()
    out = subprocess.run([program("edge_load"), str(s.port), mode, str(count), "4", "/bytes/8192"], stdout=subprocess.PIPE, text=True)
    after = s.stats()
    ms = (after["cpu_us"] - before["cpu_us"]) / 1000 / count
    print("# %-8s %s, server CPU %.3f ms per pull" % (mode, out.stdout.strip(), ms))
    ok(out.returncode == 0 and ms < bound, "%s: server CPU per pull below %.2f ms" % (mode, bound), ms)
    s.stop()

IDLE = 3900  # of one address, which may have 4,000
s = e.Server("threads=2", "idle=600000", "max=100000", files=files)
s.curl("/bytes/8192")
before = rss(s.p.pid)
load = subprocess.Popen([program("edge_load"), str(s.port), "idle", str(IDLE), "1", "/hello"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
load.stdout.readline()
time.sleep(1)
each = (rss(s.p.pid) - before) / IDLE
print("# idle connections: %.1f KB each" % each)
ok(s.stats()["open"] >= IDLE and each < 40, "an idle connection costs less than 40 KB", each)
load.stdin.close()
load.wait()
s.stop()

s = e.Server("threads=2", "stall=600000", files=files)
s.curl("/bytes/8192")
before = rss(s.p.pid)
stalled = []
for i in range(100):
    c = s.tls(rcvbuf=4096)
    c.sendall(e.get("/frm/x" if i < 2 else "/bytes/65536"))
    stalled.append(c)
time.sleep(1)
each = (rss(s.p.pid) - before) / 100
print("# stalled downloads: %.1f KB each in the process" % each)
ok(each < 100, "a stalled download costs less than 100 KB in the process", each)
for c in stalled:
    c.close()
s.stop()
e.done()

#!/usr/bin/python3
"""Ten thousand users with every option and twenty thousand lines: users per second and peak memory of one job, beside the same rows
deleted and changed as raw SQL in one transaction by the sqlite3 shell. What is limited is the processor's time; the clock's depends on the
disk and on who else is there. USERS=… for another number."""
import os
import resource
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import company  # noqa: E402
import rawsql  # noqa: E402
from tap import done, is_, ok, program  # noqa: E402

N = int(os.environ.get("USERS") or 10000)
D = company.D
r = company.server(reset__longest_wait_ms=200, reset__grace_ms=50, reset__retell_ms=10, reset__sweep_ms=10, reset__silence_ms=50)
company.build(r, N, keys=0, shared=0, soft=0, fast=True)
ok(company.quiet(r, 1200), "%d users, %d lines, at rest" % (N, 2 * N))
w = company.Wire(r)
names = company.options(w)
w.close()
r.stop()
company.keys_by_hand(r, N)
db, kept = os.path.join(r.data, "rekey.db"), os.path.join(r.dir, "kept.db")
rawsql.copy(db, kept)
files = len(company.files_below(r.spool.root))  # they go after the commit, in the daemon alone


def again():
    for end in ("", "-wal", "-shm"):
        if os.path.exists(db + end):
            os.unlink(db + end)
    shutil.copy(kept, db)


def say(what, took, cpu, more=""):
    print("# %-34s %6.2f s, of the processor %5.2f s, %6.0f users/s%s" % (what, took, cpu, N / took, more), flush=True)


def cpu_of(pid):
    f = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, name):
    return [int(line.split()[1]) for line in open("/proc/%d/status" % pid) if line.startswith(name)][0] // 1024


# ---- the job by itself: what a job costs, and nothing beside it ----
again()
before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
out = subprocess.run([program("rekeyd"), "reset", "--conf", r.conf, "--all", "example.test"] + [company.ext(i) for i in range(N)], stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE, text=True)
took, now = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
alone = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
is_((out.returncode, out.stdout.count("  done")), (0, N), "the job by itself: every user is done, options " + ", ".join(names))
peak_alone = 0
say("the job by itself", took, alone)
after = os.path.join(r.dir, "after.db")
rawsql.copy(db, after)

# ---- the same as raw SQL ----
deletions = rawsql.statements(kept, after, False)
again()
took, raw = rawsql.run(db, deletions)
say("raw SQL, %d rows" % len(deletions), took, raw)
everything = rawsql.statements(kept, after, True)
again()
took, whole = rawsql.run(db, everything)
say("raw SQL with what the job writes, %d" % len(everything), took, whole)
print("# processor's time of the job beside raw SQL: %.1f times; beside raw SQL that writes the same rows: %.1f times" % (alone / raw, alone / whole))

# ---- in the daemon, while it serves ----
again()
r.start()
key = r.key
pid = r.p.pid
at_rest = memory(pid, "VmHWM")
users = {"users": [company.ext(i) for i in range(N)], "options": {o: True for o in names}}
began, c = time.monotonic(), cpu_of(pid)
a = r.api("POST", D + "/resets", dict(users, **{"dry-run": True}))
is_((a.status, a.json["users-total"], a.json["counts"]["unassign-line"]), (200, N, 2 * N), "the dry run")
say("the dry run, %d KB" % (len(a.body) // 1024), time.monotonic() - began, cpu_of(pid) - c)
after_dry = memory(pid, "VmHWM")
began, c = time.monotonic(), cpu_of(pid)
id = r.must("POST", D + "/resets", users)["reset"]
ordered = time.monotonic() - began
slowest = 0
while True:
    t = time.monotonic()
    j = r.must("GET", D + "/resets/%s?limit=1" % id)
    slowest = max(slowest, time.monotonic() - t)
    if j["ended-datetime"] or time.monotonic() - began > 1200:
        break
    time.sleep(0.05)
took, cpu, peak = time.monotonic() - began, cpu_of(pid) - c, memory(pid, "VmHWM")
is_((j["state"], j["users-done"]), ("done", N), "the job in the daemon")
say("the job in the daemon", took, cpu, "; ordered in %.2f s, the slowest look at it %.2f s, peak %d MB" % (ordered, slowest, peak))
ok(r.until(lambda: not company.files_below(r.spool.root), 600), "and %d files of voicemail are gone" % files)
print("# the last of them %.1f s after the order" % (time.monotonic() - began))
for path in ("users", "handovers"):
    t = time.monotonic()
    n = len(r.must("GET", D + "/resets/%s/%s?limit=1000&start=%d" % (id, path, N // 2)))
    print("# a page of %d %s: %.3f s" % (n, path, time.monotonic() - t))
print("# peak at rest, after the dry run, after the job: %d, %d, %d MB" % (at_rest, after_dry, peak))
ok(peak < 100, "peak memory is under 100 MB", peak)
ok(alone <= 3 * raw, "the job takes at most three times the processor's time of the raw SQL", "%.2f s, raw %.2f s" % (alone, raw))
r.stop()
done()

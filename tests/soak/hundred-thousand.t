#!/usr/bin/python3
"""A hundred thousand open records: the look for overdue ones, /metrics, the lists and the exports stay cheap, and memory does not
grow with them. Prints what it measures."""
import os
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

N = int(os.environ.get("REKEY_ROWS", "100000"))
JOB_USERS = N // 10
r = rekeylib.Rekeyd()
r.domain()
r.domain("small.test")
r.user("1001", "A", "B")
D = "/domains/example.test"
job = r.must("POST", D + "/resets", {"users": ["1001"]})["reset"]
r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done")


def rss(what="VmHWM"):
    return int(re.search(what + r":\s+(\d+)", open("/proc/%d/status" % r.p.pid).read()).group(1)) // 1024


def cpu():
    t = open("/proc/%d/stat" % r.p.pid).read().rsplit(")", 1)[1].split()
    return (int(t[11]) + int(t[12])) / os.sysconf("SC_CLK_TCK")


def fill(age_s):
    r.stop()
    db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
    dom = db.execute("SELECT id FROM domains WHERE name='example.test'").fetchone()[0]
    now = int((time.time() - age_s) * 1000)
    db.executemany("INSERT INTO records (id, job_id, kind, domain_id, phone_id, mac, slot, device, ext, domain, who, why, generation_before, generation_after, revision_before,"
                   " revision_after, keeps_line, state, open, created_ms, closed_ms) VALUES (?,?,'unassigned',?,NULL,?,1,?,?,'example.test','boss','reset',1,2,1,2,0,?,1,?,0)",
                   ((10 ** 6 + i, int(job), dom, "%012x" % i, "u%d" % i, "u%d" % i, ("told", "cut-off", "unreachable")[i % 3], now + i) for i in range(N)))
    db.executemany("INSERT INTO facts VALUES (?,'told',?,'200 OK')", ((10 ** 6 + i, now) for i in range(N)))
    db.executemany("INSERT INTO job_users (id, job_id, domain_id, user_id, ext, state, error, steps, form_pending, begun_ms, ended_ms) VALUES (?,?,?,NULL,?,'done','','{\"phones\":1}',0,1,1)",
                   ((2 * 10 ** 6 + i, int(job), dom, "u%d" % i) for i in range(JOB_USERS)))
    db.commit()
    db.close()


# ---- all of them overdue at the start ----
fill(6 * 3600)
r.start()
t0 = time.monotonic()
worst = 0.0
while True:
    t = time.monotonic()
    r.must("PATCH", D, {"description": "at %f" % t})
    worst = max(worst, time.monotonic() - t)
    n = r.must("GET", "/alerts/count")["total"]
    if n >= N or time.monotonic() - t0 > 300:
        break
    time.sleep(0.1)
took = time.monotonic() - t0
is_(n, N, "an alert for each of %d" % N)
print("# %d overdue records noted in %.1f s; a change of an admin's meanwhile took %.0f ms at worst" % (N, took, worst * 1000))
ok(worst < 3, "while others go on working")
c0 = cpu()
time.sleep(5)
print("# idle with them: %.2f s of processor in 5 s" % (cpu() - c0))
ok(cpu() - c0 < 0.5, "and afterwards nothing is looked for any more")
m = [0.0, 0.0]
for i in range(5):
    time.sleep(1.1)
    t = time.monotonic()
    text = r.ask("GET", "/metrics").text
    m = [max(m[0], time.monotonic() - t), m[1]]
ok('rekey_alerts_open{kind="unconfirmed"} %d' % N in text and "rekey_handovers_open" in text, "/metrics counts them")
print("# /metrics: %.0f ms at worst, read anew each time" % (m[0] * 1000))
ok(m[0] < 1.5, "in time")

# ---- lists and exports ----
for what, path in (("open ones, oldest first", D + "/handovers?open=yes&limit=100"), ("newest", D + "/handovers?limit=100"), ("of one user", D + "/handovers?user=u77"),
                   ("open, deep", D + "/handovers?open=yes&limit=100&start=%d" % (N - 100)), ("a domain without any", "/domains/small.test/handovers?open=yes"),
                   ("alerts", D + "/alerts?limit=100"), ("jobs", D + "/resets")):
    t = time.monotonic()
    r.must("GET", path)
    took = time.monotonic() - t
    print("# %s: %.0f ms" % (what, took * 1000))
    ok(took < 2, what)
for what, path, least in (("handovers as CSV", D + "/handovers?format=csv", N), ("audit log as CSV", "/auditlog?format=csv", 1), ("a job's report as a page", D + "/resets/%s/report" % job, N),
                          ("as JSON", D + "/resets/%s/report?format=json" % job, N)):
    before, t = rss(), time.monotonic()
    a = r.api("GET", path)
    took = time.monotonic() - t
    print("# %s: %.1f MB in %.1f s, %.0f MB/s; the server's peak grew by %d MB to %d MB" % (what, len(a.body) / 1e6, took, len(a.body) / 1e6 / took, rss() - before, rss()))
    ok(a.status == 200 and len(a.body) > 100 * least, what)
    ok(rss() - before < 40, what + ": in bounded memory")
done()

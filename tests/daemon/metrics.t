#!/usr/bin/python3
"""/metrics: valid by the exposition format's rules, no name of a person, domain or phone in it, and each number is what happened."""
import os
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import prom  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

# ---- the reader refuses what the format does not allow ----
GOOD = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"d\\\\e\\n"} 1\na_total{b="f"} 2.5e3\n'
is_(prom.value(prom.read(GOOD), "a_total"), 2501.0, "the reader reads")
for what, text in (("no line end", GOOD[:-1]), ("no TYPE", "# HELP a x\na 1\n"), ("no HELP", "# TYPE a gauge\na 1\n"), ("a sample twice", GOOD + 'a_total{b="f"} 2\n'),
                   ("a family in two places", GOOD + "# HELP b x\n# TYPE b gauge\nb 1\n# HELP a_total x\n# TYPE a_total counter\n"), ("a type that is none", "# HELP a x\n# TYPE a number\na 1\n"),
                   ("a label without quotes", GOOD.replace('"f"', "f")), ("no value", "# HELP a x\n# TYPE a gauge\na\n"), ("a word as value", "# HELP a x\n# TYPE a gauge\na yes\n"),
                   ("a stranger's sample", GOOD + "b 1\n"), ("an empty line", GOOD + "\n"), ("a name with a dash", "# HELP a-b x\n# TYPE a-b gauge\na-b 1\n")):
    try:
        prom.read(text)
        ok(False, "the reader refuses " + what)
    except prom.Bad:
        ok(True, "the reader refuses " + what)

# ---- the server's ----
o = Office()
D = "/domains/" + DOMAIN


def metrics():
    a = o.ask("GET", "/metrics")
    if a.status != 200:
        raise RuntimeError("%r" % a)
    return a.text, prom.read(a.text)


def v(name, **lab):
    return o.metric(name, **lab)


def comes(name, least, **lab):
    return o.until(lambda: (v(name, **lab) or 0) >= least, 10)


text, m = metrics()
a = o.ask("GET", "/metrics")
is_(a.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8", "its type names the version of the format")
ok(len(m) > 50, "%d families" % len(m))
is_([n for n, f in m.items() if not re.fullmatch(r"rekey_[a-z0-9_]+", n)], [], "names are ours")
is_([n for n, f in m.items() if (f[0] == "counter") != n.endswith("_total")], [], "counters, and they alone, end with _total")
is_([n for n, f in m.items() if not f[1].endswith(".")], [], "each help is a sentence")
is_([n for n, f in m.items() if any(x < 0 for x in f[2].values())], [], "no number is below zero")
WANT = """alerts_open alerts_raised_total handovers_open handovers_oldest_open_seconds handovers_ended_total jobs outbox_waiting outbox_due outbox_failing
outbox_oldest_due_seconds outbox_done_total outbox_retried_total outbox_failed_total webhooks webhook_calls_total webhook_calls_waiting notify_submitted_total
notify_answers_total notify_rate_waits_total notify_queue_seconds_total pulls_total pulls_refused_total uploads_total store_commits_total connections
requests_total responses_total worker_queue logins_total build_info""".split()
is_([n for n in WANT if "rekey_" + n not in m], [], "what must be there")

# ---- a handover, seen in numbers ----
o.must("POST", D + "/users", {"user": "1001", "name-first-name": "Zephyrine", "name-last-name": "Quillfeather", "email-address": "zq@example.org"})
o.user("1002", "Col", "League")
h = o.handset("0004f2aa0001", "polycom-vvx450", ["1001"], "polycom")
before = metrics()[1]
h.pull()
h.register()
ok(comes("pulls_total", prom.value(before, "rekey_pulls_total") + 3), "pulls are counted")
job = o.reset(["1001"], options={"phone-lines": True})
ok(comes("handovers_open", 1, age="0-1h"), "open records, by state and age")
is_((v("jobs", state="done"), v("handovers_open", age="24h-")), (1.0, None), "jobs by state")
ok(v("handovers_oldest_open_seconds") < 60, "the oldest's age")
ok(h.told(1) is not None, "the phone is told")
ok(comes("notify_answers_total", 1, **{"class": "2xx"}), "and its answer counted by class")
h.pull()
h.register()
ok(o.until(lambda: o.job(job)["handovers-open"] == 0, 15), "the proofs come")
ok(comes("handovers_ended_total", 1, state="confirmed"), "ended records, by state")
ok(o.until(lambda: v("handovers_open") is None), "none is open")
is_(v("handovers_oldest_open_seconds"), 0.0, "so none is old")
ok(v("outbox_done_total", kind="job") == 1 and v("outbox_done_total", kind="notify") >= 1 and v("outbox_done_total", kind="flip") >= 1, "work by kind")
is_((v("outbox_failed_total"), v("outbox_failing")), (0.0, 0.0), "nothing failed")
kinds = {dict(k)["kind"] for k in metrics()[1]["rekey_outbox_done_total"][2]}
ok({"job", "notify", "flip", "sweep", "residue", "proof", "overdue", "webhook"} <= kinds, "each kind of work is there from the start", kinds)
ok(v("responses_total", listener="phones", **{"class": "2xx"}) >= 3 and v("responses_total", listener="admin", **{"class": "2xx"}) >= 3, "answers by listener and class")
is_(v("logins_total"), 1.0, "logins")

# ---- numbers that stay over a restart, and age ----
o.stop()
db = sqlite3.connect(os.path.join(o.data, "rekey.db"))
did = db.execute("SELECT id FROM domains").fetchone()[0]
for i, (hours, state) in enumerate(((0.5, "told"), (2, "told"), (2, "unreachable"), (5, "cut-off"), (30, "cut-off"), (300, "cut-off"))):
    db.execute("INSERT INTO records (id, kind, domain_id, mac, slot, device, ext, domain, who, why, generation_before, generation_after, revision_before, revision_after,"
               " keeps_line, state, open, created_ms, closed_ms) VALUES (?,'unassigned',?,'001565aabb01',1,'1001','1001',?,'b','reset',1,2,1,2,0,?,1,?,0)",
               (900000 + i, did, DOMAIN, state, int((time.time() - hours * 3600) * 1000)))
db.execute("INSERT INTO outbox VALUES (990000, 'unbind', 'x@y', 'sip:x', 'due', ?, 3, 'the registrar is away', 1)", (int(time.time() * 1000) + 3600000,))
db.commit()
db.close()
o.start()
ok(comes("alerts_open", 3, kind="unconfirmed"), "alerts by kind: three were open for more than four hours")
_, m = metrics()
got = {tuple(sorted(dict(k).items())): x for k, x in m["rekey_handovers_open"][2].items()}
is_(got, {(("age", a), ("state", s)): n for s, a, n in (("told", "0-1h", 1), ("told", "1-4h", 1), ("unreachable", "1-4h", 1), ("cut-off", "4-24h", 1), ("cut-off", "24h-", 2))},
    "by state and age")
ok(300 * 3600 <= prom.value(m, "rekey_handovers_oldest_open_seconds") < 301 * 3600, "the oldest")
is_(prom.value(m, "rekey_alerts_raised_total", kind="unconfirmed"), 3.0, "raised")
is_((prom.value(m, "rekey_outbox_failing", kind="unbind"), prom.value(m, "rekey_outbox_due", kind="unbind")), (1.0, 0.0), "failing work that is not due yet")
ok(prom.value(m, "rekey_handovers_ended_total", state="confirmed") >= 1, "what was counted before the restart still counts")
o.must("POST", D + "/handovers/900003/write-off", {"reason": "lost"})
ok(comes("handovers_ended_total", 1, state="written-off"), "written off")
is_((v("alerts_open", kind="unconfirmed"), v("alerts_raised_total", kind="unconfirmed")), (2.0, 3.0), "its alert is over; it was raised all the same")
o.must("POST", "/webhooks", {"url": "https://hooks.example.com/s3cret"})
ok(comes("webhooks", 1, state="enabled"), "webhooks by state")

# ---- a registrar that dies ----
o.registrar.proc.terminate()
o.registrar.proc.wait(10)
o.must("POST", D + "/resets", {"users": ["1002"]})
ok(comes("alerts_open", 1, kind="registrar-down"), "a dead registrar is an alert")
ok(comes("outbox_retried_total", 3, kind="sweep") and comes("outbox_failing", 1, kind="sweep"), "its work is tried again and again")
is_(v("registrar_up"), 0.0, "and down")
o.registrar.start()
ok(o.until(lambda: v("alerts_open", kind="registrar-down") is None, 30), "and over when it answers")
ok(o.until(lambda: v("outbox_failing", kind="sweep") in (None, 0), 30), "the work is done then")

# ---- nothing that names anybody ----
text = metrics()[0]
values = {x for f in metrics()[1].values() for k in f[2] for _, x in k}
is_([w for w in ("Zephyrine", "Quillfeather", "zq@", DOMAIN, "1001", "0004f2aa0001", "s3cret", "127.0.0.1") if w in text], [], "no person, domain, phone, address or secret")
is_([x for x in values if not re.fullmatch(r"[a-z0-9.-]+", x)], [], "labels carry words of ours alone")
ok(len(values) < 80, "few of them", values)
t0 = time.monotonic()
for _ in range(50):
    o.ask("GET", "/metrics")
took = time.monotonic() - t0
print("# 50 scrapes with a handshake each in %.2f s" % took)
o.close()
done()

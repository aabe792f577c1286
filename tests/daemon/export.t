#!/usr/bin/python3
"""Handovers and the audit log as CSV: RFC 4180 as Python's csv module reads it, cells that a spreadsheet would take for formulas,
the filters and the range of the list, the form by ?format and by Accept, and tens of thousands of rows in bounded memory."""
import csv
import http.client
import io
import os
import re
import sqlite3
import ssl
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

MANY = int(os.environ.get("REKEY_ROWS", "20000"))
HOSTILE = ["=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-2+3", "@SUM(A1)", "\tx", "'quoted", "＝1", "a,b", "say \"hi\"", "ünïcode ✓", "", " =1"]
# What the sanitizer keeps of freed memory would hide what the server holds.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
r = rekeylib.Rekeyd()
r.domain()
r.user("1001", "Anna", "Berg")
r.user("1002", "Emil", "Koch")
D = "/domains/example.test"


def table(answer, bom=False):
    text = answer.body.decode("utf-8-sig" if bom else "utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def value(cell):
    """What the README says: one leading ' goes."""
    return cell[1:] if cell.startswith("'") else cell


# ---- rows of every sort, straight into the tables: no phone would send such evidence ----
def insert(db, id, **more):
    row = dict(id=id, job_id=None, kind="unassigned", domain_id=domain, user_id=None, phone_id=None, device_id=None, softphone_id=None,
               mac="001565aabb01", slot=1, device="1001", ext="1001", domain="example.test", who="boss@example.test", why="reset",
               generation_before=1, generation_after=2, revision_before=1, revision_after=2, keeps_line=0, state="open", open=1,
               created_ms=1700000000000 + id, closed_ms=0, overdue_ms=1)
    row.update(more)
    db.execute("INSERT INTO records (%s) VALUES (%s)" % (",".join(row), ",".join("?" * len(row))), list(row.values()))


r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
domain = db.execute("SELECT id FROM domains WHERE name='example.test'").fetchone()[0]
for i, text in enumerate(HOSTILE):
    insert(db, 1000 + i, who=text or "x", why=text)
    db.execute("INSERT INTO facts VALUES (?,'told',1700000000000,?)", (1000 + i, text))
insert(db, 1100, state="confirmed", open=0, closed_ms=1700000009000, ext="1002", mac="0004f2aabb02", kind="rekeyed")
db.execute("INSERT INTO audit (id, at_ms, who, address, client, action, domain, target_user, object, before, after, detail) VALUES "
           "(2000,1700000000000,'=cmd','192.0.2.1:99','portal','user-change','example.test','1001','o','{\"a\": \"b\"}','@x','-1')")
db.commit()
r.start()

a = r.api("GET", D + "/handovers?format=csv")
is_(a.status, 200, "handovers as CSV")
ok(a.get("Content-Type").startswith("text/csv; charset=utf-8"), "its type", a.get("Content-Type"))
ok(re.fullmatch(r'attachment; filename="handovers-example\.test-\d{4}-\d\d-\d\d\.csv"', a.get("Content-Disposition") or ""), "a name to keep it under")
lines = a.body.split(b"\r\n")
ok(lines[-1] == b"" and not a.body.replace(b"\r\n", b"").count(b"\n"), "every line ends with CR LF")
rows = table(a)
is_(len(rows), len(HOSTILE) + 1, "every record is a row")
is_([x["handover"] for x in rows], [str(x["handover"]) for x in r.must("GET", D + "/handovers?limit=1000")], "in the order of the list")
got = {int(x["handover"]): x for x in rows}
is_([value(got[1000 + i]["why"]) for i in range(len(HOSTILE))], HOSTILE, "nothing is lost of any cell")
is_([value(got[1000 + i]["told-evidence"]) for i in range(len(HOSTILE))], HOSTILE, "nor of the evidence")
ok(not any(re.match("[=+\\-@\t\r＝＋－＠]", c) for x in rows for c in x.values()), "no cell begins as a formula does")
raw = csv.reader(io.StringIO(a.body.decode(), newline=""), quoting=csv.QUOTE_ALL)
ok(all(len(x) == len(rows[0]) for x in raw), "each row has as many cells as the header")
is_(got[1000]["told-datetime"], "2023-11-14T22:13:20Z", "times are ISO 8601 in UTC")
is_((got[1100]["open"], got[1100]["closed-datetime"], got[1000]["closed-datetime"]), ("no", "2023-11-14T22:13:29Z", ""), "open and closed")
is_(table(r.api("GET", D + "/handovers?format=csv&bom=yes"), True)[0].keys(), rows[0].keys(), "with a byte order mark for spreadsheets that ask for one")
ok(r.api("GET", D + "/handovers?format=csv&bom=yes").body.startswith(b"\xef\xbb\xbf") and not a.body.startswith(b"\xef"), "which stands there only then")

# ---- filters and range ----
is_([x["handover"] for x in table(r.api("GET", D + "/handovers?format=csv&user=1002"))], ["1100"], "by user")
is_(len(table(r.api("GET", D + "/handovers?format=csv&mac=001565aabb01"))), len(HOSTILE), "by MAC")
is_([x["handover"] for x in table(r.api("GET", D + "/handovers?format=csv&state=confirmed"))], ["1100"], "by state")
is_([x["kind"] for x in table(r.api("GET", D + "/unassignments?format=csv"))], ["unassigned"] * len(HOSTILE), "lines taken away")
opened = [int(x["handover"]) for x in table(r.api("GET", D + "/handovers?format=csv&open=yes"))]
is_(opened, [1000 + i for i in range(len(HOSTILE))], "open ones, oldest first")
is_([x["handover"] for x in r.must("GET", D + "/handovers?open=yes&limit=2")], [1000, 1001], "as in the list")
is_([x["handover"] for x in r.must("GET", D + "/handovers?limit=2")], [1100, 1000 + len(HOSTILE) - 1], "the list of all is newest first")
is_([int(x["handover"]) for x in table(r.api("GET", D + "/handovers?format=csv&open=yes&start=2&limit=3"))], [1002, 1003, 1004], "start and limit")
is_([x["handover"] for x in r.must("GET", D + "/handovers?open=yes&start=2&limit=3")], [1002, 1003, 1004], "the same as in the list")
at = "2023-11-14T22:13:21Z"  # 1700000001000
is_(len(table(r.api("GET", D + "/handovers?format=csv&datetime-start=" + at))), len(HOSTILE) + 1, "from a time on")
is_(table(r.api("GET", D + "/handovers?format=csv&datetime-end=" + at)), [], "until a time: the header alone")
for q in ("state=lost", "kind=x", "open=maybe", "mac=12", "datetime-start=yesterday", "from-ms=x", "format=xml", "datetime-start=%s&to-ms=5" % at, "format=csv&limit=x", "format=csv&start=-1"):
    b = r.api("GET", D + "/handovers?" + q)
    ok(b.status == 400 and b.json["detail"], "refused in a sentence: " + q, b)

# ---- by Accept ----
for accept, want in (("text/csv", "text/csv"), ("text/csv;q=0.4, application/json;q=0.5", "application/json"), ("application/json, text/csv;q=0.9", "application/json"),
                     ("text/csv, */*;q=0.1", "text/csv"), ("*/*", "application/json"), ("text/csv;q=0", "application/json"), ("text/*", "text/csv"), ("image/png", "application/json")):
    b = r.api("GET", D + "/handovers", Accept=accept)
    ok(b.get("Content-Type").startswith(want) and b.get("Vary") == "Accept", "Accept: %s gives %s" % (accept, want), b.headers)
is_(r.api("GET", D + "/handovers?format=json", Accept="text/csv").get("Content-Type"), "application/json", "?format speaks louder")

# ---- the audit log ----
a = r.api("GET", "/auditlog?format=csv")
log = table(a)
listed = r.must("GET", "/auditlog?limit=1000")
is_([(x["action-type"], x["timestamp-datetime"]) for x in log], [(x["action-type"], x["timestamp-datetime"]) for x in listed], "the audit log: the rows of the list, in its order")
one = [x for x in log if x["id"] == "2000"][0]
is_((value(one["by-user"]), one["before"], value(one["after"]), value(one["detail"])), ("=cmd", '{"a": "b"}', "@x", "-1"), "nothing is lost")
ok(one["by-user"] == "'=cmd" and one["after"] == "'@x" and one["detail"] == "'-1", "formulas are defused")
is_([x["id"] for x in table(r.api("GET", "/auditlog?format=csv&by-user=%3Dcmd"))], ["2000"], "by user")
is_({x["action-type"] for x in table(r.api("GET", "/auditlog?format=csv&action-type=domain-add"))}, {"domain-add"}, "by action")
is_([x["id"] for x in table(r.api("GET", "/auditlog?format=csv&datetime-end=2024-01-01T00:00:00Z"))], ["2000"], "by time")
is_({x["target-domain"] for x in table(r.api("GET", D + "/auditlog?format=csv"))}, {"example.test"}, "of one domain")
is_(len(table(r.api("GET", "/auditlog?format=csv&limit=2"))), 2, "with a limit")
ok(r.api("HEAD", D + "/handovers?format=csv").body == b"", "HEAD has no body")

# ---- many rows: the memory does not grow with them, and a client that goes away costs nothing ----
r.stop()
for i in range(MANY):
    insert(db, 10000 + i, job_id=7, why="reset")
    db.execute("INSERT INTO facts VALUES (?,'told',1700000000000,'200 OK')", (10000 + i,))
db.commit()
db.close()
r.start()


def rss():
    """Peak resident memory in KB."""
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/%d/status" % r.p.pid).read()).group(1))


table(r.api("GET", D + "/handovers?format=csv&limit=1000"))
before, t0 = rss(), time.monotonic()
a = r.api("GET", D + "/handovers?format=csv")
took, grown = time.monotonic() - t0, rss() - before
ids = [int(x.split(b",", 1)[0]) for x in a.body.split(b"\r\n")[1:-1]]
ok(len(ids) == MANY + len(HOSTILE) + 1 and ids == sorted(set(ids), reverse=True), "%d rows, each once, newest first" % len(ids))
is_(a.get("Transfer-Encoding"), "chunked", "in pieces")
print("# %d rows, %.1f MB in %.1f s; the server's peak grew by %d KB" % (len(ids), len(a.body) / 1e6, took, grown))
ok(grown < 16 * 1024, "the server's memory does not grow with the rows", "%d KB for %d KB" % (grown, len(a.body) // 1024))
ok(len(table(r.api("GET", D + "/handovers?format=csv&start=%d" % (MANY // 2)))) == len(ids) - MANY // 2, "from the middle on")

ctx = ssl.create_default_context(cafile=r.ca)
for i in range(8):
    c = http.client.HTTPSConnection("localhost", r.admin_port, context=ctx, timeout=20)
    c.request("GET", "/api/v1%s/handovers?format=csv" % D, headers={"Authorization": "Bearer " + r.key})
    c.getresponse().read(1 + 5000 * i)
    c.sock.close() if c.sock else None
    c.close()
is_(r.api("GET", D + "/handovers/count").json["total"], len(ids), "clients that went away in the middle leave the server whole")
slow = http.client.HTTPSConnection("localhost", r.admin_port, context=ctx, timeout=20)
slow.request("GET", "/api/v1%s/handovers?format=csv" % D, headers={"Authorization": "Bearer " + r.key})
part = slow.getresponse()
part.read(10000)
t0 = time.monotonic()
r.must("GET", D + "/handovers?limit=10")
ok(time.monotonic() - t0 < 5, "a client that takes its time holds nobody back")
r.must("POST", D + "/users", {"user": "1003"})
ok(len(part.read()) > 1000, "and gets the rest when it comes")
slow.close()
done()

#!/usr/bin/python3
"""Ten thousand users of one domain, each with answering rules, time frames and contacts, reset in one job, while phones go on
pulling."""
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

N = 10000
r = rekeylib.Rekeyd()
r.domain()
csv = "user,name-first-name,name-last-name,email-address\n" + "".join(
    "%d,First%d,Last%d,u%d@example.test\n" % (10000 + i, i, i, i) for i in range(N))
t = time.monotonic()
a = r.api("POST", "/domains/example.test/import", csv, Content_Type="text/csv")
is_(a.status, 200, "%d users imported in %.1f s" % (N, time.monotonic() - t))
t = time.monotonic()
a = r.api("POST", "/domains/example.test/import", "phonenumber,dial-rule-translation-destination-user\n" + "".join(
    "1555%07d,%d\n" % (i, 10000 + i) for i in range(N)), Content_Type="text/csv")
is_(a.status, 200, "%d phone numbers imported in %.1f s" % (N, time.monotonic() - t))
phones = []
for i in range(20):
    mac = "001565%06x" % (i + 1)
    phones.append((mac, r.phone(mac, "yealink-t46u", [str(10000 + i)])))
users = [str(10000 + i) for i in range(N)]
RULES, FRAMES, CONTACTS = 4, 3, 8
with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=30) as db:  # by the API it would be 150,000 calls
    db.execute("""WITH RECURSIVE k (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < %d)
        INSERT INTO timeframes SELECT 1000000000000 + u.id * 100 + k, u.domain_id, u.id, 'frame ' || k, 'custom', '{"timeframe-holiday-array":[{"a":"b"}]}', 0, 0
        FROM users u, k WHERE u.domain_id = (SELECT id FROM domains WHERE name = 'example.test')""" % (FRAMES - 1))
    db.execute("""INSERT INTO answer_rules SELECT id + 50, domain_id, user_id, id, 1, 1, '{"forward-always":{"enabled":"yes","parameters":["01711234567"]}}', 0, 0 FROM timeframes""")
    db.execute("""INSERT INTO answer_rules SELECT MIN(id) + 20, domain_id, user_id, NULL, 1, 99, '', 0, 0 FROM timeframes GROUP BY user_id""")
    db.execute("""INSERT INTO answer_numbers SELECT id, 'n' || (user_id * 10 + id %% 10), 1, domain_id, user_id FROM answer_rules""" .replace("%%", "%"))
    db.execute("""WITH RECURSIVE k (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < %d)
        INSERT INTO contacts SELECT 2000000000000 + u.id * 100 + k, u.domain_id, u.id, 'First' || k, '', 'Friend' || u.ext, 'f@friend.test', '', '0301', '0171', '', '', '', 0, 0
        FROM users u, k WHERE u.domain_id = (SELECT id FROM domains WHERE name = 'example.test')""" % (CONTACTS - 1))
db.close()
OPTIONS = {"phone-lines": True, "phone-numbers": True, "answering-rules": True, "custom-contacts": True}
t = time.monotonic()
id = r.must("POST", "/domains/example.test/resets", {"users": users, "options": OPTIONS})["reset"]
slowest, pulls = 0, 0
while True:
    for mac, path in phones:
        s = time.monotonic()
        is_ok = r.curl(path + mac + ".cfg", agent=rekeylib.ua("yealink", mac))[0]
        slowest = max(slowest, time.monotonic() - s)
        pulls += 1
        if is_ok != 200:
            ok(False, "a pull during the job was answered %d" % is_ok)
    job = r.must("GET", "/domains/example.test/resets/" + id)
    if job["state"] not in ("queued", "running", "scheduled") or time.monotonic() - t > 300:
        break
is_(job["state"], "done", "the job is done after %.1f s; %d pulls beside it, the slowest %.2f s" % (time.monotonic() - t, pulls, slowest))
is_(len([u for u in job["users"] if u["state"] != "done"]), 0, "every user is done")
one = r.must("GET", "/domains/example.test/users/12345")
is_((one["name-first-name"], one["account-status"]), ("", "reset"), "and reset")
is_(r.must("GET", "/domains/example.test/phonenumbers/count?available=yes")["total"], N, "and every number is available")
with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=30) as db:
    is_([db.execute("SELECT COUNT(*) FROM " + t).fetchone()[0] for t in ("answer_rules", "answer_numbers", "timeframes", "contacts")], [0] * 4, "no rule, time frame or contact is left")
    is_(db.execute("SELECT DISTINCT json_extract(steps, '$.answering-rules-removed'), json_extract(steps, '$.time-frames-removed'), json_extract(steps, '$.contacts-removed') FROM job_users").fetchall(),
        [(RULES, FRAMES, CONTACTS)], "and each user's count is what he had")
db.close()
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

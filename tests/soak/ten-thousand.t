#!/usr/bin/python3
"""Ten thousand users of one domain, reset in one job, while phones go on pulling."""
import os
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
t = time.monotonic()
id = r.must("POST", "/domains/example.test/resets", {"users": users, "options": {"phone-lines": True, "phone-numbers": True}})["reset"]
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
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""Rows that no file can carry, written past every check as another version or a hand in the database would: the phone still gets its
file, without them, and an alert says what it had to do without. A 503 would leave the old person on the phone."""
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
D = "/domains/example.test"
r.domain()
for ext, first in (("1001", "Anna"), ("1002", "Bert"), ("1003", "Carl")):
    r.user(ext, first, "N" + ext)
PHONES = {"001565aabb01": ("yealink-t46u", "%s.cfg", "account.%d.user_name = "), "0004f2aabb02": ("polycom-vvx450", "%s-lines.cfg", 'reg.%d.address="'),
          "000b82aabb03": ("grandstream-gxp2170", "cfg%s.xml", '<item name="account.%d.sip.userid">')}
token = {mac: r.phone(mac, model, ["1001", "1002"]) for mac, (model, _, _) in PHONES.items()}
soft = r.must("POST", D + "/users/1003/devices/1003/enrol", {"kind": "linphone"})
soft_path = re.sub(r"^https?://[^/]*", "", soft["url"])


def pull(mac):
    return r.curl(token[mac] + PHONES[mac][1] % mac, agent=rekeylib.ua(PHONES[mac][0].split("-")[0], mac))


def alerts():
    return r.must("GET", D + "/alerts")


for mac in PHONES:
    is_(pull(mac)[0], 200, "%s has its file" % mac)
is_(r.curl(soft_path)[0], 200, "the softphone its own")
is_(alerts(), [], "and nobody is told anything")
r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
db.execute("UPDATE domains SET timezone = 'Nowhere/At/All'")
db.execute("UPDATE devices SET name = '10 02' WHERE name = '1002'")
db.execute("UPDATE phones SET generation = generation + 1")
db.commit()
db.close()
r.start()
for mac, (model, _, name) in PHONES.items():
    status, _, body = pull(mac)[:3]
    text = body.decode() if isinstance(body, bytes) else body
    is_(status, 200, "%s is given its file all the same" % model)
    ok(name % 1 + "1001" in text, "%s: with the line that can be written" % model, text[:300])
    ok("10 02" not in text and "Nowhere" not in text, "%s: without what cannot" % model)
is_(r.curl(soft_path)[0], 200, "so is the softphone")
r.until(lambda: len(alerts()) == 4, what="four alerts")
said = sorted(a["text"] for a in alerts())
for mac in PHONES:
    ok(any(s.startswith(mac + ": its file was made without 2 values; the first: ") and "time zone" in s for s in said), "an alert for " + mac, said)
ok(any(re.match(r"softphone \d+: its file was made without one value", s) for s in said), "and one for the softphone", said)
ok("10 02" not in str(said), "none of them holds the value")
is_({a["kind"] for a in alerts()}, {"left-out"}, "of a kind of their own")
for mac in PHONES:
    pull(mac)
is_(len(alerts()), 4, "a phone that comes again makes no more of them")
done()

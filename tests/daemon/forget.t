#!/usr/bin/python3
"""After a reset, and after rekeyd has ended (which empties the write-ahead log), no byte of the person is in any file of the
installation but on the pages of the audit table, which is there to remember; nor in the log."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import smtp  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

server = smtp.Server(tls="none", user="")
o = Office(mail__server="127.0.0.1", mail__port=server.port, mail__tls="none", mail__from="phones@example.test", mail__retry_ms=100)
D = "/domains/" + DOMAIN
MARKS = ["Zephyrine", "Quillfeather", "zq.mark77@example.org", "73519046", "+4930987612345", "Privatkontakt77", "Callerqq77"]
first, last, mail, pin, number, contact, caller = MARKS
o.must("POST", D + "/users", {"user": "1001", "name-first-name": first, "name-last-name": last, "email-address": mail,
                              "voicemail-login-pin": pin, "caller-id-name": caller})
o.user("1002", "Col", "League")
h = o.handset("0004f2aa0001", "polycom-vvx450", ["1001"], "polycom")
c = o.handset("001565aa0002", "yealink-t46u", ["1002"], "yealink")
o.must("POST", D + "/phones/0004f2aa0001/keys", {"place": 5, "type": "speed-dial", "value": number, "label": contact, "owner": "person", "user": "1001"})
o.must("POST", D + "/phones/001565aa0002/keys", {"place": 4, "type": "blf", "value": "1001", "label": first + " " + last, "owner": "desk"})
for p in (h, c):
    p.pull()
    is_(set(p.register().values()), {200}, p.model + " registers")
ok(contact in "".join(h.files.values()) and first in "".join(c.files.values()), "the marks stood on the phones")
for name, body in (("-phone.cfg", '<PHONE_CONFIG><OVERRIDES up.x="%s"/></PHONE_CONFIG>' % contact),
                   ("-directory.xml", "<directory><item_list><item><fn>%s</fn><ct>%s</ct></item></item_list></directory>" % (contact, number))):
    path = os.path.join(o.dir, "up")
    open(path, "w").write(body)
    is_(h.get(h.mac + name, "-T", path)[0], 200, "upload of " + name)
o.until(lambda: o.must("GET", D + "/phones/" + h.mac)["generation-acknowledged"] >= 1)


def pages_of(db, table):
    """Numbers of the pages of a table and of its indexes."""
    names = [table] + [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='index' AND tbl_name=?", (table,))]
    return {r[0] for n in names for r in db.execute("SELECT pageno FROM dbstat WHERE name=?", (n,))}


def found():
    """{file: [marks]} outside the audit's pages."""
    got = {}
    for base, _, files in os.walk(o.data):
        for f in files:
            path = os.path.join(base, f)
            data = open(path, "rb").read()
            if f == "rekey.db":
                db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
                size = db.execute("PRAGMA page_size").fetchone()[0]
                keep = pages_of(db, "audit") if db.execute("SELECT 1 FROM sqlite_master WHERE name='audit'").fetchone() else set()
                db.close()
                data = b"".join(data[i:i + size] for i in range(0, len(data), size) if i // size + 1 not in keep)
            hits = [m for m in MARKS if m.encode() in data or m.encode("utf-16-le") in data]
            if hits:
                got[f] = hits
    return got


server.mood(to=550, text="<%s> is %s %s, unknown here" % (mail, first, last))
o.must("POST", D + "/users/1001/welcome", {})
ok(o.until(lambda: mail in o.must("GET", D + "/users/1001/mails")[0]["error"]), "a mail server's answer that names the person stands beside the mail")
server.mood(to=[451] * 1000, text="<%s> later" % mail)
o.must("POST", D + "/users/1001/welcome", {})
o.until(lambda: o.must("GET", D + "/users/1001/mails")[0]["attempts"] >= 1)
o.stop()
before = found()
ok("rekey.db" in before and first in before["rekey.db"], "before the reset the search finds the person", before)
o.start()
job = o.reset(["1001"], options={"phone-lines": True})
for p in (h, c):
    p.told(1)
    p.pull()
    p.register()
ok(o.until(lambda: o.job(job)["handovers-open"] == 0, 15), "every proof came", o.job(job))
ok(not any(m in "".join(p.files.values()) for p in (h, c) for m in MARKS), "no file holds a mark")
o.stop()
is_(found(), {}, "no byte of the person is left in any file")
is_([m for m in MARKS if m in o.log_text()], [], "nor in the log")
o.close()
done()

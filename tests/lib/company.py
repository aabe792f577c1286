"""A company of any size in a rekeyd, made through import and API: phones, shared phones, keys, softphones, and what each option of
a reset clears; and what of it stands in the database afterwards. For tests that compare a job with the same job done otherwise."""
import http.client
import json
import os
import sqlite3
import ssl
import time

import rekeylib
import spool
import tap

C, D = "example.test", "/domains/example.test"


def server(**settings):
    """A rekeyd beside a PBX's voicemail: r.spool."""
    root = os.path.join(tap.temp_dir("spool"), "voicemail")
    r = rekeylib.Rekeyd(voicemail__root=root, **settings)
    r.spool = spool.Spool(root)
    return r


class Wire:
    """One kept-alive connection to the API: thousands of calls in a few seconds."""

    def __init__(self, r):
        self.r = r
        self.c = http.client.HTTPSConnection("localhost", r.admin_port, context=ssl.create_default_context(cafile=r.ca), timeout=120)

    def must(self, method, path, body=None, want=(200, 201, 202), kind="application/json"):
        if self.r.key is None:
            self.r.login_now()
        data = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        self.c.request(method, "/api/v1" + path, body=data.encode() if isinstance(data, str) else data,
                       headers={"Authorization": "Bearer " + self.r.key, "Content-Type": kind})
        a = self.c.getresponse()
        text = a.read()
        if a.status not in want:
            raise RuntimeError("%s %s: %d %s" % (method, path, a.status, text[:500]))
        return json.loads(text) if text else None

    def close(self):
        self.c.close()


def ext(i):
    return str(10000 + i)


def mac(i):
    return "001565%06x" % (i + 1)


def csv(wire, head, rows):
    """Imports by pieces: a report has a line per row."""
    for at in range(0, len(rows), 30000):
        wire.must("POST", D + "/import", head + "\n" + "\n".join(rows[at:at + 30000]) + "\n", kind="text/csv")


# ---- what an option clears: how it is made, for user number i ----
SEEDS = {}


def seed(option):
    def note(fn):
        SEEDS[option] = fn
        return fn
    return note


@seed("phone-lines")
def phone_lines(wire, n):
    """The primary line and the second one are on the user's phone already."""


@seed("phone-numbers")
def phone_numbers(wire, n):
    """Two that lead straight to the user; one to the mailbox, which a reset leaves alone."""
    rows = []
    for i in range(n):
        rows += ["4930%08d,to-user,%s,," % (3 * i, ext(i)), "4930%08d,to-user,%s,Desk of First%d,yes" % (3 * i + 1, ext(i), i),
                 "4930%08d,to-voicemail,%s,," % (3 * i + 2, ext(i))]
    csv(wire, "phonenumber,dial-rule-application,dial-rule-translation-destination-user,dial-rule-description,enabled", rows)


@seed("answering-rules")
def answering_rules(wire, n):
    """The default rule changed, and one that stands on a time frame of the user's own; each names an outside number. The shared time
    frame stays."""
    wire.must("POST", D + "/timeframes", {"timeframe-name": "Night", "timeframe-type": "always"})
    for i in range(n):
        at = D + "/users/%s/" % ext(i)
        wire.must("POST", at + "timeframes", {"timeframe-name": "Lunch", "timeframe-type": "always"})
        wire.must("POST", at + "answerrules", {"time-frame": "Lunch", "forward-always": {"enabled": "yes", "parameters": ["0173%07d" % i]}})
        wire.must("PUT", at + "answerrules/*", {"forward-no-answer": {"enabled": "yes", "parameters": ["0174%07d" % i]}})


@seed("custom-contacts")
def custom_contacts(wire, n):
    """Two of the user's own; the shared one stays."""
    wire.must("POST", D + "/contacts", {"name-first-name": "Front", "name-last-name": "Door"})
    for i in range(n):
        for who in ("Mother", "Dentist"):
            wire.must("POST", D + "/users/%s/contacts" % ext(i), {"name-first-name": who, "name-last-name": "Of%d" % i})


@seed("voicemail-messages")
def voicemail_messages(wire, n):
    for i in range(n):
        wire.r.spool.message(C, ext(i), seconds=0.01, formats=("wav",))
        if i % 10 == 0:
            wire.r.spool.message(C, ext(i), "Old", seconds=0.01, formats=("wav",))


@seed("voicemail-greetings")
def voicemail_greetings(wire, n):
    for i in range(n):
        wire.r.spool.write("hello", C, ext(i), "unavail.gsm" if i % 2 else "greet.gsm")


def options(wire):
    """Those that this version does, from the API; each must be one that this file knows how to fill."""
    names = [o["option"] for o in wire.must("GET", D + "/resets/options") if o["supported"]]
    strange = [o for o in names if o not in SEEDS]
    if strange:
        raise RuntimeError("tests/lib/company.py has no seed for %s" % strange)
    return names


# For ten thousand of them: straight into the database of a server that is stopped. Each gives the next id that is free.
BY_HAND = {}


def by_hand(option):
    def note(fn):
        BY_HAND[option] = fn
        return fn
    return note


@by_hand("answering-rules")
def rules_by_hand(db, users, n, id):
    domain = db.execute("SELECT id FROM domains WHERE name = ?", (C,)).fetchone()[0]
    for i in range(n):
        user = users[ext(i)]
        db.execute("INSERT INTO timeframes VALUES (?, ?, ?, 'Lunch', 'always', '{}', 1, 1)", (id, domain, user))
        for rule, frame, feature, number in ((id + 1, id, "forward-always", "173%07d" % i), (id + 2, None, "forward-no-answer", "174%07d" % i)):
            db.execute("INSERT INTO answer_rules VALUES (?, ?, ?, ?, 1, 1, ?, 1, 1)",
                       (rule, domain, user, frame, json.dumps({feature: {"enabled": "yes", "parameters": ["0" + number]}})))
            db.execute("INSERT INTO answer_numbers VALUES (?, ?, 1, ?, ?)", (rule, number, domain, user))
        id += 3
    return id


@by_hand("custom-contacts")
def contacts_by_hand(db, users, n, id):
    domain = db.execute("SELECT id FROM domains WHERE name = ?", (C,)).fetchone()[0]
    for i in range(n):
        for who in ("Mother", "Dentist"):
            db.execute("INSERT INTO contacts VALUES (?, ?, ?, ?, '', ?, '', '', '', '', '', '', '', 1, 1)", (id, domain, users[ext(i)], who, "Of%d" % i))
            id += 1
    return id


def build(r, n, keys=2, shared=5, soft=10, fast=False):
    """n users with a second device each; a phone each with both lines, every shared-th also with the next user's line; keys (BLF of a
    colleague, own speed dial, dial to a colleague's outside number) on each phone; a softphone for every soft-th; and everything that
    an option clears."""
    if not any(d["domain"] == "example.test" for d in r.must("GET", "/domains")):
        r.domain()
    w = Wire(r)
    csv(w, "user,name-first-name,name-last-name,email-address,voicemail-login-pin",
        ["%s,First%d,Last%d,u%d@example.test,%04d" % (ext(i), i, i, i, i % 10000) for i in range(n)])
    csv(w, "user,device", ["%s,%sb" % (ext(i), ext(i)) for i in range(n)])
    lines = []
    for i in range(n):
        lines += ["%s,yealink-t46u,1,%s" % (mac(i), ext(i)), "%s,yealink-t46u,2,%sb" % (mac(i), ext(i))]
        if shared and i % shared == 0 and i + 1 < n:
            lines.append("%s,yealink-t46u,3,%s" % (mac(i), ext(i + 1)))
    csv(w, "mac,model,line,device", lines)
    for i in range(n):
        made = [{"place": 10, "type": "blf", "value": ext((i + 1) % n)},
                {"place": 11, "type": "speed-dial", "value": "0171%07d" % i, "label": "Mother", "owner": "person", "user": ext(i)},
                {"place": 12, "type": "speed-dial", "value": "0172%07d" % i, "label": "First%d Last%d" % ((i + 2) % n, (i + 2) % n)}]
        for k in made[:keys]:
            w.must("POST", D + "/phones/%s/keys" % mac(i), k)
        if soft and i % soft == 0:
            w.must("POST", D + "/users/%s/devices" % ext(i), {"device": ext(i) + "m"})
            w.must("POST", D + "/users/%s/devices/%sm/enrol" % (ext(i), ext(i)), {})
    for name in options(w):
        if not fast or name not in BY_HAND:
            SEEDS[name](w, n)
    w.close()


def keys_by_hand(r, n):
    """Three keys on each phone, and what BY_HAND has, in the database of a server that is stopped."""
    db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
    id = db.execute("SELECT value FROM counters WHERE name = 'id'").fetchone()[0] + 1
    phones, users = dict(db.execute("SELECT mac, id FROM phones")), dict(db.execute("SELECT ext, id FROM users"))
    for i in range(n):
        beside, far = (i + 1) % n, (i + 2) % n
        for place, type, value, label, owner, user, ref in (
                (10, "blf", ext(beside), "", "desk", None, users[ext(beside)]),
                (11, "speed-dial", "0171%07d" % i, "Mother", "person", users[ext(i)], None),
                (12, "speed-dial", "0172%07d" % i, "First%d Last%d" % (far, far), "desk", None, None)):
            db.execute("INSERT INTO pkeys (id, phone_id, module, place, type, slot, value, label, pickup, owner, user_id, ref_user_id, own_label, "
                       "created_ms) VALUES (?, ?, 0, ?, ?, 0, ?, ?, '', ?, ?, ?, 0, 1)", (id, phones[mac(i)], place, type, value, label, owner, user, ref))
            db.executemany("INSERT INTO key_words (word, key_id) VALUES (?, ?)", [(w, id) for w in label.lower().split() if not ref])
            id += 1
    for fn in BY_HAND.values():
        id = fn(db, users, n, id)
    db.execute("UPDATE counters SET value = ? WHERE name = 'id'", (id + 1000,))
    db.commit()
    db.close()


def order(wire, n):
    """The order of everything."""
    return {"users": [ext(i) for i in range(n)], "options": {o: True for o in options(wire)}}


def next_people(n, every=10):
    """Forms for some of them, each with the welcome mail. Whose phones show one of these are ordered before him, so that their phones are
    empty when he comes, whenever his voicemail lets him."""
    return [{"user": ext(i), "name-first-name": "Next%d" % i, "name-last-name": "Person%d" % i, "email-address": "next%d@example.test" % i,
             "send-welcome-email": True} for i in range(every // 2, n, every)]


# ---- what stands there ----

def database(r):
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=10)
    db.text_factory = lambda b: b.decode("utf-8", "replace")
    return db


# Rows that come and go with retries and restarts, or that only count; a snapshot is made of a generation that a phone is to get, and one that
# is overtaken before that has none.
VOLATILE = {"counters", "outbox", "facts", "timeline", "idempotency", "versions", "layers", "alerts", "served", "snapshots", "unclaimed", "sqlite_sequence"}

# What the rows say, without ids, times, secrets and numbers of generations.
SAYS = {
    "users": "SELECT ext, first_name, last_name, email, login, status, password_hash = '', voicemail_pin IS NULL, caller_id_name, dnd, scope, person FROM users",
    "devices": "SELECT v.name, v.kind, v.revision, u.ext FROM devices v LEFT JOIN users u ON u.id = v.user_id",
    "lines": "SELECT p.mac, l.slot, v.name, l.label FROM lines l JOIN phones p ON p.id = l.phone_id JOIN devices v ON v.id = l.device_id",
    "phones": "SELECT mac, state, brand, model FROM phones",
    "keys": "SELECT p.mac, k.module, k.place, k.type, k.value, k.label, k.owner, u.ext FROM pkeys k JOIN phones p ON p.id = k.phone_id LEFT JOIN users u ON u.id = k.ref_user_id",
    "softphones": "SELECT label, blanked, user_id IS NULL, device_id IS NULL FROM softphones",
    "records": "SELECT kind, mac, slot, device, ext, who, why, revision_before, revision_after, keeps_line, generation_after > generation_before FROM records",
    "audit": "SELECT who, action, domain, target_user, before, after, detail FROM audit",
    "timeline": "SELECT mac, event, detail FROM timeline WHERE event IN ('reset', 'recycle', 'delete')",
    "job users": "SELECT ext, state, error, steps, voicemail, hold FROM job_users",
    "rules": "SELECT u.ext, r.enabled, r.body FROM answer_rules r JOIN users u ON u.id = r.user_id",
    "time frames": "SELECT t.name, u.ext FROM timeframes t LEFT JOIN users u ON u.id = t.user_id",
    "contacts": "SELECT c.first_name, c.last_name, u.ext FROM contacts c LEFT JOIN users u ON u.id = c.user_id",
    "mails": "SELECT u.ext, m.letter, m.state, m.who, m.job_id IS NULL FROM mails m JOIN users u ON u.id = m.user_id",
    "links": "SELECT u.ext, l.purpose FROM links l JOIN users u ON u.id = l.user_id",
    "jobs": "SELECT kind, state, users_all, users_done, users_failed, records_all FROM jobs",
    "numbers": "SELECT n.number, n.enabled, n.application, u.ext, n.straight, n.destination_user, n.description FROM numbers n LEFT JOIN users u ON u.id = n.user_id",
    "wanted": "SELECT identity, wanted_revision, device_id IS NULL FROM projection",
}


def says(db):
    """{what: its rows, sorted}, and the number of rows of every table."""
    out = {what: sorted(map(repr, db.execute(q).fetchall())) for what, q in SAYS.items()}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        if table not in VOLATILE:
            out["rows of " + table] = db.execute('SELECT COUNT(*) FROM "%s"' % table).fetchone()[0]
    return out


def of_users(db):
    """{extension: all that is the user's own, as text}: every table that has a user_id counts; what a colleague's turn may change on a
    shared phone (secrets, labels) does not."""
    ids = dict(db.execute("SELECT id, ext FROM users").fetchall())
    out = {e: [] for e in ids.values()}
    for id, *row in db.execute("SELECT id, first_name, last_name, email, status, voicemail_pin IS NULL, caller_id_name FROM users"):
        out[ids[id]].append(("user", *row))
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall():
        columns = [c[1] for c in db.execute('PRAGMA table_info("%s")' % table)]
        if "user_id" not in columns or table in VOLATILE or table in ("job_users", "records", "sessions"):
            continue
        for id, count in db.execute('SELECT user_id, COUNT(*) FROM "%s" WHERE user_id IS NOT NULL GROUP BY user_id ORDER BY user_id' % table):
            out[ids[id]].append((table, count))
    for e, m, slot in db.execute("SELECT u.ext, p.mac, l.slot FROM lines l JOIN phones p ON p.id = l.phone_id JOIN devices v ON v.id = l.device_id "
                                 "JOIN users u ON u.id = v.user_id ORDER BY p.mac, l.slot"):
        out[e].append(("line", m, slot))
    for e, count in db.execute("SELECT ext, COUNT(*) FROM records WHERE kind <> 'relabelled' AND kind <> 'rekeyed' GROUP BY ext"):
        if e in out:
            out[e].append(("records", count))
    for e, count in db.execute("SELECT target_user, COUNT(*) FROM audit WHERE action = 'reset' GROUP BY target_user"):
        if e in out:
            out[e].append(("audit", count))
    return {e: repr(v) for e, v in out.items()}


def turns(db, job):
    """{extension: its state in that job}."""
    return dict(db.execute("SELECT ext, state FROM job_users WHERE job_id = ?", (int(job),)).fetchall())


def files_below(root):
    """{path: size}, for what a reset deletes on disk."""
    out = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            try:
                out[os.path.relpath(path, root)] = os.path.getsize(path)
            except FileNotFoundError:  # just deleted
                continue
    return out


def quiet(r, seconds=60):
    """Waits until nothing of the outbox is due any more. The look for overdue records is put off, and never goes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        db = database(r)
        n = db.execute("SELECT COUNT(*) FROM outbox WHERE kind <> 'overdue'").fetchone()[0]
        db.close()
        if n == 0:
            return True
        time.sleep(0.1)
    return False

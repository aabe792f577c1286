#!/usr/bin/python3
"""A change of a phone whose transaction comes late: what another process has done to the phone since it was read stands, and only what was
asked for is laid on it. The test is that process: it holds the database while the change waits."""
import os
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.domain("other.test")
r.user("1001", "Anna", "Berg")
MAC = "001565aabb01"
AT = "/domains/example.test/phones/" + MAC
r.phone(MAC, "yealink-t46u", ["1001"])
db = sqlite3.connect(os.path.join(r.data, "rekey.db"), isolation_level=None)


def row(columns):
    return db.execute("SELECT %s FROM phones WHERE mac = ?" % columns, (MAC,)).fetchone()


def change(body, meanwhile):
    """A PATCH that reads the phone before, and writes it after meanwhile: its answer."""
    got = []
    db.execute("BEGIN IMMEDIATE")
    patch = threading.Thread(target=lambda: got.append(r.api("PATCH", AT, body)))
    patch.start()
    time.sleep(0.7)
    ok(patch.is_alive(), "the change waits")
    db.execute("UPDATE phones SET %s WHERE mac = ?" % meanwhile, (MAC,))
    db.execute("COMMIT")
    patch.join()
    return got[0]


LOGIN = "state, prov_password, prov_password_previous, prov_password_seen_ms, user_password"
before = row(LOGIN)
ok(before[0] == "assigned" and before[1] and before[4], "a phone with a user and a login", before)
a = change({"notes": "by the window"}, "state = 'vacant', prov_password = NULL, prov_password_previous = NULL, prov_password_seen_ms = 4711, user_password = NULL, transport = 'tls'")
is_(a.status, 200, "a change of the notes, behind a reset")
is_(row(LOGIN), ("vacant", None, None, 4711, None), "brings back neither the former login nor the former state")
is_(row("notes, transport"), ("by the window", "tls"), "and leaves alone what it did not ask for")
a = change({"notes": "at the door"}, "domain_id = (SELECT id FROM domains WHERE name = 'other.test')")
is_(a.status, 409, "a change behind a move is refused")
is_(row("notes, (SELECT name FROM domains WHERE id = domain_id)"), ("by the window", "other.test"), "and the phone stays where it was moved")
db.close()
done()

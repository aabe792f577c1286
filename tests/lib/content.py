"""What stands in rekeyd's database, so that a test can say: not one row of any table differs."""
import os
import sqlite3
import time

# When a key was last used, and how far the numbers have come, is no content.
SKIP = {("apikeys", "used_ms"), ("sessions", "seen_ms"), ("counters", "value")}


def content(r):
    """{table: rows as text, sorted}."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=5)
    out = {}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall():
        names = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table)]
        take = ", ".join('"%s"' % n for n in names if (table, n) not in SKIP)
        out[table] = sorted(map(repr, db.execute("SELECT %s FROM %s" % (take, table)).fetchall()))
    db.close()
    return out


def at_rest(r, seconds=15):
    """The content when nothing has changed for a moment: the outbox has nothing to do."""
    end = time.monotonic() + seconds
    before = content(r)
    while time.monotonic() < end:
        time.sleep(0.25)
        now = content(r)
        if now == before:
            return now
        before = now
    return before


def differs(a, b):
    """The tables whose rows differ."""
    return sorted(t for t in set(a) | set(b) if a.get(t) != b.get(t))

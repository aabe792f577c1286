"""What a job did to a database, as raw SQL: a statement per row that it deleted or changed, and on demand per row that it wrote.
For the sqlite3 shell, in one transaction, with the settings of the server's own connection."""
import os
import resource
import sqlite3
import subprocess
import time

# The server's (provisioning/store/sqlite.c).
SETTINGS = ("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA secure_delete=ON; PRAGMA cache_size=-16000;\n")
# What the job writes about itself; and what a foreign key takes along.
OWN = {"audit", "timeline", "outbox", "records", "facts", "jobs", "job_users", "counters", "snapshots", "projection", "idempotency", "apikeys",
       "versions", "layers", "alerts", "served"}
TAKEN_ALONG = {"key_words", "answer_numbers"}


def literal(v):
    if v is None:
        return "NULL"
    if isinstance(v, bytes):
        return "x'%s'" % v.hex()
    return str(v) if isinstance(v, int) else "'%s'" % v.replace("'", "''")


def rows(db, table, keys):
    """{key: row}."""
    names = [c[1] for c in db.execute('PRAGMA table_info("%s")' % table)]
    at = [names.index(k) for k in keys]
    return names, {tuple(r[i] for i in at): r for r in db.execute('SELECT * FROM "%s"' % table)}


def where(keys, key):
    return " AND ".join("%s = %s" % (k, literal(v)) for k, v in zip(keys, key))


def statements(before, after, writes):
    """Per row, those that refer to others first. writes: also what the job wrote about itself."""
    a, b = sqlite3.connect(before), sqlite3.connect(after)
    deletes, updates, inserts = [], [], []
    for (table,) in b.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid DESC").fetchall():
        if table in TAKEN_ALONG or (table in OWN and not writes):
            continue
        keys = [c[1] for c in sorted(b.execute('PRAGMA table_info("%s")' % table).fetchall(), key=lambda c: c[5]) if c[5]]
        names, had = rows(a, table, keys)
        _, has = rows(b, table, keys)
        for key in had.keys() - has.keys():
            deletes.append('DELETE FROM "%s" WHERE %s;' % (table, where(keys, key)))
        for key in had.keys() & has.keys():
            changed = ["%s = %s" % (n, literal(new)) for n, old, new in zip(names, had[key], has[key]) if old != new]
            if changed:
                updates.append('UPDATE "%s" SET %s WHERE %s;' % (table, ", ".join(changed), where(keys, key)))
        if writes:
            inserts = ['INSERT INTO "%s" VALUES (%s);' % (table, ", ".join(map(literal, has[key]))) for key in has.keys() - had.keys()] + inserts
    a.close()
    b.close()
    return updates + deletes + inserts


def run(path, sql):
    """(seconds, seconds of the processor) of the sqlite3 shell with these statements in one transaction."""
    text = SETTINGS + "BEGIN IMMEDIATE;\n" + "\n".join(sql) + "\nCOMMIT;\n"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    out = subprocess.run(["sqlite3", "-bail", path], input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    took, now = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if out.returncode:
        raise RuntimeError("sqlite3: " + out.stderr.decode()[:500])
    return took, now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime


def copy(path, to):
    for end in ("", "-wal", "-shm"):
        if os.path.exists(to + end):
            os.unlink(to + end)
    subprocess.run(["sqlite3", path, "VACUUM INTO '%s'" % to], check=True)

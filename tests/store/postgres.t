#!/usr/bin/python3
"""The same SQL on PostgreSQL 15: the migrations apply, and every named block PREPAREs. A server of our own, on a unix
socket in a temporary folder; nothing that runs already is touched."""
import glob
import os
import pwd
import re
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, temp_dir, top  # noqa: E402

os.chdir(top())
BIN = "/usr/lib/postgresql/15/bin"
KEY = "BIGINT PRIMARY KEY NOT NULL"


def server_user():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            return ["setpriv", "--reuid=%d" % pwd.getpwnam(name).pw_uid, "--regid=%d" % pwd.getpwnam(name).pw_gid,
                    "--clear-groups"]
        except KeyError:
            pass
    raise SystemExit("Bail out! there is no user to run PostgreSQL as")


def run(argv, **more):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


class Server:
    def __init__(self):
        self.dir = temp_dir("postgres")
        self.as_user = server_user()
        if self.as_user:
            uid = int(self.as_user[1].split("=")[1])
            os.chown(self.dir, uid, -1)
        env = dict(os.environ, HOME=self.dir, LC_ALL="C")
        made = run(self.as_user + [BIN + "/initdb", "-D", self.dir + "/data", "-A", "trust", "-U", "rekey", "-N",
                                   "--locale=C", "-E", "UTF8"], env=env, cwd=self.dir)
        if made.returncode:
            raise SystemExit("Bail out! initdb: " + made.stdout)
        self.log = open(self.dir + "/log", "w+")
        self.process = subprocess.Popen(
            self.as_user + [BIN + "/postgres", "-D", self.dir + "/data", "-k", self.dir, "-c", "listen_addresses=",
                            "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=10"],
            stdout=self.log, stderr=self.log, env=env, cwd=self.dir)
        for _ in range(600):
            if run([BIN + "/pg_isready", "-q", "-h", self.dir]).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            subprocess.run(["sleep", "0.05"])
        self.log.seek(0)
        raise SystemExit("Bail out! PostgreSQL does not start: " + self.log.read())

    def sql(self, text):
        """Runs all of it in one session, going on after errors; the output, errors with their line of the text."""
        return run([BIN + "/psql", "-X", "-q", "-h", self.dir, "-U", "rekey", "-d", "postgres", "-v", "VERBOSITY=terse",
                    "-f", "-"], input=text).stdout

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


def blocks():
    """(name, text) of each block as PostgreSQL gets it."""
    out = subprocess.run(["sh", "provisioning/store/embed.sh", "--plain"] + sorted(glob.glob("provisioning/store/sql/*.sql")),
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        name, engine, text = line.split("|", 2)
        if engine == "postgres" or (engine == "" and name not in found):
            found[name] = text
    return found


def errors(out):
    return [line for line in out.splitlines() if "ERROR" in line or "FATAL" in line or "error:" in line]


LABELS = ["Mother", "Anna Smith", "O'Neil, Dr. (Anna)", "D\u00e9d\u00e9 M\u00fcller-L\u00fcdenscheidt", "***", "4711", "a", "", "x y  z-x"]


def words(label):
    """As the server cuts them: runs of letters, digits and everything beyond ASCII, in small letters (ASCII)."""
    small = "".join(c.lower() if "A" <= c <= "Z" else c for c in label)
    return {w for w in re.split(r"[^0-9a-z\u0080-\U0010ffff]+", small) if w}


def labelled_keys(lite):
    """Rows of a phone whose keys have these labels, as SQL for both engines: what a database of before migration 10 may hold."""
    def insert(table, **given):
        row = {}
        for _, name, kind, notnull, default, key in lite.execute("PRAGMA table_info(%s)" % table).fetchall():
            if (notnull or key) and default is None:
                row[name] = "0" if "INT" in kind.upper() or kind == "" else "''"
        row.update({k: str(v) for k, v in given.items()})
        return "INSERT INTO %s (%s) VALUES (%s);" % (table, ", ".join(row), ", ".join(row.values()))

    out = [insert("domains", id=1, name="'example.test'"), insert("phones", id=2, domain_id=1, mac="'001565000001'")]
    for i, label in enumerate(LABELS):
        out.append(insert("pkeys", id=10 + i, phone_id=2, place=i, label="'%s'" % label.replace("'", "''")))
    return "\n".join(out)


def backfill(server, path):
    """Migration 10 on a database that has labels already: the words that the server would have kept."""
    lite = sqlite3.connect(":memory:")
    for p in sorted(glob.glob("provisioning/store/migrations/*.sql")):
        if p >= path:
            break
        lite.executescript(open(p, encoding="utf-8").read().replace("@KEY@", "INTEGER PRIMARY KEY NOT NULL"))
    rows = labelled_keys(lite)
    out = server.sql("\\set ON_ERROR_STOP on\n" + rows)
    ok(not errors(out), "labels stand there before", out)
    lite.executescript(rows)
    lite.executescript(open(path, encoding="utf-8").read().replace("@KEY@", "INTEGER PRIMARY KEY NOT NULL"))
    got = sorted(lite.execute("SELECT key_id, word FROM key_words").fetchall())
    want = sorted((10 + i, w) for i, label in enumerate(LABELS) for w in words(label))
    ok(got == want and len(want) > 10, "SQLite: each label's words", "got %r\nwant %r" % (got, want))
    return want


def main():
    server = Server()
    try:
        out = server.sql("CREATE DOMAIN BLOB AS BYTEA;")
        ok(not errors(out), "PostgreSQL gets the word BLOB", out)
        want = []
        for path in sorted(glob.glob("provisioning/store/migrations/*.sql")):
            if path.endswith("0010_jobs.sql"):
                want = backfill(server, path)
            with open(path, encoding="utf-8") as f:
                out = server.sql("\\set ON_ERROR_STOP on\nBEGIN;\n" + f.read().replace("@KEY@", KEY) + "\nCOMMIT;\n")
            ok(not errors(out), "migration %s applies" % os.path.basename(path), out)
        out = server.sql("\\pset format unaligned\n\\pset tuples_only on\nSELECT key_id, word FROM key_words;\n")
        got = sorted((int(a), b) for a, b in (line.split("|", 1) for line in out.splitlines() if "|" in line))
        ok(got == want, "PostgreSQL: each label's words", "got %r\nwant %r" % (got, want))
        found = blocks()
        ok(len(found) > 100, "the blocks are found", str(len(found)))
        # One session for all: an error names the line, and block n stands on line n.
        names = sorted(found)
        out = server.sql("\n".join("PREPARE %s AS %s;" % (n, found[n]) for n in names) + "\n")
        bad = {}
        for line in errors(out):
            at = re.search(r":(\d+): (.*)", line)
            bad[names[int(at.group(1)) - 1] if at else "?"] = at.group(2) if at else line
        for n in names:
            ok(n not in bad, "%s prepares" % n, bad.get(n, "") + "\n" + found[n])
        ok("?" not in bad, "no other complaint", bad.get("?", ""))
        out = server.sql("PREPARE broken AS SELECT * FROM nowhere;\n")
        ok(errors(out), "a wrong block would be noticed", out)
    finally:
        server.stop()
    done()


main()

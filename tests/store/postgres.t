#!/usr/bin/python3
"""The same SQL on PostgreSQL 15: the migrations apply, and every named block PREPAREs. A server of our own, on a unix
socket in a temporary folder; nothing that runs already is touched."""
import glob
import os
import pwd
import re
import signal
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


def main():
    server = Server()
    try:
        out = server.sql("CREATE DOMAIN BLOB AS BYTEA;")
        ok(not errors(out), "PostgreSQL gets the word BLOB", out)
        for path in sorted(glob.glob("provisioning/store/migrations/*.sql")):
            with open(path, encoding="utf-8") as f:
                out = server.sql("\\set ON_ERROR_STOP on\nBEGIN;\n" + f.read().replace("@KEY@", KEY) + "\nCOMMIT;\n")
            ok(not errors(out), "migration %s applies" % os.path.basename(path), out)
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

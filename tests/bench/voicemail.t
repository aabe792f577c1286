#!/usr/bin/python3
"""Mailboxes go: moved away, synced and deleted, one after the other by one thread; and the same files by rm -rf. 10,000 in memory, which
shows what it costs, and DISK (500) on the disk of /tmp, which shows what a disk makes of it."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import spool  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

C = "example.test"


def fill(s, n):
    """Two new messages, a saved one and another in three formats, and a greeting, n times."""
    s.mailbox(C, "model", new=2, saved=1, trash=0, urgent=0, greetings=("unavail",), secret=False)
    for i in range(n):
        shutil.copytree(s.path(C, "model"), s.path(C, str(i)), copy_function=shutil.copyfile)
    shutil.rmtree(s.path(C, "model"))
    os.sync()


def measure(where, n):
    top = tempfile.mkdtemp(prefix="rekey-bench-", dir=where)
    try:
        s = spool.Spool(os.path.join(top, "voicemail"))
        fill(s, n)
        files = sum(len(f) for _, _, f in os.walk(s.path(C, "0")))
        p = subprocess.run([tap.program("voicemail_tool"), s.root, "many", C, "0", str(n)], capture_output=True, text=True)
        is_(p.stdout.split("\n")[1:2], ["ok"], "%s: %d mailboxes of %d files are moved and deleted" % (where, n, files))
        moved, deleted = [int(x) / 1000 for x in p.stdout.split("\n")[0].split()]
        is_((s.names(C), s.names(".rekey")), ([], []), "%s: nothing is left" % where)
        fill(s, n)
        began = time.monotonic()
        subprocess.run(["rm", "-rf", s.path(C)], check=True)
        raw = time.monotonic() - began
        print("# %s: moved and synced in %.2f s, deleted in %.2f s, %.2f ms a mailbox; rm -rf of the same %.2f s" % (
            where, moved, deleted, (moved + deleted) * 1000 / n, raw))
        ok(deleted < 3 * raw + 3, "%s: at most three times as long as rm -rf" % where, (deleted, raw))
        return moved + deleted
    finally:
        shutil.rmtree(top, ignore_errors=True)


ok(measure("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp", 10000) < 60, "10,000 mailboxes take less than a minute where no disk is in the way")
measure("/tmp", int(os.environ.get("DISK", 500)))
done()

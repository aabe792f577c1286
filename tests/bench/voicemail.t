#!/usr/bin/python3
"""10,000 mailboxes go: moved away and deleted, one after the other by one thread, then synced to disk; and the same files
by rm -rf. Prints what it takes."""
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import spool  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

N, C = int(os.environ.get("MAILBOXES", 10000)), "example.test"
s = spool.Spool(os.path.join(tap.temp_dir("spool"), "voicemail"))


def fill():
    """Each like the first: two new messages, a saved one, in three formats, and a greeting."""
    s.mailbox(C, "model", new=2, saved=1, trash=0, urgent=0, greetings=("unavail",), secret=False)
    for i in range(N):
        shutil.copytree(s.path(C, "model"), s.path(C, str(i)), copy_function=shutil.copyfile)
    shutil.rmtree(s.path(C, "model"))
    os.sync()


fill()
files = sum(len(f) for _, _, f in os.walk(s.path(C, "0")))
began = time.monotonic()
p = subprocess.run([tap.program("voicemail_tool"), s.root, "many", C, "0", str(N)], capture_output=True, text=True)
took = time.monotonic() - began
is_(p.stdout.split("\n")[1:2], ["ok"], "%d mailboxes of %d files are moved and deleted" % (N, files))
moved, deleted = [int(x) / 1000 for x in p.stdout.split("\n")[0].split()]
print("# moved in %.1f s, deleted in %.1f s: %.2f ms a mailbox" % (moved, deleted, took * 1000 / N))
is_((s.names(C), s.names(".rekey")), ([], []), "nothing is left")
fill()
began = time.monotonic()
subprocess.run(["rm", "-rf", s.path(C)], check=True)
raw = time.monotonic() - began
print("# rm -rf of the same: %.1f s; the deletion takes %.1f times as long" % (raw, deleted / raw))
ok(deleted < 5 * raw + 5, "the deletion is of the order of rm -rf")
done()

#!/usr/bin/python3
"""How long 10,000 resets take, as changes of rows: one savepoint each, 100 a commit. The processor's time is what is
limited; the clock's depends on the disk."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import ok, done, program, top  # noqa: E402

os.chdir(top())
folder = tempfile.mkdtemp(prefix="rekey-bench-")
try:
    out = subprocess.run([program("bench_store"), folder, "10000"], stdout=subprocess.PIPE, text=True)
    ok(out.returncode == 0, "bench_store runs")
    got = {}
    for line in out.stdout.splitlines():
        name, value, unit = line.split()
        got[name] = float(value)
        print("# %s %s %s" % (name, value, unit))
    ok(got.get("reset-cpu", 99) < 2, "10,000 resets take less than 2 s of processor time", got)
    ok(got.get("commits", 9999) < 300, "they share commits", got)
    ok(got.get("checkpoint", 99) < 2, "the log is emptied in less than 2 s", got)
    ok(got.get("pull-read", 9999) < 500, "a pull's reads take less than 0.5 ms", got)
finally:
    shutil.rmtree(folder, ignore_errors=True)
done()

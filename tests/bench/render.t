#!/usr/bin/python3
"""How long one phone's file takes, beside a memcpy of the same bytes. Processor time; the best of three runs, because other work
on the machine only adds."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, ok, program, top  # noqa: E402

os.chdir(top())
best = {}
for _ in range(3):
    out = subprocess.run([program("bench_render"), "300"], stdout=subprocess.PIPE, text=True)
    ok(out.returncode == 0, "bench_render runs")
    for line in out.stdout.splitlines():
        words = line.split()
        got = dict(zip(words[1::2], map(float, words[2::2])))
        if words[0] not in best or got["us"] < best[words[0]]["us"]:
            best[words[0]] = got
for name, got in best.items():
    if name == "open":
        print("# renderer opened, every template and row read and checked: %.1f ms" % (got["us"] / 1000))
        ok(got["us"] < 200000, "the renderer opens in less than 200 ms", got)
        continue
    print("# %-26s %7.0f bytes: rendered in %6.1f us, memcpy %5.1f us" % (name, got["bytes"], got["us"], got["memcpy-us"]))
    most = 400 if name.endswith(".either") else 200  # before its first request says what it runs: every setting twice
    ok(got["us"] < most, "%s: less than %d us" % (name, most), got)
done()

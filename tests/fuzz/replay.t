#!/usr/bin/python3
"""Every fuzz target on every input of its corpus, in the build with sanitizers. tests/fuzz/corpus/<target>/ belongs to
tests/fuzz/fuzz_<target>.c; a target without a corpus is a failure."""
import glob
import os
import subprocess
import sys

kind = os.environ.get("REKEY_KIND", "asan")
number = failed = 0
for source in sorted(glob.glob("tests/fuzz/fuzz_*.c")):
    target = os.path.basename(source)[len("fuzz_"):-2]
    program, corpus = "build/%s/fuzz/fuzz_%s" % (kind, target), "tests/fuzz/corpus/%s" % target
    number += 1
    why = last = ""
    if not os.path.isdir(corpus) or not os.listdir(corpus):
        why = "%s holds no input" % corpus
    else:
        try:
            done = subprocess.run([program, corpus], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            last = (done.stdout.decode(errors="replace").strip().splitlines() or [""])[-1]
            if done.returncode != 0:
                why = "exit %d at input %s\n%s" % (done.returncode, last, done.stderr.decode(errors="replace")[-3000:])
        except subprocess.TimeoutExpired as e:
            why = "no end after 60 s at input %s" % ((e.stdout or b"").decode().strip().splitlines() or ["?"])[-1]
        except OSError as e:
            why = "%s: %s; make SAN=address,undefined fuzz-bins builds it" % (program, e.strerror)
    print("%s %d - %s: %s" % ("not ok" if why else "ok", number, target, "" if why else last))
    for line in why.splitlines():
        print("# " + line)
    failed += why != ""
print("1..%d" % number)
sys.exit(1 if failed or number == 0 else 0)

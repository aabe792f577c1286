#!/usr/bin/python3
"""Random models and random text, of every vendor; the seed is in the names of the tests, SEED and COUNT take other ones."""
import os
import subprocess
import sys

sys.path.insert(0, "tests/lib")
import tap  # noqa: E402

PROGRAM = os.path.join("build", os.environ.get("REKEY_KIND", "dev"), "matrix", "property")
SEED, COUNT = os.environ.get("SEED", "20261123"), os.environ.get("COUNT", "3")
for vendor in ("yealink", "polycom", "grandstream", "linphone", "acrobits", "zoiper"):
    done = subprocess.run([PROGRAM, vendor, SEED, COUNT], capture_output=True)
    out = done.stdout.decode("utf-8", "replace").splitlines()
    for line in out:
        good, _, name = line.partition(" - ")
        if line.startswith(("ok", "not ok")):
            tap.ok(line.startswith("ok"), "%s: %s" % (vendor, name))
        elif line.startswith(("#", "Bail")):
            print(line)
    tap.ok(done.returncode == 0 and len(out) == 4, "%s: the program ended well" % vendor, done.stderr.decode("utf-8", "replace")[-2000:])
tap.done()

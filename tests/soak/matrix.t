#!/usr/bin/python3
"""The whole product of models, firmware, situations and handovers on both emulators, with every open rule turned in each; `make
check` takes a named firmware, the second emulator and the open rules by turns. Then more random models."""
import os
import subprocess
import sys

sys.path.insert(0, "tests/matrix")
import both  # noqa: E402

for vendor in ("yealink", "polycom", "grandstream", "linphone", "acrobits", "zoiper"):
    both.run(vendor, "--all")
done = subprocess.run(["tests/matrix/property.t"], env=dict(os.environ, COUNT="40", SEED="77"), capture_output=True)
both.tap.ok(done.returncode == 0, "40 random models and 160 texts of each model", done.stdout.decode("utf-8", "replace")[-2000:])
both.tap.done()

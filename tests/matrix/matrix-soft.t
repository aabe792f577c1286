#!/usr/bin/python3
"""Every softphone that pulls through every handover, on both emulators. README.md says what is asked."""
import sys

sys.path.insert(0, "tests/matrix")
import both  # noqa: E402

for vendor in ("linphone", "acrobits", "zoiper"):
    both.run(vendor)
both.tap.done()

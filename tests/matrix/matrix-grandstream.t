#!/usr/bin/python3
"""Every grandstream model through every handover, on both emulators. README.md says what is asked."""
import sys

sys.path.insert(0, "tests/matrix")
import both  # noqa: E402

both.run("grandstream")
both.tap.done()

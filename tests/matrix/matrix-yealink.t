#!/usr/bin/python3
"""Every yealink model through every handover, on both emulators. README.md says what is asked."""
import sys

sys.path.insert(0, "tests/matrix")
import both  # noqa: E402

both.run("yealink")
both.tap.done()

#!/usr/bin/python3
"""Every yealink model through every handover, on phonecfg/handset; with SECOND=1 on the emulator in Python too. README.md says what is asked."""
import sys

sys.path.insert(0, "tests/matrix")
import both  # noqa: E402

both.run("yealink", second=both.os.environ.get("SECOND") == "1")
both.tap.done()

#!/usr/bin/python3
"""Every named block of SQL is used by the C code, and every block that the C code names is there."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import ok, done, top  # noqa: E402

os.chdir(top())
have, used, words = set(), set(), set()
for path in glob.glob("provisioning/store/sql/*.sql"):
    with open(path, encoding="utf-8") as f:
        have.update(re.findall(r"^-- name: (\w+)$", f.read(), re.M))
for path in glob.glob("provisioning/**/*.c", recursive=True):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    used.update(re.findall(r'\bdb_(?:get|list|run|change|int)\(\s*db,\s*"(\w+)"', text))
    words.update(re.findall(r'"(\w+)"', text))
ok(len(have) > 150, "blocks are found", len(have))
ok(used <= have, "no verb names a block that is not there", sorted(used - have))
ok(have <= words, "no block is left over", sorted(have - words))
done()

#!/usr/bin/python3
"""A job over five hundred users with every option, killed two hundred times at random moments: tests/fault/job-kill.t at length."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from jobkill import Lab  # noqa: E402
from tap import done  # noqa: E402

seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
print("# SEED=%d repeats it" % seed)
lab = Lab(500, server__changes_per_commit=1)
lab.undisturbed()
for turn in range(4):  # fifty each: two hundred in one job would come after its end
    lab.disturbed(50, seed + turn)
done()

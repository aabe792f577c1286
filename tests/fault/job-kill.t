#!/usr/bin/python3
"""A job over a hundred users with every option, killed fifteen times at random moments. The long form is tests/soak/job-kill.t."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from jobkill import Lab  # noqa: E402
from tap import done  # noqa: E402

seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
print("# SEED=%d repeats it" % seed)
lab = Lab(100, server__changes_per_commit=3)  # thirty commits, so that there is something between them
lab.undisturbed()
lab.disturbed(15, seed)
done()

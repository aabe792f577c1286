#!/usr/bin/python3
"""PULLS (100,000) pulls under valgrind, most of them kept alive, some with a handshake each, then a stop: nothing is lost and nothing
is used that was not set or is gone."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pulls  # noqa: E402
import rekeylib  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

PULLS, PHONES = int(os.environ.get("PULLS", "100000")), 50
r = pulls.seeded("yealink", PHONES)
report = os.path.join(r.dir, "valgrind")
rekeylib.Rekeyd.wrap = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite,indirect",
                        "--errors-for-leak-kinds=definite,indirect", "--suppressions=" + os.path.join(tap.top(), "tests/valgrind.supp"), "--log-file=" + report]
rekeylib.Rekeyd.patience = 300
r.start()
s = pulls.Server("rekeyd", r.phones_port, r.p.pid)
total = 0
for what, share, settings in (("whole files", 0.001, dict(mode="keep")), ("small ones", 0.964, dict(mode="keep", file="/cfg/%s.boot")),
                              ("a handshake each", 0.005, dict(mode="full", tls="1.2")), ("resumed", 0.01, dict(mode="resumed", file="/cfg/%s.boot")),
                              ("Basic", 0.02, dict(mode="keep", auth="basic", file="/cfg/%s.boot"))):
    n = int(PULLS * share)
    got = s.load(phones=PHONES, count=n, seconds=7200, at_once=8, **settings)
    print("# %s: %d pulls, %.0f a second" % (what, got["pulls"], got["rate"]), flush=True)
    is_((got["errors"], got["pulls"]), (0, n), what)
    total += n
ok(r.metric("pulls_total") >= total, "the server counts them all")
is_(r.stop(), 0, "it stops")
found = open(report).read()
is_(found, "", "valgrind has nothing to say")
done()

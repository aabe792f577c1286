#!/usr/bin/python3
"""Telling a fleet, from the order to the phones: all of it within the two bounds, other work beside it; and slower while TLS handshakes
queue up at the phones' listener. Counted where it is received. (PHONES=n: of that size. Who is served when is judged in
tests/sip/notify_pace.t, where nothing but the bounds sets the time.)"""
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import fleet  # noqa: E402
import many  # noqa: E402
import sip  # noqa: E402
from office import DOMAIN  # noqa: E402
from tap import done, is_, ok, program  # noqa: E402

SIZE = int(os.environ.get("PHONES", "100"))
RATE, SOURCE = (200, 8) if SIZE > 1000 else (20, 3)
plan = fleet.sites(SIZE)
t = time.monotonic()
# The phones do not come; nothing else shall change while the NOTIFYs are counted.
o = many.Many(plan, sip__notify_per_second=RATE, sip__notify_per_source=SOURCE, sip__notify_slow_at=4, sip__t1_ms=500,
              reset__grace_ms=3600000, reset__longest_wait_ms=3600000, reset__retell_ms=3600000)
print("# %d phones behind %d addresses, registered after %.1f s" % (SIZE, len(plan), time.monotonic() - t), flush=True)
is_(o.registered, {200: SIZE}, "every phone has pulled its file and is registered, each from its address")


def metrics():
    text = o.ask("GET", "/metrics").text
    got = {k: int(v) for k, v in re.findall(r"(?m)^rekey_(\w+) (\d+)", text)}
    got["phones_connections"] = int(re.search(r'(?m)^rekey_connections\{listener="phones"\} (\d+)', text).group(1))
    return got


# ---- one job for all ----
o.user("2000", "Cora", "Cut")
o.must("POST", "/domains/%s/phones" % DOMAIN, {"device-provisioning-mac-address": "001565ffffff", "device-models-brand-and-model": many.MODEL,
                                               "lines": [{"slot": 1, "device": "2000"}]})
o.until(lambda: o.registrar.ha1("2000"))
ha1 = o.registrar.ha1("2000")
t = time.monotonic()
job = o.reset(o.exts, 10 + SIZE / 20)
print("# the job is done after %.1f s" % (time.monotonic() - t), flush=True)
o.until(lambda: len(o.fleet.seen) >= SIZE // 10, 120)
told = len(o.fleet.seen)
t = time.monotonic()
o.reset(["2000"], **{"cut-off": True})
ok(o.until(lambda: o.registrar.ha1("2000") not in ("", ha1), 10), "a cut-off ordered in the midst of it is done at once")
took = time.monotonic() - t
ok(took < 10 and len(o.fleet.seen) < SIZE, "while most phones still wait for their turn (after %.2f s, %d told before, %d then)" % (took, told, len(o.fleet.seen)))
m = metrics()
ok(m["notify_put_off_total"] > 0 and m["notify_queued"] + m["notify_in_flight"] <= 2048, "who has to wait longer waits as a row", m)
ok((m["notify_per_second_limit"], m["notify_per_source_limit"]) == (RATE, SOURCE), "the bounds stand in the metrics")
ok(o.until(lambda: len(o.fleet.seen) >= SIZE, 60 + SIZE / 4), "every phone is told", (len(o.fleet.seen), metrics()))
o.fleet.judge(plan, RATE, SOURCE, fair=False)
begin = min(o.fleet.seen.values())
print("# told within %.1f s; the bounds alone make %.1f s of it" % (max(o.fleet.seen.values()) - begin, max(SIZE / RATE, max(plan.values()) / SOURCE)), flush=True)
ok(o.fleet.datagrams <= SIZE * 1.02 + 2, "each once, but for a lost answer", o.fleet.datagrams)
is_(o.job(job)["handovers-open"], SIZE, "each of them has its record, and it is open")
got = o.records(limit=1000)
ok(o.until(lambda: {r["state"] for r in o.records(limit=1000) if r["device"] != "2000"} == {"told"}, 20), "which says: told", {r["state"] for r in got})
ok(metrics()["notify_settled_total"] >= SIZE, "and the metrics count them")

# ---- handshakes ----
still = [socket.create_connection(("127.0.0.1", o.phones_port)) for _ in range(50)]
o.until(lambda: metrics()["phones_connections"] >= 50)
m = metrics()
is_((m["phones_handshakes_waiting"] < 4, m["notify_slowed"]), (True, 0), "clients that open a connection and say nothing slow nobody down")
for s in still:
    s.close()
some = [many.mac_of(i) for i in range(SIZE - 40, SIZE)]  # each at an address of its own
storm = subprocess.Popen([program("edge_load"), str(o.phones_port), "full", "1000000", "100", "/cfg/nobody"], stdout=subprocess.DEVNULL)
slowed, most, receipts = 0, 0, []
try:
    end = time.monotonic() + 20
    while time.monotonic() < end and slowed < 3:
        m = metrics()
        most = max(most, m["phones_handshakes_waiting"])
        slowed += m["notify_slowed"]
    ok(slowed >= 3 and most > 4, "a storm of handshakes queues up, and slows the telling (up to %d waiting)" % most, (slowed, most))
    o.fleet.seen.clear()
    for mac in some:
        o.must("POST", "/domains/%s/phones/%s/resync" % (DOMAIN, mac))
    t = time.monotonic()
    o.until(lambda: len(o.fleet.seen) >= len(some), 2)
    in_storm, took = len(o.fleet.seen), time.monotonic() - t
    peak = fleet.most(o.fleet.seen.values()) if o.fleet.seen else 0
finally:
    storm.kill()
    storm.wait()
ok(in_storm > 0, "it is slowed, not stopped: %d of %d within %.1f s, at most %d in a second" % (in_storm, len(some), took, peak))
ok(peak <= RATE / 2, "to less than half of the rate", peak)
t = time.monotonic()
ok(o.until(lambda: len(o.fleet.seen) >= len(some), 20), "when the storm is over the rest is told: after %.1f s" % (time.monotonic() - t), len(o.fleet.seen))
ok(o.until(lambda: metrics()["notify_slowed"] == 0 and metrics()["phones_handshakes_waiting"] == 0), "and nothing is slowed any more", metrics())
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

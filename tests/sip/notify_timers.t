#!/usr/bin/python3
"""Timers E and F of RFC 3261 17.1.2: with T1 = 50 ms, and once with the real values."""
import os
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, is_, ok


SO_TIMESTAMPNS = 35


class Silent(threading.Thread):
    """Answers nothing. When a request came is the kernel's word: on a busy machine this thread may look later."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.port, self.got = self.sock.getsockname()[1], []
        self.start()

    def run(self):
        while True:
            data, stamps, _, _ = self.sock.recvmsg(65536, 128)
            s, ns = struct.unpack("qq", stamps[0][2])
            self.got.append((s + ns / 1e9, data))


def schedule(t1):
    """When requests go out, and when the wait ends."""
    at, wait, out = 0.0, t1, []
    while at < 64 * t1 - 1e-9:
        out.append(at)
        at += wait
        wait = min(2 * wait, 8 * t1)
    return out, 64 * t1


def on_time(peer, t1, slack):
    want, _ = schedule(t1)
    got = [t - peer.got[0][0] for t, _ in peer.got]
    return len(got) == len(want) and all(abs(a - b) <= slack for a, b in zip(got, want))


results = {}


def run(name, t1, slack, tries, *args):
    """The receiver of a busy machine sees late what was sent on time: the quick schedule has several tries."""
    for _ in range(tries):
        peer = Silent()
        rows = sip.notify_once("direct", *args, "sip:1001@127.0.0.1:%d" % peer.port)[0]
        results[name] = (peer, rows[0])
        if on_time(peer, t1, slack):
            break


threads = [threading.Thread(target=run, args=("real", 0.5, 0.3, 1)),
           threading.Thread(target=run, args=("fast", 0.05, 0.12, 6, "t1", 50))]
for t in threads:
    t.start()
for t in threads:
    t.join()

for name, key, t1, slack in (("T1 = 50 ms", "fast", 0.05, 0.12), ("T1 = 500 ms", "real", 0.5, 0.3)):
    want, end = schedule(t1)
    peer, row = results[key]
    got = [t - peer.got[0][0] for t, _ in peer.got]
    if t1 == 0.5:
        is_(want, [0, .5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5], "the schedule is that of the RFC")
    # Each wait begins when the timer before has fired, so a busy machine's delays add up. With T1 = 50 ms the last request
    # stands 50 ms before the end, and may then come too late to be sent.
    late = t1 < 0.1 and len(got) == len(want) - 1 and got[-1] + 8 * t1 >= end - 0.01
    ok(len(got) == len(want) or late, name + ": 11 requests in all", got)
    gaps = [(b - a, d - c) for a, b, c, d in zip(got, got[1:], want, want[1:])]
    ok(all(w - 0.02 <= g <= w + slack for g, w in gaps), name + ": at the right times", gaps)
    is_(len({d for _, d in peer.got}), 1, name + ": each one the same bytes")
    is_([row[1], row[7]], ["0", "timed-out"], name + ": then a time-out")
    ok(abs(int(row[6]) / 1000 - end) <= slack + 0.2, name + ": at timer F, 64 T1", row)
    is_(int(row[5]), len(got), name + ": and as many are reported")
done()

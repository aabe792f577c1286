"""A fleet behind many addresses: every address of 127/8 answers on one port, and the kernel says when each request came."""
import socket
import struct
import threading

import sip
from tap import ok

SO_TIMESTAMPNS, IP_PKTINFO = 35, 8


def sites(n):
    """{address: phones}: a fifth of them at one address, a third at ten, the rest alone."""
    out = {"127.1.0.1": n // 5}
    out.update({"127.2.0.%d" % (i + 1): n // 30 for i in range(10)})
    for i in range(n - sum(out.values())):
        out["127.3.%d.%d" % (i // 250, i % 250 + 1)] = 1
    return out


def most(times):
    """The most in any second [t, t + 1 s)."""
    times, best, k = sorted(times), 0, 0
    for i, t in enumerate(times):
        while k < len(times) and times[k] < t + 1.0:
            k += 1
        best = max(best, k - i)
    return best


class Fleet(threading.Thread):
    """.seen: {Request-URI: when its first request came}; .datagrams counts repeats too."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.sock.bind(("0.0.0.0", 0))
        self.sock.settimeout(0.2)
        self.port, self.seen, self.datagrams, self.stopped = self.sock.getsockname()[1], {}, 0, False
        self.answer = 200
        self.start()

    def run(self):
        while not self.stopped:
            try:
                data, extra, _, src = self.sock.recvmsg(65536, 256)
            except socket.timeout:
                continue
            stamp = [raw for level, kind, raw in extra if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)][0]
            info = [raw for level, kind, raw in extra if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO)][0]
            s, ns = struct.unpack("qq", stamp)
            m = sip.Message(data)
            if self.handle(m, src) or m.method != "NOTIFY":
                continue
            self.datagrams += 1
            self.seen.setdefault(m.uri, s + ns / 1e9)
            self.sock.sendmsg([sip.answer_to(m, self.answer)], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, src)

    def handle(self, m, src):
        """What is no NOTIFY; True when it was dealt with."""
        return bool(m.status)

    def stop(self):
        self.stopped = True
        self.join()
        self.sock.close()

    def judge(self, plan, rate, source, fair=True, slack=2.0):
        """The bounds, and whether they are used fairly, from what was received. fair: whoever feeds the sender is no slower than the
        bounds; slack: seconds that it takes all the same."""
        by = {}
        for uri, t in self.seen.items():
            by.setdefault(uri.split("@")[1].split(":")[0], []).append(t)
        begin, end = min(self.seen.values()), max(self.seen.values())
        peak, worst = most(self.seen.values()), max(most(times) for times in by.values())
        ok(peak <= rate, "received: never more than %d in any second; the fullest had %d" % (rate, peak))
        ok(worst <= source, "received: never more than %d in any second at one address; the fullest had %d" % (source, worst))
        if not fair:
            return
        one_round, need = len(plan) / rate, len(self.seen) / rate + max(plan.values()) / source
        late = max(min(times) - begin for times in by.values())
        ok(len(by) == len(plan) and late <= one_round + slack, "no address is starved: the last one has its first NOTIFY after %.2f s; one round takes %.2f s"
           % (late, one_round))
        hungry = max([b - a for times in by.values() for a, b in zip(sorted(times), sorted(times)[1:])] or [0])
        ok(hungry <= max(1.0 / source, one_round) * 1.5 + slack / 2, "nor waits longer than a round for its next one: at most %.2f s" % hungry)
        ok(end - begin <= need * 1.1 + slack, "all in %.1f s; with the big one last the bounds make %.1f s of it" % (end - begin, need))

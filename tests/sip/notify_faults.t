#!/usr/bin/python3
"""Names and connections that fail: a dead DNS server, SRV and NAPTR, refused and lost connections, nonsense on the wire."""
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, is_, ok


def name(s):
    return b"".join(bytes([len(x)]) + x.encode() for x in s.rstrip(".").split(".") if x) + b"\0"


class Dns(threading.Thread):
    """Answers from {(name, type): [rdata]}; what is not there is an empty answer."""

    def __init__(self, records, dead=False):
        super().__init__(daemon=True)
        self.records, self.dead, self.asked = records, dead, []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.at = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            q, src = self.sock.recvfrom(4096)
            labels, i = [], 12
            while q[i]:
                labels.append(q[i + 1:i + 1 + q[i]].decode())
                i += 1 + q[i]
            host, kind = ".".join(labels), struct.unpack("!H", q[i + 1:i + 3])[0]
            self.asked.append((host, kind))
            if self.dead:
                continue
            found = self.records.get((host, kind), [])
            head = q[:2] + struct.pack("!HHHHH", 0x8580, 1, len(found), 0, 0) + q[12:i + 5]
            self.sock.sendto(head + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(r)) + r for r in found), src)


A, SRV, NAPTR = 1, 33, 35


def srv(prio, port, target):
    return struct.pack("!HHH", prio, 10, port) + name(target)


def naptr(order, service, replace):
    def text(s):
        return bytes([len(s)]) + s.encode()
    return struct.pack("!HH", order, 10) + text("s") + text(service) + text("") + name(replace)


LOCAL = socket.inet_aton("127.0.0.1")


class UdpPeer(threading.Thread):
    def __init__(self, status=200):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port, self.got, self.status = self.sock.getsockname()[1], [], status
        self.start()

    def run(self):
        while True:
            data, src = self.sock.recvfrom(65536)
            m = sip.Message(data)
            self.got.append(m)
            if self.status:
                self.sock.sendto(sip.answer_to(m, self.status), src)


class TcpPeer(threading.Thread):
    """what(connection number, message number) -> bytes to send, None = nothing, or "close"."""

    def __init__(self, what):
        super().__init__(daemon=True)
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(5)
        self.port, self.what, self.connections = self.sock.getsockname()[1], what, 0
        self.start()

    def run(self):
        while True:
            c, _ = self.sock.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(c, self.connections), daemon=True).start()

    def serve(self, c, number):
        buf, n = b"", 0
        while True:
            try:
                data = c.recv(65536)
            except OSError:
                return
            if not data:
                return
            buf += data
            while b"\r\n\r\n" in buf:
                head, _, buf = buf.partition(b"\r\n\r\n")
                n += 1
                do = self.what(number, n, sip.Message(head + b"\r\n\r\n"))
                if do == "close":
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    c.close()
                    return
                for part in do or []:
                    c.sendall(part)
                    time.sleep(0.03)

    def uri(self):
        return "sip:1001@127.0.0.1:%d;transport=tcp" % self.port


def free_udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    p = s.getsockname()[1]
    s.close()
    return p


def field(rows, i):
    return [r[i] for r in rows]


# ---- names ----
dead = Dns({}, dead=True)
t0 = time.monotonic()
rows, counts, _ = sip.notify_once("direct", "dns", dead.at, "deadline", 600, "count", 3, "sip:1001@phone.example")
ok(0.5 <= time.monotonic() - t0 <= 2.5, "a dead DNS server costs the job's own deadline, not minutes", time.monotonic() - t0)
is_([r[7] for r in rows], ["timed-out"] * 3, "and is told as a time-out")
ok(all("looked up" in r[8] for r in rows), "that says where it was stuck", rows)
ok(dead.asked, "the server was asked")

live, other = UdpPeer(), UdpPeer()
dns = Dns({("phone.example", A): [LOCAL]})
rows, _, _ = sip.notify_once("direct", "dns", dns.at, "sip:1001@phone.example:%d" % live.port)
is_([field(rows, 1), len(live.got)], [["200"], 1], "a name with a port is looked up as an address")
is_(dns.asked, [("phone.example", A)], "and as nothing else")
rows, _, _ = sip.notify_once("direct", "dns", dns.at, "sip:1001@nobody.example:5060")
ok(rows[0][1] == "0" and "no address" in rows[0][8], "a name without an address says so", rows)

tcp = TcpPeer(lambda c, n, m: [sip.answer_to(m, 200)])
refused = free_udp()
dns = Dns({("pbx.example", NAPTR): [naptr(20, "SIP+D2U", "_sip._udp.pbx.example"), naptr(10, "SIP+D2T", "_sip._tcp.pbx.example")],
           ("_sip._tcp.pbx.example", SRV): [srv(10, refused, "one.pbx.example"), srv(20, tcp.port, "two.pbx.example")],
           ("one.pbx.example", A): [LOCAL], ("two.pbx.example", A): [LOCAL]})
rows, _, _ = sip.notify_once("proxy", "sip:pbx.example", "dns", dns.at, "sip:1001@10.1.2.3")
is_([field(rows, 1), tcp.connections], [["200"], 1], "NAPTR prefers TCP, SRV's first target refuses, the second one answers")
dns = Dns({("_sip._udp.pbx.example", SRV): [srv(20, live.port, "b.example"), srv(10, other.port, "a.example")],
           ("a.example", A): [LOCAL], ("b.example", A): [LOCAL]})
other.status, before = 503, len(live.got)
rows, _, _ = sip.notify_once("proxy", "sip:pbx.example;transport=udp", "dns", dns.at, "sip:1001@10.1.2.3")
is_([field(rows, 1), len(live.got) - before], [["200"], 1], "a 503 goes on to the next target")
other.status = 0
rows, _, _ = sip.notify_once("proxy", "sip:pbx.example;transport=udp", "dns", dns.at, "t1", 10, "rate", 1, "count", 2, "sip:1001@10.1.2.3")
is_(field(rows, 1), ["0", "200"], "a silent target is a time-out once; the next job tries the other one first")
m = live.got[-1]
is_([m.uri, m.get("route"), m.get("event")], ["sip:1001@10.1.2.3", "<sip:pbx.example;transport=udp;lr>", "check-sync"],
    "Request-URI is the contact, Route the proxy")
ok(m.get("subscription-state") and m.get("contact") and m.get("max-forwards") == "70", "with the fields a NOTIFY must have", m.headers)

# ---- connections ----
t0 = time.monotonic()
rows, _, _ = sip.notify_once("direct", "sip:1001@127.0.0.1:%d;transport=tcp" % refused)
ok(rows[0][1] == "0" and rows[0][7] == "-" and "refused" in rows[0][8] and time.monotonic() - t0 < 2,
   "a refused TCP connection is told at once, and is no time-out", rows)
p = TcpPeer(lambda c, n, m: "close" if c == 1 else [sip.answer_to(m, 200)])
t0 = time.monotonic()
rows, _, _ = sip.notify_once("direct", "window", 1, "count", 2, p.uri())
ok(time.monotonic() - t0 < 5 and "could not be sent" in rows[0][8], "a connection lost before the answer is told at once", rows)
is_([field(rows, 1), p.connections], [["0", "200"], 2], "and the next job opens a new one")
p = TcpPeer(lambda c, n, m: None)
rows, _, _ = sip.notify_once("direct", "deadline", 300, p.uri())
is_([r[7] for r in rows], ["timed-out"], "a peer that says nothing on TCP: the deadline")
p = TcpPeer(lambda c, n, m: [sip.answer_to(m, 200)])
rows, counts, _ = sip.notify_once("direct", "count", 50, p.uri())
is_([field(rows, 1), p.connections, counts["datagrams"]], [["200"] * 50, 1, 50], "50 jobs share one connection")


def in_pieces(c, n, m):
    a = b"\r\n\r\n" + sip.answer_to(m, 200, "Sliced")
    return [a[i:i + 40] for i in range(0, len(a), 40)]


rows, _, _ = sip.notify_once("direct", TcpPeer(in_pieces).uri())
is_([r[1] for r in rows], ["200"], "an answer in pieces is put together")


def two_at_once(c, n, m, held=[]):
    held.append(sip.answer_to(m, 200))
    return [b"".join(held)] if len(held) == 2 else None


rows, _, _ = sip.notify_once("direct", "count", 2, TcpPeer(two_at_once).uri())
is_([r[1] for r in rows], ["200", "200"], "two answers in one piece are taken apart")
rows, _, _ = sip.notify_once("direct", TcpPeer(lambda c, n, m: [b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"]).uri())
ok(rows[0][1] == "0" and "not SIP" in rows[0][8], "what is not SIP ends the connection and the job", rows)
rows, _, _ = sip.notify_once("direct", "deadline", 500, TcpPeer(lambda c, n, m: [b"SIP/2.0 200 OK\r\n" + b"X: y\r\n" * 20000]).uri())
ok(rows[0][1] == "0", "a head without an end is not collected for ever", rows)
stranger = UdpPeer(0)


def forged(c, n, m):
    a = sip.answer_to(m, 200)
    return [a.replace(m.get("via").split("branch=")[1].split(";")[0].encode(), b"z9hG4bKguess")]


rows, _, _ = sip.notify_once("direct", "deadline", 300, TcpPeer(forged).uri())
is_([r[7] for r in rows], ["timed-out"], "an answer with another branch is nobody's")

# ---- what is refused before it is sent ----
for what, args in (("a contact that is no SIP URI", ["direct", "tel:123"]), ("a line break in a URI", ["direct", "sip:a@b\r\nX: y"]),
                   ("a line break in the Event", ["event", "check-sync\r\nX: y", "direct", "sip:a@b"]),
                   ("a blank in a URI", ["direct", "sip:a@b c"]), ("an angle bracket in a URI", ["direct", "sip:a@b>"]),
                   ("no proxy", ["sip:a@b"]), ("local address 0.0.0.0", ["local", "0.0.0.0", "direct", "sip:a@b"]),
                   ("local address ::", ["local", "::", "direct", "sip:a@b"]), ("a DNS server that is no address", ["dns", "x", "direct", "sip:a@b"])):
    rows, _, err = sip.notify_once(*args)
    ok(not rows and err.startswith("input: ") and err.strip().endswith("."), "refused with a sentence: " + what, err)
done()

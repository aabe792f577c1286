#!/usr/bin/python3
"""Delivered: 200, the whole body, acknowledged, and then a sign of life. Anything else is lost."""
import os
import re
import socket
import ssl
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, ok  # noqa: E402

e.certs()
s = e.Server("threads=2", "idle=1500")


def outcome(name, seconds=6):
    m = s.wait(r"^delivery %s (\w+)$" % name, seconds)
    return m.group(1) if m else "nothing"


def fetch(name, size=8192, *headers, method="GET"):
    c = s.tls()
    c.sendall(e.get("/bytes/%d?name=%s" % (size, name), *headers, method=method))
    return c


c = fetch("next")
is_(e.read_answer(c)[0], 200, "a whole answer")
time.sleep(0.2)
is_(s.seen("^delivery next"), [], "read and acknowledged, but no sign of life yet: not settled")
c.sendall(e.get("/hello"))
e.read_answer(c)
is_(outcome("next"), "done", "the next request proves it")
c.close()

c = fetch("fin")
e.read_answer(c)
c.close()
is_(outcome("fin"), "done", "FIN proves it")

c = fetch("notify")
e.read_answer(c)
raw = c
try:
    c = c.unwrap()
except OSError:
    pass
is_(outcome("notify"), "done", "close_notify proves it")
c.close()

c = fetch("silent")
e.read_answer(c)
ok(e.readable(c, 8) and c.recv(100) == b"", "after the idle time the server ends first")
is_(s.seen("^delivery silent"), [], "our FIN is no proof")
c.close()
is_(outcome("silent"), "done", "the phone's own FIN then is")

c = fetch("closing", 8192, "Connection: close")
e.read_answer(c)
c.close()
is_(outcome("closing"), "done", "Connection: close: the phone that has all it wants may end first, unread alerts do not make it a reset")

c = fetch("closing-eof", 8192, "Connection: close")
e.read_answer(c)
t = time.monotonic()
is_(c.recv(10), b"", "Connection: close: who reads to the end gets an end")
ok(time.monotonic() - t < 1.5, "and soon", time.monotonic() - t)
c.close()
is_(outcome("closing-eof"), "done", "and then proves it by FIN")

c = fetch("head", 8192, method="HEAD")
c.recv(1000)
c.close()
is_(outcome("head"), "lost", "HEAD is never delivered")

c = s.tls()
c.sendall(e.get("/part?name=range", "Range: bytes=0-99"))
is_(e.read_answer(c)[0], 206, "a range")
c.close()
is_(outcome("range"), "lost", "206 is never delivered")

c = s.tls()
c.sendall(e.get("/tagged?name=same", 'If-None-Match: "v1"'))
is_(c.recv(1000).split()[1], b"304", "304")
c.close()
is_(outcome("same"), "unchanged", "304 says unchanged")

for name, method, tag in (("any", "GET", "*"), ("head-tag", "HEAD", '"v1"')):
    c = s.tls()
    c.sendall(e.get("/tagged?name=" + name, "If-None-Match: " + tag, method=method))
    is_(c.recv(1000).split()[1], b"304", "%s, If-None-Match: %s" % (method, tag))
    c.close()
    is_(outcome(name), "lost", "says nothing of what it has")

c = fetch("reset-after")
e.read_answer(c)
time.sleep(0.1)
e.reset(c)
is_(outcome("reset-after"), "lost", "a reset is never delivered, not even after the last byte was read")

# Bodies go from memory behind their heads, small answers with theirs: the order and every byte, also in one go.
c = s.tls()
sizes = [8192, 65536, 1, 40000, 16384, 300, 16383, 65536]
c.sendall(b"".join(e.get("/bytes/%d?name=many%d" % (n, n)) + e.get("/hello") for n in sizes))
data, got, whole = b"", [], s.curl("/bytes/65536").stdout
c.settimeout(10)
while len(got) < 2 * len(sizes):
    head, _, body = data.partition(b"\r\n\r\n")
    m = re.search(rb"(?i)content-length: (\d+)", head)
    if not m or len(body) < int(m.group(1)):
        piece = c.recv(65536)
        if not piece:
            break
        data += piece
        continue
    n, data = int(m.group(1)), body[int(m.group(1)):]
    got.append((head[:12], body[:n]))
is_([a[0] for a in got], [b"HTTP/1.1 200"] * 2 * len(sizes), "sixteen answers asked for at once")
is_([len(a[1]) for a in got[::2]], sizes, "each has its length")
ok(all(a[1] == whole[:n] for a, n in zip(got[::2], sizes)) and len({a[1] for a in got[1::2]}) == 1 and not data, "and its bytes, in its place")
c.close()

# The same of one that says behind its requests that it has nothing more to say, and takes its time to read.
raw, incoming, outgoing = s.raw(), ssl.MemoryBIO(), ssl.MemoryBIO()
c = e.client_context().wrap_bio(incoming, outgoing)


def with_bytes(step):
    """A step of TLS, over as many bytes of the socket as it takes."""
    while True:
        try:
            return step()
        except ssl.SSLWantReadError:
            raw.sendall(outgoing.read())
            piece = raw.recv(65536)
            incoming.write(piece) if piece else incoming.write_eof()


with_bytes(c.do_handshake)
c.write(b"".join(e.get("/bytes/65536?name=last%d" % i) for i in range(8)))
try:
    c.unwrap()
except ssl.SSLWantReadError:  # for the server's own close_notify
    pass
raw.sendall(outgoing.read())
time.sleep(1)
data = b""
try:
    while piece := with_bytes(lambda: c.read(65536)):
        data += piece
except OSError as x:
    print("# %s" % x)
raw.close()
got = [x.partition(b"\r\n\r\n")[2] for x in data.split(b"HTTP/1.1 200 OK\r\n")[1:]]
is_(([len(x) for x in got], [x == whole for x in got]), ([65536] * 8, [True] * 8), "eight files asked for in one go and a close_notify, read late: all are whole")

# Blind pipelining: the second request was there before the first answer's last byte left.
c = s.tls(rcvbuf=4096)
c.sendall(e.get("/bytes/3000000?name=pipe1") + e.get("/hello"))
time.sleep(0.3)
e.reset(c)
is_(outcome("pipe1"), "lost", "a request that came before the answer proves nothing")

c = s.tls()
c.sendall(e.get("/bytes/100?name=p1") + e.get("/bytes/100?name=p2"))
time.sleep(0.2)
is_(s.seen("^delivery p[12]"), [], "two at once: neither is proved by the other")
is_(e.read_answer(c)[0], 200, "both are answered")
c.close()
is_((outcome("p1"), outcome("p2")) in (("done", "done"), ("lost", "lost")), True, "both share the end")

# A big file that is half read.
c = fetch("half", 3000000)
c.recv(16384)
c.close()
is_(outcome("half"), "lost", "half a file is lost")

# Half-close before the answer has left: the kernel may acknowledge, nobody says that it was read.
c = fetch("early-fin", 3000000)
socket.socket.shutdown(c, socket.SHUT_WR)  # of TCP alone
got = e.read_answer(c)
c.close()
is_(got and len(got[2]), 3000000, "who ends its side early is still served")
is_(outcome("early-fin"), "lost", "but an end that came before the last byte is no proof")

# The last byte is with our TCP, not with theirs, when their FIN comes.
c = s.tls(rcvbuf=4096)
c.sendall(e.get("/bytes/60000?name=unacked"))
time.sleep(0.3)
socket.socket.shutdown(c, socket.SHUT_WR)
is_(outcome("unacked"), "lost", "bytes that TCP has not acknowledged are not delivered")
c.close()

# Requests enough to fill every buffer of ours, sent blindly: those that we read late had come early.
c = s.tls()
c.sendall(e.get("/worker?ms=300&name=blind"))
c.sendall(e.get("/hello") * 1500)
time.sleep(1)
is_(s.seen("^delivery blind"), [], "requests that were here before the answer left prove nothing, however late we read them")
e.reset(c)
is_(outcome("blind"), "lost", "and then the reset says what became of it")

# Twenty that ask, read nothing and reset: at once, and after the answer is in their kernel.
names = []
clients = []
for i in range(20):
    clients.append(fetch("mob%d" % i, 8192))
    names.append("mob%d" % i)
time.sleep(0.3)
for c in clients:
    e.reset(c)
got = [outcome(n) for n in names]
is_(got, ["lost"] * 20, "twenty that read nothing and reset: nothing is delivered")
clients = []
for i in range(20):
    c = fetch("close%d" % i, 8192)
    time.sleep(0.02)
    c.close()
got = [outcome("close%d" % i) for i in range(20)]
is_(got, ["lost"] * 20, "twenty that read nothing and close: the kernel resets, nothing is delivered")

is_(s.curl("/worker?name=worker").stdout, b"worker run 1\n", "an answer made by a worker")
is_(outcome("worker"), "done", "is delivered like any other")
st = s.stats()
is_((st["delivered"] >= 6, st["lost"] >= 44), (True, True), "the counters tell") or print("# %r" % st)
s.stop()
e.done()

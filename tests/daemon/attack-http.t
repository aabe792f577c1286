#!/usr/bin/python3
"""Heads that no phone sends. A query of more pieces than a connection's memory holds is never answered by libmicrohttpd, and
never completed: nothing of it may stay behind."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, ok  # noqa: E402

e.certs()
s = e.Server("threads=2", "handshake=300", "head=300", "idle=600", "stall=300", "linger=300")
waiting = [s.tls() for _ in range(20)]
for i, c in enumerate(waiting):
    n = 150 + i * 40
    c.sendall(e.get("/hello?" + "&".join("a%d=b" % k for k in range(n))))
for c in waiting:
    try:
        while c.recv(4096):
            pass
    except OSError:
        pass
    c.close()
is_(s.until(lambda st: st["open"] <= 1)["open"], 1, "requests of too many pieces end")
is_(s.code("/hello"), "200", "and others are served")
is_(s.stop(seconds=10), 0, "nothing of them holds the server up")

s = e.Server("threads=2", "handshake=300", "head=300", "idle=600", "stall=300", "linger=300")

# ---- heads and bodies with bytes changed at random: the server lives, and a stranger gets no file ----
rnd = random.Random(7)
seeds = [e.get("/hello", "Connection: close"), e.get("/cfg/x.cfg", 'Authorization: Digest username="a", realm="r", nonce="n", uri="/cfg/x.cfg", response="%s"' % ("0" * 32)),
         e.get("/part", "Range: bytes=0-10", 'If-None-Match: "x"'), e.get("/echo", "Cookie: rekey=x; a=b", "Authorization: Basic YTpi"),
         b"PUT /put HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
         b"PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde"]
pieces = [b"\r\n", b"\0", b"%00", b"%2e%2e/", b"//", b":", b"\"", b"\\", b",", b"\xff\xfe", b" ", b"\t", b"a" * 3000, b"-1", b"99999999999999999999", b"=", b"&", b";"]


def mutate(b):
    b = bytearray(b)
    for _ in range(rnd.randint(1, 4)):
        at = rnd.randrange(len(b) + 1)
        kind = rnd.randrange(4)
        if kind == 0 and at < len(b):
            b[at] = rnd.randrange(256)
        elif kind == 1:
            b[at:at] = rnd.choice(pieces)
        elif kind == 2:
            del b[at:at + rnd.randint(1, 8)]
        else:
            b[at:at] = b[max(0, at - rnd.randint(1, 40)):at]
    return bytes(b)


odd = 0
for i in range(300):
    c = s.tls()
    c.settimeout(0.01)
    try:
        c.sendall(mutate(seeds[i % len(seeds)]))
        answer = c.recv(65536)
        if answer and not answer.startswith(b"HTTP/1.1 "):
            odd += 1
    except OSError:
        pass
    c.close() if i % 3 else e.reset(c)
is_(odd, 0, "whatever is sent, what comes is HTTP")
st = s.until(lambda st: st["open"] <= 1, 10)
ok(st["open"] == 1 and st["suspended"] == 0, "and nothing of it stays", st)
s.stop(seconds=10)
e.done()

#!/usr/bin/python3
"""Attacks on the phones' listener by bytes: paths, slowness, hunger, early ends, requests that two programs would read in two ways,
injection. After each a phone that behaves is served."""
import base64
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import time
from urllib.parse import quote

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib  # noqa: E402
import rekeylib  # noqa: E402
from tap import done, is_, ok, within  # noqa: E402

IDLE, MOST, EACH, THREADS = 10000, 6000, 3000, 2
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
r = rekeylib.Rekeyd(limits__handshake_ms=40000, limits__head_ms=1500, limits__stall_ms=1500, limits__idle_ms=40000,
                    limits__connections=MOST, limits__connections_per_address=EACH, limits__upload_bytes=200000, limits__uploads_per_phone=15,
                    phones__threads=THREADS, phones__failures_per_address=500, phones__failures_per_network=800, phones__failures_total=100000)
r.domain()
r.user("1001", "Anna", "Berg")
MAC, SENDER = "0004f2aabb01", "0004f2aabb02"
token = {m: r.phone(m, "polycom-vvx450", ["1001"] if m == MAC else []) for m in (MAC, SENDER)}
PATH = token[MAC] + MAC + "-lines.cfg"


def login(password):
    return "Authorization: Basic " + base64.b64encode(("%s:%s" % (SENDER, password)).encode()).decode()


LOGIN = login(rekeylib.password_in(r.curl(token[SENDER] + SENDER + "-lines.cfg")[2]))
dial, rest = r.dial, edgelib.rest
GET = edgelib.get(PATH, "Connection: close")


def served(name, most=5):
    """A phone at an address of its own."""
    began = time.monotonic()
    c = dial("127.0.0.99")
    c.sendall(GET)
    out, ended = rest(c)
    c.close()
    took = time.monotonic() - began
    ok(out.startswith(b"HTTP/1.1 200 ") and b"</" in out and took < most, "and a phone is served after: " + name, "%.1f s: %r" % (took, out[:100]))


def send(data, seconds=10):
    c = dial()
    c.sendall(data)
    out, ended = rest(c, seconds)
    c.close()
    return [int(x) for x in re.findall(rb"(?m)^HTTP/1\.1 (\d+) ", out)], out, ended


def number(name):
    return r.metric(name, listener="phones")


r.login_now()

# ---- path traversal ----
UP = ["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "..%00", "..;", "%252e%252e", "..%5c", "..\\", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "\uff0e\uff0e", "....//", "..%01"]
SECRETS = (b"root:", b"[server]", b"SQLite", b"PRIVATE", b"localhost:")
spellings = []
for up in UP:
    spellings += ["/cfg/%s/%s/rekey.key" % (up, up), "/cfg/%s%%2f%s%%2frekey.db" % (up, up)]
spellings += [token[MAC] + "../" + "rekey.conf", token[MAC] + "%2e%2e%2frekey.conf", "/../../../../etc/passwd", "//etc/passwd", "/cfg//etc/passwd",
              "/cfg/%2fetc%2fpasswd", "/soft/../cfg/" + MAC + ".cfg", "/%63fg/../rekey.key", "file:///etc/passwd", "https://localhost/../rekey.key"]
bad = []
for path in spellings:
    status, out, ended = send(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
    if not status or status[0] not in (400, 401, 404) or any(w in out for w in SECRETS):
        bad.append((path, out[:80]))
is_((bad, len(spellings) >= 30), ([], True), "%d spellings of a path that leads out: no file" % len(spellings))
bad = []
for up in UP:
    for file in ("rekey.key", "%s-lines.cfg"):  # as one segment; the second would be theirs by another name
        for start, mac, header in ((token[MAC], MAC, "X-Login: none"), ("/cfg/", SENDER, LOGIN)):
            path = start + quote(up + "/" + file.replace("%s", mac), safe="%")
            status, out, ended = send(edgelib.get(path, header, "Connection: close"))
            if status not in ([400], [404]) or any(w in out for w in SECRETS):
                bad.append((path, out[:80]))
is_(bad, [], "nor for a phone that has proved which one it is")
served("path traversal")
edgelib.certs()
e = edgelib.Server("plain")
NAMES = {"..;": "..;", "%252e%252e": "%2e%2e", "..%5c": "..\\", "..\\": "..\\", "\uff0e\uff0e": "\uff0e\uff0e", "....//": "...."}  # here files may be called so
got = {up: e.curl("/rest/%s/rekey.key" % up, "--path-as-is", "-g", "-w", "%{http_code}").stdout.decode() for up in UP}
is_({up: x for up, x in got.items() if x[-3:] not in ("404", "400")}, {up: "%s/rekey.key\n200" % name for up, name in NAMES.items()},
    "where a route takes the rest of a path, what means .. is refused, and what looks like it once decoded is a name and no way out")
bad = [p for p in ("/rest/..", "/rest/a/../b", "/rest/%2e%2e/b", "/rest/a%2fb", "/rest/.", "/rest/%2e", "/rest/a/%2E%2E%2Fb", "/rest/a%00b", "/rest/%ff")
       if e.code(p, "--path-as-is") not in ("404", "400")]
is_((bad, e.code("/rest/a/b..c")), ([], "200"), "nor does a dot or a hidden slash get in anywhere else")
e.stop()

# ---- an upload without end ----
for name, head, piece in (("announced", "Content-Length: 99999999999", b"x" * 16384), ("in chunks", "Transfer-Encoding: chunked", b"4000\r\n" + b"x" * 16384 + b"\r\n")):
    c = dial()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)  # what waits in the kernel has not been taken
    sent = 0
    try:
        c.sendall(edgelib.get("/cfg/%s-app.log" % SENDER, LOGIN, head, method="PUT"))
        while sent < 20_000_000:
            sent += c.send(piece)
    except OSError:
        pass
    ok(sent < 3_000_000, "an upload without end, %s: cut off" % name, sent)
    c.close()
served("endless uploads")

# ---- slowness ----
slow = [dial() for _ in range(30)]
for c in slow[:15]:
    c.sendall(b"GET /cfg/x")
for c in slow[15:]:
    c.sendall(edgelib.get("/cfg/%s-app.log" % SENDER, LOGIN, "Content-Length: 100000", method="PUT"))
began = time.monotonic()
ONE = edgelib.get("/cfg/%s-app.log" % SENDER, LOGIN, "Content-Length: 1", "Connection: close", method="PUT") + b"x"
is_(send(ONE)[0], [503], "fifteen bodies on their way are all that their phone may have")
gone = [False] * 30
while not all(gone) and time.monotonic() - began < 12:
    for i, c in enumerate(slow):
        if gone[i]:
            continue
        try:
            c.sendall(b"X" if i < 15 else b"x")
            c.settimeout(0.001)
            gone[i] = c.recv(4096) == b""
        except TimeoutError:
            pass
        except OSError:
            gone[i] = True
    time.sleep(0.1)
is_((sum(gone[:15]), sum(gone[15:])), (15, 15), "heads and bodies that come byte by byte, again and again: all are cut off")
is_(send(ONE)[0], [200], "and their phone has its places back")
ok(time.monotonic() - began < 10, "in bounded time", time.monotonic() - began)
served("slow heads and bodies")

# ---- renegotiation; OpenSSL's client ends its connection when it is refused, so nothing can be asked on it ----
before = number("handshakes_total")
p = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % r.phones_port, "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT)
time.sleep(0.7)
p.stdin.write(b"R\n")
p.stdin.flush()
time.sleep(0.7)
p.stdin.close()
text = p.stdout.read().decode(errors="replace")
p.wait()
ok("RENEGOTIATING" in text and "no renegotiation" in text, "a client that wants to shake hands again is refused", text[-400:])
is_(number("handshakes_total") - before, 1, "and has shaken hands once")
served("renegotiation")

# ---- an early end at every byte, at a server whose other clocks do not ring meanwhile ----
calm = rekeylib.Rekeyd(limits__head_ms=30000, limits__stall_ms=30000, limits__idle_ms=30000, limits__uploads=1000, limits__uploads_per_phone=1000)
calm.domain()
address = {m: calm.phone(m, "polycom-vvx450") + m + "-lines.cfg" for m in (MAC, SENDER)}
LOG = edgelib.get("/cfg/%s-app.log" % SENDER, login(rekeylib.password_in(calm.curl(address[SENDER])[2])), "Content-Length: 20", method="PUT") + b"y" * 20
FILE = edgelib.get(address[MAC], "Connection: close")


def close(c):
    """By FIN: an unread ticket of the handshake would make it a reset."""
    edgelib.readable(c, 5)
    c.settimeout(0)
    try:
        c.recv(1)
    except ssl.SSLWantReadError:
        pass
    c.close()


def half_close(c):
    c.shutdown(socket.SHUT_WR)
    kept.append(c)


def all_gone(seconds):
    """How long until the server has no connection left."""
    began = time.monotonic()
    return time.monotonic() - began if calm.until(lambda: calm.metric("connections", listener="phones") == 0, seconds) else None


kept, tries = [], 0
for name, end, most in (("reset", edgelib.reset, 3), ("closed", close, 3), ("closed on one side", half_close, 1.2)):
    for request in (FILE, LOG):
        for i in range(len(request)):
            c = calm.dial()
            c.sendall(request[:i])
            end(c)
            tries += 1
    within(all_gone(5), 0, most, "requests that end early, %s at every byte: no connection stays" % name)
is_(tries, 3 * (len(FILE) + len(LOG)), "that was every byte, each way")
for name, request in (("in a line", FILE[:30]), ("behind a whole one", FILE + FILE[:30]), ("in a body", LOG[:-5]), ("in a header", FILE[:-2] + b"X: ")):
    c = calm.dial()
    c.sendall(request)
    half_close(c)
    within(all_gone(5), 0, 1.2, "a request that is broken off by a half close %s: its connection does not stay" % name)
is_(calm.curl(address[MAC])[0], 200, "and a phone is served after them")
for c in kept:
    c.close()
ok(calm.stop() == 0, "that server ends cleanly")

# ---- two meanings ----
NEXT = GET  # 200 where it is taken for a request
N = len(NEXT)


def put(*headers, body=b"", version=b"1.1"):
    return b"PUT /cfg/%s-app.log HTTP/%s\r\nHost: x\r\n" % (SENDER.encode(), version) + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


TE, END = b"Transfer-Encoding: chunked", b"0\r\n\r\n"
LENGTH = b"Content-Length: %d" % N
clean = [("a length", put(b"Content-Length: 2", body=b"ab" + NEXT)), ("chunks", put(TE, body=b"2\r\nab\r\n" + END + NEXT)),
         ("chunks with an extension", put(TE, body=b"2;a=b\r\nab\r\n" + END + NEXT)), ("a trailer", put(TE, body=b"0\r\nContent-Length: 5\r\n\r\n" + NEXT)),
         ("lines that end in LF alone", put(b"Content-Length: 2", body=b"ab").replace(b"\r\n", b"\n") + NEXT)]
for name, data in clean:
    is_(send(data)[0], [401, 200], "a body and then another request: " + name)
twofold = [
    ("CL and TE", put(b"Content-Length: %d" % (5 + N), TE, body=END + NEXT)), ("TE and CL", put(TE, b"Content-Length: 5", body=END + NEXT)),
    ("two CLs", put(b"Content-Length: 0", LENGTH, body=NEXT)), ("two CLs, the other way", put(LENGTH, b"Content-Length: 0", body=NEXT)),
    ("one CL twice", put(b"Content-Length: 0", b"Content-Length: 0", body=NEXT)), ("a list of CLs", put(b"Content-Length: 0, %d" % N, body=NEXT)),
    ("CL -1", put(b"Content-Length: -1", body=NEXT)), ("CL +0", put(b"Content-Length: +0", body=NEXT)), ("CL 0x0", put(b"Content-Length: 0x0", body=NEXT)),
    ("CL without a number", put(b"Content-Length:", body=NEXT)), ("CL 0 with a comma", put(b"Content-Length: 0,", body=NEXT)),
    ("CL of 2^64", put(b"Content-Length: 18446744073709551616", body=NEXT)), ("TE gzip", put(b"Transfer-Encoding: gzip", body=END + NEXT)),
    ("TE gzip, chunked", put(b"Transfer-Encoding: gzip, chunked", body=END + NEXT)), ("TE xchunked", put(b"Transfer-Encoding: xchunked", body=END + NEXT)),
    ("TE chunked, identity", put(b"Transfer-Encoding: chunked, identity", body=END + NEXT)),
    ("two TEs", put(TE, b"Transfer-Encoding: identity", body=END + NEXT)), ("TE with a control character", put(b"Transfer-Encoding: \x0bchunked", body=END + NEXT)),
    ("TE folded", put(b"Transfer-Encoding:\r\n chunked", body=END + NEXT)), ("CL folded", put(b"Content-Length: 0\r\n 5", body=NEXT)),
    ("TE in a fold", put(b"X: a\r\n " + TE, body=END + NEXT)), ("a blank before the colon of CL", put(LENGTH.replace(b":", b" :"), body=NEXT)),
    ("of TE", put(b"Transfer-Encoding : chunked", LENGTH, body=NEXT)), ("a blank before CL", put(b" " + LENGTH, body=NEXT)),
    ("before any other", put(b"X : a", b"Content-Length: 0", body=NEXT)),
    ("CR alone", put(b"X: a\r" + LENGTH, body=NEXT)), ("a NUL in a name", put(b"Content-Length\0: 5", body=NEXT)),
    ("TE in HTTP/1.0", put(TE, b"Connection: keep-alive", body=END + NEXT, version=b"1.0")), ("two hosts", put(b"Host: y", b"Content-Length: 0", body=NEXT)),
    ("no colon", put(b"nonsense", b"Content-Length: 0", body=NEXT)), ("chunk size -1", put(TE, body=b"-1\r\n" + END + NEXT)),
    ("chunk size 0x0", put(TE, body=b"0x0\r\n\r\n" + NEXT)), ("chunk size +0", put(TE, body=b"+0\r\n\r\n" + NEXT)),
    ("chunk size with a blank", put(TE, body=b"0 \r\n\r\n" + NEXT)), ("chunk size beyond 2^64", put(TE, body=b"10000000000000000\r\n\r\n" + NEXT)),
    ("a chunk without its end", put(TE, body=b"2\r\nabXX" + END + NEXT)), ("a chunk extension that ends in LF alone", put(TE, body=b"2;a\nxx\r\nab\r\n" + END + NEXT)),
    ("no version", b"GET %s\r\n" % PATH.encode() + NEXT), ("HTTP/1.1x", GET.replace(b"1.1", b"1.1x", 1) + NEXT)]
SAID = {"CL of 2^64": {413}, "chunk size beyond 2^64": {413}, "a chunk extension that ends in LF alone": set()}  # all others: 400
for name, data in twofold:
    status, out, ended = send(data, 6)
    # libmicrohttpd writes the head of its own refusal of a length twice: both are the one refusal.
    is_((set(status), ended), (SAID.get(name, {400}), True), "refused, and what follows is never read: " + name) or print("# %r" % out[:300])
for target in ("cfg/", "cfg/x.cfg", "*", "http:/x", "http:", "https:x", "ftp://x/cfg/x.cfg", "x:443", "?x", "#x", "%2fcfg/x.cfg", "\\cfg\\x.cfg", "", "/cfg/\x01x.cfg", "/cfg/x.cfg\x7f", "/cfg/x.cfg?\x1b", "http://x/\x02"):
    for method in ("GET", "OPTIONS", "CONNECT"):
        status, out, ended = send(edgelib.get(target, method=method) + NEXT, 6)
        is_((status, ended), ([400], True), "refused, and what follows is never read: %s %s" % (method, target)) or print("# %r" % out[:300])
served("requests of two meanings")

# ---- injection ----
lines = len(r.log_text().splitlines())
for data in (b"GET /cfg/%0d%0aX-Injected:%20yes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             b"GET /cfg/a%0aX-Injected:%20yes/001565aabb77.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             b"GET /cfg/001565aabb77.cfg?%0d%0aX-Injected:%20yes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             b"GET /cfg/001565aabb77.cfg HTTP/1.1\r\nHost: x%0d%0aX-Injected: yes\r\nConnection: close\r\n\r\n",
             b"GET /cfg/001565aabb78.cfg HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T46U 1 \x1b[31m level=error msg=\"injected\"\r\nConnection: close\r\n\r\n",
             b"GET /cfg/001565aabb79.cfg HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T46U 1 00:15:65:aa:bb:79 \xc2\x85injected\xe2\x80\xa8error\r\nConnection: close\r\n\r\n",
             b"GET /cfg/001565aabb7a.cfg HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username=\"a\\\r\n X-Injected: yes\"\r\nConnection: close\r\n\r\n",
             edgelib.get("/cfg/%s-app.log" % SENDER, LOGIN, "Content-Length: 60", "Connection: close", method="PUT") + b"\n2026-01-01T00:00:00.000Z error injected \x1b[2J\0 by a phone\n\n\n"):
    status, out, ended = send(data)
    ok(status and not re.search(rb"(?mi)^x-injected", out), "no header of the caller's making: %r" % data[:50], out[:200])
fresh = r.log_text().splitlines()[lines:]
odd = [x for x in fresh if not re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|error) [a-z-]+( |$)", x) or re.search(r"[^\x20-\x7e]", x) or " injected" in x.split('"')[0]]
is_(odd, [], "and no line of the log")
shown = r.until(lambda: [u for u in r.must("GET", "/unclaimed") if u["device-provisioning-mac-address"] in ("001565aabb78", "001565aabb79")])
ok(shown and not re.search(r"[^ -~]", "".join(str(u) for u in shown)), "a User-Agent is shown as printable ASCII", shown)
served("injection")

# ---- 10,000 idle connections ----
before = number("connections_total")
idle = [dial("127.0.0.2", tls=False) for _ in range(IDLE)]
r.until(lambda: number("connections_total") - before >= IDLE, 20)
held = number("connections")
ok(EACH <= held <= EACH + 1, "of 10,000 connections of one address as many are held as it may have", held)
served("10,000 idle connections of one address", 4)
for c in idle:
    c.close()
r.until(lambda: number("connections") <= 1, 10)
idle = []
for i in range(IDLE):
    idle.append(dial("127.0.0.%d" % (2 + i % 5), tls=False))
r.until(lambda: number("connections") >= MOST, 20)
held = number("connections")
ok(MOST <= held <= MOST + THREADS, "of 10,000 connections of five addresses as many are held as there may be", held)
served("10,000 idle connections of five addresses", 15)
for c in idle:
    c.close()
is_(r.until(lambda: number("connections") <= 1 and "none", 10), "none", "and when they go, all are gone")
ok(r.stop() == 0, "the server ends cleanly")
done()

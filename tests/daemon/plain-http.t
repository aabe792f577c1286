#!/usr/bin/python3
"""The listener without TLS: off unless asked for; then the CA and the way to the server, the same for everybody, and nothing else.
Bounded: connections, time, bytes."""
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib  # noqa: E402
import rekeylib  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
MAC = "001565aabb01"
token = r.phone(MAC, "yealink-t46u", [])
port = tap.free_port()
is_(socket.socket().connect_ex(("127.0.0.1", port)) != 0, True, "nobody listens there")
listening = subprocess.run(["ss", "-Hltnp"], stdout=subprocess.PIPE, text=True).stdout
is_(len([x for x in listening.splitlines() if "pid=%d," % r.p.pid in x]), 2, "two listeners: phones and admin")
r.stop()
# The CA's file with its key in it, as somebody might name it.
both = os.path.join(r.dir, "both.pem")
open(both, "w").write(open(os.path.join(r.data, "ca.key")).read() + open(r.ca).read())
for k, v in (("http-port", port), ("ca-file", both), ("url", "https://prov.example.com:8443")):
    r.set("phones", k, v)
r.start()


def raw(data, seconds=15):
    """All that comes until the other side ends."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(data)
        out, ended = edgelib.rest(s, seconds)
    if not ended:
        raise TimeoutError("the connection does not end")
    return out


def get(path, *headers, method="GET", body=b""):
    data = raw(("%s %s HTTP/1.1\r\nHost: evil.example.org\r\n%s\r\n" % (method, path, "".join(h + "\r\n" for h in headers))).encode() + body)
    head, _, text = data.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, re.sub(r"(?m)^Date: .*$", "Date", head.decode()), text.decode()


def curl(path):
    out = subprocess.run(["curl", "-s", "-i", "--max-time", "10", "http://127.0.0.1:%d%s" % (port, path)], stdout=subprocess.PIPE, text=True).stdout
    return out


# ---- the CA ----
status, head, body = get("/ca.crt")
is_((status, body), (200, open(r.ca).read()), "the CA, byte for byte")
ok("PRIVATE" not in body and "PRIVATE" in open(both).read(), "and no key, though one stands in its file")
ok("Connection: close" in head, "one answer to a connection", head)

# ---- files ----
CA = "http://prov.example.com:%d/ca.crt" % port
URL = "https://prov.example.com:8443/cfg/"
status, head, body = get("/y000000000108.cfg")
want = "#!version:1.0.0.1\n" + "".join("%strusted_certificates.url = %s\n%ssecurity.ca_cert = 2\n%sauto_provision.server.url = %s\n" % (x, CA, x, x, URL) for x in ("static.", ""))
is_((status, body), (200, want), "a Yealink is told the CA and the address")
is_(get("/some/folder/y000000000066.cfg")[2], want, "of any model, in any folder")
path = os.path.join(r.dir, "y000000000108.cfg")
open(path, "w").write(want)
out = subprocess.run([tap.program("phonecfg"), "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
is_(out.returncode, 0, "a file that the checker finds nothing wrong with: " + out.stdout.strip())
status, head, body = get("/cfggxp2170.xml")
is_((status, re.findall(r"<(P\d+)>(.*?)</", body)), (200, [("P212", "2"), ("P237", "prov.example.com:8443/cfg")]), "a Grandstream: https, host and path")
is_(get("/cfg.xml")[2], body, "by its common file too")
path = os.path.join(r.dir, "cfg.xml")
open(path, "w").write(body)
out = subprocess.run([tap.program("phonecfg"), "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
is_(out.returncode, 0, "a file that the checker finds nothing wrong with: " + out.stdout.strip())

# ---- nothing else, and the same for everybody ----
none = get("/nothing")
is_((none[0], none[2]), (404, "Phones are served by https alone, at %s\nThe CA's certificate: %s\n" % (URL, CA)), "anything else is one line of text")
ok("evil" not in "".join(map(str, none)), "which does not repeat what the client says of the host")
for p in ("/%s.cfg" % MAC, "/001565aabbff.cfg", "/%s.boot" % MAC, "/y000000000000.boot", "/000000000000.cfg", "/cfg%s.xml" % MAC, "/cfg%s" % MAC, "/%s-lines.cfg" % MAC, "/phonebook.xml",
          "/cfg/%s.cfg" % MAC, token + MAC + ".cfg", token, "/soft/" + "x" * 32, "/api/v1/domains", "/healthz", "/metrics", "/../rekeyd.conf", "/ca.key", "/%2e%2e/ca.key", "/ca.crt/", "//ca.crt",
          "/CA.CRT", "/ca.crt%00.cfg", "/" + "x" * 3000):
    is_(get(p), none, "nothing at " + p[:40])
is_(get("/%s.cfg" % MAC, "Authorization: Basic " + "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), none, "no login is looked at")
index = get("/")
is_((index[0], index[2]), (200, none[2]), "the way to it, at /")
for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
    status, head, body = get("/%s.cfg" % MAC, "Content-Length: 100000000", method=method, body=b"x" * 1000)
    is_((status, body), (405, "Only GET\n"), method + " is refused before a body is read")
status, head, body = get("/ca.crt", method="HEAD")
is_((status, body, "Content-Length: %d" % len(open(r.ca).read()) in head), (200, "", True), "HEAD")
answers = [get(p) for p in ("/", "/ca.crt", "/cfg.xml", "/y000000000108.cfg", "/x", "/cfg/x")]
ok(not any("Location" in a[1] or "WWW-Authenticate" in a[1] or 300 <= a[0] < 400 for a in answers), "no redirect, no challenge")
r.curl("/cfg/001565aabbfe.cfg")
is_(r.until(lambda: [u["device-provisioning-mac-address"] for u in r.must("GET", "/unclaimed")]), ["001565aabbfe"], "and no MAC that is named there is noted, as it is by https")

# ---- bounds ----
ok(b" 200 " not in raw(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 8000 + b"\r\n\r\n")[:20], "a head beyond 4 KB is no request")
for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300, b"GET\r\n\r\n", b"\r\n" * 100, b"\0" * 500, b"GET / HTTP/9.9\r\n\r\n"):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(junk)
    s.shutdown(socket.SHUT_WR)
    s.close()
is_(get("/ca.crt")[0], 200, "junk harms nobody")
held = []
for _ in range(200):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"GET / HTTP/1.1\r\nX: ")
    held.append(s)
time.sleep(0.5)


def is_open(s):
    s.setblocking(False)
    try:
        return s.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


n = sum(is_open(s) for s in held)
ok(25 <= n <= 32, "32 connections from one address, no more; junk may hold some", n)
is_(r.curl("/cfg/x.cfg")[0], 401, "phones notice nothing of it")
t0 = time.monotonic()
ok(r.until(lambda: not any(is_open(s) for s in held), 20, step=0.5), "a slow one is dropped after ten seconds")
ok(6 < time.monotonic() - t0 < 16, "not before", time.monotonic() - t0)
is_(get("/ca.crt")[0], 200, "and there is room again")
held = [socket.create_connection(("127.0.0.1", port)) for _ in range(32)]
t0 = time.monotonic()


def served():
    for s in held:
        try:
            s.sendall(b"y")
        except OSError:
            pass
    return b" 200 " in raw(b"GET /ca.crt HTTP/1.1\r\nHost: x\r\n\r\n")[:20]


ok(not served(), "all that an address may have is taken by those who send a byte now and then")
ok(r.until(served, 20, step=0.5), "they go when somebody waits")
ok(9 < time.monotonic() - t0 < 16, "after ten seconds in all", time.monotonic() - t0)
for s in held:
    s.close()

# ---- without a CA of ours; errors ----
r.stop()
r.set("phones", "ca-file", "")
r.start()
is_((get("/ca.crt")[0], get("/y000000000108.cfg")[2]), (404, "#!version:1.0.0.1\nstatic.auto_provision.server.url = %s\nauto_provision.server.url = %s\n" % (URL, URL)), "where phones know the CA, the address alone")
r.stop()
for k, v, says in (("ca-file", "/none.pem", "cannot read /none.pem"), ("ca-file", r.conf, "holds no certificate"), ("http-port", r.phones_port, "http-port")):
    old = open(r.conf).read()
    r.set("phones", k, v)
    out = r.run("run")
    ok(out.returncode == 1 and says in out.stderr, "refused at start: %s = %s" % (k, v), out.stderr[-300:])
    open(r.conf, "w").write(old)
done()

#!/usr/bin/python3
"""Certificates of both kinds, versions, resumption over threads and with client certificates, hot reload, bad neighbours."""
import os
import re
import shutil
import socket
import ssl
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, ok  # noqa: E402

e.certs()
e.make_cert("vendor", "ec", "Vendor CA")
e.make_cert("other", "ec", "Other CA")
e.make_cert("second", "ec", "Second CA")
e.make_client("phone", "vendor", "001565abcdef")
e.make_client("stranger", "other", "001565000000")
e.make_client("another", "second", "00-15-65-AB-CD-F0")
s = e.Server("threads=3", "ca=" + e.path("vendor.pem"), "ca2=" + e.path("second.pem"))
HELLO = b"hello tls GET\n"


def s_client(*args):
    out = e.sh("openssl", "s_client", "-connect", "127.0.0.1:%d" % s.port, "-CAfile", e.path("both.pem"), *args, check=False,
               input=b"")
    return (out.stdout + out.stderr).decode(errors="replace")


for version, name in ((ssl.TLSVersion.TLSv1_2, "TLS 1.2"), (ssl.TLSVersion.TLSv1_3, "TLS 1.3")):
    c = s.tls(e.client_context(version))
    c.sendall(e.get("/hello"))
    is_(e.read_answer(c)[2], HELLO, name)
    c.close()
ok("Peer signature type: RSA" in s_client("-tls1_2", "-sigalgs", "RSA+SHA256"), "a client that knows RSA alone gets the RSA certificate")
ok("Peer signature type: ECDSA" in s_client("-tls1_3", "-sigalgs", "ECDSA+SHA256"), "one that knows ECDSA gets that one")
ok("Cipher is AES128-SHA" in s_client("-tls1_2", "-cipher", "AES128-SHA"), "RSA key exchange is there for old phones")
ok("Cipher is (NONE)" in s_client("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"), "DHE is not")
ok("Cipher is (NONE)" in s_client("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), "TLS 1.1 is refused")
ok("ALPN protocol: http/1.1" in s_client("-alpn", "h2,http/1.1"), "ALPN chooses http/1.1")
ok("No ALPN negotiated" in s_client("-alpn", "h2"), "and never h2")

# Resumption: whatever thread the next connection meets, it knows the ticket.
for version, name in ((ssl.TLSVersion.TLSv1_2, "TLS 1.2"), (ssl.TLSVersion.TLSv1_3, "TLS 1.3")):
    for cert, want in ((None, "cert=0 bundles=0 mac="), ("phone", "cert=1 bundles=1 mac=001565abcdef"),
                       ("another", "cert=1 bundles=4 mac=001565abcdf0"), ("stranger", "cert=0 bundles=0 mac=")):
        ctx = e.client_context(version, cert)
        c = s.tls(ctx)
        c.sendall(e.get("/client"))
        first = e.read_answer(c)[2].decode()
        session = c.session
        c.close()
        reused, said = 0, set()
        for i in range(12):
            c = s.tls(ctx, session)
            c.sendall(e.get("/client"))
            said.add(re.sub(r" from=.*", "", e.read_answer(c)[2].decode()).strip())
            reused += c.session_reused
            c.close()
        is_(reused, 12, "%s resumes on every thread, certificate: %s" % (name, cert))
        is_(said, {want}, "and says the same about the client: who vouched, and which phone it is") or print("# first: " + first)

# A client that waits for the ACK of its last word before it asks (Nagle's algorithm) is not kept waiting for the 40 ms of a delayed one.
ctx = e.client_context(ssl.TLSVersion.TLSv1_2)
c = s.tls(ctx)
session = c.session
c.close()
acknowledged = 0
for i in range(12):
    c = s.tls(ctx, session)
    time.sleep(0.02)
    acknowledged += struct.unpack_from("I", c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 24)[0] == 0  # tcpi_unacked
    c.close()
ok(acknowledged >= 4, "the last word of a resumed handshake of TLS 1.2 is acknowledged at once", acknowledged)

c = s.tls(e.client_context(cert="stranger"))
c.sendall(e.get("/client"))
ok(e.read_answer(c)[2].startswith(b"cert=0 "), "a certificate of another authority counts as none, and does not lock the phone out")
c.close()
ok(re.search(rb"from=127\.0\.0\.1:\d+\n", s.curl("/client").stdout), "the address is told")

# One client that drops TCP must not break its neighbour: errors left in OpenSSL's queue are the thread's, not the socket's.
one = e.Server("threads=1")
good = one.tls()
bad_answers = 0
for i in range(60):
    drop = one.tls()
    drop.sendall(e.get("/hello")[:10])
    e.reset(drop)
    bad = one.raw()
    bad.sendall(b"\x16\x03\x01\x02\x00\x01\x00" + b"x" * 600 if i % 3 else b"GET / HTTP/1.0\r\n\r\n")
    try:
        bad.recv(100)  # an alert or a reset: its failure is behind the thread now
    except OSError:
        pass
    (e.reset if i % 2 else lambda x: x.close())(bad)
    try:
        good.sendall(e.get("/hello"))
        got = e.read_answer(good)
    except OSError:
        got = None
    if not got or got[2] != HELLO:
        bad_answers += 1
        break
is_(bad_answers, 0, "sixty neighbours that break off: the one on the same thread is served all the same")
good.close()
one.stop()

# Hot reload.
def serial():
    return re.search(r"Serial Number:\s*([^\n]+)", e.sh("sh", "-c", "openssl s_client -connect 127.0.0.1:%d -sigalgs RSA+SHA256 -tls1_2 "
                     "</dev/null 2>/dev/null | openssl x509 -noout -text" % s.port, check=False).stdout.decode().replace("\n            ", " ")).group(1)


before = serial()
kept = s.tls()
e.make_cert("new", "rsa")
shutil.copy(e.path("rsa.key"), e.path("old.key"))
shutil.copy(e.path("new.pem"), e.path("rsa.pem"))
s.hup()
ok(s.wait(r"^reload .*rsa.key is no key in PEM that fits the certificate"), "a certificate without its key is refused, and the file is named")
is_(serial(), before, "and the old one stays")
shutil.copy(e.path("new.key"), e.path("rsa.key"))
s.hup()
ok(s.wait(r"^reload ok"), "both files renewed: taken")
ok(serial() != before, "new connections get the new certificate")
kept.sendall(e.get("/hello"))
is_(e.read_answer(kept)[2], HELLO, "an open connection goes on")
kept.close()
s.stop()

# A bundle that changes ends the resumption of sessions that it vouched for.
s = e.Server("threads=2", "ca=" + e.path("vendor.pem"))
ctx = e.client_context(ssl.TLSVersion.TLSv1_2, "phone")
c = s.tls(ctx)
c.sendall(e.get("/hello"))
e.read_answer(c)
session = c.session
c.close()
shutil.copy(e.path("other.pem"), e.path("vendor.pem"))
s.hup()
s.wait(r"^reload ok")
c = s.tls(ctx, session)
c.sendall(e.get("/client"))
is_((c.session_reused, e.read_answer(c)[2][:7]), (False, b"cert=0 "), "after another bundle no session brings its certificate along")
c.close()
s.stop()

s = e.Server("old=1")
out = s_client("-tls1", "-cipher", "ALL:@SECLEVEL=0")
ok("Cipher is (NONE)" not in out and "TLSv1" in out, "TLS 1.0 where the setting allows it", out[-600:])
s.stop()

s = e.Server(files=[e.path("rsa.pem"), e.path("rsa.key"), "", ""])
shutil.copy(e.path("rsa.pem"), e.path("both.pem"))
is_(s.curl("/hello").stdout, HELLO, "an RSA certificate alone")
s.stop()

for files, word in (([e.path("none.pem"), e.path("rsa.key"), "", ""], "none.pem"), (["", "", "", ""], "has no certificate"),
                    ([e.path("ec.pem"), e.path("ec.key"), "", ""], "no RSA key"), ([e.path("rsa.pem"), "", "", ""], "has no key beside it")):
    out = e.sh(e.tap.program("edge_server"), *files, check=False)
    ok(out.returncode == 1 and word in out.stderr.decode(), "refused at the start: " + word, out.stderr.decode())
e.done()

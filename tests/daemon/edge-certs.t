#!/usr/bin/python3
"""Ticket keys that turn, certificates that change under a running server, OCSP responses stapled, and the listener for phones
that know only TLS 1.0 or 1.1."""
import datetime
import os
import re
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
import rekeylib  # noqa: E402
import x509  # noqa: E402
from tap import free_port, is_, ok  # noqa: E402

HELLO = b"hello tls GET\n"
GET = b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def s_client(port, *args, say=GET):
    out = e.sh("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-ign_eof", *args, check=False, input=say, timeout=20)
    return (out.stdout + out.stderr).decode(errors="replace")


# ---- session tickets ----
def ticket_key(name):
    """The name of the key that sealed a saved session's ticket: its first 16 bytes (RFC 5077 §4)."""
    text = e.sh("openssl", "sess_id", "-in", e.path(name), "-text", "-noout").stdout.decode()
    return re.search(r"TLS session ticket:\n\s+0000 - (.{47})", text).group(1)


e.certs()
for version in ("-tls1_2", "-tls1_3"):
    s = e.Server("threads=2", "ticket=1200")
    began = time.monotonic()
    s_client(s.port, version, "-sess_out", e.path("first"))
    again = s_client(s.port, version, "-msg", "-sess_in", e.path("first"))
    ok("Reused, TLS" in again, "a ticket resumes " + version)
    time.sleep(max(0, began + 1.5 - time.monotonic()))
    later = s_client(s.port, version, "-msg", "-sess_in", e.path("first"), "-sess_out", e.path("third"))
    ok("Reused, TLS" in later, "that of the key before as well")
    if version == "-tls1_2":  # where s_client does not save what it is given anew
        is_(("NewSessionTicket" in again, "NewSessionTicket" in later), (False, True), "and is renewed, which one of the present key is not")
    else:
        ok(ticket_key("third") != ticket_key("first"), "and is renewed with the present key")
    time.sleep(max(0, began + 4.2 - time.monotonic()))
    ok("New, TLS" in s_client(s.port, version, "-sess_in", e.path("first")), "a key that is older than three turns opens nothing")
    s.stop()

# ---- certificates change by themselves ----
s = e.Server("threads=2")


def serial():
    return re.search(r"(?m)^serial=(.*)", e.sh("sh", "-c", "openssl s_client -connect 127.0.0.1:%d -sigalgs RSA+SHA256 -tls1_2 </dev/null 2>/dev/null"
                     " | openssl x509 -noout -serial" % s.port, check=False).stdout.decode()).group(1)


before = serial()
kept = s.tls()
e.make_cert("new", "rsa")
whole = open(e.path("new.pem")).read()
open(e.path("rsa.pem"), "w").write(whole[:len(whole) // 2])
ok(s.wait(r"^changed .*rsa.pem is no certificate in PEM"), "half a certificate is refused, and the file is named")
time.sleep(0.8)
is_(len(s.seen("^changed")), 1, "once, although the server looks again and again")
is_(serial(), before, "the one before stays")
shutil.copy(e.path("new.key"), e.path("rsa.key.tmp"))
os.rename(e.path("rsa.key.tmp"), e.path("rsa.key"))
open(e.path("rsa.pem"), "w").write(whole)
ok(s.wait(r"^changed ok"), "whole again: taken without a signal")
ok(serial() != before, "new connections get it")
kept.sendall(e.get("/hello"))
is_(e.read_answer(kept)[2], HELLO, "an open connection goes on")
os.unlink(e.path("rsa.key"))
ok(s.wait(r"^changed cannot read .*rsa.key"), "a file that goes is told of")
is_(s.code("/hello", "-k"), "200", "and the server serves on")
kept.close()
s.stop()


# ---- OCSP ----
def tlv(b, at):
    """(tag, begin of the value, end of the value)"""
    n, head = b[at + 1], 2
    if n & 0x80:
        head += n & 0x7f
        n = int.from_bytes(b[at + 2:at + head], "big")
    return b[at], at + head, at + head + n


def basic(b):
    """Where tbsResponseData stands in a response, and its signature's bits (RFC 6960 §4.2.1)."""
    at = tlv(b, 0)[1]
    at = tlv(b, at)[2]
    for _ in range(2):
        at = tlv(b, at)[1]
    at = tlv(b, at)[2]
    at = tlv(b, at)[1]
    tbs = tlv(b, at)[1]
    end = tlv(b, tbs)[2]
    bits = tlv(b, tlv(b, end)[2])
    return tbs, end, bits[1] + 1, bits[2]


def until(name, seconds, out, begin=None):
    """The same response with another nextUpdate (and thisUpdate), signed anew by the authority."""
    b = bytearray(open(e.path(name), "rb").read())
    tbs, end, sig, sig_end = basic(b)
    times = [m.start() for m in re.finditer(rb"\d{14}Z", bytes(b[:end]))]
    for at, shift in ((times[-1], seconds), (times[-2], begin)):
        if shift is not None:
            b[at:at + 15] = (datetime.datetime.utcnow() + datetime.timedelta(seconds=shift)).strftime("%Y%m%d%H%M%SZ").encode()
    open(e.path("tbs"), "wb").write(b[tbs:end])
    b[sig:sig_end] = e.sh("openssl", "dgst", "-sha256", "-sign", e.path("ca.key"), e.path("tbs")).stdout
    open(e.path(out), "wb").write(b)


def leaf(name, kind, serial):
    x509.request(e.path(name), "/CN=" + name, x509.KINDS[kind])
    x509.signed(e.path(name), e.path("ca"), "subjectAltName=DNS:localhost\n", 2, "-set_serial", str(serial))
    shutil.copy(e.path(name + ".pem"), e.path(name + ".one"))
    x509.chain(e.path(name), e.path("ca"))


def respond(name, out, signer="ca", state="V"):
    """What the authority's responder says of a leaf."""
    number = e.sh("openssl", "x509", "-in", e.path(name + ".one"), "-noout", "-serial").stdout.decode().strip().split("=")[1]
    gone = "200101000000Z" if state == "R" else ""
    open(e.path("index"), "w").write("%s\t400101000000Z\t%s\t%s\tunknown\t/CN=%s\n" % (state, gone, number, name))
    e.sh("openssl", "ocsp", "-index", e.path("index"), "-CA", e.path("ca.pem"), "-rsigner", e.path(signer + ".pem"), "-rkey", e.path(signer + ".key"),
         "-issuer", e.path("ca.pem"), "-cert", e.path(name + ".one"), "-respout", e.path(out), "-ndays", "1", "-resp_no_certs", "-rmd", "sha256")


def stapled(port, sigalg="RSA+SHA256"):
    text = s_client(port, "-status", "-tls1_2", "-sigalgs", sigalg)
    serials = re.findall(r"(?m)^\s+Serial Number: (\S+)$", text[text.find("OCSP response"):])
    return ("OCSP Response Status: successful" in text, serials[:1])


e.make_cert("ca", "rsa", "An authority")
e.make_cert("strange", "rsa", "An authority")
leaf("one", "rsa", 17)
leaf("two", "ec", 34)
leaf("three", "rsa", 51)
leaf("four", "ec", 68)
for name in ("one", "two", "three", "four"):
    respond(name, name + ".ocsp")
respond("one", "revoked.ocsp", state="R")
respond("one", "forged.ocsp", signer="strange")
until("one.ocsp", -10, "expired.ocsp", begin=-1000)
until("one.ocsp", 9000, "early.ocsp", begin=3000)
shutil.copy(e.path("one.ocsp"), e.path("live.ocsp"))
FILES = [e.path(x) for x in ("one.pem", "one.key", "two.pem", "two.key")]
s = e.Server("threads=1", "ocsp=" + e.path("live.ocsp"), "ecdsa-ocsp=" + e.path("two.ocsp"), files=FILES)
is_(stapled(s.port), (True, ["11"]), "the RSA certificate comes with its response")
is_(stapled(s.port, "ECDSA+SHA256"), (True, ["22"]), "the ECDSA one with its own")
ok("OCSP" not in s_client(s.port, "-tls1_2"), "a client that does not ask gets none")


def change(name):
    now = len(s.seen("^changed ok"))
    shutil.copy(e.path(name), e.path("live.tmp"))
    os.rename(e.path("live.tmp"), e.path("live.ocsp"))
    end = time.monotonic() + 10
    while len(s.seen("^changed ok")) == now and time.monotonic() < end:
        time.sleep(0.05)


def log():
    return open(e.path("stderr")).read()


change("three.ocsp")
ok("says nothing about this certificate" in log(), "a response for another certificate is told of")
is_(stapled(s.port), (True, ["11"]), "and the one before goes on")
s.p.terminate()
s.p.wait()
for name, word in (("three.ocsp", "says nothing about this"), ("revoked.ocsp", "says that the certificate is revoked"), ("forged.ocsp", "is not signed by"),
                   ("expired.ocsp", "has expired"), ("one.key", "is no OCSP response"), ("none.ocsp", "cannot read")):
    s = e.Server("threads=1", "ocsp=" + e.path(name), files=FILES)
    is_((stapled(s.port)[0], word in log()), (False, True), "not stapled: " + word)
    is_(s.code("/hello", "-k"), "200", "and the server serves")
    s.p.terminate()
    s.p.wait()
shutil.copy(e.path("early.ocsp"), e.path("live.ocsp"))
s = e.Server("threads=1", "ocsp=" + e.path("live.ocsp"), files=FILES)
is_(stapled(s.port)[0], False, "one that begins later is not sent before")
until("one.ocsp", 4, "short.ocsp")
change("short.ocsp")
is_(stapled(s.port)[0], True, "one that ends soon is sent")
time.sleep(4.5)
is_(stapled(s.port)[0], False, "and no more when it has expired under the running server")
change("one.ocsp")
is_(stapled(s.port)[0], True, "a fresh file is taken by itself")
s.stop()

# ---- the daemon: the old listener, and its own clock ----
old = free_port()
r = rekeylib.Rekeyd(phones__old_port=old, phones__ticket_key_hours=1)
r.domain()
MAC = "001565aabb01"
path = r.phone(MAC, "yealink-t46u") + MAC + ".cfg"


def counted():
    return [r.metric(name, listener="phones") for name in ("connections_total", "handshakes_total", "handshakes_failed_total")]


ASK = ("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path).encode()
for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3"):
    ok("HTTP/1.1 200 OK" in s_client(old, version, "-cipher", "ALL:@SECLEVEL=0", say=ASK), "the old listener serves " + version)
    is_("HTTP/1.1 200 OK" in s_client(r.phones_port, version, "-cipher", "ALL:@SECLEVEL=0", say=ASK), version in ("-tls1_2", "-tls1_3"),
        "the other one from TLS 1.2 on: " + version)
is_(counted(), [8, 6, 2], "what comes to either of them is counted in /metrics")
s_client(old, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", say=ASK)
is_(counted(), [9, 7, 2], "on the old one alone too")
kept = r.connect(r.phones_port)
is_(r.ask("HEAD", path, conn=kept).status, 200, "a phone is served, by an answer that waits for no proof of its delivery")
for name in ("phones.crt", "phones.key"):
    shutil.copy(os.path.join(r.data, name), os.path.join(r.dir, name))
shutil.copy(e.path("one.pem"), os.path.join(r.data, "phones.crt"))
shutil.copy(e.path("one.key"), os.path.join(r.data, "phones.key"))
# Asked on again and again: a connection whose last answer waits for its proof is ended soon.
ok(r.until(lambda: r.ask("GET", path, conn=kept).status == 200 and re.search(r"reload listener=phones\n", r.log_text()) and
           "reload listener=phones-old" in r.log_text(), 30), "new files are taken by both listeners, without a signal")
ok("An authority" in s_client(r.phones_port, "-tls1_2", "-sigalgs", "RSA+SHA256"), "and shown")
is_(r.ask("HEAD", path, conn=kept).status, 200, "on the same connection it is served on")
kept.close()
for name in ("phones.crt", "phones.key"):
    shutil.copy(os.path.join(r.dir, name), os.path.join(r.data, name))

# The admins' one setting takes either kind, also when it changes.
for name, now in (("admin.crt", "one.pem"), ("admin.key", "one.key")):
    shutil.copy(os.path.join(r.data, name), os.path.join(r.dir, name))
    shutil.copy(e.path(now), os.path.join(r.data, name))
ok(r.until(lambda: re.search(r"reload listener=admin\n", r.log_text()), 15), "an RSA certificate in an ECDSA one's place is taken")
ok("An authority" in s_client(r.admin_port, "-tls1_2", "-sigalgs", "RSA+SHA256"), "and shown to admins")
for name in ("admin.crt", "admin.key"):
    shutil.copy(os.path.join(r.dir, name), os.path.join(r.data, name))
r.stop()
r.set("phones", "old-port", 0)

# ---- the daemon: what it staples, and the signal ----
def put(*names):
    for name in names:
        shutil.copy(e.path(name), e.path("live" + name[name.index("."):]))


put("one.pem", "one.key", "one.ocsp")
for section, prefix, name in (("phones", "", "live"), ("phones", "ecdsa-", "two"), ("admin", "", "four")):
    for key, ending in (("certificate", ".pem"), ("key", ".key"), ("ocsp-response", ".ocsp")):
        r.set(section, prefix + key, e.path(name + ending))
r.ca = e.path("ca.pem")
r.start()
ok("errno" in s_client(old) or "refused" in s_client(old), "without the setting nobody listens there")
is_([stapled(r.phones_port), stapled(r.phones_port, "ECDSA+SHA256"), stapled(r.admin_port, "ECDSA+SHA256")], [(True, [x]) for x in ("11", "22", "44")],
    "each certificate comes with the response of its setting")
kept = r.connect(r.phones_port)
is_(r.ask("HEAD", path, conn=kept).status, 200, "a phone is served")
before = len(r.log_text())
put("three.pem", "three.key", "three.ocsp")
r.p.send_signal(signal.SIGHUP)
ok(r.until(lambda: re.search(r"reload listener=phones\n", r.log_text()[before:]), 1), "a signal reads the files at once, sooner than they are looked at by themselves",
   r.log_text()[before:])
is_([stapled(r.phones_port), stapled(r.phones_port, "ECDSA+SHA256")], [(True, ["33"]), (True, ["22"])], "the new certificate comes with its response, the other one as before")
is_(r.ask("HEAD", path, conn=kept).status, 200, "the connection from before goes on")
kept.close()
e.done()

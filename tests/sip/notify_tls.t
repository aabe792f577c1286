#!/usr/bin/python3
"""SIP over TLS: the right certificate is accepted, a wrong name and a foreign CA are refused, SNI is sent, sips: works."""
import os
import socket
import ssl
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is old: that is what it is used for here
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, is_, ok, temp_dir

folder = temp_dir("tls")
C = sip.certificates(folder)


class TlsPeer(threading.Thread):
    def __init__(self, cert, newest=None):
        super().__init__(daemon=True)
        self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if newest:
            self.ctx.set_ciphers("ALL:@SECLEVEL=0")
            self.ctx.minimum_version = ssl.TLSVersion.TLSv1
            self.ctx.maximum_version = newest
        self.ctx.load_cert_chain(cert, cert.replace(".pem", ".key"))
        self.ctx.sni_callback = lambda s, n, c: self.names.append(n)
        self.names, self.requests, self.connections = [], 0, 0
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(5)
        self.port = self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            c, _ = self.sock.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        try:
            s, buf = self.ctx.wrap_socket(c, server_side=True), b""
            while True:
                data = s.recv(65536)
                if not data:
                    return
                buf += data
                while b"\r\n\r\n" in buf:
                    head, _, buf = buf.partition(b"\r\n\r\n")
                    self.requests += 1
                    s.sendall(sip.answer_to(sip.Message(head + b"\r\n\r\n"), 200))
        except (ssl.SSLError, OSError):
            pass


def tell(peer, uri, *args):
    rows, _, err = sip.notify_once("direct", "deadline", 5000, *args, uri % peer.port)
    return rows[0] if rows else err


BY_NAME = "sip:1001@registrar.example.test:%d;transport=tls"
BY_ADDRESS = "sip:1001@127.0.0.1:%d;transport=tls"


class Hosts(threading.Thread):
    """DNS: every name is 127.0.0.1."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.at = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            q, src = self.sock.recvfrom(4096)
            self.sock.sendto(q[:2] + b"\x85\x80\0\1\0\1\0\0\0\0" + q[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", src)


dns = Hosts()
p = TlsPeer(C["byaddress"])
is_(tell(p, BY_ADDRESS, "ca", C["ca"])[1], "200", "the right CA and address: told")
is_(tell(p, BY_NAME, "ca", C["ca"], "dns", dns.at)[1], "200", "the right CA and name: told")
is_(p.names, [None, "registrar.example.test"], "SNI carries the name, and never an address")
is_(tell(p, "sips:1001@127.0.0.1:%d", "ca", C["ca"])[1], "200", "sips: is taken as TLS")
is_(p.requests, 3, "the peer got each request")
p = TlsPeer(C["byaddress"])
rows, _, _ = sip.notify_once("direct", "ca", C["ca"], "count", 40, BY_ADDRESS % p.port)
is_([[r[1] for r in rows], p.connections], [["200"] * 40, 1], "40 jobs share one connection")

p = TlsPeer(C["byname"])
row = tell(p, BY_ADDRESS, "ca", C["ca"])
ok(row[1] == "0" and "address mismatch" in row[8].lower(), "a certificate for another address: refused, and it says so", row)
row = tell(p, "sip:1001@other.example.test:%d;transport=tls", "ca", C["ca"], "dns", dns.at)
ok(row[1] == "0" and "hostname mismatch" in row[8].lower(), "a certificate for another name: refused, and it says so", row)
is_(tell(p, BY_NAME, "ca", C["ca"], "dns", dns.at)[1], "200", "the same server by its own name: told")
is_(p.requests, 1, "nothing was sent to it before")

p = TlsPeer(C["stranger"])
row = tell(p, BY_ADDRESS, "ca", C["ca"])
ok(row[1] == "0" and "issuer" in row[8], "a foreign CA: refused, and it says so", row)
row = tell(p, BY_ADDRESS)
ok(row[1] == "0" and "certificate" in row[8], "without a CA of ours the system's store decides: refused", row)
is_(p.requests, 0, "nothing was sent to it")
is_(tell(p, BY_ADDRESS, "ca", C["foreign"])[1], "200", "with its own CA it is fine")

p = TlsPeer(C["byaddress"], newest=ssl.TLSVersion.TLSv1_1)
row = tell(p, BY_ADDRESS, "ca", C["ca"])
ok(row[1] == "0" and p.requests == 0, "TLS 1.1 is too old", row)
err = tell(p, BY_ADDRESS, "ca", C["ca"].replace("ca.pem", "ca.key"))
ok(isinstance(err, str) and err.startswith("input: ") and "certificate" in err, "a CA file without a certificate is refused at the start", err)
done()

"""A server on http/ and edge/ for tests: certificates, start and stop, the events it prints, TLS clients of every manner."""
import atexit
import os
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import tap
import x509

DIR = tap.temp_dir("edge")


def sh(*args, **kw):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=kw.pop("check", True), **kw)


def path(name):
    return os.path.join(DIR, name)


def make_cert(name, kind, cn="127.0.0.1"):
    x509.own(path(name), "/CN=" + cn, x509.KINDS[kind], "subjectAltName=IP:127.0.0.1")


def make_client(name, ca, cn):
    x509.request(path(name), "/CN=" + cn)
    x509.signed(path(name), path(ca))


def certs():
    make_cert("rsa", "rsa")
    make_cert("ec", "ec")
    open(path("both.pem"), "w").close()
    x509.chain(path("both"), path("rsa"), path("ec"))


class Server:
    def __init__(self, *options, limit=None, files=None):
        f = files or [path("rsa.pem"), path("rsa.key"), path("ec.pem"), path("ec.key")]

        def before():
            if limit:
                import resource
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        self.lines = []
        self.new = threading.Condition()
        self.err = open(path("stderr"), "w+")
        self.p = subprocess.Popen([tap.program("edge_server"), *f, *options], stdout=subprocess.PIPE, stderr=self.err,
                                  preexec_fn=before, text=True)
        atexit.register(self.p.kill)  # a test that dies leaves nobody behind
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        line = self.wait(r"^port (\d+)$", 10)
        if not line:
            self.err.seek(0)
            raise SystemExit("Bail out! the server did not start: " + self.err.read())
        self.port = int(line.group(1))
        self.url = "https://127.0.0.1:%d" % self.port

    def _read(self):
        for line in self.p.stdout:
            with self.new:
                self.lines.append(line.rstrip("\n"))
                self.new.notify_all()

    def wait(self, pattern, seconds=20):
        """The first line that matches, or None."""
        end = time.monotonic() + seconds
        with self.new:
            while True:
                for line in self.lines:
                    m = re.search(pattern, line)
                    if m:
                        return m
                left = end - time.monotonic()
                if left <= 0 or not self.new.wait(left):
                    return None

    def seen(self, pattern):
        with self.new:
            return [x for x in self.lines if re.search(pattern, x)]

    def stats(self):
        import json
        return json.loads(self.curl("/stats").stdout)

    def until(self, what, seconds=5):
        """Polls stats until what(stats) holds; returns the last ones."""
        end = time.monotonic() + seconds
        while True:
            s = self.stats()
            if what(s) or time.monotonic() > end:
                return s
            time.sleep(0.02)

    def curl(self, target, *args, data=None):
        return sh("curl", "-sS", "-m", "20", "--cacert", path("both.pem"), *args, self.url + target, check=False, input=data)

    def code(self, target, *args, data=None):
        return self.curl(target, "-o", "/dev/null", "-w", "%{http_code}", *args, data=data).stdout.decode()

    def raw(self, rcvbuf=None):
        s = socket.socket()
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.settimeout(10)
        s.connect(("127.0.0.1", self.port))
        return s

    def tls(self, ctx=None, session=None, rcvbuf=None):
        return (ctx or client_context()).wrap_socket(self.raw(rcvbuf), session=session)

    def hup(self):
        self.p.send_signal(signal.SIGHUP)

    def stop(self, sig=signal.SIGTERM, seconds=20):
        self.p.send_signal(sig)
        try:
            code = self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()
            code = "did not stop"
        self.reader.join(5)
        self.err.seek(0)
        text = self.err.read()
        tap.ok(code == 0 and not text, "the server ends cleanly", "exit %r\n%s" % (code, text[-4000:]))
        return code


def client_context(version=None, cert=None):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.load_verify_locations(path("both.pem"))
    if version:
        ctx.minimum_version = ctx.maximum_version = version
    if cert:
        ctx.load_cert_chain(path(cert + ".pem"), path(cert + ".key"))
    return ctx


def get(target, *headers, method="GET"):
    return ("%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (method, target, "".join(h + "\r\n" for h in headers))).encode()


def read_answer(s):
    """(status, headers as text, body) of an answer with Content-Length; None when the other side ended first."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            return None
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    head = head.decode()
    n = int(re.search(r"(?i)content-length: (\d+)", head).group(1))
    while len(body) < n:
        piece = s.recv(65536)
        if not piece:
            return None
        body += piece
    return int(head.split()[1]), head, body


def reset(s):
    """Ends by a TCP reset, without close_notify."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def ends(s, seconds):
    """How long until the other side ends; None if it does not."""
    began = time.monotonic()
    return time.monotonic() - began if rest(s, seconds)[1] else None


def rest(s, seconds=10):
    """All that still comes, and whether the other side has ended."""
    out = b""
    s.settimeout(seconds)
    try:
        while piece := s.recv(65536):
            out += piece
    except TimeoutError:
        return out, False
    except OSError:
        pass
    return out, True


def readable(s, seconds):
    return bool(select.select([s], [], [], seconds)[0])


def done():
    tap.done()

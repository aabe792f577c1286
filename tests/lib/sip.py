"""SIP for tests: a phone of a few lines over UDP or TCP, and a Kamailio on our configuration. Standard library only."""
import os
import queue
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import digest
import tap
import x509

DOMAIN = "example.test"
NOTIFY_USER, NOTIFY_SECRET = "rekeyd", "tell-them-all-7"
RPC_KEY = "rpckey0123456789abcdef"
EVENTS_KEY = "eventskey0123456789abcd"


def wait_for(what, seconds=10.0, step=0.02):
    """Polls until what() is true; returns its value or the last false one."""
    end = time.monotonic() + seconds
    while True:
        v = what()
        if v or time.monotonic() > end:
            return v
        time.sleep(step)


class Lines:
    """The lines that a program writes; a missing one is "" after some seconds, never a test that hangs."""

    def __init__(self, stream):
        self.queue = queue.Queue()
        threading.Thread(target=self.read, args=(stream,), daemon=True).start()

    def read(self, stream):
        for line in stream:
            self.queue.put(line.rstrip("\n"))
        self.queue.put("")

    def next(self, seconds=15):
        try:
            return self.queue.get(timeout=seconds)
        except queue.Empty:
            return ""


class Message:
    """One SIP message: .start, .headers [(name, value)], .body."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers.append((name.strip().lower(), value.strip()))

    def get(self, name):
        for n, v in self.headers:
            if n == name.lower():
                return v
        return None

    def all(self, name):
        return [v for n, v in self.headers if n == name.lower()]

    @property
    def status(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self):
        return self.start.split()[0]

    @property
    def uri(self):
        return self.start.split()[1]


class Phone:
    """A phone over one flow. UDP: one socket. TCP: one connection that it opened; it never listens."""

    def __init__(self, proxy, user, password, transport="udp", contact=None, domain=DOMAIN, local="127.0.0.1"):
        self.proxy, self.user, self.password, self.transport, self.domain = proxy, user, password, transport, domain
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.sock = socket.socket(socket.AF_INET, kind)
        self.sock.bind((local, 0))
        self.sock.settimeout(5)
        if transport != "udp":
            self.sock.connect(proxy)
        self.buf = b""
        host, port = self.sock.getsockname()
        self.contact = contact or "sip:%s@%s:%d%s" % (user, host, port, "" if transport == "udp" else ";transport=tcp")
        self.callid, self.cseq, self.tag = "%x" % random.getrandbits(64), 0, "%x" % random.getrandbits(32)

    def send(self, text):
        data = text.encode()
        if self.transport == "udp":
            self.sock.sendto(data, self.proxy)
        else:
            self.sock.sendall(data)

    def recv(self, timeout=5.0):
        """The next message, or None."""
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                if self.transport == "udp":
                    data = self.sock.recv(65536)
                    if len(data) > 8:
                        return Message(data)
                    continue
                head, sep, rest = self.buf.partition(b"\r\n\r\n")
                if sep and head.strip():
                    n = int(Message(head + sep).get("content-length") or 0)
                    if len(rest) >= n:
                        self.buf = rest[n:]
                        return Message(head + sep + rest[:n])
                elif sep:
                    self.buf = rest
                    continue
                data = self.sock.recv(65536)
                if not data:
                    return None
                self.buf += data
            except socket.timeout:
                return None

    def request(self, method, uri, extra=(), to=None, sender=None, contact=True):
        self.cseq += 1
        host, port = self.sock.getsockname()
        aor = "sip:%s@%s" % (self.user, self.domain)
        lines = ["%s %s SIP/2.0" % (method, uri),
                 "Via: SIP/2.0/%s %s:%d;branch=z9hG4bK%x;rport" % (self.transport.upper(), host, port, random.getrandbits(64)),
                 "Max-Forwards: 70", "From: <%s>;tag=%s" % (sender or aor, self.tag), "To: <%s>" % (to or aor),
                 "Call-ID: %s" % self.callid, "CSeq: %d %s" % (self.cseq, method)]
        if contact:
            lines.append("Contact: <%s>" % self.contact)
        self.send("\r\n".join(lines + list(extra) + ["Content-Length: 0", "", ""]))
        while True:
            m = self.recv()
            if m is None or m.status >= 200 and m.get("cseq") == "%d %s" % (self.cseq, method):
                return m

    def register(self, expires=600, password=None, extra=("User-Agent: test phone",)):
        """REGISTER with digest. The final status."""
        uri = "sip:%s" % self.domain
        extra = list(extra) + ["Expires: %d" % expires]
        m = self.request("REGISTER", uri, extra)
        if m is not None and m.status == 401:
            auth = digest.answer(m.get("www-authenticate"), "REGISTER", uri, self.user, password or self.password)
            m = self.request("REGISTER", uri, extra + ["Authorization: " + auth])
        return m.status if m else 0

    def reply(self, m, status, reason="Answer", extra=()):
        lines = ["SIP/2.0 %d %s" % (status, reason)]
        lines += ["Via: " + v for v in m.all("via")]
        lines += ["From: " + m.get("from"), "To: %s;tag=%s" % (m.get("to"), self.tag), "Call-ID: " + m.get("call-id"),
                  "CSeq: " + m.get("cseq")]
        self.send("\r\n".join(lines + list(extra) + ["Content-Length: 0", "", ""]))

    def close(self):
        self.sock.close()


class Kamailio:
    """Kamailio on templates/kamailio/kamailio.cfg, with a database file that registrar_tool keeps open."""

    def __init__(self, tls=None, timer_ms=1000, address2=None, notify_from=None, verbose=False, **more):
        self.dir = tap.temp_dir("kamailio")
        base = tap.free_port(5)
        self.port, self.tls_port, self.rpc_port = base, base + 1 if tls else 0, base + 2
        self.db = os.path.join(self.dir, "registrar.db")
        self.tool = tap.program("registrar_tool")
        self.rpc_url = "http://127.0.0.1:%d/RPC" % self.rpc_port
        self.hold = subprocess.Popen([self.tool, "hold", self.db], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                     env=dict(os.environ, NOTIFY_CREDENTIAL="%s:%s:%s" % (NOTIFY_USER, DOMAIN, NOTIFY_SECRET)))
        self.hold.stdout.readline()
        self.events = subprocess.Popen([self.tool, "events", "127.0.0.1", "0", EVENTS_KEY], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        self.events_port = int(self.events.stdout.readline().split()[1])
        self.event_lines = Lines(self.events.stdout)
        conf = dict(address="127.0.0.1", port=self.port, rpc_port=self.rpc_port, db=self.db, events_address="127.0.0.1",
                    events_port=self.events_port, events_key=EVENTS_KEY, rpc_key=RPC_KEY, notify_user=NOTIFY_USER,
                    notify_realm=DOMAIN, timer_ms=timer_ms)
        if tls:
            conf.update(tls_port=self.tls_port, tls_cert=tls[0], tls_key=tls[1])
        if address2:
            conf.update(address2=address2)
        if notify_from:
            conf.update(notify_from=notify_from)
        if verbose:
            conf.update(verbose=1)
        conf.update(more)
        self.call("conf", self.dir, *["%s=%s" % kv for kv in conf.items()])
        self.log = open(os.path.join(self.dir, "log"), "w")
        self.proc = None
        self.start()

    def start(self):
        self.proc = subprocess.Popen(["kamailio", "-f", os.path.join(self.dir, "kamailio.cfg"), "-DD", "-E", "-m", "256", "-M", "8",
                                      "-Y", self.dir], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        if not wait_for(self.answers, 15):
            with open(self.log.name) as f:
                print("# " + "# ".join(f.readlines()[-20:]))
            raise SystemExit("Bail out! Kamailio did not start")

    def answers(self):
        return self.proc.poll() is None and self.rpc("core.version", []) is not None

    def rpc(self, method, args, key=RPC_KEY):
        import json
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": args, "id": 1}).encode()
        req = urllib.request.Request(self.rpc_url, body, {"Content-Type": "application/json", "Authorization": "Bearer " + key})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(req, timeout=3) as r:
                return json.load(r)
        except urllib.error.HTTPError as e:
            text = e.read()
            return json.loads(text) if text.startswith(b"{") else {"http": e.code}
        except OSError:
            return None

    def call(self, *args):
        """registrar_tool; its output, or the error's first word after '!'."""
        r = subprocess.run([self.tool] + [str(a) for a in args], capture_output=True, text=True, timeout=30)
        return r.stdout.strip() if r.returncode == 0 else "!" + r.stderr.strip()

    def set(self, user, password, revision=1):
        return self.call("set", self.db, user, DOMAIN, DOMAIN, password, revision)

    def bindings(self, user):
        out = self.call("bindings", self.db, self.rpc_url, RPC_KEY, "%s@%s" % (user, DOMAIN))
        return out if out.startswith("!") else [line.split("\t") for line in out.splitlines()]

    def unbind(self, user, contact):
        return self.call("unbind", self.db, self.rpc_url, RPC_KEY, "%s@%s" % (user, DOMAIN), contact)

    def event(self):
        """The next event as a list of fields."""
        return (self.event_lines.next() + 8 * "\t").split("\t")[:8]

    def address(self):
        return ("127.0.0.1", self.port)

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
        for p in (self.events, self.hold):
            p.stdin.close()
            if p.wait(5) != 0:
                raise RuntimeError("registrar_tool ended with %d" % p.returncode)
        self.log.close()


def answer_to(m, status, reason="Answer", extra=()):
    """The bytes of an answer to a request, for peers that are no Phone."""
    lines = ["SIP/2.0 %d %s" % (status, reason)] + ["Via: " + v for v in m.all("via")]
    lines += ["From: " + m.get("from"), "To: %s;tag=peer" % m.get("to"), "Call-ID: " + m.get("call-id"), "CSeq: " + m.get("cseq")]
    return "\r\n".join(lines + list(extra) + ["Content-Length: 0", "", ""]).encode()


def notify_once(*args, env=None, timeout=90):
    """tests/peers/notify_once: [result lines as lists], {counts}, stderr."""
    r = subprocess.run([tap.program("notify_once")] + [str(a) for a in args], capture_output=True, text=True, timeout=timeout,
                       env=dict(os.environ, **(env or {})))
    if r.returncode not in (0, 1) or "Sanitizer" in r.stderr:
        raise RuntimeError("notify_once ended with %d: %s" % (r.returncode, r.stderr))
    rows = [line.split(" ", 8) for line in r.stdout.splitlines() if line[:1].isdigit()]
    counts = {}
    for line in r.stdout.splitlines():
        if line.startswith("counts "):
            counts = dict(zip(("submitted", "settled", "datagrams", "late", "peak"), map(int, line.split()[1:])))
    return rows, counts, r.stderr


def certificates(folder):
    """Two CAs and server certificates in folder: name -> path."""
    at = lambda name: os.path.join(folder, name)  # noqa: E731
    for name in ("ca", "foreign"):
        x509.own(at(name), "/CN=" + name)
    for name, ca, san in (("byname", "ca", "DNS:registrar.example.test"), ("byaddress", "ca", "IP:127.0.0.1,DNS:registrar.example.test"),
                          ("stranger", "foreign", "IP:127.0.0.1,DNS:registrar.example.test")):
        x509.request(at(name), "/CN=" + name)
        x509.signed(at(name), at(ca), "subjectAltName=%s\n" % san)
    return {n: at(n) + ".pem" for n in ("ca", "foreign", "byname", "byaddress", "stranger")}

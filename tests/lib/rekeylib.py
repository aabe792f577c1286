"""A real rekeyd in a folder of its own, its API, and phones that are curl. Standard library only."""
import atexit
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time

import prom
import tap

UA = {  # as captured, one per vendor; the MAC is put in
    "yealink": "Yealink SIP-T46U 108.87.14.1 %s",
    "polycom": "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Application",
    "grandstream": "Grandstream Model HW GXP2170 SW 1.0.11.79 DevId %s",
}


def ua(vendor, mac):
    text = UA[vendor]
    shown = ":".join(mac[i:i + 2] for i in range(0, 12, 2)) if vendor == "yealink" else mac
    return text % shown if "%s" in text else text


PASSWORD = (r"(?m)^(?:static\.)?auto_provision\.server\.password = (\S+)|"  # how a file says the phone's own login, each vendor's
            r'device\.prov\.password="([^"]+)"|<item name="provisioning\.config\.password">([^<]+)<')


def password_in(body):
    """The login in a phone's file; None where there is none."""
    m = re.search(PASSWORD, body.decode() if isinstance(body, bytes) else body)
    return m.group(m.lastindex) if m else None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [None])[0]

    def __repr__(self):
        return "%d %s" % (self.status, self.text[:300])


class Rekeyd:
    wrap = []  # a command in front, valgrind say
    patience = 20

    def __init__(self, **settings):
        self.dir = tap.temp_dir("daemon")
        self.data = os.path.join(self.dir, "data")
        atexit.register(self.end)
        self.p = None
        out = subprocess.run([tap.program("rekeyd"), "init", "--dir", self.data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if out.returncode:
            raise SystemExit("Bail out! rekeyd init: " + out.stderr)
        self.login = re.search(r"login:\s*(\S+)", out.stdout).group(1)
        self.password = re.search(r"password:\s*(\S+)", out.stdout).group(1)
        self.conf = os.path.join(self.data, "rekeyd.conf")
        self.phones_port, self.admin_port = tap.free_port(), tap.free_port()
        self.set("phones", "address", "127.0.0.1")
        self.set("phones", "port", self.phones_port)
        self.set("phones", "threads", 2)
        self.set("phones", "url", "https://localhost:%d" % self.phones_port)
        self.set("admin", "port", self.admin_port)
        self.set("admin", "url", "https://localhost:%d" % self.admin_port)
        for name, value in settings.items():
            section, _, key = name.partition("__")
            self.set(section, key.replace("_", "-"), value)
        self.ca = os.path.join(self.data, "ca.crt")
        self.key = None
        self.start()

    def set(self, section, key, value):
        """Replaces one line of the settings file."""
        now, out = None, []
        for line in open(self.conf).read().splitlines():
            m = re.match(r"\[(\w+)\]", line)
            now = m.group(1) if m else now
            if now == section and re.match(re.escape(key) + r"\s*=", line):
                line = "%s = %s" % (key, value)
            out.append(line)
        open(self.conf, "w").write("\n".join(out) + "\n")

    def spawn(self):
        self.log = open(os.path.join(self.dir, "log"), "a+")
        self.p = subprocess.Popen(self.wrap + [tap.program("rekeyd"), "run", "--conf", self.conf], stdout=self.log, stderr=self.log)

    def run(self, *args):
        """A call of rekeyd with these settings, to its end."""
        return subprocess.run([tap.program("rekeyd"), *args, "--conf", self.conf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)

    def start(self):
        self.spawn()
        end = time.monotonic() + self.patience
        while time.monotonic() < end and self.p.poll() is None:
            try:
                if self.ask("GET", "/healthz", port=self.admin_port).status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise SystemExit("Bail out! rekeyd did not start: " + self.log_text())

    def log_text(self):
        return open(os.path.join(self.dir, "log")).read()

    def stop(self, how=signal.SIGTERM):
        if self.p and self.p.poll() is None:
            self.p.send_signal(how)
            try:
                self.p.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        return self.p.returncode if self.p else None

    def end(self):
        code = self.stop()
        if code not in (0, None, -9):
            tap.late_failure()
            print("# rekeyd ended with %s\n# %s" % (code, "\n# ".join(self.log_text().splitlines()[-60:])))

    # ---- plain HTTP ----

    def connect(self, port):
        ctx = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection("localhost", port, context=ctx, timeout=20)

    def ask(self, method, path, body=None, headers=None, port=None, conn=None):
        c = conn or self.connect(port or self.admin_port)
        c.request(method, path, body=body, headers=headers or {})
        r = c.getresponse()
        got = Answer(r.status, r.getheaders(), r.read())
        if conn is None:
            c.close()
        return got

    # ---- the API ----

    def login_now(self):
        a = self.ask("POST", "/api/v1/login", json.dumps({"login": self.login, "password": self.password}),
                     {"Content-Type": "application/json"})
        if a.status != 200:
            raise SystemExit("Bail out! login: %r\n%s" % (a, self.log_text()))
        self.cookie = a.get("Set-Cookie").split(";")[0]
        self.csrf = a.json["csrf-token"]
        k = self.ask("POST", "/api/v1/apikeys", json.dumps({"name": "tests", "user-scope": "Super User"}),
                     {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf})
        self.key = k.json["key"]

    def api(self, method, path, body=None, key=None, prefix="/api/v1", **headers):
        if self.key is None:
            self.login_now()
        h = {"Authorization": "Bearer " + (key or self.key)}
        h.update({k.replace("_", "-"): v for k, v in headers.items()})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if body is not None:
            h.setdefault("Content-Type", "application/json")
            if isinstance(body, str):
                body = body.encode()
        return self.ask(method, prefix + path, body, h)

    def must(self, method, path, body=None, want=(200, 201, 202), **kw):
        a = self.api(method, path, body, **kw)
        if a.status not in want:
            raise RuntimeError("%s %s %s: %r\n%s" % (method, path, body, a, self.log_text()[-2000:]))
        return a.json

    def event(self, path, last=None, seconds=30):
        """One answer of a stream: (id of the last event, its data or None)."""
        c = self.connect(self.admin_port)
        c.timeout = seconds
        head = {"Authorization": "Bearer " + self.key}
        if last:
            head["Last-Event-ID"] = last
        try:
            a = self.ask("GET", "/api/v1" + path, headers=head, conn=c)
        finally:
            c.close()
        m = re.search(r"(?m)^id: ?(\d+)$", a.text)
        data = re.search(r"(?m)^data: ?(.*)$", a.text)
        return (m.group(1) if m else last), (json.loads(data.group(1)) if data else None)

    def domain(self, name="example.test"):
        self.must("POST", "/domains", {"domain": name, "sip-server": "sip." + name})
        return name

    def user(self, ext, first="", last="", domain="example.test", **more):
        return self.must("POST", "/domains/%s/users" % domain,
                         dict({"user": ext, "name-first-name": first, "name-last-name": last}, **more))

    def phone(self, mac, model, lines=(), domain="example.test", **more):
        """A phone with these devices on lines 1, 2, …; gives the path of its first-access address."""
        body = dict({"device-provisioning-mac-address": mac, "device-models-brand-and-model": model,
                     "lines": [{"slot": i + 1, "device": d} for i, d in enumerate(lines)]}, **more)
        a = self.must("POST", "/domains/%s/phones" % domain, body)
        return re.sub(r"^https://[^/]*", "", a["first-access"]["url"])

    def metric(self, name, **labels):
        """A number of /metrics, summed over the samples with these labels; None where it has none."""
        return prom.value(prom.read(self.ask("GET", "/metrics").text), "rekey_" + name, **labels)

    def until(self, fn, seconds=10, what="", step=0.03):
        """Polls until fn gives something true."""
        end = time.monotonic() + seconds
        while True:
            got = fn()
            if got or time.monotonic() > end:
                return got
            time.sleep(step)

    # ---- a phone that is bytes on a connection ----

    def dial(self, source="127.0.0.1", tls=True, rcvbuf=None):
        s = socket.socket()
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.settimeout(20)
        s.bind((source, 0))
        s.connect(("127.0.0.1", self.phones_port))
        return ssl.create_default_context(cafile=self.ca).wrap_socket(s, server_hostname="localhost") if tls else s

    # ---- a phone that is curl ----

    def curl(self, path, *args, agent="", data=None):
        """(status, headers as text, body). curl ends its connection properly, so that delivery can be seen."""
        out = os.path.join(self.dir, "body")
        cmd = ["curl", "-s", "--cacert", self.ca, "-o", out, "-D", "-", "-A", agent, "--max-time", "20", *args,
               "https://localhost:%d%s" % (self.phones_port, path)]
        if os.path.exists(out):
            os.unlink(out)
        r = subprocess.run(cmd, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        head = r.stdout.decode("latin-1").strip().split("\r\n\r\n")[-1]
        m = re.match(r"HTTP/\S+ (\d+)", head)
        body = open(out, "rb").read() if os.path.exists(out) else b""
        return (int(m.group(1)) if m else 0), head, body

    def seen(self, path, *args, **kw):
        """The same, without what differs each time."""
        status, head, body = self.curl(path, *args, **kw)
        return status, plain_head(head), body


def plain_head(head):
    """A head without what differs each time: nonces, whether one is stale, the date."""
    return re.sub(r"(?mi)^Date: [^\r\n]*", "Date", re.sub(r'(nonce|opaque)="[^"]*"', r"\1", head.replace(", stale=true", "")))


def header(head, name):
    m = re.search(r"(?mi)^%s:\s*(.*?)\s*$" % re.escape(name), head)
    return m.group(1) if m else None

"""A real SMTP server beside the test (tests/smtp/server.js), and the mails that it got. Standard library only."""
import atexit
import email
import email.policy
import json
import os
import re
import subprocess
import time
from email.header import decode_header, make_header

import tap
import x509

MODULES = os.path.join(tap.top(), "build", "deps", "npm", "node_modules")


def certificates(folder, names=("localhost",)):
    """A CA, and for each name a certificate of that name: {name: (cert, key)}, path of the CA."""
    at = lambda name: os.path.join(folder, name)  # noqa: E731
    x509.own(at("ca"), "/CN=Mail CA")
    for name in names:
        x509.request(at(name), "/CN=" + name)
        x509.signed(at(name), at("ca"), "subjectAltName=DNS:%s\n" % name)
    return {name: (at(name) + ".pem", at(name) + ".key") for name in names}, at("ca") + ".pem"


class Mail:
    def __init__(self, raw, envelope):
        self.raw, self.envelope = raw, envelope
        self.message = email.message_from_bytes(raw, policy=email.policy.default)

    @property
    def to(self):
        """(display name, address) of To; by RFC 2047 §6.2, which the newer parser misses in phrases."""
        raw = re.search(rb"(?m)^To: ((?:.|\r\n[ \t])*)\r$", self.raw).group(1).decode().replace("\r\n", "")
        m = re.match(r"(.*?) *<([^<>]*)>$", raw)
        if not m:
            return "", raw
        if m.group(1).startswith('"'):
            return re.sub(r"\\(.)", r"\1", m.group(1)[1:-1]), m.group(2)
        return str(make_header(decode_header(m.group(1)))), m.group(2)

    def part(self, kind):
        return self.message.get_body((kind,)).get_content()

    @property
    def text(self):
        return self.part("plain")

    @property
    def html(self):
        return self.part("html")

    @property
    def link(self):
        return [w for w in self.text.split() if "/set-password/" in w][0]


class Server:
    def __init__(self, tls="starttls", cert=None, user="mailer", password="Wort-47", port=None, ascii=False):
        self.dir = tap.temp_dir("smtp")
        self.port = port or tap.free_port()
        self.user, self.password = user, password
        setup = {"tls": tls, "port": self.port, "user": user, "password": password, "ascii": ascii}
        if cert:
            setup["cert"], setup["key"] = cert
        json.dump(setup, open(os.path.join(self.dir, "setup.json"), "w"))
        self.p = None
        atexit.register(self.stop)
        self.start()

    def start(self):
        self.p = subprocess.Popen(["node", os.path.join(tap.top(), "tests", "smtp", "server.js"), self.dir], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=dict(os.environ, NODE_PATH=MODULES))
        if self.p.stdout.readline() != b"ready\n":
            raise SystemExit("Bail out! the SMTP server did not start; tests/deps.sh check installs what it needs")

    def stop(self):
        if self.p and self.p.poll() is None:
            self.p.kill()
            self.p.wait()

    def mood(self, **words):
        """How it behaves from now on: connect, from, to, data = a code, a list of codes, or {address: either}; slow={word: ms}."""
        path = os.path.join(self.dir, "mood.json")
        json.dump(words, open(path + ".new", "w"))
        os.rename(path + ".new", path)

    def events(self, word=None):
        path = os.path.join(self.dir, "events")
        if not os.path.exists(path):
            return []
        got = [json.loads(line) for line in open(path).read().splitlines()]
        return [e for e in got if word is None or e["word"] == word]

    def mails(self):
        got = []
        for name in sorted(os.listdir(self.dir)):
            if name.endswith(".json") and name[:6].isdigit():
                base = os.path.join(self.dir, name[:-5])
                got.append(Mail(open(base + ".eml", "rb").read(), json.load(open(base + ".json"))))
        return got

    def wait(self, n, seconds=15):
        """Waits until n mails are there in all; gives them, as many as there are by then."""
        end = time.monotonic() + seconds
        while len(self.mails()) < n and time.monotonic() < end:
            time.sleep(0.03)
        return self.mails()

#!/usr/bin/python3
"""Whoever has not proved which phone it is learns nothing: unknown, vacant, retired, assigned, wrong identity, wrong address. Status,
headers but for nonce and Date, and body are equal to the byte, for each method and form of path; and the time says nothing, by rank
over thousands of tries on one connection."""
import base64
import os
import random
import re
import ssl
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

# This test stands behind a trusted proxy of its own, so that each try can be from somewhere else and none is throttled.
r = rekeylib.Rekeyd(phones__trusted_proxies="127.0.0.1", phones__failures_total=100000)
r.domain()
P = "/domains/example.test/phones/"
r.user("1001", "Anna", "Berg")
KNOWN = ["0015650a%04x" % (i * 37) for i in range(20)]
UNKNOWN = ["0015650b%04x" % (i * 37) for i in range(20)]
token = {m: r.phone(m, "yealink-t46u", ["1001"] if i == 0 else []) for i, m in enumerate(KNOWN)}
ASSIGNED, VACANT, RETIRED, OTHER, SPENT = KNOWN[:5]
NOBODY = UNKNOWN[0]
r.must("POST", P + RETIRED + "/retire", {})


def own(m):
    """The phone's own password, as its first file says it."""
    return rekeylib.password_in(r.curl(token[m] + m + ".cfg", agent=rekeylib.ua("yealink", m))[2])


password = {m: own(m) for m in (ASSIGNED, OTHER, SPENT)}
is_(r.curl("/cfg/%s.cfg" % SPENT, "--digest", "-u", SPENT + ":" + password[SPENT])[0], 200, "a phone that used its own password")
ok(r.until(lambda: r.curl(token[SPENT] + SPENT + ".cfg")[0] == 404), "has ended its first-access address")


class Line:
    """One connection after the other. Answers come with Content-Length."""

    def __init__(self):
        self.open()

    def open(self):
        ctx = ssl.create_default_context(cafile=r.ca)
        self.s = ctx.wrap_socket(socket.create_connection(("localhost", r.phones_port)), server_hostname="localhost")
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.s.settimeout(20)

    def send(self, text, head=False):
        self.s.sendall(text)
        data = self.more(b"")
        while b"\r\n\r\n" not in data:
            data = self.more(data)
        want = data.index(b"\r\n\r\n") + 4 + (0 if head else int(re.search(rb"(?i)content-length: (\d+)", data).group(1)))
        while len(data) < want:
            data = self.more(data)
        self.last = b"\r\nConnection: close\r\n" in data
        return data

    def more(self, data):
        piece = self.s.recv(65536)
        if not piece:
            raise RuntimeError("the connection ended within an answer")
        return data + piece

    def renew(self):
        """A connection bears so many requests; the next one is made between two tries."""
        if self.last:
            self.s.close()
            self.open()


n = [0]


def request(path, method="GET", *headers):
    n[0] += 1
    body = "x=1" if method in ("PUT", "POST") else ""
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", "User-Agent: Yealink SIP-T46U 108.87.14.1 00:15:65:0c:00:01",
             "X-Forwarded-For: 10.%d.%d.9" % (n[0] >> 8 & 255, n[0] & 255), *headers] + (["Content-Length: 3"] if body else [])
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


line = Line()


def shown(path, method="GET", *headers):
    data = line.send(request(path, method, *headers), method == "HEAD").decode("latin-1")
    line.renew()
    data = data.replace("Connection: close\r\n", "")
    return rekeylib.plain_head(data)


def challenge():
    data = line.send(request("/cfg/x.cfg")).decode()
    line.renew()
    return re.search(r'nonce="([^"]*)"', data).group(1)


def digest(user, path, nonce, response="0" * 32):
    return 'Authorization: Digest username="%s", realm="rekey", nonce="%s", uri="%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="a"' % (
        user, nonce, path, response)


def basic(user, word):
    return "Authorization: Basic " + base64.b64encode(("%s:%s" % (user, word)).encode()).decode()


# ---- what is said ----
FILES = ("%s.cfg", "%s.boot", "%s-local.cfg", "cfg%s", "cfg%s.xml", "%s-lines.cfg", "%s-directory.xml", "y000000000108.cfg?%s", "%s", "%s.nonsense")
nonce = challenge()
for method in ("GET", "HEAD", "PUT", "POST"):
    answers = {}
    for form in FILES:
        for who, m in (("unknown", NOBODY), ("assigned", ASSIGNED), ("vacant", VACANT), ("retired", RETIRED), ("spent", SPENT)):
            path = "/cfg/" + form % m
            answers["%s %s" % (who, path)] = shown(path, method)
            answers["%s %s, wrong Digest" % (who, path)] = shown(path, method, digest(m, path, nonce))
            answers["%s %s, wrong Basic" % (who, path)] = shown(path, method, basic(m, "guess"))
            answers["%s %s, old challenge" % (who, path)] = shown(path, method, digest(m, path, "A" * 70))
            if form not in ("y000000000108.cfg?%s", "%s", "%s.nonsense"):  # those name no phone: any phone may ask for them
                answers["%s %s, another phone's good login" % (who, path)] = shown(path, method, basic(OTHER, password[OTHER]))
    first = answers["unknown /cfg/%s.cfg" % NOBODY]
    is_(({k: v for k, v in answers.items() if v != first}, first.split("\r\n")[0]), ({}, "HTTP/1.1 401 Unauthorized"), "%s /cfg/…: %d requests, one answer" % (method, len(answers)))

    answers = {}
    for who, m in (("unknown", NOBODY), ("assigned", ASSIGNED), ("vacant", VACANT), ("retired", RETIRED), ("spent", SPENT)):
        for what, t in (("no token", "/cfg/" + "A" * 32 + "/"), ("short", "/cfg/a/"), ("another phone's", token[OTHER]), ("a spent one", token[SPENT])):
            for form in FILES[:7]:
                answers["%s, %s, %s" % (who, what, form)] = shown(t + form % m, method)
        answers[who + ", no token, with another's login"] = shown("/cfg/" + "A" * 32 + "/" + m + ".cfg", method, basic(OTHER, password[OTHER]))
    first = answers["unknown, no token, %s.cfg"]
    is_(({k: v for k, v in answers.items() if v != first}, first.split("\r\n")[0]), ({}, "HTTP/1.1 404 Not Found"), "%s /cfg/<token>/…: %d requests, one answer" % (method, len(answers)))

    answers = {t: shown("/soft/" + t, method) for t in ("A" * 32, "a", NOBODY, ASSIGNED, token[ASSIGNED].split("/")[2])}
    is_(len(set(answers.values())), 1, method + " /soft/<token>")

is_(shown("/cfg/%s.cfg" % OTHER, "GET", basic(OTHER, password[OTHER])).split("\r\n")[0], "HTTP/1.1 200 OK", "the login that was used for this is a good one")

# ---- how long it takes ----
TRIES = int(os.environ.get("TRIES", "3000"))  # of each side; the error of the rank is then 0.0075


def rank(a, b):
    """P(a > b) + P(a = b) / 2."""
    both = sorted([(x, 0) for x in a] + [(x, 1) for x in b])
    total, i = 0.0, 0
    while i < len(both):
        k = i
        while k < len(both) and both[k][0] == both[i][0]:
            k += 1
        total += sum(1 for x in both[i:k] if x[1] == 0) * (i + k + 1) / 2
        i = k
    return (total - len(a) * (len(a) + 1) / 2) / (len(a) * len(b))


def measure(one, other):
    """Both in turn, in random order; one(m) makes the request."""
    took = ([], [])
    for i in range(TRIES + 50):
        sides = [(0, one(i)), (1, other(i))]
        random.shuffle(sides)
        for side, text in sides:
            t0 = time.perf_counter_ns()
            line.send(text)
            if i >= 50:
                took[side].append(time.perf_counter_ns() - t0)
            line.renew()
    return took


def same_time(what, make, known=KNOWN, unknown=UNKNOWN, bound=0.02):
    """The mean of up to four runs: one run's error is 0.0075, so what is within 0.01 at once is not looked at longer."""
    seen = []
    while not seen or (len(seen) < 4 and abs(sum(seen) / len(seen) - 0.5) > 0.01):
        a, b = measure(lambda i: make(known[i % len(known)]), lambda i: make(unknown[i % len(unknown)]))
        seen.append(rank(a, b))
    off, said = abs(sum(seen) / len(seen) - 0.5), " ".join("%.3f" % p for p in seen)
    print("# %s: known slower than unknown in %s; medians %.0f and %.0f us" % (what, said, sorted(a)[len(a) // 2] / 1e3, sorted(b)[len(b) // 2] / 1e3))
    ok(off <= bound, "the time says nothing: " + what, said)


nonce = challenge()
cfg = "/cfg/%s.cfg"
same_time("known or not, nothing shown", lambda m: request(cfg % m))
fresh = iter(range(1 << 24))
same_time("known or never seen before, nothing shown", lambda m: request(cfg % (m or "001566%06x" % next(fresh))), unknown=[None])
same_time("assigned or not there, nothing shown", lambda m: request(cfg % m), [ASSIGNED], [NOBODY])
same_time("retired or vacant, nothing shown", lambda m: request(cfg % m), [RETIRED], [VACANT])
same_time("a wrong Digest", lambda m: request(cfg % m, "GET", digest(m, cfg % m, nonce)))
same_time("a wrong Basic", lambda m: request(cfg % m, "GET", basic(m, "guess")))
same_time("another phone's login", lambda m: request(cfg % m, "GET", basic(OTHER, password[OTHER])), [m for m in KNOWN if m != OTHER])
same_time("no token", lambda m: request("/cfg/" + "A" * 32 + "/" + m + ".cfg"))
same_time("another phone's token", lambda m: request(token[OTHER] + m + ".cfg"), [m for m in KNOWN if m != OTHER])
# Whoever has a spent address had it from somebody; the store finds a row there, and looks whether it is good.
same_time("a spent address or none", request, [token[SPENT] + SPENT + ".cfg"], ["/cfg/" + "A" * len(token[SPENT].split("/")[2]) + "/" + SPENT + ".cfg"], bound=0.03)
same_time("an upload", lambda m: request(cfg % m, "PUT"))
# The test itself: a difference that is there is seen.
a, b = measure(lambda i: request(cfg % KNOWN[i % 20], "GET", *["X-Fill: " + "x" * 60] * 40), lambda i: request(cfg % UNKNOWN[i % 20]))
ok(rank(a, b) > 0.55, "a request that is a little more work is seen to be slower", rank(a, b))
r.end()
done()

#!/usr/bin/python3
"""Webhooks against a real receiver: signature and time by Python's own hmac, repetition in order under one id, back-off, slow and
talkative receivers, TLS, redirects, addresses that a call must not lead to, and what a person sees of all that."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import socket
import sqlite3
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402


class Receiver:
    """Answers what script says per path: a list of statuses, functions of the handler, or nothing more = 204."""

    def __init__(self, certificate=None):
        self.calls, self.script, self.lock = [], {}, threading.Lock()
        me = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with me.lock:
                    me.calls.append((self.path, dict((k.lower(), v) for k, v in self.headers.items()), body, time.time()))
                    todo = me.script.get(self.path, [])
                    step = todo.pop(0) if todo else 204
                if callable(step):
                    return step(self)
                self.send_response(step)
                if 300 <= step < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *a):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ctx.load_cert_chain(*certificate)
            self.server.socket = ctx.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, path):
        with self.lock:
            return [c for c in self.calls if c[0] == path]


def verify(call, secret):
    """As a receiver does it: the three headers of Standard Webhooks."""
    _, h, body, at = call
    signed = b"%s.%s.%s" % (h["webhook-id"].encode(), h["webhook-timestamp"].encode(), body)
    want = "v1," + base64.b64encode(hmac.new(base64.b64decode(secret[len("whsec_"):]), signed, hashlib.sha256).digest()).decode()
    return want in h["webhook-signature"].split(" ") and abs(at - int(h["webhook-timestamp"])) < 300


RETRY = 60
r = rekeylib.Rekeyd(alerts__webhook_http="yes", alerts__webhook_private="yes", alerts__webhook_retry_ms=RETRY, alerts__webhook_timeout_ms=700,
                    alerts__unconfirmed_ms=3600000)
r.domain()
D = "/domains/example.test"
got = Receiver()
URL = "http://127.0.0.1:%d" % got.port
serial = [0]


def raise_alerts(n=1, domain="example.test"):
    """Records that have been open for too long; looked at when the server starts: their ids."""
    r.stop()
    db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
    did = db.execute("SELECT id FROM domains WHERE name=?", (domain,)).fetchone()[0]
    ids = []
    for _ in range(n):
        serial[0] += 1
        ids.append(500000 + serial[0])
        db.execute("INSERT INTO records (id, kind, domain_id, mac, slot, device, ext, domain, who, why, generation_before, generation_after, revision_before,"
                   " revision_after, keeps_line, state, open, created_ms, closed_ms) VALUES (?,'unassigned',?,'001565aabb01',1,'1001','1001',?,'boss','reset',1,2,1,2,0,'told',1,?,0)",
                   (ids[-1], did, domain, 1700000000000 + serial[0]))
    db.commit()
    db.close()
    r.start()
    return ids


def hook(path, at=D, **more):
    return r.must("POST", at + "/webhooks", dict({"url": URL + path}, **more))


def state(h, at=D):
    return r.must("GET", at + "/webhooks/%d" % h["webhook"])


# ---- what is given, and what is shown ----
h = hook("/one?token=s3cr3t-path", description="chat")
ok(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", h["secret"]), "a secret, shown once", h)
s = state(h)
ok("secret" not in s and s["url"] == URL + "/***" and s["last-call"] is None and s["enabled"], "afterwards neither secret nor path", s)
listed = r.must("GET", D + "/webhooks")
is_([x["webhook"] for x in listed], [h["webhook"]], "the list")
is_(r.must("PUT", D + "/webhooks/%d" % h["webhook"], {"url": s["url"], "description": "the chat"})["description"], "the chat", "the masked URL sent back stays")
is_(r.must("GET", "/webhooks"), [], "the server's own are others")
is_(r.api("GET", "/webhooks/%d" % h["webhook"]).status, 404, "and not found there")
r.domain("other.test")
is_(r.api("GET", "/domains/other.test/webhooks/%d" % h["webhook"]).status, 404, "nor in another domain")
for url, why in (("ftp://x.example/", "https"), ("", "url"), ("hooks", "URL"), ("https://", "URL"), ("https://u:p@h.example/", "user"), ("https://h.example/#f", "fragment"),
                 ("https://h.example/a b", "character"), ("https://h.example/" + "x" * 1000, "1000")):
    a = r.api("POST", D + "/webhooks", {"url": url})
    ok(a.status == 400 and why in a.json["detail"], "refused: %s" % url[:40], a)
for body in ({}, {"url": URL, "kinds": ["x"]}, {"url": URL, "kinds": "residue"}, {"url": URL, "enabled": "maybe"}, {"url": URL, "secret": "mine"}):
    a = r.api("POST", D + "/webhooks", body)
    ok(a.status == 400, "refused: %s" % sorted(body), a)

twice = [r.api("POST", D + "/webhooks", {"url": "https://h.example/twice"}, Idempotency_Key="hook-1").json for _ in range(2)]
ok(twice[0] == twice[1] and twice[0]["secret"] and len(r.must("GET", D + "/webhooks")) == 2, "the same key: the same webhook, with its secret", twice)
r.must("DELETE", D + "/webhooks/%d" % twice[0]["webhook"])

# ---- a test call ----
is_(r.api("POST", D + "/webhooks/%d/test" % h["webhook"]).status, 202, "a test call")
ok(r.until(lambda: got.of("/one?token=s3cr3t-path")), "comes")
c = got.of("/one?token=s3cr3t-path")[0]
ok(verify(c, h["secret"]), "signed with the secret", c)
ok(c[1]["content-type"] == "application/json" and c[1]["user-agent"].startswith("Rekey/") and "expect" not in c[1], "as JSON", c[1])
t = json.loads(c[2])
is_((t["type"], t["data"]["webhook"]), ("webhook.test", h["webhook"]), "it says what it is")
ok(not verify(c, "whsec_" + base64.b64encode(b"x" * 32).decode()), "another secret does not fit")
forged = (c[0], c[1], c[2].replace(b"test", b"tess"), c[3])
ok(not verify(forged, h["secret"]), "nor another body")
old = (c[0], dict(c[1], **{"webhook-timestamp": str(int(c[1]["webhook-timestamp"]) - 10)}), c[2], c[3])
ok(not verify(old, h["secret"]), "nor another time")
last = r.until(lambda: state(h)["last-call"])
is_((last["status"], last["error"]), (204, ""), "the last call's end is shown")

# ---- alerts: in order, each once, whoever listens ----
got.script["/residue"] = []
other = hook("/residue", kinds=["residue"])
all_ = hook("/all", at="")
elsewhere = hook("/elsewhere-domain", at="/domains/other.test")
ids = raise_alerts(5)
ok(r.until(lambda: len(got.of("/all")) >= 5 and len(got.of("/one?token=s3cr3t-path")) >= 6), "five alerts, two webhooks")
mine = [json.loads(x[2]) for x in got.of("/one?token=s3cr3t-path")[1:]]
is_([m["data"]["handover"] for m in mine], ids, "in the order in which they were raised")
ok(all(m["type"] == "alert.raised" and m["data"]["kind"] == "unconfirmed" and m["data"]["domain"] == "example.test" for m in mine), "what and where", mine[0])
ok(all(verify(x, all_["secret"]) and not verify(x, h["secret"]) for x in got.of("/all")), "each webhook has its own secret")
ok(all(verify(x, h["secret"]) for x in got.of("/one?token=s3cr3t-path")), "all are signed")
is_([x[1]["webhook-id"] for x in got.of("/all")], [x[1]["webhook-id"] for x in got.of("/one?token=s3cr3t-path")[1:]], "one id per event")
is_((got.of("/residue"), got.of("/elsewhere-domain")), ([], []), "who asked for other kinds, or is of another domain, hears nothing")
alert = r.must("GET", D + "/alerts?kind=unconfirmed")[0]
r.must("POST", D + "/alerts/%d/acknowledge" % alert["alert"], {"reason": "on my way"})
ok(r.until(lambda: len(got.of("/all")) == 6), "acknowledged: told too")
a = json.loads(got.of("/all")[-1][2])
is_((a["type"], a["data"]["alert"], a["data"]["reason"], a["data"]["by-user"]), ("alert.acknowledged", alert["alert"], "on my way", "tests"), "with who and why")
r.must("POST", D + "/handovers/%d/write-off" % ids[0], {"reason": "lost"})
ok(r.until(lambda: len(got.of("/all")) == 7), "the record ends")
a = json.loads(got.of("/all")[-1][2])
is_((a["type"], a["data"]["handover"], a["data"]["reason"]), ("alert.cleared", ids[0], "the handover is written-off"), "and with it the alert")

# ---- failures: repeated, in order, under the same id, with growing pauses ----
before = len(got.of("/all"))
got.script["/all"] = [500, 503, 302, 404, 200]
ids = raise_alerts(3)
ok(r.until(lambda: len(got.of("/all")) >= before + 7, 20), "four failures, then three successes", len(got.of("/all")) - before)
calls = got.of("/all")[before:]
is_([json.loads(x[2])["data"]["handover"] for x in calls], [ids[0]] * 5 + ids[1:], "what comes behind a failed one waits for it")
ok(len({x[1]["webhook-id"] for x in calls[:5]}) == 1 and len({x[1]["webhook-id"] for x in calls}) == 3, "a repetition has the id of the first")
ok(len({x[2] for x in calls[:5]}) == 1, "and the same body")
ok(all(verify(x, all_["secret"]) for x in calls), "signed anew each time")
gaps = [b[3] - a[3] for a, b in zip(calls, calls[1:])][:4]
ok(all(g >= RETRY / 1000 * 2 ** i * 0.95 for i, g in enumerate(gaps)), "the pauses double", gaps)
is_(got.of("/elsewhere"), [], "a redirect is not followed")
s = r.until(lambda: (lambda x: x if x["failures"] == 0 and x["waiting"] == 0 else None)(state(all_, "")))
is_((s["last-call"]["status"], s["failing-since-datetime"], s["enabled"]), (204, None, True), "then all is well again")

# ---- receivers that behave badly hold nobody up ----
release = threading.Event()


def hangs(handler):
    release.wait(20)
    handler.close_connection = True


def talks(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass
    handler.close_connection = True


def trickles(handler):
    """An answer's head, one byte at a time."""
    try:
        for b in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
            handler.wfile.write(bytes([b]))
            handler.wfile.flush()
            time.sleep(0.05)
            if release.is_set():
                break
    except OSError:
        pass
    handler.close_connection = True


slow = [hook("/slow%d" % i, kinds=["unconfirmed"]) for i in range(6)]
for i in range(6):
    got.script["/slow%d" % i] = [hangs if i % 2 else trickles] * 50
loud = hook("/loud")
got.script["/loud"] = [talks] * 50
before = len(got.of("/one?token=s3cr3t-path"))
raise_alerts(2)
t0 = time.time()
ok(r.until(lambda: len(got.of("/one?token=s3cr3t-path")) == before + 2), "one that answers hears both alerts at once")
took = time.time() - t0
u = r.must("POST", D + "/users", {"user": "1001", "name-first-name": "A", "name-last-name": "B"})
job = r.must("POST", D + "/resets", {"users": ["1001"]})["reset"]
ok(r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done", 5), "while six hang, a reset is carried out")
print("# six receivers hang; the good one has heard all after %.2f s" % took)
ok(r.until(lambda: len(got.of("/loud")) >= 2, 5), "one that talks without end has taken the call by its 200")
is_([x["last-call"]["error"] for x in [r.until(lambda: (lambda x: x if x["waiting"] == 0 else None)(state(loud)))]], [""], "and that is all that is looked at")
s = r.until(lambda: (lambda x: x if x["failures"] else None)(state(slow[1])))
ok(s["last-call"]["status"] == 0 and "timed out" in s["last-call"]["error"].lower() and 600 <= s["last-call"]["milliseconds"] < 5000, "one that hangs is given up in time", s)
release.set()
for x in slow + [loud]:
    is_(r.api("DELETE", D + "/webhooks/%d" % x["webhook"]).status, 200, "deleted")

# ---- nobody listens; a test goes first and once ----
dead = hook("/x")
r.must("PUT", D + "/webhooks/%d" % dead["webhook"], {"url": "http://127.0.0.1:%d/x" % tap.free_port()})
raise_alerts(1)
s = r.until(lambda: (lambda x: x if x["failures"] >= 2 else None)(state(dead)))
ok(s and s["waiting"] == 1 and "connect" in s["last-call"]["error"].lower() and s["failing-since-datetime"], "a receiver that is not there", s)
r.must("POST", D + "/webhooks/%d/test" % dead["webhook"])
ok(r.until(lambda: state(dead)["waiting"] == 1), "a test that failed is not repeated")
before = len(got.of("/back"))
r.must("PUT", D + "/webhooks/%d" % dead["webhook"], {"url": URL + "/back"})
ok(r.until(lambda: len(got.of("/back")) == before + 1, 5), "another URL: what is owed goes there at once")

# ---- 410, and days of failure ----
got.script["/back"] = [410] * 9
raise_alerts(1)
s = r.until(lambda: (lambda x: x if not x["enabled"] else None)(state(dead)))
ok(s and "410" in s["disabled-reason"] and s["waiting"] == 0, "410 Gone disables it", s)
w = r.must("GET", D + "/alerts?kind=webhook-disabled")
ok(len(w) == 1 and "410" in w[0]["text"] and "/back" not in w[0]["text"], "with an alert, which does not tell its path", w)
is_(r.api("POST", D + "/webhooks/%d/test" % dead["webhook"]).status, 409, "a disabled one is not called")
del got.script["/back"]
r.must("PATCH", D + "/webhooks/%d" % dead["webhook"], {"enabled": True})
is_(r.must("GET", D + "/alerts?kind=webhook-disabled"), [], "enabled again, and the alert is over")
got.script["/back"] = [500] * 3
r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
db.execute("UPDATE webhooks SET failing_since_ms = 1, failures = 3 WHERE id = ?", (dead["webhook"],))
db.commit()
db.close()
r.start()
raise_alerts(1)
r.must("POST", D + "/webhooks/%d/test" % dead["webhook"])  # begins its work; the test's failure is not counted
s = r.until(lambda: (lambda x: x if not x["enabled"] else None)(state(dead)))
ok(s and "hours" in s["disabled-reason"], "days of failure disable it", s or state(dead))
r.api("DELETE", D + "/webhooks/%d" % dead["webhook"])

# ---- a new secret: both sign for a day ----
n = r.must("POST", D + "/webhooks/%d/secret" % h["webhook"])
ok(n["secret"] != h["secret"], "a new secret")
tests = lambda: [x for x in got.of("/one?token=s3cr3t-path") if b"webhook.test" in x[2]]  # noqa: E731
before = len(tests())
r.must("POST", D + "/webhooks/%d/test" % h["webhook"])
r.until(lambda: len(tests()) > before)
c = tests()[-1]
ok(verify(c, n["secret"]) and verify(c, h["secret"]), "old and new both fit")

# ---- killed in the middle: told again, under the same id ----
before = len(got.of("/all"))
got.script["/all"] = [hangs]
release.clear()
ids = raise_alerts(1)
r.until(lambda: len(got.of("/all")) > before)
r.stop(9)
r.start()
ok(r.until(lambda: len(got.of("/all")) > before + 1), "after a kill the call comes again")
ok(len({x[1]["webhook-id"] for x in got.of("/all")[before:]}) == 1, "under the same id")
release.set()

# ---- TLS: the certificate is checked ----
tls = Receiver((os.path.join(r.data, "admin.crt"), os.path.join(r.data, "admin.key")))
strange = r.must("POST", D + "/webhooks", {"url": "https://localhost:%d/tls" % tls.port})
r.must("POST", D + "/webhooks/%d/test" % strange["webhook"])
s = r.until(lambda: (lambda x: x if x["last-call"] else None)(state(strange)))
ok("certificate" in s["last-call"]["error"].lower() and not tls.of("/tls"), "a certificate that nobody vouches for", s["last-call"])
r.stop()
r.set("alerts", "webhook-ca", r.ca)
r.start()
r.must("POST", D + "/webhooks/%d/test" % strange["webhook"])
ok(r.until(lambda: tls.of("/tls")), "with its CA in [alerts] webhook-ca")
ok(verify(tls.of("/tls")[0], strange["secret"]), "signed")

# ---- where a call may not lead ----
r.stop()
r.set("alerts", "webhook-private", "no")
r.start()
for url in ("https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
            "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/", "https://0.0.0.0/", "https://100.64.0.1/"):
    a = r.api("POST", D + "/webhooks", {"url": url})
    ok(a.status == 400 and "webhook-private" in a.json["detail"], "refused when given: " + url, a)
before = len(tls.of("/tls")), len(got.of("/all"))
r.must("POST", D + "/webhooks/%d/test" % strange["webhook"])  # localhost, given when it was allowed: as a name that leads there now
s = r.until(lambda: (lambda x: x if x["last-call"] and x["last-call"]["status"] == 0 else None)(state(strange)))
ok("loopback" in s["last-call"]["error"] and len(tls.of("/tls")) == before[0], "a name that leads to this machine: no connection is made", s["last-call"])
r.stop()
r.set("alerts", "webhook-http", "no")
r.set("alerts", "webhook-private", "yes")
r.start()
r.must("POST", "/webhooks/%d/test" % all_["webhook"])
s = r.until(lambda: (lambda x: x if x["last-call"] and x["last-call"]["status"] == 0 else None)(state(all_, "")))
ok("http" in s["last-call"]["error"].lower() and len(got.of("/all")) == before[1], "plain HTTP is not spoken any more", s["last-call"])
a = r.api("POST", D + "/webhooks", {"url": "http://h.example/"})
ok(a.status == 400 and "webhook-http" in a.json["detail"], "nor taken", a)

# ---- who may; how many; nothing secret in the log ----
office = r.must("POST", D + "/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
site = r.must("POST", D + "/apikeys", {"name": "site", "user-scope": "Site Manager"})["key"]
is_([r.api("GET", p, key=k).status for p, k in ((D + "/webhooks", office), ("/webhooks", office), (D + "/webhooks", site))], [200, 403, 403], "Office Manager: of the domain")
codes = [r.api("POST", D + "/webhooks", {"url": "https://h.example/"}).status for _ in range(20)]
ok(codes.count(201) == 20 - len([x for x in (h, other, strange)]) and codes[-1] == 413, "at most 20", codes)
ok("s3cr3t-path" not in r.log_text() and h["secret"] not in r.log_text(), "the log has neither paths nor secrets")
r.stop()
data = b"".join(open(os.path.join(r.data, f), "rb").read() for f in os.listdir(r.data) if f.startswith("rekey.db"))
ok(b"s3cr3t-path" not in data and h["secret"].encode() not in data, "nor has the database in plain")
done()

#!/usr/bin/python3
"""The demo's simulated phone against a server of a few lines and a real Kamailio: it knows what it was served and nothing
else, keeps what the hardware keeps, and answers NOTIFY as its vendor does."""
import http.server
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, "tests/lib")
from tap import done, is_, ok, program, temp_dir
import x509
import digest
import sip

MAC = "001565aa0101"
TOKEN = "first-access"
DIR = temp_dir("simphone")
x509.own(DIR + "/cert", "/CN=127.0.0.1", extension="subjectAltName=IP:127.0.0.1")


class Server:
    """files: what a phone that has proved itself gets. Digest with user = MAC, or the token in the path."""

    def __init__(self):
        self.files, self.password, self.log = {}, "prov-pass", []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def answer(self, status, body=b"", headers=()):
                outer.log.append((self.command, self.path, status, self.headers.get("User-Agent")))
                self.send_response(status)
                for h in headers:
                    self.send_header(*h)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def proved(self):
                if self.path.startswith("/cfg/%s/" % TOKEN):
                    return True
                auth = self.headers.get("Authorization", "")
                return auth.startswith("Digest ") and digest.proves(auth, self.command, MAC, outer.password)

            def do_GET(self):
                if not self.proved():
                    return self.answer(401, b"", [("WWW-Authenticate", 'Digest realm="prov", nonce="n1", qop="auth", algorithm=MD5')])
                body = outer.files.get(self.path.rpartition("/")[2])
                self.answer(200, body.encode()) if body is not None else self.answer(404)

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(DIR + "/cert.pem", DIR + "/cert.key")
        self.http.socket = ctx.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


class SimPhone:
    def __init__(self, args=(), **setup):
        self.errors = open(DIR + "/errors", "a+")
        self.p = subprocess.Popen([program("demo_phone")] + [str(a) for a in args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=self.errors, text=True)
        self.said, self.new = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        self.do(do="setup", mac=MAC, url="https://127.0.0.1:%d/cfg/%s/" % (server.port, TOKEN), ca=DIR + "/cert.pem",
                share=os.getcwd(), **setup)

    def listen(self):
        for line in self.p.stdout:
            with self.new:
                self.said.append(json.loads(line))
                self.new.notify_all()

    def do(self, **what):
        self.p.stdin.write(json.dumps(what) + "\n")
        self.p.stdin.flush()

    def wait(self, seconds=15, **want):
        """The first saying with these fields, which is then taken out."""
        def find():
            for s in self.said:
                if all(s.get(k) == v for k, v in want.items()):
                    return s
        with self.new:
            if not self.new.wait_for(find, seconds):
                print("# never said %r; said %r" % (want, self.said))
                return None
            found = find()
            self.said.remove(found)
            return found

    def end(self):
        self.p.stdin.close()
        return self.p.wait(10)


def config(user, secret, name, transport=0):
    return "\n".join([
        "#!version:1.0.0.1",
        "static.auto_provision.server.url = https://127.0.0.1:%d/cfg/" % server.port,
        "static.auto_provision.server.username = " + MAC,
        "static.auto_provision.server.password = " + server.password,
        "sip.notify_reboot_enable = 0",
        "account.1.enable = 1", "account.1.label = " + user, "account.1.display_name = " + name,
        "account.1.auth_name = " + user, "account.1.user_name = " + user, "account.1.password = " + secret,
        "account.1.sip_server.1.address = " + sip.DOMAIN, "account.1.sip_server.1.port = %d" % kam.port,
        "account.1.sip_server.1.transport_type = %d" % transport, "account.1.sip_server.1.expires = 600",
        "account.1.outbound_proxy_enable = 1", "account.1.outbound_proxy.1.address = 127.0.0.1",
        "account.1.outbound_proxy.1.port = %d" % kam.port, ""])


def tell(user, event="check-sync;reboot=false"):
    """NOTIFY through the proxy to the one contact. The status that came back."""
    contact = kam.bindings(user)[0][0]
    n = sip.Phone(kam.address(), sip.NOTIFY_USER, sip.NOTIFY_SECRET)
    extra = ["Event: " + event, "Subscription-State: terminated"]
    to = "sip:%s@%s" % (user, sip.DOMAIN)
    m = n.request("NOTIFY", contact, extra, to=to)
    for status, challenge, header in ((401, "www-authenticate", "Authorization"), (407, "proxy-authenticate", "Proxy-Authorization")):
        if m is not None and m.status == status and m.get(challenge):
            auth = digest.answer(m.get(challenge), "NOTIFY", contact, sip.NOTIFY_USER, sip.NOTIFY_SECRET)
            m = n.request("NOTIFY", contact, extra + ["%s: %s" % (header, auth)], to=to)
            break
    n.close()
    return m.status if m else 0


def registered(user):
    return [b[0] for b in kam.bindings(user)]


server = Server()
kam = sip.Kamailio()
try:
    for user, secret in (("1001", "secret-one"), ("1002", "secret-two")):
        kam.set(user, secret)
    # ---- out of the box: token, then its own name and password ----
    server.files = {MAC + ".cfg": config("1001", "secret-one", "Ann"), "y000000000108.cfg": "#!version:1.0.0.1\n"}
    flash = DIR + "/flash"
    phone = SimPhone(model="yealink-t46u", address="127.0.0.1", flash=flash)
    first = phone.wait(**{"is": "pulled", "why": "power-on"})
    ok(first and [f["what"] for f in first["files"] if f["file"] == MAC + ".cfg"] == ["applied"], "the first pull is applied", first)
    agents = {a for _, _, _, a in server.log}
    ok(len(agents) == 1 and list(agents)[0].startswith("Yealink SIP-T46U ") and list(agents)[0].endswith(" 00:15:65:aa:01:01"),
       "with the User-Agent of the model", agents)
    ok(phone.wait(**{"is": "line", "slot": 1, "status": 200}), "its line registers")
    ok(len(registered("1001")) == 1, "Kamailio says so")
    ok(any(f"/{TOKEN}/" in path for _, path, status, _ in server.log if status == 200), "it began at the address that it was sent to")

    # ---- told: another person ----
    del server.log[:]
    server.files[MAC + ".cfg"] = config("1002", "secret-two", "Ben")
    is_(tell("1001"), 200, "check-sync is answered 200")
    told = phone.wait(**{"is": "told"})
    ok(told and told["status"] == 200 and told["action"] == "pulls" and not told["proved"], "it pulls without a restart", told)
    ok(phone.wait(**{"is": "line", "status": 200, "leaves": True}), "the old line takes its leave")
    ok(phone.wait(**{"is": "line", "slot": 1, "status": 200, "leaves": False}), "the new one registers")
    ok(sip.wait_for(lambda: len(registered("1002")) == 1 and registered("1001") == []), "Kamailio says so", kam.bindings("1001"))
    ok(server.log and not any(TOKEN in path for _, path, _, _ in server.log), "this time with its own name and password", server.log)
    ok(any(status == 401 for _, _, status, _ in server.log) and any(status == 200 for _, _, status, _ in server.log),
       "challenged, then served", server.log)
    phone.do(do="face")
    face = phone.wait(**{"is": "face", "lines": [{"slot": 1, "user": "1002", "label": "1002", "name": "Ben"}]})
    ok(face, "its face shows the new person")

    # ---- a power cut, and back with what the flash holds ----
    phone.p.send_signal(signal.SIGKILL)
    phone.p.wait(5)
    is_(len(registered("1002")), 1, "a power cut un-registers nothing")
    is_(os.stat(flash).st_mode & 0o777, 0o600, "the flash file is for its owner only")
    del server.log[:]
    phone = SimPhone(model="yealink-t46u", address="127.0.0.1", flash=flash)
    back = phone.wait(**{"is": "pulled"})
    ok(back and [f["what"] for f in back["files"] if f["file"] == MAC + ".cfg"] == ["unchanged"], "the same bytes are not applied again", back)
    ok(not any(TOKEN in path for _, path, _, _ in server.log), "it remembers its name and password", server.log)
    ok(phone.wait(**{"is": "line", "slot": 1, "status": 200}), "and registers again")
    # ---- a password that the registrar does not know ----
    server.files[MAC + ".cfg"] = config("1002", "wrong", "Ben")
    phone.do(do="pull")
    ok(phone.wait(**{"is": "line", "slot": 1, "status": 401}), "with another secret it is refused")
    server.files[MAC + ".cfg"] = config("1002", "secret-two", "Ben") + "# again\n"
    phone.do(do="pull")
    ok(phone.wait(**{"is": "line", "slot": 1, "status": 200}), "and with the right one in again")
    is_(phone.end(), 0, "it ends by itself when its surroundings do")
    ok(sip.wait_for(lambda: all("127.0.0.1" in c for c in registered("1002")) and len(registered("1002")) <= 1), "and takes its leave")

    # ---- cannot be told ----
    kam.set("1003", "secret-3")
    server.files[MAC + ".cfg"] = config("1003", "secret-3", "Cem")
    phone = SimPhone(model="yealink-t46u", address="127.0.0.1", flash=DIR + "/flash3", refuses=True)
    ok(phone.wait(**{"is": "line", "status": 200}), "another phone registers")
    is_(tell("1003"), 481, "one that knows no NOTIFY says 481")
    told = phone.wait(**{"is": "told"})
    ok(told and told["action"] == "nothing", "and does nothing", told)
    phone.end()

    # ---- in a network of its own, TCP only ----
    kam.set("1004", "secret-4")
    server.files[MAC + ".cfg"] = config("1004", "secret-4", "Dia", transport=1)
    phone = SimPhone((server.port, kam.port), model="yealink-t46u", address="10.66.0.20", flash=DIR + "/flash4")
    if sip.wait_for(lambda: phone.p.poll() is not None, 0.5) and phone.p.poll() == 77:
        ok(False, "this machine gives a network namespace, to root or to everybody (kernel.unprivileged_userns_clone)")
    else:
        ok(phone.wait(**{"is": "line", "slot": 1, "status": 200}), "a phone behind NAT registers over TCP")
        binding = (kam.bindings("1004") or [[""]])[0]
        ok("10.66.0.20" in binding[0] and "transport=tcp" in binding[0], "its contact cannot be reached from here", binding)
        server.files[MAC + ".cfg"] = config("1002", "secret-two", "Ben", transport=1)
        is_(tell("1004"), 200, "it is told on the flow that it opened")
        ok(phone.wait(**{"is": "line", "status": 200, "leaves": False}), "and registers the other line")
        ok(sip.wait_for(lambda: registered("1004") == [] and any("10.66" in c for c in registered("1002"))), "Kamailio says so")
        is_(phone.end(), 0, "and ends")

    # ---- it trusts nobody else ----
    x509.own(DIR + "/other", "/CN=other")
    del server.log[:]
    shutil.copy(DIR + "/cert.pem", DIR + "/right.pem")
    shutil.copy(DIR + "/other.pem", DIR + "/cert.pem")
    phone = SimPhone(model="yealink-t46u", address="127.0.0.1", flash=DIR + "/flash5")
    pulled = phone.wait(**{"is": "pulled"})
    ok(pulled and all(f["status"] == 0 for f in pulled["files"]) and server.log == [], "a server with a foreign certificate serves it nothing", pulled)
    phone.end()
    with open(DIR + "/errors") as f:
        is_(f.read(), "", "nothing on standard error")
finally:
    kam.stop()
done()

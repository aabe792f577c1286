#!/usr/bin/python3
"""Debian's Linphone is the softphone: it takes its account from the address that enrol gives, and registers at Kamailio. A reset
cannot tell it anything: it is cut off at once, and it loses its account when it asks again, at its next start. The next person's
address is another one. Then the same program against files that are wrong on purpose: what is left out or not overwritten stays, and a
hash that stayed behind beats a new password."""
import http.server
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office()
U = "/domains/%s/users/" % DOMAIN
running = []


class Linphone:
    """linphonec with a home of its own; start and quit as often as one likes."""

    def __init__(self, name, url):
        self.home = os.path.join(o.dir, name)
        for d in ("/.local/share/linphone", "/.config/linphone"):
            os.makedirs(self.home + d)
        self.rc, self.starts, self.proc = self.home + "/linphonerc", 0, None
        self.env = dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home + "/.config", XDG_DATA_HOME=self.home + "/.local/share")
        with open(self.rc, "w") as f:
            f.write("[sip]\nsip_port=-1\nsip_tcp_port=0\nsip_tls_port=0\nroot_ca=%s\n[misc]\nconfig-uri=%s\n[net]\ndns_srv_enabled=0\n" % (o.ca, url))

    def start(self):
        """Returns when it has asked at its address."""
        before = pulls()
        self.launch()
        ok(o.until(lambda: pulls() > before, 10), "%s, start %d: it asks at its address" % (os.path.basename(self.home), self.starts))

    def launch(self):
        self.starts += 1
        self.proc = subprocess.Popen(["linphonec", "-c", self.rc, "-d", "1", "-l", self.log()], env=self.env, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(self.proc)

    def answers(self, status):
        """How often the registrar said so since the last start."""
        with open(self.log(), errors="replace") as f:
            return f.read().count("\nSIP/2.0 " + status)

    def log(self):
        return "%s/log%d" % (self.home, self.starts)

    def sent_register(self):
        """Did it send a REGISTER since its last start?"""
        with open(self.log(), errors="replace") as f:
            return "\nREGISTER sip:" in f.read()

    def config(self):
        with open(self.rc, errors="replace") as f:
            return f.read()

    def quit(self, *commands):
        """Ends as a person ends it; what it said."""
        try:
            return self.proc.communicate("".join(c + "\n" for c in commands + ("quit",)), timeout=20)[0]
        except subprocess.TimeoutExpired:
            self.proc.kill()
            return self.proc.communicate()[0]


def pulls():
    return o.metric("pulls_total")


class Wrong(http.server.BaseHTTPRequestHandler):
    """A server that gives what we would never give."""
    body, asked = b"", 0

    def do_GET(self):
        Wrong.asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(Wrong.body)))
        self.end_headers()
        self.wfile.write(Wrong.body)

    def log_message(self, *args):
        pass


def wrong_files():
    """One program, file after file: what it registers as after each."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wrong)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    local = "http://127.0.0.1:%d/soft" % server.server_port
    for ext, first, last in (("1003", "Olga", "Adams"), ("1004", "Paul", "Brown")):
        o.user(ext, first, last)
    old, new = enrol("1003", "1003"), enrol("1004", "1004")
    files = {ext: o.curl(re.sub("^https://[^/]*", "", url), agent="test")[2].decode().replace(url, local)
             for ext, url in (("1003", old), ("1004", new))}
    no_account = re.sub(r'(?s)<section name="(proxy|auth_info)_\d+">.*?</section>', "", files["1004"])
    no_ha1 = re.sub(r'.*<entry name="ha1".*\n', "", files["1004"])
    empty_ha1 = re.sub(r'(<entry name="ha1" overwrite="true">)[0-9a-f]*<', r"\1<", files["1004"])
    steps = [("1003", None, files["1003"], "it takes the first account"),
             ("1003", None, no_account, "left out is not taken away: the old account stays and registers"),
             ("1003", None, files["1004"].replace(' overwrite="true"', ""), "without overwrite nothing changes"),
             (None, "1004", no_ha1, "a hash that stayed behind beats the new password: nobody registers"),
             ("1004", "1003", empty_ha1, "an empty hash takes it away: the new person registers"),
             ("1003", "1004", files["1003"], "with password and hash of the next one, the next one registers"),
             (None, None, o.curl(re.sub("^https://[^/]*", "", BLANK), agent="test")[2].decode().replace(BLANK, local), "and our blanks take all away")]
    app = Linphone("app-wrong", local)
    for here, gone, body, what in steps:
        ok(len(body) > 300, "a file of %d bytes" % len(body))
        Wrong.body, before = body.encode(), Wrong.asked
        app.launch()
        ok(o.until(lambda: Wrong.asked > before, 10), "app-wrong, start %d: it asks" % app.starts)
        if here:
            ok(o.until(lambda: o.registrar.contacts(here), 10), "%s (%s)" % (what, here), app.config())
        elif gone:
            ok(o.until(lambda: app.answers("401") + app.answers("403") > 1, 10), "it tries as %s, and is refused" % gone, app.config())
            is_(o.registrar.contacts(gone), [], what)
            ok(setting(app.config(), "username")[:1] == [gone], "though it holds the new name")
        else:
            ok(not o.until(lambda: app.sent_register(), 2), what, app.config())
        if gone and here:
            is_(o.registrar.contacts(gone), [], "and %s is not there any more" % gone)
        said = app.quit("status register")
        if not here:
            ok("registered, identity=" not in said, "as the program itself says", said)
        for ext in ("1003", "1004"):
            o.until(lambda: not o.registrar.contacts(ext), 5)
    text = app.config()
    ok(not any(w in text for w in ("Olga", "Adams", "Paul", "Brown", "1003", "1004")) and not setting(text, "passwd") and not setting(text, "ha1"), "nobody is left in it", text)
    server.shutdown()
    server.server_close()


def enrol(ext, device):
    return o.must("POST", U + "%s/devices/%s/enrol" % (ext, device), {})["url"]


def soft_record(device):
    got = [r for r in o.records(limit=100) if r["kind"] == "softphone" and r["device"] == device]
    return got[0] if got else None


def setting(text, name):
    return [line.split("=", 1)[1] for line in text.splitlines() if line.startswith(name + "=")]


try:
    # Two people: one has a softphone beside the desk phone, one has nothing but the softphone.
    for ext, first, last in (("1001", "Nora", "Vale"), ("1002", "Emil", "Koch")):
        o.user(ext, first, last)
    o.must("POST", U + "1001/devices", {"device": "1001c", "device-kind": "softphone"})
    address = {"1001c": enrol("1001", "1001c"), "1002": enrol("1002", "1002")}
    apps = {d: Linphone("app-" + d, address[d]) for d in address}
    secret = {}
    for d, app in apps.items():
        app.start()
        ok(o.until(lambda: o.registrar.contacts(d), 10), d + ": it registers at Kamailio with what it was given")
        secret[d] = (setting(app.config(), "passwd") or [""])[0]
        ok(len(secret[d]) >= 12, d + ": with a password of its own")
    ok("Nora Vale" in apps["1001c"].config(), "it shows the person's name")
    is_(setting(apps["1001c"].config(), "config-uri"), [address["1001c"]], "and keeps the address, for its next start")

    # ---- it cannot be told ----
    before = pulls()
    contact = o.registrar.contacts("1001c")[0]
    rows = sip.notify_once("proxy", "sip:127.0.0.1:%d" % o.registrar.port, "to", "sip:1001c@" + DOMAIN, "proxy-user", "rekey", "proxy-secret",
                           o.registrar.key, "event", "check-sync;reboot=false", contact)[0]
    is_(rows and rows[0][1], "200", "told to synchronise, it says 200")
    is_(o.until(lambda: pulls() > before, 1), False, "and does nothing")

    # ---- the reset: at once dead at the registrar, and no word of done ----
    o.reset(["1001", "1002"])
    for d in apps:
        r = o.until(lambda: (lambda r: r if r and r["state"] == "cut-off" else None)(soft_record(d)), 5)
        ok(r, d + ": cut off at once", soft_record(d))
        is_(sorted((r or soft_record(d))["facts"]), ["flipped", "unbound"], d + ": and neither told nor fetched")
        is_(o.registrar.contacts(d), [], d + ": Kamailio has no contact of it")
        probe = sip.Phone(o.registrar.address(), d, secret[d])
        is_(probe.register(), 401, d + ": the secret that it holds is refused")
        probe.close()
        ok(setting(apps[d].config(), "reg_identity"), d + ": though the running program still holds its account")
        apps[d].quit()
        ok(soft_record(d)["open"], d + ": ended by its person, the record stays open")

    # ---- it starts again ----
    for d, app in apps.items():
        app.start()
        r = o.until(lambda: (lambda r: r if r and r["state"] == "confirmed" else None)(soft_record(d)), 8)
        ok(r, d + ": its blanks were fetched: confirmed", soft_record(d))
        said = app.quit("status register", "proxy list")
        ok("registered=0" in said, d + ": it has no account any more", said)
        ok(not app.sent_register(), d + ": and sent no REGISTER")
        text = app.config()
        ok(secret[d] not in text and not setting(text, "passwd") and not setting(text, "ha1") and not setting(text, "reg_identity") and not setting(text, "username"),
           d + ": nor has its file a name, a password or an identity", text)
        ok(not any(n in text for n in ("Nora", "Vale", "Emil", "Koch")), d + ": nor the person", text)
        ok(not soft_record(d)["open"], d + ": and the record is closed")
    is_(o.must("GET", "/domains/%s/alerts" % DOMAIN), [], "no alert")

    # ---- the next person has another address ----
    o.must("POST", U + "1001/recycle", {"name-first-name": "Ida", "name-last-name": "Next"})
    o.until(lambda: o.must("GET", U + "1001")["name-first-name"] == "Ida")
    o.must("POST", U + "1001/devices", {"device": "1001c", "device-kind": "softphone"})
    new = enrol("1001", "1001c")
    ok(new != address["1001c"], "the next person's address is a new one")
    hers = Linphone("app-next", new)
    hers.start()
    ok(o.until(lambda: o.registrar.contacts("1001c"), 10), "her softphone registers")
    ok("Ida Next" in hers.config() and setting(hers.config(), "passwd")[0] != secret["1001c"], "under her name, with a new password")
    apps["1001c"].start()
    said = apps["1001c"].quit("status register")
    ok("registered=0" in said and "Ida" not in apps["1001c"].config(), "the old address gives blanks for good, and nothing of hers", said)
    hers.quit()
    ok(o.until(lambda: not o.registrar.contacts("1001c"), 5), "ended, hers un-registers by itself")
    # The same program, handed on: it scans her address, and what it held before is in no way of it.
    again = apps["1001c"]
    text = again.config().replace(address["1001c"], new)
    with open(again.rc, "w") as f:
        f.write(text)
    again.start()
    ok(o.until(lambda: o.registrar.contacts("1001c"), 10), "the old program with her address registers as hers")
    again.quit()
    BLANK = address["1001c"]
    wrong_files()
finally:
    for p in running:
        if p.poll() is None:
            p.kill()
            p.wait()
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""check-sync through Kamailio: Request-URI = the contact, Route = the proxy. Exactly that contact is told, on the flow that
it opened, also behind NAT; nobody else may send one."""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest
import sip
from tap import done, is_, ok, program, temp_dir

folder = temp_dir("kamailio")
C = sip.certificates(folder)
k = sip.Kamailio(tls=(C["byaddress"], C["byaddress"].replace(".pem", ".key")), timer_ms=700)
PROXY = {"udp": "sip:127.0.0.1:%d" % k.port, "tcp": "sip:127.0.0.1:%d;transport=tcp" % k.port, "tls": "sips:127.0.0.1:%d" % k.tls_port}


def tell(user, contact, *args, way="udp", ours=True):
    me = ["proxy-user", sip.NOTIFY_USER, "proxy-secret", sip.NOTIFY_SECRET] if ours else []
    rows, _, err = sip.notify_once("proxy", PROXY[way], "ca", C["ca"], "to", "sip:%s@example.test" % user, *me, *args, contact)
    return rows[0] if rows else [err] * 9


def answering(phone, answers):
    """Lets phone answer its next requests; the list of what it got."""
    got = []

    def run():
        for status, extra in answers:
            m = phone.recv(8)
            if m is None:
                return
            got.append(m)
            if status:
                phone.reply(m, status, "Answer", extra)

    t = threading.Thread(target=run)
    t.start()
    return got, t


class Ua:
    """The simulated phone's SIP side."""

    def __init__(self):
        self.p = subprocess.Popen([program("ua_phone"), "127.0.0.1", C["ca"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = sip.Lines(self.p.stdout)

    def say(self, text):
        self.p.stdin.write(text + "\n")
        self.p.stdin.flush()

    def hear(self, what=""):
        """The next line; the next that begins with what (retransmissions of a NOTIFY may come between)."""
        while True:
            line = self.lines.next()
            if not line or line.startswith(what):
                return line

    def stop(self):
        self.p.stdin.close()
        return self.p.wait(10)


ua = None
try:
    for i in range(1, 8):
        k.set("100%d" % i, "s%d" % i, 1)

    # ---- every way to the proxy, every way to the phone ----
    ua = Ua()
    ua.say("line 1 udp 127.0.0.1 %d 1001 example.test s1" % k.port)
    is_(ua.hear(), "registered 1 200 600", "a simulated phone registers over UDP")
    ua.say("line 2 tcp 127.0.0.1 %d 1002 example.test s2" % k.port)
    is_(ua.hear(), "registered 2 200 600", "over TCP")
    ua.say("line 3 tls 127.0.0.1 %d 1003 example.test s3" % k.tls_port)
    is_(ua.hear(), "registered 3 200 600", "over TLS")
    for way in ("udp", "tcp", "tls"):
        for slot, user in ((1, "1001"), (2, "1002"), (3, "1003")):
            row = tell(user, k.bindings(user)[0][0], "event", "check-sync;reboot=false", way=way)
            is_([row[1], ua.hear()], ["200", "notify %d check-sync;reboot=false plain" % slot],
                "to the proxy over %s, to the phone over %s" % (way, ("UDP", "TCP", "TLS")[slot - 1]))
    ua.say("answer 401")
    row = tell("1002", k.bindings("1002")[0][0], "secret", "not-this", "secret", "s2")
    is_(row[1:5], ["200", "401", "1", "4"], "407 from the proxy, then 401 from the phone twice: all answered end to end")
    is_([ua.hear() for _ in range(3)], ["notify 2 check-sync plain", "notify 2 check-sync plain", "notify 2 check-sync authorized"],
        "the phone's own challenge reached us and our answer reached it")
    ua.say("answer 481")
    is_(tell("1001", k.bindings("1001")[0][0])[1], "481", "a 481 of the phone comes back as such")
    ua.hear()
    ua.say("answer 0")
    row = tell("1001", k.bindings("1001")[0][0])
    is_(row[1], "408", "a silent phone: the proxy says 408")
    ua.say("answer 200")

    # ---- only the right one ----
    a = sip.Phone(k.address(), "1004", "s4")
    b = sip.Phone(k.address(), "1004", "s4", "tcp", contact="sip:1004@192.168.77.7:5060;transport=tcp")
    a.register(), b.register()
    is_(len(k.bindings("1004")), 2, "two contacts on one address of record")
    got, t = answering(b, [(200, ())])
    is_(tell("1004", b.contact)[1], "200", "one of them is told")
    t.join()
    is_([m.uri for m in got], [b.contact], "it got its own contact as Request-URI")
    ok(got and got[0].get("route") is None and got[0].get("proxy-authorization") is None, "without our Route and our digest", got and got[0].headers)
    is_(a.recv(0.4), None, "the other one got nothing")
    got, t = answering(a, [(200, ())])
    tell("1004", a.contact)
    t.join()
    is_([len(got), b.recv(0.3)], [1, None], "and the other way round")
    k.unbind("1004", a.contact)
    row = tell("1004", a.contact)
    is_([row[1], a.recv(0.3)], ["404", None], "a contact that was removed is not told: 404")
    is_(tell("1004", "sip:1004@192.168.77.7:5060")[1], "404", "nor one that is only alike")
    is_(tell("1999", "sip:1999@10.0.0.1")[1], "404", "an identity that nobody registered: 404")

    # ---- behind NAT: the contact cannot be reached, the connection can ----
    n = sip.Phone(k.address(), "1005", "s5", "tcp", contact="sip:1005@10.99.99.99:5060;transport=tcp")
    n.register()
    got, t = answering(n, [(401, ['WWW-Authenticate: Digest realm="grandstream.com", nonce="q", qop="auth", algorithm=MD5']), (200, ())])
    row = tell("1005", n.contact, "secret", "s5", way="tcp")
    t.join()
    is_(row[1:5], ["200", "401", "0", "3"], "a TCP phone behind NAT that does not listen is told on its own connection")
    ok(len(got) == 2 and digest.proves(got[1].get("authorization"), "NOTIFY", "1005", "s5"), "with the right digest")
    u = sip.Phone(k.address(), "1006", "s6", contact="sip:1006@10.99.99.98:5060")
    u.register()
    got, t = answering(u, [(200, ())])
    is_(tell("1006", u.contact)[1], "200", "a UDP phone behind NAT is told at the address it came from")
    t.join()
    n.close()
    t0 = time.monotonic()
    row = tell("1005", n.contact)
    ok(row[1] in ("408", "430", "477", "478", "480", "500", "503") and time.monotonic() - t0 < 4,
       "its connection gone: an error soon, and no new connection to a private address", row)

    # ---- not for everybody ----
    s = sip.Phone(k.address(), "1007", "s7")
    s.register()
    row = tell("1007", s.contact, ours=False)
    is_([row[1], s.recv(0.3)], ["407", None], "without our digest: 407, and the phone hears nothing")
    rows, _, _ = sip.notify_once("proxy", PROXY["udp"], "to", "sip:1007@example.test", "proxy-user", "1001", "proxy-secret", "s1", s.contact)
    is_([rows[0][1], s.recv(0.3)], ["403", None], "another user's right digest does not do")
    rows, _, _ = sip.notify_once("proxy", PROXY["udp"], "to", "sip:1007@example.test", "proxy-user", sip.NOTIFY_USER, "proxy-secret", "x", s.contact)
    is_(rows[0][1], "407", "nor does a wrong secret")
    got, t = answering(s, [(200, ())] * 40)
    contact = s.contact
    rows, counts, _ = sip.notify_once("proxy", PROXY["tcp"], "to", "sip:1007@example.test", "proxy-user", sip.NOTIFY_USER, "proxy-secret",
                                      sip.NOTIFY_SECRET, "count", 40, contact)
    t.join()
    is_([r[1] for r in rows], ["200"] * 40, "40 at once through Kamailio")

    # ---- after the flip ----
    k.set("1001", "new", 2)
    ua.say("refresh 1")
    is_(ua.hear("registered"), "registered 1 401 600", "a phone that still has the old secret is refused")
    ua.say("line 1 udp 127.0.0.1 %d 1001 example.test new" % k.port)
    is_(ua.hear(), "registered 1 200 600", "with the new one it is in")
    ua.say("clear 2")
    is_(ua.hear(), "registered 2 200 0", "a line that is cleared un-REGISTERs")
    is_(k.bindings("1002"), [], "and Kamailio agrees")
    is_(ua.stop(), 0, "the phone ends")
    is_([k.bindings("1001"), k.bindings("1003")], [[], []], "politely: no binding of it is left")
finally:
    if ua and ua.p.poll() is None:
        ua.stop()
    k.stop()
done()

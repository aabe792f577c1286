#!/usr/bin/python3
"""A phone behind a proxy that answers 404: an outbound proxy between rekeyd and the phone refuses the NOTIFY, later it lets it pass.
The record says what is true, it is tried again, and the job is done long before."""
import os
import random
import re
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402


class Proxy(threading.Thread):
    """A stateless proxy (RFC 3261 section 16.11) that says 404 to every NOTIFY until it is told to let them pass."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.lets_pass, self.refused, self.passed = False, [], 0
        self.start()

    def run(self):
        while True:
            data, src = self.sock.recvfrom(65536)
            if not data:
                return
            head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
            lines = head.split("\r\n")
            if lines[0].startswith("SIP/2.0"):
                vias = [i for i, line in enumerate(lines) if line.lower().startswith("via:")]
                back = re.search(r"UDP ([\d.]+):(\d+)", lines[vias[1]])
                del lines[vias[0]]
                self.sock.sendto("\r\n".join(lines + ["", body]).encode(), (back.group(1), int(back.group(2))))
            elif not self.lets_pass:
                m = sip.Message(data)
                self.refused.append(m.get("call-id"))
                self.sock.sendto(sip.answer_to(m, 404, "Not Found"), src)
            else:
                self.passed += 1
                to = re.match(r"\S+ sip:[^@]*@([\d.]+):(\d+)", lines[0])
                lines = [line for line in lines if not line.lower().startswith("route:")]
                lines.insert(1, "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%x" % (self.port, random.getrandbits(60)))
                self.sock.sendto("\r\n".join(lines + ["", body]).encode(), (to.group(1), int(to.group(2))))

    def stop(self):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", self.port))
        self.join()


proxy = Proxy()
o = Office(sip__proxy="127.0.0.1:%d;transport=udp" % proxy.port, reset__retell_ms=700, reset__grace_ms=1500)


def phone(ext, mac):
    o.user(ext, "Nora", "Vale")
    h = o.handset(mac, "yealink-t46u", [ext], "yealink")
    h.pull()
    is_(h.register(), {1: 200}, ext + ": its phone is registered")
    o.until(lambda: o.must("GET", "/domains/%s/phones/%s" % (DOMAIN, mac))["generation-acknowledged"] >= 1)
    return h


h = phone("1001", "001565000001")
job = o.reset(["1001"], options={"phone-lines": True})
is_(o.job(job)["state"], "done", "the job is done; the proof goes on by itself")
seen = []


def watch():
    r = o.record(h.mac, device="1001")
    if [r["state"]] != seen[-1:]:
        seen.append(r["state"])
    return r


r = o.until(lambda: (lambda x: x if x["state"] == "cut-off" else None)(watch()), 15)
is_([s for s in seen if s != "open"], ["unreachable", "cut-off"], "unreachable, and after the grace cut off: the old line is dead although nobody was told")
ok(r and re.match(r"404 Not Found", r["facts"]["told-failed"]["evidence"]), "with the answer as evidence", r and r["facts"])
ok(o.until(lambda: len(set(proxy.refused)) >= 2, 10), "it is tried again", proxy.refused)
line = o.must("GET", "/domains/%s/phones/%s/timeline" % (DOMAIN, h.mac))
ok(any(e["event"] == "told-failed" and "404" in e["detail"] for e in line), "and stands in the phone's timeline", line)
is_(o.registrar.contacts("1001"), [], "Kamailio has no binding of the old line")

# ---- the proxy comes to its senses while there are tries left ----
proxy.lets_pass = True
m = h.told(1, 200, 20)
ok(m and m.get("event") == "check-sync;reboot=false", "the next try reaches the phone", (m, len(proxy.refused)))
r = o.until(lambda: (lambda x: x if "told-failed" not in x["facts"] and "told" in x["facts"] else None)(o.record(h.mac, device="1001")))
ok(r and r["facts"]["told"]["evidence"].startswith("200"), "told, and no longer failed", r or o.record(h.mac))
h.pull()
h.register()
ok(o.until(lambda: o.record(h.mac, device="1001")["state"] == "confirmed"), "it comes: confirmed", o.record(h.mac))

# ---- it never lets one pass: the tries end, and whoever looks sees it ----
proxy.lets_pass = False
h = phone("1002", "001565000002")
before = len(set(proxy.refused))
o.reset(["1002"], options={"phone-lines": True})
ok(o.until(lambda: o.record(h.mac, device="1002")["state"] == "cut-off", 15), "for ever 404: cut off", o.record(h.mac))
r = o.record(h.mac, device="1002")
ok(r["open"] and "has not fetched" in r["missing"], "for ever 404: it stays open and says what is missing", r)
ok(o.until(lambda: len(set(proxy.refused)) - before >= 3, 20), "for ever 404: it is told again and again", len(set(proxy.refused)) - before)
h.pull()
h.register()
ok(o.until(lambda: o.record(h.mac, device="1002")["state"] == "confirmed"), "for ever 404: and confirmed when the phone comes by itself", o.record(h.mac))
o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
proxy.stop()
done()

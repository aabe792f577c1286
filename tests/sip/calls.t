#!/usr/bin/python3
"""Where Kamailio sends a call: all devices of an extension or of a number ring, each on the flow that it opened; one that is not
registered brings no call back to the proxy; a number of one domain is none where it is an extension; the trunk needs no digest."""
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import sip  # noqa: E402
from tap import done, is_  # noqa: E402

TRUNK = "127.0.0.7"
A, B = sip.DOMAIN, "other.test"


class Ringer(threading.Thread):
    """A registered phone that says 486 to every call; .calls are the Request-URIs that it saw."""

    def __init__(self, k, user, password, domain=A, realm=None, **kw):
        super().__init__(daemon=True)
        self.p = sip.Phone(k.address(), user, password, domain=domain, **kw)
        self.calls, self.ids, self.stopped = [], set(), False
        is_(self.p.register(), 200, "%s@%s registers" % (user, domain))
        self.start()

    def run(self):
        while not self.stopped:
            m = self.p.recv(0.1)
            if m is None or m.method != "INVITE":
                continue
            if (m.get("call-id"), m.get("cseq")) not in self.ids:
                self.ids.add((m.get("call-id"), m.get("cseq")))
                self.calls.append(m.uri)
            self.p.reply(m, 486)

    def stop(self):
        self.stopped = True
        self.join()


def call(who, target, domain=A):
    """The final status that the caller hears."""
    uri = "sip:%s@%s" % (target, domain)
    who.callid, who.tag = "%x" % random.getrandbits(64), "%x" % random.getrandbits(32)
    m = who.request("INVITE", uri, to=uri)
    if m is not None and m.status == 407:
        auth = digest.answer(m.get("proxy-authenticate"), "INVITE", uri, who.user, who.password)
        m = who.request("INVITE", uri, ["Proxy-Authorization: " + auth], to=uri)
    return m.status if m else 0


for realm in (None, "one.realm"):
    with_realm = {"realm": realm} if realm else {}
    name = "one realm for all: " if realm else ""
    k = sip.Kamailio(trunk_from=TRUNK, **with_realm)
    try:
        for user, domain in (("1001", A), ("1001b", A), ("1002", A), ("5551000", B), ("idle-001565aabbcc", A)):
            k.call("set", k.db, user, domain, realm or domain, "s" + user, 1)
        k.call("aliases", k.db, "1001@" + A, "1001", "extension", A, "1001", "1001", "extension", A, "1001b",
               "15551230001", "number", A, "1001", "15551230001", "number", A, "1001b", "5551000", "number", A, "1001b")
        k.call("aliases", k.db, "1002@" + A, "15551230002", "number", A, "1002")
        me = sip.Phone(k.address(), "1002", "s1002")
        trunk = sip.Phone(k.address(), "anybody", "", local=TRUNK)
        is_([call(me, t) for t in ("1001", "15551230001", "15551230002")], [480] * 3, name + "nobody is registered: 480")
        is_([call(me, t) for t in ("1999", "15559999999", "10010", "1001", "idle-001565aabbcc")], [404, 404, 404, 480, 404], name + "nobody of that name: 404")
        tail = Ringer(k, "1001b", "s1001b", transport="tcp")
        is_((call(me, "1001"), len(tail.calls)), (486, 1), name + "an extension whose first device is away rings the other, and comes back to nobody")
        is_((call(me, "15551230001"), len(tail.calls)), (486, 2), name + "a number too")
        head = Ringer(k, "1001", "s1001")
        for target in ("1001", "15551230001", "+15551230001"):
            a, b = len(head.calls), len(tail.calls)
            is_((call(me, target), len(head.calls) - a, len(tail.calls) - b), (486, 1, 1), name + target + " rings both devices")
        is_(set(head.calls) | set(tail.calls), {head.p.contact, tail.p.contact}, name + "each at its own contact")
        a, b = len(head.calls), len(tail.calls)
        is_((call(trunk, "15551230001", "127.0.0.1"), len(head.calls) - a, len(tail.calls) - b), (486, 1, 1), name + "from the trunk, whatever domain it says, without a digest")
        is_((call(trunk, "1001", "127.0.0.1"), call(trunk, "1001", B)), (404, 404), name + "but an extension only in its own domain")
        stranger = sip.Phone(k.address(), "anybody", "")
        m = stranger.request("INVITE", "sip:15551230001@" + A, to="sip:15551230001@" + A)
        is_(m.status, 407, name + "from elsewhere a call needs a digest")
        is_(call(trunk, "idle-001565aabbcc"), 404, name + "an idle line is nobody for the trunk too")
        other = Ringer(k, "5551000", "s5551000", domain=B)
        a = len(tail.calls)
        is_((call(trunk, "5551000", B), len(other.calls), len(tail.calls) - a), (486, 1, 0), name + "an extension of one domain is not the number of another")
        is_((call(trunk, "5551000", A), len(other.calls), len(tail.calls) - a), (486, 1, 1), name + "nor the other way")
        k.call("aliases", k.db, "1001@" + A)
        a, b = len(head.calls), len(tail.calls)
        is_((call(me, "15551230001"), call(me, "1001"), len(head.calls) - a, len(tail.calls) - b), (404, 486, 1, 0), name + "changed while it runs, it is in force with the next call")
        for r in (head, tail, other):
            r.stop()
    finally:
        k.stop()
done()

#!/usr/bin/python3
"""Strangers at the proxy: what a To tag and a Route that they wrote themselves bring them, and what a call keeps."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import sip  # noqa: E402
from tap import done, is_, ok  # noqa: E402

k = sip.Kamailio()
try:
    k.set("1001", "one-secret", 1)
    k.set("1002", "two-secret", 1)
    one, two = sip.Phone(k.address(), "1001", "one-secret"), sip.Phone(k.address(), "1002", "two-secret")
    is_((one.register(), two.register()), (200, 200), "two phones are there")
    proxy = "<sip:127.0.0.1:%d;lr>" % k.port
    stranger = sip.Phone(k.address(), "1002", "no-secret")

    def in_dialog(who, method, uri, call, to, routes, extra=()):
        """A request with a To tag. (answer to the sender, what the other phone got)"""
        host, port = who.sock.getsockname()
        branch = "%x" % random.getrandbits(64)
        lines = ["%s %s SIP/2.0" % (method, uri), "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s;rport" % (host, port, branch), "Max-Forwards: 70"]
        lines += ["Route: " + r for r in routes]
        lines += ["From: <sip:1002@%s>;tag=%s" % (sip.DOMAIN, who.tag), "To: " + to, "Call-ID: " + call, "CSeq: 77 " + method]
        who.send("\r\n".join(lines + list(extra) + ["Content-Length: 0", "", ""]))
        got = one.recv(0.7)
        if got is not None and method != "ACK":
            one.reply(got, 200)
        answer = None if method == "ACK" else who.recv(1)
        return answer.status if answer else None, got.method if got else None

    TO = "<sip:1001@%s>;tag=x" % sip.DOMAIN
    SYNC = ["Event: check-sync;reboot=true"]
    for method, extra in (("NOTIFY", SYNC), ("MESSAGE", ()), ("REFER", ()), ("INVITE", ()), ("BYE", ()), ("ACK", ())):
        for name, routes in (("a Route to us", [proxy]), ("a guessed key", [proxy.replace(";lr", ";lr;k=" + "0" * 32)]), ("an empty key", [proxy.replace(";lr", ";lr;k=")]),
                             ("no Route", []), ("two Routes", [proxy, "<%s;lr>" % one.contact])):
            answer, got = in_dialog(stranger, method, one.contact, "stranger-%d" % random.getrandbits(40), TO, routes, extra)
            ok(got is None and answer in (None, 403, 404), "%s with a To tag and %s goes nowhere" % (method, name), (answer, got))

    # ---- a call that two phones made keeps its way, and is none for a check-sync ----
    to = "sip:1001@" + sip.DOMAIN
    m = two.request("INVITE", to, to=to)
    auth = digest.answer(m.get("proxy-authenticate"), "INVITE", to, "1002", "two-secret")
    two.cseq += 1
    host, port = two.sock.getsockname()
    two.send("\r\n".join(["INVITE %s SIP/2.0" % to, "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bKcall;rport" % (host, port), "Max-Forwards: 70",
                           "From: <sip:1002@%s>;tag=%s" % (sip.DOMAIN, two.tag), "To: <%s>" % to, "Call-ID: " + two.callid, "CSeq: %d INVITE" % two.cseq,
                           "Contact: <%s>" % two.contact, "Proxy-Authorization: " + auth, "Content-Length: 0", "", ""]))
    call = one.recv()
    ok(call is not None and call.method == "INVITE" and call.all("record-route"), "a call arrives, with the way back", call and call.headers)
    one.reply(call, 200, extra=["Record-Route: " + r for r in call.all("record-route")] + ["Contact: <%s>" % one.contact])
    answer = two.recv()
    while answer is not None and answer.status < 200:
        answer = two.recv()
    is_(answer and answer.status, 200, "it is answered")
    routes = list(reversed(answer.all("record-route")))
    is_(in_dialog(two, "ACK", one.contact, two.callid, answer.get("to"), routes)[1], "ACK", "ACK finds its way")
    is_(in_dialog(two, "INFO", one.contact, two.callid, answer.get("to"), routes), (200, "INFO"), "what belongs to the call too")
    is_(in_dialog(two, "NOTIFY", one.contact, two.callid, answer.get("to"), routes, SYNC), (403, None), "a check-sync within a call is refused")
    is_(in_dialog(two, "NOTIFY", one.contact, two.callid, answer.get("to"), routes), (403, None), "so is a NOTIFY of nothing")
    is_(in_dialog(two, "NOTIFY", one.contact, two.callid, answer.get("to"), routes, ["Event: refer"]), (200, "NOTIFY"), "a transfer's is let through")
    is_(in_dialog(stranger, "NOTIFY", one.contact, "another-call", TO, routes, ["Event: refer"]), (404, None), "the way of one call is none for another")
    is_(in_dialog(two, "BYE", one.contact, two.callid, answer.get("to"), routes), (200, "BYE"), "BYE ends it")
finally:
    k.stop()
done()

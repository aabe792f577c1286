#!/usr/bin/python3
"""Kamailio on our configuration and our credential file: what it accepts, whom it names, what it tells us, and what it
refuses to do for strangers."""
import json
import os
import socket
import sqlite3
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest
import sip
from tap import done, free_port, is_, ok

k = sip.Kamailio()
try:
    # ---- the flip ----
    k.set("1001", "old-secret", 1)
    p = sip.Phone(k.address(), "1001", "old-secret")
    is_(p.register(), 200, "REGISTER with the secret that set() wrote: 200")
    e = k.event()
    is_(e[:6], ["accepted", "1001@example.test", p.contact, "-", "1", "600"], "it is reported, with the revision that matched")
    ok(e[6] == "udp:127.0.0.1:%d" % p.sock.getsockname()[1] and e[7] == "test phone", "with source and User-Agent", e)
    b = k.bindings("1001")
    ok(len(b) == 1 and b[0][0] == p.contact and abs(int(b[0][4]) - time.time()) < 5 and 590 <= int(b[0][3]) <= 600,
       "bindings() names the contact, its age and its rest", b)
    is_(k.rpc("ul.lookup", ["location", "1001@example.test"])["result"]["Contacts"][0]["Contact"]["Address"], p.contact,
        "Kamailio itself says the same")
    is_(k.set("1001", "new-secret", 2), "", "set() while Kamailio runs")
    is_(p.register(), 401, "the old secret: 401 at the very next REGISTER")
    is_(k.event()[:5], ["refused", "1001@example.test", p.contact, "password", "0"], "it is reported as refused")
    is_(len(k.bindings("1001")), 1, "the old binding stands still")
    is_(p.register(password="new-secret"), 200, "the new secret: 200")
    is_(k.event()[4], "2", "with the new revision")
    is_(k.call("get", k.db, "1001", "example.test"), "1001@example.test example.test %s 2" % digest.hashed("1001:example.test:new-secret"),
        "get() reads MD5(user:realm:password) back")
    ok(k.set("1001", "older", 1).startswith("!conflict:"), "set() never goes back to an older revision")
    is_(k.set("1001", "new-secret", 2), "", "set() may be repeated")
    is_(p.register(password="new-secret"), 200, "and nothing changed")
    k.event()
    is_(p.register(expires=0, password="new-secret"), 200, "un-REGISTER")
    is_(k.event()[0], "removed", "is reported as removed")
    is_(k.bindings("1001"), [], "nobody there: AOR has no contacts, or is not found")
    is_(k.bindings("1999"), [], "nobody was ever there")
    is_(k.call("remove", k.db, "1001", "example.test", 2), "", "remove()")
    is_(p.register(password="new-secret"), 401, "an identity that was removed: 401")
    is_(k.event()[3], "unknown", "reported as unknown")
    ok(k.call("get", k.db, "1001", "example.test").startswith("!not-found:"), "get() of it")

    # ---- identity ----
    k.set("1001", "a", 1)
    k.set("1002", "b", 1)
    thief = sip.Phone(k.address(), "1001", "a")
    uri, aor = "sip:example.test", "sip:1002@example.test"
    m = thief.request("REGISTER", uri, ["Expires: 60"], to=aor, sender=aor)
    auth = digest.answer(m.get("www-authenticate"), "REGISTER", uri, "1001", "a")
    m = thief.request("REGISTER", uri, ["Expires: 60", "Authorization: " + auth], to=aor, sender=aor)
    ok(m.status in (401, 403), "a user with a right password cannot register as another one", m.start)
    is_(k.event()[3], "mismatch", "reported as mismatch")
    is_(k.bindings("1002"), [], "and no binding was made")
    k.call("set", k.db, "1001", "other.test", "other.test", "a", 1)
    m = thief.request("REGISTER", "sip:other.test", ["Expires: 60"], to="sip:1001@other.test", sender="sip:1001@other.test")
    is_(digest.params(m.get("www-authenticate"))["realm"], "other.test", "the realm is the domain")
    ok(k.call("set", k.db, "1001", "third.test", "other.test", "a", 1).startswith("!conflict:"),
       "two domains cannot share a user in one realm")

    # ---- unbind by contact ----
    one = sip.Phone(k.address(), "1001", "a")
    two = sip.Phone(k.address(), "1001", "a", "tcp", contact="sip:1001@192.168.9.9:5060;transport=tcp")
    is_([one.register(), two.register()], [200, 200], "two contacts on one address of record")
    k.event(), k.event()
    is_(sorted(b[0] for b in k.bindings("1001")), sorted([one.contact, two.contact]), "both are named")
    ok([b[1] for b in k.bindings("1001") if b[0] == two.contact] == ["sip:127.0.0.1:%d;transport=tcp" % two.sock.getsockname()[1]],
       "with the place that the packet came from")
    is_(k.unbind("1001", one.contact), "", "unbind() of one")
    is_([b[0] for b in k.bindings("1001")], [two.contact], "leaves the other")
    is_([k.unbind("1001", one.contact), k.unbind("1999", one.contact)], ["", ""], "unbind() of what is not there is no error")

    # ---- JSON-RPC is not for everybody ----
    is_(k.rpc("ul.lookup", ["location", "1001@example.test"], key="wrong"), {"http": 401}, "RPC with a wrong key: 401")
    is_(k.rpc("core.shmmem", []), {"http": 403}, "RPC of another method: 403")
    is_(k.rpc("ul.rm", ["location", "1001@example.test"]), {"http": 403}, "removal by address of record is refused even to us")
    body = json.dumps({"jsonrpc": "2.0", "method": "ul.rm", "x": "\"method\": \"ul.lookup\"", "params": ["location", "1001@example.test"], "id": 1})
    import urllib.request
    try:
        req = urllib.request.Request(k.rpc_url, body.encode(), {"Content-Type": "application/json", "Authorization": "Bearer " + sip.RPC_KEY})
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(req, timeout=3)
    except OSError:
        pass
    is_([b[0] for b in k.bindings("1001")], [two.contact], "also when the body only looks allowed")
    ok(k.call("bindings", k.db, k.rpc_url, "wrong", "1001@example.test").startswith("!io:"), "bindings() with a wrong key is an error, not 'nobody'")
    dead = "http://127.0.0.1:%d/RPC" % free_port()
    ok(k.call("bindings", k.db, dead, sip.RPC_KEY, "1001@example.test").startswith("!io:"), "bindings() without a registrar is an error")
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(1)
    t0 = time.monotonic()
    r = k.call("bindings", k.db, "http://127.0.0.1:%d/RPC" % s.getsockname()[1], sip.RPC_KEY, "1001@example.test")
    ok(r.startswith("!io:") and time.monotonic() - t0 < 4, "and bounded in time when it does not answer", r)

    # ---- idle lines ----
    k.set("idle-001565aabbcc", "i", 1)
    idle = sip.Phone(k.address(), "idle-001565aabbcc", "i")
    is_(idle.register(), 200, "an idle line registers")
    k.event()
    call = "sip:1001@example.test"
    m = idle.request("INVITE", call, to=call)
    is_(m.status, 407, "an INVITE is challenged")
    auth = digest.answer(m.get("proxy-authenticate"), "INVITE", call, idle.user, "i")
    m = idle.request("INVITE", call, ["Proxy-Authorization: " + auth], to=call)
    is_(m.status, 403, "and refused to an idle line")

    # ---- rekeyd away ----
    k.events.stdin.close()
    k.events.wait(5)
    t0 = time.monotonic()
    is_([sip.Phone(k.address(), "1001", "a").register() for _ in range(5)], [200] * 5, "phones register while nobody listens for events")
    ok(time.monotonic() - t0 < 1.5, "without waiting", time.monotonic() - t0)

    # ---- the file ----
    is_([oct(stat.S_IMODE(os.stat(k.db + t).st_mode)) for t in ("", "-wal", "-shm")], ["0o640"] * 3, "the file and its log are 0640")
    c = sqlite3.connect(k.db)
    is_(c.execute("PRAGMA journal_mode").fetchone()[0], "wal", "it is in WAL")
    c.execute("BEGIN IMMEDIATE")
    is_(sip.Phone(k.address(), "1001", "a").register(), 200, "a writer that takes its time holds up nobody")
    c.rollback()
    c.close()
    k.call("sync", k.db)
    is_(k.call("all", k.db), "", "sync() to an empty list empties it")
    is_(k.call("sync", k.db, "1001", "example.test", "example.test", "s1", "5", "1002", "example.test", "example.test", "s2", "6"), "2 0 0 0",
        "sync() adds")
    is_(k.call("sync", k.db, "1001", "example.test", "example.test", "s9", "7", "1003", "example.test", "example.test", "s3", "1"), "1 1 1 0",
        "sync() adds, changes and removes")
    is_(k.call("sync", k.db, "1001", "example.test", "example.test", "s9", "7", "1003", "example.test", "example.test", "s3", "1"), "0 0 0 2",
        "sync() of the same does nothing")
    is_(sip.Phone(k.address(), "1001", "s9").register(), 200, "and Kamailio follows")
    n = sip.Phone(k.address(), sip.NOTIFY_USER, sip.NOTIFY_SECRET)
    m = n.request("NOTIFY", "sip:x@y", ["Event: check-sync"], to="sip:1001@example.test")
    auth = digest.answer(m.get("proxy-authenticate"), "NOTIFY", "sip:x@y", sip.NOTIFY_USER, sip.NOTIFY_SECRET)
    m = n.request("NOTIFY", "sip:x@y", ["Event: check-sync", "Proxy-Authorization: " + auth], to="sip:1001@example.test")
    is_(m.status, 404, "our own name in the digest of NOTIFY outlives every sync()")
finally:
    k.events.stdin = open(os.devnull, "w")
    k.stop()
done()

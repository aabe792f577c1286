#!/usr/bin/python3
"""Ways of first access, switched off in a domain or on the whole server: what is refused then, by which words, and that a stranger sees none
of it. A phone's own password is always good."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
import rekeylib  # noqa: E402
import x509  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

D, P = "/domains/example.test", "/domains/example.test/phones/"
ALL = ["certificate", "token", "pairing"]
ONE, TWO, THERE = "001565aabb01", "001565aabb02", "001565aabb03"
e.make_cert("ca", "ec", "Vendor CA")
for name, cn in (("one", ONE), ("there", THERE)):
    e.make_client(name, "ca", cn)
r = rekeylib.Rekeyd(phones__yealink_ca=e.path("ca.pem"))
r.domain()
r.domain("other.test")
r.user("1001", "Anna", "Berg")


def ways(*on, domain=D):
    return r.must("PATCH", domain, {"first-access-ways": list(on)})


def by_certificate(mac, name):
    return r.seen("/cfg/%s.cfg" % mac, *x509.curl(e.path(name)))


# ---- the field ----
is_(r.must("GET", D)["first-access-ways"], ALL, "all ways are on at first")
is_(r.must("POST", "/domains", {"domain": "third.test", "first-access-ways": ["token"]})["first-access-ways"], ["token"], "a domain may begin with fewer")
for body, word in (("token", "list"), (None, "list"), ({"token": True}, "list"), (["token", "smoke"], "smoke"), ([1], "certificate, token and pairing"), ([""], "certificate, token and pairing")):
    a = r.api("PATCH", D, {"first-access-ways": body})
    ok(a.status == 400 and word in a.json["detail"], "refused: %r" % (body,), a)
token = r.phone(ONE, "yealink-t46u", ["1001"])
spare = r.phone(TWO, "yealink-t46u", [])
elsewhere = r.phone(THERE, "yealink-t46u", [], domain="other.test")
is_(ways("pairing", "token", "token")["first-access-ways"], ["token", "pairing"], "told in order, each once")
is_(ways()["first-access-ways"], [], "none of them")
is_(r.must("PATCH", D, {"description": "x"})["first-access-ways"], [], "what another change leaves alone")
now = r.must("GET", P + ONE)["generation-wanted"]
ways(*ALL)
is_(r.must("GET", P + ONE)["generation-wanted"], now, "phones have nothing to fetch because of it")

# ---- certificate ----
none = r.seen("/cfg/0015650ffffe.cfg")
is_(none[0], 401, "a stranger")
is_((by_certificate(ONE, "one")[0], by_certificate(THERE, "there")[0]), (200, 200), "certificates, while they are on")
ways("token", "pairing")
is_(by_certificate(ONE, "one"), none, "certificate off: refused like any stranger, to the byte")
is_(by_certificate(THERE, "there")[0], 200, "in the other domain it is good")
ways(*ALL)
is_(by_certificate(ONE, "one")[0], 200, "on again")

# ---- token ----
lost = r.seen("/cfg/no-such-token/%s.cfg" % ONE)
ways("certificate", "pairing")
is_(r.seen(token + ONE + ".cfg"), lost, "token off: an address that was given before is as good as none, to the byte")
is_(r.curl(elsewhere + THERE + ".cfg")[0], 200, "in the other domain it is good")
a = r.api("POST", P + ONE + "/token")
ok(a.status == 409 and "first-access-ways" in a.json["detail"] and "example.test" in a.json["detail"], "none is made, and it says which setting", a)
a = r.api("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb11", "device-models-brand-and-model": "yealink-t46u", "token": True})
ok(a.status == 409 and "first-access-ways" in a.json["detail"] and r.api("GET", P + "001565aabb11").status == 404, "asked for with a new phone: refused, nothing added", a)
a = r.must("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb12", "device-models-brand-and-model": "yealink-t46u"})
ok("first-access" not in a, "not asked for: the phone is added without one", a)
a = r.must("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb13", "device-models-brand-and-model": "yealink-t46u", "pair": True})["first-access"]
ok(a["pair-until-datetime"] and a["url"].endswith("/cfg/") and a["expires-datetime"] is None, "a window alone, without an address", a)
is_([x for x in r.must("GET", D + "/alerts") if x["kind"] == "second-first-access"], [], "a refused address is not its first access")
ways(*ALL)
status, head, body = r.curl(token + ONE + ".cfg")
is_(status, 200, "on again: the address is good")
password = rekeylib.password_in(body)

# ---- an address dies with the first use of the phone's password after it, each time anew ----
own = ("--digest", "-u", ONE + ":" + password)
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "the phone uses its own password")
ok(r.until(lambda: r.seen(token + ONE + ".cfg")[0] == 404), "its address is dead")
again = {n: re.sub(r"^https://[^/]*", "", r.must("POST", P + ONE + "/token")["url"]) for n in ("used", "unused")}
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "two new ones are made, for after its factory reset; until then it comes as ever")
is_(r.curl(again["used"] + ONE + ".cfg")[0], 200, "which kills none of them")
r.stop()
r.start()
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "it has its file by one of them, and uses its password, after a restart too")
ok(r.until(lambda: r.seen(again["used"] + ONE + ".cfg")[0] == 404), "that one is dead")
is_(r.seen(again["used"] + ONE + ".cfg"), lost, "to the byte")
is_(r.curl(again["unused"] + ONE + ".cfg")[0], 200, "the one that was never used is good")
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "until it was used, and the password after it")
ok(r.until(lambda: r.seen(again["unused"] + ONE + ".cfg")[0] == 404), "then it is dead too")

# ---- pairing ----
agent = ua("yealink", TWO)
none = r.seen("/cfg/0015650ffffe.cfg", agent=agent)
r.must("POST", P + TWO + "/pair")
ways("certificate", "token")
is_(r.seen("/cfg/%s.cfg" % TWO, agent=agent), none, "pairing off: a window that is open lets nobody in, to the byte")
a = r.api("POST", P + TWO + "/pair")
ok(a.status == 409 and "first-access-ways" in a.json["detail"], "none is opened, and it says which setting", a)
is_(r.must("POST", P + TWO + "/pair", {"open": False})["pair-until-datetime"], None, "it can be closed")
a = r.api("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb11", "device-models-brand-and-model": "yealink-t46u", "pair": True})
ok(a.status == 409 and r.api("GET", P + "001565aabb11").status == 404, "nor with a new phone", a)
ways(*ALL)
r.must("POST", P + TWO + "/pair")
is_(r.seen("/cfg/%s.cfg" % TWO, agent=agent)[0], 200, "on again")

# ---- its own password ----
ways()
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "with all ways off a phone comes with its own password")
is_(by_certificate(ONE, "one")[0], 401, "and its certificate alone is nothing")
r.stop()
r.start()
is_((r.must("GET", D)["first-access-ways"], by_certificate(ONE, "one")[0], by_certificate(THERE, "there")[0]), ([], 401, 200), "so after a restart")

# ---- the server's own bound ----
ways(*ALL)
r.stop()
r.set("phones", "first-access-ways", "token")
r.start()
is_(r.must("GET", D)["first-access-ways"], ALL, "what a domain says stays as it is")
is_(by_certificate(ONE, "one")[0], 401, "what the server does not allow is off: certificate")
a = r.api("POST", P + TWO + "/pair")
ok(a.status == 409 and "[phones]" in a.json["detail"], "pairing, and it says where", a)
is_(r.api("POST", P + TWO + "/token").status, 201, "token is on")
r.stop()
r.set("phones", "first-access-ways", "")
r.start()
a = r.api("POST", P + TWO + "/token")
ok(a.status == 409 and "[phones]" in a.json["detail"], "none at all", a)
is_(r.curl("/cfg/%s.cfg" % ONE, *own)[0], 200, "but its own password")
is_(r.stop(), 0, "ends cleanly")
done()

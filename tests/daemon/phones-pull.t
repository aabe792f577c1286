#!/usr/bin/python3
"""The boot sequence of each vendor, by token and by the phone's own password; ETag and 304; what ends a token."""
import base64
import fcntl
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from rekeylib import header, ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.user("1001", "Anna", "Berg")

# (file, status): in the order of the vendor's guide. 404 is what the boot order expects there.
BOOT = {
    "yealink": ("001565aabb01", "yealink-t46u", [
        ("%s.boot", 200), ("y000000000000.boot", 200), ("y000000000108.cfg", 200), ("%s.cfg", 200), ("%s-local.cfg", 200)]),
    "polycom": ("0004f2aabb02", "polycom-vvx450", [
        ("%s.cfg", 200), ("000000000000.cfg", 200), ("%s-lines.cfg", 200), ("%s-phone.cfg", 200), ("%s-web.cfg", 200),
        ("%s-license.cfg", 404), ("%s-directory.xml", 200), ("%s-calls.xml", 200)]),
    "grandstream": ("000b82aabb03", "grandstream-gxp2170", [
        ("cfg%s", 404), ("cfg%s.bin", 404), ("cfg%s.xml", 200), ("cfggxp2170.xml", 404), ("cfg.xml", 404)]),
}
# how the per-phone file says the phone's own name
USER = {"yealink": r"auto_provision\.server\.username = (\S+)", "polycom": r'device\.prov\.user="([^"]*)"',
        "grandstream": r'<item name="provisioning\.config\.username">([^<]+)<'}
PROOF = {"yealink": "%s.cfg", "polycom": "%s-lines.cfg", "grandstream": "cfg%s.xml"}


def state_of(mac):
    return r.must("GET", "/domains/example.test/phones/" + mac)


for vendor, (mac, model, files) in BOOT.items():
    agent = ua(vendor, mac)
    device = {"yealink": "1001", "polycom": "1001b", "grandstream": "1001c"}[vendor]
    if device != "1001":
        r.must("POST", "/domains/example.test/users/1001/devices", {"device": device})
    token = r.phone(mac, model, [device])
    got = {}
    for name, want in files:
        name = name % mac if "%s" in name else name
        status, head, body = r.curl(token + name, agent=agent)
        got[name] = (head, body)
        is_(status, want, "%s: %s by token" % (vendor, name))
    proof = PROOF[vendor] % mac
    text = got[proof][1].decode()
    ok(device in text and "Anna Berg" in text, vendor + ": its file carries the line and the name", text[:400])
    is_(r.curl(token + proof, agent=agent)[0], 200, vendor + ": the token is good for another pull")
    named, password = re.search(USER[vendor], text), rekeylib.password_in(text)
    is_(named and named.group(1), mac, vendor + ": the file tells the phone its own name")
    ok(password and len(password) >= 12, vendor + ": and its own password", text[-1500:])
    first = r.until(lambda: state_of(mac)["generation-acknowledged"] >= state_of(mac)["generation-wanted"])
    ok(first, vendor + ": delivered files are acknowledged", state_of(mac))
    r.until(lambda: state_of(mac)["user-agent"])
    now = state_of(mac)
    is_(now["user-agent"], agent, vendor + ": its User-Agent is noted")
    ok(now["device-provisioning-last-retrieved-datetime"], vendor + ": and when it came")

    status, head, body = r.curl("/cfg/" + proof, "--digest", "-u", "%s:%s" % (mac, password), agent=agent)
    is_(status, 200, vendor + ": Digest with its own password")
    if vendor == "grandstream":
        book = dict(re.findall(r'<item name="phonebook[.]download[.](\w+)">([^<]*)</item>', text))
        is_(r.curl("/cfg/phonebook.xml", agent=agent)[0], 401, "the empty phonebook is for nobody without a login")
        is_(r.curl("/cfg/phonebook.xml", "--digest", "-u", book["username"] + ":" + book["password"], agent=agent)[0], 200,
            "and its file tells the phone the login for it: what it holds of its own goes")
    dead = r.until(lambda: r.curl(token + proof, agent=agent)[0] == 404)
    ok(dead, vendor + ": its own password ends the token")
    for name, want in files:
        name = name % mac if "%s" in name else name
        is_(r.curl("/cfg/" + name, "--digest", "-u", "%s:%s" % (mac, password), agent=agent)[0], want,
            "%s: %s by Digest" % (vendor, name))
    is_(r.curl("/cfg/" + proof, "--basic", "-u", "%s:%s" % (mac, password), agent=agent)[0], 200, vendor + ": Basic over TLS")
    is_(r.curl("/cfg/" + proof, "--basic", "-u", "%s:%s" % (mac, password[:-1] + "!"), agent=agent)[0], 401, vendor + ": Basic, wrong")
    status, head, body = r.curl("/cfg/" + proof.upper() if vendor == "yealink" else "/cfg/" + proof, "--digest", "-u",
                                "%s:%s" % (mac, password), agent=agent)
    is_(status, 200, vendor + ": the name in the other case")

    etag = header(head, "ETag")
    ok(re.match(r'^"g\d+-[0-9a-f]{16}"$', etag or ""), vendor + ": a strong validator", head)
    status, head, again = r.curl("/cfg/" + proof, "--digest", "-u", "%s:%s" % (mac, password), "-H", "If-None-Match: " + etag, agent=agent)
    is_((status, again), (304, b""), vendor + ": 304 to its own validator")
    is_(r.curl("/cfg/" + proof, "--digest", "-u", "%s:%s" % (mac, password), "-H", 'If-None-Match: "g0-0"', agent=agent)[0], 200,
        vendor + ": 200 to another one")
    status, head, nothing = r.curl("/cfg/" + proof, "-I", "--digest", "-u", "%s:%s" % (mac, password), agent=agent)
    is_((status, header(head, "Content-Length"), nothing[:5] in (b"", b"HTTP/")), (200, str(len(body)), True), vendor + ": HEAD, with the length")
    is_(r.curl("/cfg/" + proof, "--digest", "-u", "%s:%s" % (mac, password), agent=agent)[2], body, vendor + ": the same phone, the same bytes")
    is_(r.curl("/cfg/nothing-of-ours.cfg", "--digest", "-u", "%s:%s" % (mac, password), agent=agent)[0], 404, vendor + ": no such file")

# ---- a change gives other bytes and another validator; HEAD and half a file acknowledge nothing ----
mac = BOOT["yealink"][0]
password = rekeylib.password_in(r.curl(re.sub(r"^https://[^/]*", "", r.must("POST", "/domains/example.test/phones/%s/token" % mac)["url"]) + mac + ".cfg")[2])
auth = ("--digest", "-u", "%s:%s" % (mac, password))
before = r.curl("/cfg/%s.cfg" % mac, *auth)
r.must("PUT", "/domains/example.test/users/1001", {"name-first-name": "Maria"})
wanted = state_of(mac)["generation-wanted"]
ok(wanted > state_of(mac)["generation-acknowledged"], "another name: the phone's file is behind")
r.curl("/cfg/%s.cfg" % mac, "-I", *auth)
r.curl("/cfg/%s.cfg" % mac, "--range", "0-99", *auth)
r.curl("/cfg/%s.boot" % mac, *auth)
ok(state_of(mac)["generation-acknowledged"] < wanted, "HEAD, a piece and the boot file acknowledge nothing")
after = r.curl("/cfg/%s.cfg" % mac, *auth)
ok(b"Maria Berg" in after[2] and b"Anna" not in after[2], "the next pull has the new name")
ok(header(after[1], "ETag") != header(before[1], "ETag"), "and another validator")
r.curl("/cfg/%s-local.cfg" % mac, *auth)
ok(r.until(lambda: state_of(mac)["generation-acknowledged"] >= wanted), "then it is acknowledged", state_of(mac))
names = [t["event"] for t in r.must("GET", "/domains/example.test/phones/%s/timeline" % mac)]
ok(len(names) >= 2, "the timeline tells it", names)
is_(r.curl("/cfg/y000000000073.cfg", *auth)[0], 404, "another model's common file is not this phone's")

# ---- what is acknowledged costs nothing: no rendering, no write beyond the notes that are gathered twice a second, no look at the database ----
COUNTED = ("cache_hits_total", "cache_misses_total", "store_writes_total")
r.user("1002", "Emil", "Koch")
mac = "001565aabb04"
password = rekeylib.password_in(r.curl(r.phone(mac, "yealink-t46u", ["1002"]) + mac + ".cfg")[2])
basic = {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (mac, password)).encode()).decode()}
kept = r.connect(r.phones_port)
address = r.phone("001565aabb08", "yealink-t46u", []) + "001565aabb08.cfg"


def pulls(n):
    return {r.ask("GET", "/cfg/%s.cfg" % mac, headers=basic, conn=kept).status for _ in range(n)}


def counted():
    return [r.metric(name) for name in COUNTED]


def still():
    before = counted()[1]
    return pulls(5) == {200} and counted()[1] == before


pulls(1)
ok(r.until(lambda: state_of(mac)["generation-acknowledged"] == state_of(mac)["generation-wanted"]), "a phone that nothing is waited for", state_of(mac))
ok(r.until(still), "its file is rendered once", counted())
began, before = time.monotonic(), counted()
is_(pulls(300), {200}, "and given 300 times")
hits, misses, writes = (now - then for now, then in zip(counted(), before))
most = 2 * (time.monotonic() - began) + 3
is_((hits, misses), (300, 0), "as rendered before")
ok(writes <= most, "without a write for each", (writes, most))
failed = r.metric("proofs_failed_total")
with open(os.path.join(r.data, "rekey.db-shm"), "r+b") as shm:
    fcntl.lockf(shm, fcntl.LOCK_EX, 5, 123)  # the marks of readers in SQLite's index of its log: whoever holds them all is alone
    began = time.monotonic()
    is_((pulls(3), time.monotonic() - began < 5), ({200}, True), "and while nobody can read the database")
    status, head, body = r.curl(address, "--max-time", "60")
    is_((status, header(head, "Retry-After")), (503, "5"), "an address that cannot be looked up then is not called wrong")
is_((r.metric("proofs_failed_total"), r.curl(address)[0]), (failed, 200), "and is nobody's failure; it is good afterwards")
done()

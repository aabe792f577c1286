#!/usr/bin/python3
"""Factory certificates, phones that another process added, and that a refusal takes as long whether a phone is there or not."""
import base64
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import tap  # noqa: E402
import x509  # noqa: E402
from tap import done, is_, ok  # noqa: E402

tmp = tempfile.TemporaryDirectory()


def at(name):
    return os.path.join(tmp.name, name)


def client(name, cn, ca="vendor"):
    x509.request(at(name), "/CN=" + cn)
    x509.signed(at(name), at(ca))
    return x509.curl(at(name))


x509.own(at("vendor"), "/CN=vendor")
x509.own(at("stranger"), "/CN=stranger")
r = rekeylib.Rekeyd(phones__polycom_ca=at("vendor.pem"), phones__failures_per_address=500, phones__failures_per_network=800, phones__failures_total=100000)
r.domain()
r.user("1001", "Anna", "Berg")
ONE, TWO = "0004f2aabb01", "0004f2aabb02"
token = r.phone(ONE, "polycom-vvx450", ["1001"])
r.phone(TWO, "polycom-vvx450", [])

# ---- certificates: CN is the MAC, and the MAC is the file's ----
own = client("own", ONE.upper())
is_(r.curl("/cfg/%s-lines.cfg" % ONE, *own)[0], 200, "a phone's own factory certificate")
ok(b"Anna Berg" in r.curl("/cfg/%s-lines.cfg" % ONE, *own)[2], "is enough to get its file")
is_(r.curl("/cfg/000000000000.cfg", *own)[0], 200, "a file without a MAC: the certificate says whose")
is_(r.curl("/cfg/%s-lines.cfg" % TWO, *own)[0], 401, "another phone's file")
is_(r.curl("/cfg/%s-lines.cfg" % ONE, *client("shared", "Polycom Equipment"))[0], 401, "a certificate that a whole model shares proves nothing")
is_(r.curl("/cfg/%s-lines.cfg" % ONE, *client("unknown", "0004f2aabbff"))[0], 401, "one of a phone that nobody knows")
is_(r.curl("/cfg/0004f2aabbff-lines.cfg", *client("unknown2", "0004f2aabbff"))[0], 401, "not for its own file either")
is_(r.curl("/cfg/%s-lines.cfg" % ONE, *client("forged", ONE, "stranger"))[0] in (0, 401), True, "one that a stranger signed")
is_(r.curl(token + "%s-lines.cfg" % ONE, *client("two", TWO))[0], 404, "a token with another phone's certificate")
is_(r.curl(token + "%s-lines.cfg" % ONE, *own)[0], 200, "a token with its own")

# ---- another process adds phones; the running one learns of them ----
csv = at("phones.csv")
open(csv, "w").write("mac,model,line,device\n001565aabb11,yealink-t46u,1,1001\n")
out = r.run("import", "example.test", csv)
is_(out.returncode, 0, "rekeyd import beside the daemon: " + out.stdout.strip()[-80:])
MAC = "001565aabb11"
path = re.sub(r"^https://[^/]*", "", r.must("POST", "/domains/example.test/phones/%s/token" % MAC)["url"])
password = rekeylib.password_in(r.curl(path + MAC + ".cfg")[2])
is_(r.curl("/cfg/%s.cfg" % MAC, "--digest", "-u", "%s:%s" % (MAC, password))[0], 200, "token, then its own password")

# ---- import over the API: a report per row, all or nothing ----
I = "/domains/example.test/import"
good = "user,name-first-name,name-last-name\n5001,Eva,One\n5002,Uwe,Two\n"
bad = good + "5003,Line\x01Break,Three\n"
a = r.api("POST", I + "?dry-run=yes", good, Content_Type="text/csv")
is_((a.status, a.json["written"], a.json["rows-total"]), (200, False, 2), "dry-run")
is_(r.api("GET", "/domains/example.test/users/5001").status, 404, "writes nothing")
a = r.api("POST", I, bad, Content_Type="text/csv")
ok(a.status == 400 and not a.json["written"] and [x["line"] for x in a.json["rows"] if x["error"]] == [4], "a bad row is named by its line", a)
is_(r.api("GET", "/domains/example.test/users/5001").status, 404, "and nothing is written")
a = r.api("POST", I, good, Content_Type="text/csv")
is_((a.status, a.json["written"]), (200, True), "all good: written")
is_(r.must("GET", "/domains/example.test/users/5002")["name-first-name"], "Uwe", "and there")
is_(r.api("POST", I, good).status, 400, "JSON is no CSV")
is_(r.api("POST", I, "a,b,c\n1,2,3\n", Content_Type="text/csv").status, 400, "no such columns")

# ---- a refusal takes as long for a phone that is there as for one that is not ----
conn = r.connect(r.phones_port)


def took(mac):
    start = time.perf_counter_ns()
    auth = base64.b64encode((mac + ":wrong-password-1").encode()).decode()
    a = r.ask("GET", "/cfg/%s.cfg" % mac, headers={"Authorization": "Basic " + auth}, conn=conn)
    assert a.status == 401
    return (time.perf_counter_ns() - start) / 1000


known, unknown = [], []
for i in range(200):
    known.append(took(ONE))
    unknown.append(took("0004f2aabbf1"))
a, b = statistics.median(known), statistics.median(unknown)
ok(abs(a - b) < max(a, b) * 0.25, "known and unknown: %.0f and %.0f microseconds" % (a, b))
conn.close()

# ---- a file with a secret that the registrar does not know yet is not given, and the phone comes again ----
away = rekeylib.Rekeyd(registrar__kind="kamailio", registrar__rpc="http://127.0.0.1:%d/RPC" % tap.free_port(),
                       registrar__events="127.0.0.1:%d" % tap.free_port())
away.domain()
away.user("1001", "Anna", "Berg")
path = away.phone("001565aabb01", "yealink-t46u", ["1001"])
held = sqlite3.connect(os.path.join(away.data, "subscriber.db"), isolation_level=None)
held.execute("BEGIN IMMEDIATE")  # nobody can write what the registrar reads; before the reset, whose own flip may be quick
away.must("POST", "/domains/example.test/resets", {"users": ["1001"]})
away.until(lambda: away.must("GET", "/domains/example.test/users/1001")["account-status"] == "reset")
status, head, body = away.curl(path + "001565aabb01.cfg")
is_((status, rekeylib.header(head, "Retry-After"), b"password" in body), (503, "5", False), "503 with Retry-After, and nothing of the file")
is_(away.curl(path + "001565aabb01.boot")[0], 200, "files without a secret are given")
held.execute("ROLLBACK")
held.close()
status, head, body = away.curl(path + "001565aabb01.cfg")
is_((status, b"password" in body), (200, True), "once it knows the secret the file is given, although it answers no question about bindings")
done()

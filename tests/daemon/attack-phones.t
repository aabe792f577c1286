#!/usr/bin/python3
"""Compromised phones and stolen passwords: a certificate, a password and a path that do not name one phone."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

ONE, TWO, GONE = "001565aabb01", "001565aabb02", "001565aabb03"
e.make_cert("ca", "ec", "Vendor CA")
e.make_cert("strange", "ec", ONE)  # its name is right; nobody vouches for it
for name, cn in (("one", ONE), ("upper", ONE.upper()), ("shared", "Yealink factory"), ("gone", GONE)):
    e.make_client(name, "ca", cn)
r = rekeylib.Rekeyd(phones__yealink_ca=e.path("ca.pem"))
r.domain()
r.user("1001", "Anna", "Berg")
r.user("1002", "Emil", "Koch")
token = {m: r.phone(m, "yealink-t46u", [u]) for m, u in ((ONE, "1001"), (TWO, "1002"))}
password = {m: rekeylib.password_in(r.curl(token[m] + m + ".cfg")[2]) for m in token}


def pull(mac, cert=None, login=None, path="/cfg/%s.cfg"):
    args = ["--cert", e.path(cert + ".pem"), "--key", e.path(cert + ".key")] if cert else []
    if login:
        args += ["--digest", "-u", "%s:%s" % (login, password[login])]
    return r.curl(path % mac, *args)[0]


is_((pull(ONE, "one"), pull(ONE, "upper")), (200, 200), "a certificate with the phone's MAC as its name")
is_(pull(TWO, "one"), 401, "not for another phone's file")
is_(pull(ONE, "shared"), 401, "a certificate that all phones of a vendor have proves nothing")
is_(pull(ONE, "strange"), 401, "nor does one that nobody vouches for")
is_(pull(GONE, "gone"), 401, "nor that of a phone that is not ours")
is_(pull(TWO, "one", TWO), 401, "another phone's password is no good beside one's own certificate")
is_(pull("y000000000108", "one", TWO), 200, "a common file goes to the certificate's phone")
is_(pull(TWO, "shared", TWO), 200, "beside a certificate that says nothing a password is what it is")
is_(pull(TWO, "strange", TWO), 200, "so beside one that nobody vouches for")
live = re.sub(r"^https://[^/]*", "", r.must("POST", "/domains/example.test/phones/%s/token" % TWO)["url"]) + "%s.cfg"
is_(pull(TWO, "one", path=live), 404, "nor is another phone's first-access address")
is_(pull(TWO, path=live), 200, "which is good without it")
is_(pull(ONE, "one", ONE), 200, "both of one phone")
ok(not any(p in r.log_text() for p in password.values()), "no password in the log")
done()

#!/usr/bin/python3
"""What phones send: by whom, how much, and the late upload that would bring the last person back."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.user("1001", "Anna", "Berg")
r.user("1002", "Emil", "Koch")
MAC, OTHER, YEA = "0004f2aabb01", "0004f2aabb02", "001565aabb09"
token = {MAC: r.phone(MAC, "polycom-vvx450", ["1001"]), OTHER: r.phone(OTHER, "polycom-vvx250", ["1002"]),
         YEA: r.phone(YEA, "yealink-t54w", [])}
agent = ua("polycom", MAC)
BASE = "/domains/example.test/phones/"


def password_of(mac):
    return rekeylib.password_in(r.curl(token[mac] + mac + "-lines.cfg", agent=agent)[2])


pw = {m: password_of(m) for m in (MAC, OTHER)}
yea_pw = rekeylib.password_in(r.curl(token[YEA] + YEA + ".cfg")[2])
auth = {m: ("--digest", "-u", "%s:%s" % (m, pw[m])) for m in pw}


def put(name, data, who=MAC, method=None):
    more = ("-X", method) if method else ()
    return r.curl("/cfg/" + name, "-T", "-", *more, *auth[who], agent=agent, data=data)[0]


def get(name, who=MAC):
    return r.curl("/cfg/" + name, *auth[who], agent=agent)


def pull_all(mac=MAC):
    for name in ("%s.cfg", "%s-lines.cfg", "%s-phone.cfg", "%s-web.cfg", "%s-directory.xml", "%s-calls.xml"):
        get(name % mac, mac)
    return r.until(lambda: (lambda p: p["generation-acknowledged"] >= p["generation-wanted"])(r.must("GET", BASE + mac)))


# ---- before the phone has what it should have, nothing that it sends is kept ----
OLD = b'<?xml version="1.0"?><directory><item_list><item><fn>Oma</fn><ct>030123</ct></item></item_list></directory>'
is_(r.curl(token[MAC] + MAC + "-directory.xml", "-T", "-", agent=agent, data=OLD)[0], 200, "by token: answered 200")
ok(pull_all(), "the phone took its files")
ok(b"Oma" not in get(MAC + "-directory.xml")[2], "and what came by token was thrown away")

# ---- kept, given back, per kind ----
for name, data in ((MAC + "-directory.xml", OLD), (MAC + "-calls.xml", b"<callLists><x>marked-call</x></callLists>"),
                   (MAC + "-phone.cfg", b'<PHONE_CONFIG><o x="marked-phone"/></PHONE_CONFIG>'),
                   (MAC + "-web.cfg", b'<PHONE_CONFIG><o x="marked-web"/></PHONE_CONFIG>')):
    is_(put(name, data), 200, "PUT " + name)
    got = get(name)[2]
    if name.endswith("directory.xml"):  # beside what the server makes of the keys
        got, data = got.partition(b"<item>")[2].partition(b"</item>")[0], data.partition(b"<item>")[2].partition(b"</item>")[0]
    is_(got, data, "GET gives it back")
is_(put(MAC + "-directory.xml", OLD.replace(b"Oma", b"Opa")), 200, "PUT again")
ok(b"Opa" in get(MAC + "-directory.xml")[2] and b"Oma" not in get(MAC + "-directory.xml")[2], "replaces it")
is_(put(MAC + "-app.log", b"line one\n"), 200, "a log")
is_(put(MAC + "-app.log", b"line two\n"), 200, "another piece of it")
is_(put(MAC + "-app.log", b"x" * (512 * 1024)), 200, "a log beyond its limit starts anew")

# ---- by whom, what, how much ----
is_(put(OTHER + "-directory.xml", OLD), 401, "another phone's directory")
is_(r.curl("/cfg/" + MAC + "-directory.xml", "-T", "-", data=OLD)[0], 401, "nobody's upload")
is_(put(MAC + "-lines.cfg", b"<x/>"), 405, "the server's own file")
is_(put("000000000000.cfg", b"<x/>"), 405, "a common file")
is_(put("hello.cfg", b"<x/>"), 405, "no file of any vendor")
big = os.path.join(r.dir, "big")
open(big, "wb").write(b"x" * (2 * 1024 * 1024))
is_(r.curl("/cfg/" + MAC + "-directory.xml", "-T", big, *auth[MAC], agent=agent)[0], 413, "more than the limit")
is_(r.curl("/cfg/%s-local.cfg" % YEA, "-X", "POST", "--data-binary", "@-", "--digest", "-u", "%s:%s" % (YEA, yea_pw), agent=ua("yealink", YEA),
           data=b"#!version:1.0.0.1\nphone_setting.lock = 1\n")[0], 200, "a Yealink may POST its local changes")

# ---- the late upload ----
r.must("POST", "/domains/example.test/resets", {"users": ["1001"], "options": {"phone-lines": True}})
ok(r.until(lambda: r.must("GET", BASE + MAC)["state"] == "vacant"), "after a reset the phone is vacant")
body = get(MAC + "-directory.xml")[2]
ok(b"Opa" not in body, "what it had sent for the person is gone", body[:200])
for name, data in ((MAC + "-directory.xml", OLD), (MAC + "-calls.xml", b"<callLists><x>marked-call</x></callLists>"),
                   (MAC + "-phone.cfg", b'<PHONE_CONFIG><o x="marked-phone"/></PHONE_CONFIG>')):
    is_(put(name, data), 200, "late: 200")
    ok(b"Oma" not in get(name)[2] and b"marked" not in get(name)[2], "and thrown away: " + name)
ok("late-upload-dropped" in r.log_text(), "the log says so")
ok(pull_all(), "the phone takes its blanks")
is_(put(MAC + "-directory.xml", OLD.replace(b"Oma", b"Onkel")), 200, "from then on its uploads are the next person's")
ok(b"<fn>Onkel</fn>" in get(MAC + "-directory.xml")[2], "and are kept", get(MAC + "-directory.xml")[2])
is_(put(MAC + "-directory.xml", b"no contacts at all"), 200, "what is no contact file is answered 200")
status, _, body = get(MAC + "-directory.xml")
ok(status == 200 and b"<directory>" in body and b"no contacts" not in body, "and never given back", body)
done()

#!/usr/bin/python3
"""What mails say and whom they come from: letters of a reseller and of a domain, checked when they are set; names that would break a
header or a page; a domain's own sender and mail server, and where that may be."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

certs, ca = smtp.certificates(tap.temp_dir("certs"))
server = smtp.Server(tls="none", user="", ascii=True)
r = rekeylib.Rekeyd(mail__server="127.0.0.1", mail__port=server.port, mail__tls="none", mail__from="phones@example.test", mail__ca=ca,
                    mail__domain_servers="any", mail__retry_ms=100, mail__retry_most_ms=300)
for name, reseller in (("example.test", "north"), ("second.test", "north"), ("other.test", "south")):
    r.must("POST", "/domains", {"domain": name, "reseller": reseller})
D = "/domains/example.test"
north = r.must("POST", "/apikeys", {"name": "n", "user-scope": "Reseller", "reseller": "north"})["key"]
south = r.must("POST", "/apikeys", {"name": "s", "user-scope": "Reseller", "reseller": "south"})["key"]
office = r.must("POST", D + "/apikeys", {"name": "o", "user-scope": "Office Manager"})["key"]
for d in ("example.test", "second.test", "other.test"):
    r.user("1001", "Anna", "Berg", domain=d, **{"email-address": "anna@" + d})


def welcome(domain="example.test", ext="1001"):
    n = len(server.mails())
    r.must("POST", "/domains/%s/users/%s/welcome" % (domain, ext), {})
    return server.wait(n + 1)[n]


# ---- letters ----
t = r.must("GET", D + "/mail-templates")
is_([(x["name"], x["set-by"]) for x in t], [("welcome", "program"), ("password-reset", "program")], "those that come with the program")
ours = {"subject": "Hallo {{first_name}}", "text": "Login {{login}}\n\n{{link}}\n", "html": "<p title='{{name}}'>{{name}}</p><a href=\"{{link}}\">{{hours}}</a>"}
is_(r.must("PUT", "/mail-templates/welcome", ours, key=north)["set-by"], "reseller", "a reseller sets one")
is_((welcome().message["Subject"], welcome("second.test").message["Subject"], welcome("other.test").message["Subject"][:14]), ("Hallo Anna", "Hallo Anna", "Your telephone"),
    "for his domains alone")
is_(r.must("GET", D + "/mail-templates/welcome", key=office)["set-by"], "reseller", "an Office Manager sees whose it is")
is_(r.must("PUT", D + "/mail-templates/welcome", dict(ours, subject="Nur hier"), key=north)["set-by"], "domain", "for one domain")
m = welcome()
is_((m.message["Subject"], welcome("second.test").message["Subject"]), ("Nur hier", "Hallo Anna"), "it goes before the reseller's")
ok("Login 1001@example.test" in m.text and "<p title='Anna Berg'>Anna Berg</p>" in m.html, "text and HTML are theirs", m.html)
is_(r.must("PUT", D + "/mail-templates/welcome", r.must("GET", D + "/mail-templates/welcome", key=north), key=north)["subject"], "Nur hier", "what GET gave may come back")
for body, says in ((dict(ours, text="{{link}}\n {{passwort}}"), "welcome.text:2:2: unknown name 'passwort'"), (dict(ours, html="{{link}}{{{name}}}"), "welcome.html:1:9"),
                   (dict(ours, text="no link"), "text does not show the link"), (dict(ours, html="no link"), "html does not show the link"),
                   (dict(ours, subject="a\nb"), "one line"), (dict(ours, subject=""), "subject is empty"), (dict(ours, subject="x" * 201), "longer than 200"),
                   (dict(ours, text="{{link}}" + "x" * 65536), "longer than 65536"), ({"subject": "x"}, '"text" must be given'), (dict(ours, body="x"), '"body" is not known'),
                   (dict(ours, text=7), '"text" must be given'), (dict(ours, text="{{#name}}{{link}}"), "welcome.text:1:1"), (dict(ours, text="{{link}}\u0007"), "control")):
    a = r.api("PUT", D + "/mail-templates/welcome", body, key=north)
    ok(a.status in (400, 413) and says in a.json["detail"], "refused: " + says, a)
is_(r.must("GET", D + "/mail-templates/welcome")["subject"], "Nur hier", "and nothing was changed")
p = r.must("POST", D + "/mail-templates/welcome/preview", dict(ours, subject="{{company}} & {{name}}"), key=north)
ok(p["subject"] == "Example & Sons & Anna Berg" and "SAMPLE-LINK" in p["text"] and "SAMPLE-LINK" in p["html"], "a preview", p)
is_(r.must("POST", D + "/mail-templates/welcome/preview", {"subject": "{{user}}"}, key=north)["subject"], "1001", "of one part alone")
is_([r.api(*x, key=k).status for x, k in ((("PUT", D + "/mail-templates/welcome", ours), office), (("DELETE", D + "/mail-templates/welcome"), office),
                                          (("PUT", "/mail-templates/welcome", ours), office), (("GET", D + "/mail-templates"), south),
                                          (("PUT", D + "/mail-templates/welcome", ours), south), (("GET", "/mail-templates?reseller=north"), south))],
    [403] * 6, "not an Office Manager, not another reseller")
is_([r.api("GET", D + "/mail-templates/farewell").status, r.api("PUT", D + "/mail-templates/farewell", ours).status], [404, 404], "an unknown letter")
is_(r.api("GET", "/mail-templates").status, 400, "a Super User says whose")
is_(r.must("GET", "/mail-templates/welcome?reseller=north")["subject"], "Hallo {{first_name}}", "and sees them")
is_(r.api("DELETE", D + "/mail-templates/welcome", key=north).status, 200, "taken back")
is_(r.api("DELETE", D + "/mail-templates/welcome", key=north).status, 404, "twice there is none")
is_(welcome().message["Subject"], "Hallo Anna", "the reseller's again")
is_(r.api("DELETE", "/mail-templates/welcome", key=north).status, 200, "his own too")
ok(welcome().message["Subject"].startswith("Your telephone"), "the program's again")
ok({"letter-set", "letter-delete"} <= {x["action-type"] for x in r.must("GET", "/auditlog?limit=1000")}, "audited")

# ---- names that would break a header or a page ----
for ext, first, last in (("1002", "<img src=x", "onerror=alert(1)>"), ("1003", "\u05d0\u05e0\u05d4", "\u202eevil\u202c"), ("1004", "\U0001f469\u200d\U0001f680", "Zoë"),
                         ("1005", 'O"Neill \\', "Jr."), ("1006", "=?UTF-8?Q?fake?=", "Name"), ("1007", "Ø" * 15, "ß" * 16)):
    a = r.api("POST", D + "/users", {"user": ext, "name-first-name": first, "name-last-name": last, "email-address": ext + "@example.test"})
    if not ok(a.status == 201, "a person called " + ascii(first), a):
        continue
    m = welcome(ext=ext)
    is_(m.to, (first + " " + last, ext + "@example.test"), "in the header as it is")
    ok("<img" not in m.html and m.message.defects == [] and max(map(len, m.raw.split(b"\r\n"))) <= 78 and m.raw.isascii(), "and nothing breaks", m.raw[:600])
for first in ("Anna\r\nBcc: all@example.test", "Anna\nX", "A\0B"):
    is_(r.api("POST", D + "/users", {"user": "1009", "name-first-name": first, "name-last-name": "B"}).status, 400, "no name: " + ascii(first))
r.stop()
with sqlite3.connect(os.path.join(r.data, "rekey.db")) as db:  # past every check, as a fault of ours might
    db.execute("UPDATE users SET first_name = ?, last_name = ? WHERE ext = '1002'", ("Eve\r\nBcc: all@example.test\r\n\r\nbody", "L" * 200))
db.close()
r.start()
m = welcome(ext="1002")
is_((m.message["Bcc"], len(m.message.keys()), m.envelope["to"]), (None, len(welcome(ext="1004").message.keys()), ["1002@example.test"]), "even so no header comes of a name")
is_(m.to[0], "Eve Bcc: all@example.test body " + "L" * 200, "but one long display name")
for mail in ("anna", "a@b@c", "a b@c.de", "a@c.de,b@c.de", "a@b..c", "<a@b.c>", "a@b.c\r\nRCPT TO:<x@y.z>", "x" * 65 + "@b.c", "a@" + "x" * 64):
    is_(r.api("PATCH", D + "/users/1003", {"email-address": mail}).status, 400, "no address: " + ascii(mail)[:40])
r.must("PATCH", D + "/users/1003", {"email-address": "anna@bücher.example"})
m = welcome(ext="1003")
ok(m.to[1] == "anna@xn--bcher-kva.example" and m.raw.isascii(), "a domain with letters of its own goes out in ASCII", m.to)

# ---- a domain's own sender and server ----
own = smtp.Server(cert=certs["localhost"], user="tenant", password="Geheim1")
mask = {"email-send-from-address": "team@example.test", "email-send-smtp-hostname": "localhost", "email-send-smtp-port": str(own.port),
        "email-send-smtp-username": "tenant", "email-send-smtp-password": "***"}
is_(r.must("PUT", D, {"email-send-from-address": "team@example.test"}, key=north)["email-send-from-address"], "team@example.test", "a sender of its own")
is_((welcome().envelope["from"], welcome("second.test").envelope["from"]), ("team@example.test", "phones@example.test"), "for this domain alone")
g = r.must("GET", D + "/phones/count")
is_(r.api("PUT", D, dict(mask, **{"email-send-smtp-password": "Geheim1"}), key=office).status, 403, "an Office Manager does not say where mails go")
d = r.must("PUT", D, dict(mask, **{"email-send-smtp-password": "Geheim1"}), key=north)
is_({k: d[k] for k in mask}, mask, "a server of its own, its password masked")
is_({k: v for k, v in r.must("GET", D).items() if k in mask}, mask, "also when read")
r.must("POST", D + "/users/1001/welcome", {})
m = own.wait(1)[0]
is_((m.envelope["from"], m.envelope["secure"], m.envelope["user"]), ("team@example.test", True, "tenant"), "by STARTTLS, with its login")
is_(r.must("PUT", D, r.must("GET", D), key=office)["email-send-smtp-username"], "tenant", "what GET gave may come back, from an Office Manager too")
r.must("POST", D + "/users/1001/welcome", {})
is_(len(own.wait(2)), 2, "and the password is still there")
for body, says in (({"email-send-from-address": "nobody"}, "email-send-from-address"), ({"email-send-smtp-hostname": "a b"}, "no host name"),
                   ({"email-send-smtp-port": "x"}, "whole number"), ({"email-send-smtp-port": 65536}, "65535"), ({"email-send-smtp-password": ""}, "password is missing")):
    a = r.api("PUT", D, body, key=north)
    ok(a.status == 400 and says in a.json["detail"], "refused: " + says, a)
is_(r.api("PUT", "/domains/other.test", {"email-send-smtp-password": "***"}, key=south).status, 400, "*** where there is none")
own.stop()
n = len(server.mails())
r.must("POST", D + "/users/1001/welcome", {})
mails = lambda d: r.must("GET", "/domains/%s/users/1001/mails" % d)[0]  # noqa: E731
ok(r.until(lambda: "does not answer" in mails("example.test")["error"]), "its server is dead", mails("example.test"))
welcome("second.test")
ok(len(server.mails()) == n + 1 and r.until(lambda: mails("second.test")["state"] == "sent"), "that is nobody else's trouble")
kinds = lambda d: {a["kind"] for a in r.must("GET", "/domains/%s/alerts" % d)}  # noqa: E731
is_((kinds("example.test"), kinds("second.test")), ({"mail-server"}, set()), "nor alert")
r.must("PUT", D, {"email-send-smtp-hostname": None}, key=north)
ok(r.until(lambda: mails("example.test")["state"] == "sent"), "without it the mail takes the common way", mails("example.test"))
ok(r.until(lambda: not kinds("example.test")), "and the alert is over", kinds("example.test"))
own.start()
for word, says in (("public", "may send no mail"), ("none", None)):
    r.must("PUT", D, {"email-send-smtp-hostname": "localhost"}, key=north)
    r.stop()
    r.set("mail", "domain-servers", word)
    r.start()
    r.must("POST", D + "/users/1001/welcome", {})
    if says:
        ok(r.until(lambda: says in mails("example.test")["error"]), "domain-servers = public: not to an address inside", mails("example.test"))
        is_([e for e in own.events("connect")][2:], [], "it was not even connected to")
    else:
        ok(r.until(lambda: mails("example.test")["state"] == "sent"), "domain-servers = none: by the server's own way", mails("example.test"))
a = r.api("PUT", D, {"email-send-smtp-hostname": "mx.example.test"}, key=north)
ok(a.status == 403 and "domain-servers" in a.json["detail"], "and no new one may be named", a)
ok("Geheim1" not in r.log_text() and "Geheim1" not in json.dumps(r.must("GET", "/auditlog?limit=1000")), "the password is in no log")
r.stop()
raw = b"".join(open(os.path.join(r.data, f), "rb").read() for f in os.listdir(r.data) if f.startswith("rekey.db"))
is_((b"Geheim1" in raw, b"team@example.test" in raw), (False, True), "and lies sealed")
done()

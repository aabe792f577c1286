#!/usr/bin/python3
"""Mail by a real SMTP server: STARTTLS, TLS, login; refused, put off, greylisted, slow, dead, wrong certificate, no STARTTLS; a
crash after the server took the mail over; and nobody gets a mail who has gone."""
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

certs, ca = smtp.certificates(tap.temp_dir("certs"), ("localhost", "other.test"))
server = smtp.Server(cert=certs["localhost"])
password = os.path.join(os.path.dirname(ca), "password")
with open(password, "w") as f:
    f.write("Wort-47\n")
os.chmod(password, 0o600)
r = rekeylib.Rekeyd(mail__server="localhost", mail__port=server.port, mail__ca=ca, mail__user="mailer", mail__password_file=password,
                    mail__from="phones@example.test", mail__from_name="Zoë's Phones", mail__reply_to="help@example.test",
                    mail__timeout_ms=1500, mail__retry_ms=100, mail__retry_most_ms=400, mail__domain_servers="any")
D = "/domains/example.test"
r.must("POST", "/domains", {"domain": "example.test", "description": "Bücher & Söhne"})


def user(ext, first, last, email=None):
    r.user(ext, first, last, **{"email-address": email or ext + "@example.test"})


def mails(ext, **query):
    return r.must("GET", D + "/users/%s/mails" % ext)


def state(ext):
    m = mails(ext)[0]
    return m["state"]


def welcome(ext, **body):
    return r.must("POST", D + "/users/%s/welcome" % ext, body)


def until(ext, want, seconds=10):
    return r.until(lambda: state(ext) == want, seconds)


def alerts():
    return {a["kind"]: a["text"] for a in r.must("GET", D + "/alerts")}


# ---- one mail, as it arrives ----
user("1001", "Änna", "Berg")
a = r.api("POST", D + "/users/1001/welcome", {})
is_((a.status, a.json["mail"]["state"], a.json["one-time-link"], a.json["login"]), (202, "waiting", None, "1001@example.test"), "a welcome mail is ordered")
m = server.wait(1)[0]
is_((m.envelope["from"], m.envelope["to"], m.envelope["secure"], m.envelope["user"]), ("phones@example.test", ["1001@example.test"], True, "mailer"),
    "it came over STARTTLS, with a login")
is_(m.envelope["hello"], "localhost", "and with our public name as greeting")
is_((str(m.message["From"]), str(m.message["To"]), str(m.message["Reply-To"])),
    ("Zoë's Phones <phones@example.test>", "Änna Berg <1001@example.test>", "help@example.test"), "sender, recipient, reply-to")
is_(m.message["Subject"], "Your telephone extension 1001 at Bücher & Söhne", "subject")
is_((m.message["Auto-Submitted"], m.message.get_content_type()), ("auto-generated", "multipart/alternative"), "no absence note answers it")
is_(m.message.defects + [d for p in m.message.walk() for d in p.defects], [], "a parser finds no defect")
ok("Hello Änna Berg," in m.text and "Login name: 1001@example.test" in m.text and "48 hours" in m.text, "the text", m.text)
ok("<bdi>Änna Berg</bdi>" in m.html and "Bücher &amp; Söhne" in m.html and m.html.count(m.link) == 3, "the HTML", m.html)
ok(m.link.startswith("https://localhost:%d/set-password/" % r.admin_port) and len(m.link.split("/")[-1]) == 43, "the link", m.link)
ok(max(len(line) for line in m.raw.split(b"\r\n")) <= 78 and b"\n" not in m.raw.replace(b"\r\n", b""), "lines as RFC 5322 wants them")
ok(until("1001", "sent"), "and is noted as sent", mails("1001"))
is_((mails("1001")[0]["attempts"], mails("1001")[0]["code"], r.metric("mails_sent_total"), r.metric("mails_waiting")), (1, 250, 1, 0), "with numbers")
a = r.api("POST", D + "/users/1001/email", {"template": "password-reset", "subject": "Für Sie: neu\u2003\u202eab"}, prefix="/ns-api/v2")
is_((a.status, a.json["mail"]["template"]), (200, "password-reset"), "as NetSapiens has it")
m = server.wait(2)[1]
is_(m.message["Subject"], "Für Sie: neu\u2003\u202eab", "with a subject of the caller's")
is_(r.api("POST", D + "/users/1001/email", {"template": "farewell", "subject": "x"}).status, 400, "an unknown template")
is_(r.api("POST", D + "/users/1001/email", {"template": "welcome", "subject": "a\r\nBcc: x@y.z"}).status, 400, "a subject with a line break")

# ---- refused for good, put off, greylisted ----
user("1002", "No", "Body")
user("1003", "Grey", "Listed")
user("1004", "Next", "One")
server.mood(to={"1002@example.test": 550, "1003@example.test": [451, 450]}, text="5.1.1 <1002@example.test> unknown here")
for ext in ("1002", "1003", "1004"):
    welcome(ext)
ok(until("1002", "failed"), "a recipient refused with 550 has failed", mails("1002"))
m = mails("1002")[0]
ok(m["attempts"] == 1 and m["code"] == 550 and "550 for the recipient: 5.1.1 <1002@example.test> unknown here" in m["error"], "at once, with the server's words", m)
ok(until("1004", "sent"), "others go on")
ok(until("1003", "sent"), "450 and 451 are tried again", mails("1003"))
is_(mails("1003")[0]["attempts"], 3, "until the server takes it")
ok("mail-failed" in alerts() and "1002@" not in json.dumps(alerts()), "an alert says so, without an address", alerts())
is_([x["user"] for x in r.must("GET", D + "/mails?state=failed")], ["1002"], "the domain's list says for whom")
is_((r.metric("mails_failed_total"), r.metric("mails_put_off_total")), (1, 2), "counted")
ok("1002@example.test" not in re.sub(r"domain=\S+", "", r.log_text()).replace("user=1002", ""), "no address in the log")
is_(r.api("GET", D + "/mails?state=lost").status, 400, "an unknown state")
server.mood()
welcome("1002")
ok(until("1002", "sent") and r.until(lambda: "mail-failed" not in alerts()), "ordered again, it goes and the alert is over", alerts())
server.mood(to={"1004@example.test": 550})
welcome("1004")
until("1004", "failed")
link = server.wait(5)[-1].link
r.must("PATCH", D + "/users/1004", {"email-address": "else@example.test"})
server.mood(data={"else@example.test": 554})
welcome("1004")
ok(until("1004", "failed") and "554 for the message" in mails("1004")[0]["error"], "a refused message has failed too", mails("1004")[0])
is_([x["state"] for x in mails("1004")], ["failed", "replaced", "sent"], "and older ones are history")
user("1006", "Wrong", "Sender")
server.mood(**{"from": 553})
welcome("1006")
ok(r.until(lambda: mails("1006")[0]["attempts"] >= 2) and "553 for the sender's address" in mails("1006")[0]["error"],
   "a refused sender is our fault, not the mail's: it waits", mails("1006")[0])
server.mood()
ok(until("1006", "sent"), "until the server takes it")

# ---- the server: dead, slow, ending, bad login ----
n = len(server.mails())
server.stop()
user("1010", "Dead", "Server")
user("1011", "Other", "Mail")
welcome("1010")
welcome("1011")
ok(r.until(lambda: mails("1010")[0]["attempts"] >= 1) and "does not answer" in mails("1010")[0]["error"], "a dead server: it waits and says why", mails("1010"))
ok("does not answer" in mails("1011")[0]["error"] or r.until(lambda: "does not answer" in mails("1011")[0]["error"]), "so does what waits behind it")
ok("does not answer" in alerts().get("mail-server", ""), "an alert says so", alerts())
is_((state("1010"), r.metric("mails_waiting"), r.metric("mail_server_faults_total") > 0), ("waiting", 2, True), "counted")
server.start()
ok(until("1010", "sent") and until("1011", "sent"), "it comes back: both go")
ok(r.until(lambda: "mail-server" not in alerts()), "and the alert is over", alerts())
is_(len(server.wait(n + 2)), n + 2, "each once")
server.mood(slow={"to": 4000})
user("1012", "Slow", "Server")
user("1005", "Reset", "Meanwhile")
t = time.monotonic()
welcome("1012")
job = r.must("POST", D + "/resets", {"users": ["1005"]})["reset"]
ok(r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done", 1.3), "jobs go on while a mail hangs")
ok(r.until(lambda: mails("1012")[0]["attempts"] >= 1) and "too slow" in mails("1012")[0]["error"], "a slow server is down", mails("1012"))
ok(1.3 < time.monotonic() - t < 3.9, "after the time that the settings give it", time.monotonic() - t)
server.mood(connect=[421])
ok(until("1012", "sent"), "421 at the greeting: again", mails("1012"))
user("1013", "Ending", "Rekeyd")
r.stop()
r.set("mail", "timeout-ms", 30000)
r.start()
server.mood(slow={"to": 20000})
welcome("1013")
ok(r.until(lambda: any(e["key"] == "1013@example.test" for e in server.events("to"))), "a mail hangs at the server")
t = time.monotonic()
is_(r.stop(), 0, "rekeyd ends all the same")
ok(time.monotonic() - t < 10, "without waiting for it", time.monotonic() - t)
server.mood()
r.set("mail", "timeout-ms", 1500)
r.start()
is_(mails("1013")[0]["attempts"] <= 1, True, "and what was broken off is no attempt")
ok(until("1013", "sent"), "and the mail goes after the next start", mails("1013"))


# ---- TLS and login, each tried with the server of a domain of its own ----
plain = smtp.Server(tls="none", user="")
foreign = smtp.Server(cert=certs["other.test"])
strangers, _ = smtp.certificates(tap.temp_dir("strangers"))
stranger = smtp.Server(cert=strangers["localhost"])
open_relay = smtp.Server(cert=certs["localhost"], user="")
open_relay.mood(to=550)
for name, srv, word, says, what in (
        ("plain.test", plain, None, "offers no STARTTLS", "no STARTTLS: nothing is sent in the clear"),
        ("foreign.test", foreign, "Wort-47", "certificate", "a certificate of another name"),
        ("stranger.test", stranger, "Wort-47", "certificate", "a CA that nobody trusts"),
        ("login.test", server, "Wrong", "refuses the login", "a wrong password"),
        ("relay.test", open_relay, "Wort-47", "offers no login", "a server that offers no login to somebody who has one")):
    r.must("POST", "/domains", {"domain": name, "email-send-smtp-hostname": "localhost", "email-send-smtp-port": srv.port,
                                "email-send-smtp-username": "mailer" if word else "", "email-send-smtp-password": word or ""})
    r.user("1001", "Anna", name, domain=name, **{"email-address": "anna@" + name})
    r.must("POST", "/domains/%s/users/1001/welcome" % name, {})
    last = lambda: r.must("GET", "/domains/%s/users/1001/mails" % name)[0]  # noqa: E731
    ok(r.until(lambda: last()["attempts"] >= 1) and says in last()["error"] and last()["state"] == "waiting", what, last())
    n = len(server.mails())
    r.must("PUT", "/domains/" + name, {"email-send-smtp-hostname": "", "email-send-smtp-username": "", "email-send-smtp-password": ""})
    ok(r.until(lambda: last()["state"] == "sent") and server.wait(n + 1)[n].envelope["to"] == ["anna@" + name], "mended, it goes", last())
is_(([e["word"] for e in plain.events() if e["word"] in ("from", "to", "data", "login")], plain.mails()), ([], []), "in the clear not even a sender was said")
ok(not foreign.events("login") and not stranger.events("login"), "and nobody wrong got to see the password")
implicit = smtp.Server(cert=certs["localhost"], tls="tls")
r.stop()
r.set("mail", "tls", "tls")
r.set("mail", "port", implicit.port)
os.environ["REKEY_FAULT"] = "mail-accepted"
r.start()
del os.environ["REKEY_FAULT"]

# ---- a crash between the server's word and ours ----
user("1030", "Twice", "Sent")
welcome("1030")
is_(r.until(lambda: r.p.poll(), 10), -signal.SIGKILL, "killed after the server took the mail over")
r.start()
ok(until("1030", "sent"), "the mail is sent after the next start")
two = implicit.wait(2)
is_((len(two), two[0].link, two[0].message["Message-ID"]), (2, two[-1].link, two[-1].message["Message-ID"]), "again: the same link, the same Message-ID")
ok(all(x.envelope["secure"] and x.envelope["user"] == "mailer" for x in two), "by TLS from the first byte")
for ext in ("1031", "1032", "1033"):
    user(ext, "Person", ext)
n = len(implicit.events("login"))
implicit.mood(slow={"to": 300})
for ext in ("1031", "1032", "1033"):
    welcome(ext)
ok(len(implicit.wait(5)) == 5 and len(implicit.events("login")) - n < 3, "one connection carries several", implicit.events("login")[n:])

# ---- nobody gets a mail who has gone ----
implicit.mood()
server = implicit
server.stop()
user("1040", "Gone", "Soon")
user("1041", "Own", "Password")
welcome("1040")
link = r.must("POST", D + "/users/1041/welcome", {"link": True})["one-time-link"]["link"]
welcome("1041")
r.until(lambda: mails("1040")[0]["attempts"] >= 1)
is_(r.ask("GET", re.sub(r"^https://[^/]*", "", link)).status, 410, "a newer link ends the older one")
job = r.must("POST", D + "/resets", {"users": ["1040"]})["reset"]
ok(r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done"), "reset while the mail waits")
is_(mails("1040"), [], "nothing is left of it")
n = len(server.mails())
server.start()
ok(until("1041", "sent"), "the server is back")
is_(([m.envelope["to"] for m in server.mails()[n:]], r.until(lambda: r.metric("mails_waiting") == 0)), ([["1041@example.test"]], True), "the one who has gone gets none")

# ---- no address, or by hand ----
r.user("1050", "No", "Address")
a = r.api("POST", D + "/users/1050/welcome", {})
is_((a.status, a.json["mail"]["state"]), (201, "shown"), "without an address the link is in the answer")
ok(a.json["one-time-link"]["link"].startswith("https://localhost:%d/set-password/" % r.admin_port) and a.json["one-time-link"]["expires-datetime"],
   "with the time that it works", a.json)
ok(r.api("POST", D + "/users/1050/link", {}).status == 404, "and nowhere else")
is_(r.api("POST", D + "/users/1099/welcome", {}).status, 404, "no such user")
r.user("1051")
a = r.api("POST", D + "/users/1051/welcome", {})
ok(a.status == 409 and "Setup Required" in a.json["detail"], "nobody holds that extension", a)
r.user("1052", "Por", "Tal", **{"user-scope": "No Portal"})
ok(r.api("POST", D + "/users/1052/welcome", {}).status == 409, "a scope without a login gets none")
for body in ({"link": "maybe"}, {"mail": True}, []):
    is_(r.api("POST", D + "/users/1001/welcome", body).status, 400, "refused: " + str(body))
log = r.must("GET", D + "/auditlog?limit=1000")
ok({"send-welcome-email"} <= {x["action-type"] for x in log} and link.split("/")[-1] not in json.dumps(log), "audited, without secrets")
text = r.log_text()
ok("Wort-47" not in text and not any(m.link.split("/")[-1] in text for m in server.mails()), "no password and no link in the log")
server.stop()
r.set("mail", "password-file", "")
r.stop()
bad = r.run("run")
ok(bad.returncode == 1 and "password-file" in bad.stderr, "settings that do not go together stop the start", bad.stderr)
done()

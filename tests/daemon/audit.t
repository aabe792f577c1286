#!/usr/bin/python3
"""Every row of THE table that changes something is called, and must leave a row in the audit log: who, from where, what, to what,
before and after. Then no secret that this server knows or ever gave out stands in that log, as text or in its pages."""
import base64
import json
import os
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import smtp  # noqa: E402
import spool  # noqa: E402
from tap import done, is_, ok, temp_dir, top  # noqa: E402

post = smtp.Server(tls="none", user="")
voices = spool.Spool(os.path.join(temp_dir("spool"), "voicemail"))
for box in ("1001", "1002"):
    voices.mailbox("example.test", box)
r = rekeylib.Rekeyd(alerts__webhook_private="yes", alerts__webhook_http="yes", voicemail__root=voices.root,
                    mail__server="127.0.0.1", mail__port=post.port, mail__tls="none", mail__from="phones@example.test")
D, OTHER = "/domains/example.test", "/domains/other.test"
MACS = {"phone": "001565aabb01", "keys": "0004f2aabb02", "gone": "001565aabb03", "new": "001565aabb04", "knock": "001565aabb05", "root": "001565aabb06",
        "other": "001565aabb07", "swap": "001565aabb08", "used": "001565aabb09"}


def table():
    """(method, pattern, function) of each row of routes.c, with its macros put in."""
    text = open(os.path.join(top(), "provisioning/api/routes.c"), encoding="utf-8").read()
    macros = {}

    def full(pattern):
        return "".join(macros[name] if name else literal for name, literal in re.findall(r'([A-Z])\b|"([^"]*)"', pattern))

    for name, pattern in re.findall(r"(?m)^#define ([A-Z]) (.+)$", text):
        macros[name] = full(pattern)
    return [(method, full(pattern), fn) for method, pattern, fn in
            re.findall(r'\{\s*HTTP_(\w+),\s*((?:[A-Z]\s*)?(?:"[^"]*")?),\s*(\w+),', text)]


ROUTES = table()
ok(len(ROUTES) > 90, "the table is read", len(ROUTES))

# ---- a small company ----
SECRETS = {}
r.domain()
r.domain("other.test")
r.must("POST", D + "/sites", {"site": "Gone"})
PIN = "73519046"
for ext in ("1001", "1002", "1003", "1004", "1005", "1006"):
    r.user(ext, "Anna" + ext, "Berg", **{"email-address": ext + "@example.test", "voicemail-login-pin": PIN})
for mac, model in ((MACS["phone"], "yealink-t46u"), (MACS["keys"], "polycom-vvx450"), (MACS["gone"], "yealink-t46u")):
    lines = {MACS["phone"]: ["1001"], MACS["keys"]: ["1002"]}.get(mac, [])
    SECRETS["first access of " + mac] = re.search(r"/cfg/([^/]+)/", r.phone(mac, model, lines)).group(1)
r.must("POST", D + "/phones/%s/keys" % MACS["keys"], {"place": 5, "type": "blf", "value": "1001"})
r.must("POST", D + "/users/1003/devices", {"device": "1003b"})
r.curl("/cfg/%s.cfg" % MACS["knock"], agent=rekeylib.ua("yealink", MACS["knock"]))
r.until(lambda: r.must("GET", "/unclaimed"))
r.must("POST", D + "/users/1003/welcome", {})
SECRETS["link of a mail"] = re.search(r"/set-password/([A-Za-z0-9_-]{16,})", r.until(post.mails)[0].link).group(1)
SECRETS["session"] = r.cookie.split("=", 1)[1]
SECRETS["API key"] = r.key
SECRETS["admin's password"] = r.password
SECRETS["CSRF token"] = r.csrf
SECRETS["PIN"] = PIN
SIP = "SipSecret-1234567890"
SECRETS["SIP secret by hand"] = SIP
OVERRIDE = "overRide99secret"
SECRETS["override"] = OVERRIDE
WORD = "lockword7788"


def settle():
    """No job is under way."""
    if not r.until(lambda: not [j for j in r.must("GET", D + "/resets") if j["state"] in ("queued", "running")]):
        raise RuntimeError("a job does not end")


def reset(user):
    r.must("POST", D + "/resets", {"users": [user]})
    settle()


def record():
    return r.must("GET", D + "/handovers?open=yes")[0]["handover"]


def alert():
    r.stop()
    db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
    id = db.execute("SELECT COALESCE(MAX(id), 0) + 900000 FROM alerts").fetchone()[0]
    db.execute("INSERT INTO alerts (id, at_ms, domain_id, kind, text, cleared_ms, mark, last_ms) SELECT ?, 1, id, 'residue', 'x', 0, ?, 1 "
               "FROM domains WHERE name='example.test'", (id, "test/%d" % id))
    db.commit()
    db.close()
    r.start()
    return id


def key_id(domain=None):
    return r.must("POST", (domain or "") + "/apikeys", {"name": "short", "user-scope": "Office Manager" if domain else "Super User"})["apikey"]


def login():
    return r.ask("POST", "/api/v1/login", json.dumps({"login": r.login, "password": r.password}), {"Content-Type": "application/json"})


def logout():
    s = login()
    return r.ask("POST", "/api/v1/logout", None, {"Cookie": s.get("Set-Cookie").split(";")[0], "X-CSRF-Token": s.json["csrf-token"]})


def webhook(at=""):
    return r.must("POST", at + "/webhooks", {"url": "http://127.0.0.1:9/hidden-path-4711"})["webhook"]


def scheduled():
    return r.must("POST", D + "/resets", {"users": ["1004"], "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))})["reset"]


def form():
    """A recycle form that waits to be filled in."""
    r.user("1011", "Ole", "Alt")
    r.must("POST", D + "/resets", {"users": ["1011"], "recycle": [{"user": "1011", "later": True}]})
    settle()
    return D + "/recycles/1011"


def api(method, path, body=None, **kw):
    """What to call, once what its path needs has been made."""
    return lambda: (path() if callable(path) else path, lambda at: r.api(method, at, body, **kw))


PH, KE = D + "/phones/" + MACS["phone"], D + "/phones/" + MACS["keys"]
NUMBER = "493012345678"
U, B, Q = D + "/users/1002", D + "/users/1001", D + "/users/1006"
NEXT, SMTP, LETTER = "Zebra77xWord", "smtpSecret-4711", {"subject": "Hello", "text": "{{link}}", "html": "<a href=\"{{link}}\">x</a>"}
SOUND = base64.b64encode(spool.wav(2)).decode()


def person(word):
    """Somebody with a password, by the link that everybody gets."""
    link = r.must("POST", Q + "/welcome", {"link": True})["one-time-link"]["link"]
    a = r.ask("POST", "/api/v1/set-password", json.dumps({"link": link.split("/")[-1], "password": word}), {"Content-Type": "application/json"})
    if a.status != 200:
        raise RuntimeError("no password: %r" % a)
    return word


def change_password():
    word = person("Giraffe99")
    s = r.ask("POST", "/api/v1/login", json.dumps({"login": "1006@example.test", "password": word}), {"Content-Type": "application/json"})
    return r.ask("POST", "/api/v1/password", json.dumps({"old-password": word, "password": NEXT}),
                 {"Content-Type": "application/json", "Cookie": s.get("Set-Cookie").split(";")[0], "X-CSRF-Token": s.json["csrf-token"]})


def by_link(page):
    link = r.must("POST", Q + "/welcome", {"link": True})["one-time-link"]["link"]
    SECRETS["link of the page %s" % page] = word = link.split("/")[-1]
    if page:
        return r.ask("POST", "/set-password/" + word, "password=%s&again=%s" % (NEXT, NEXT), {"Content-Type": "application/x-www-form-urlencoded"})
    return r.ask("POST", "/api/v1/set-password", json.dumps({"link": word, "password": NEXT, "pin": PIN}), {"Content-Type": "application/json"})


def grant():
    person(NEXT)
    client = r.must("POST", D + "/apikeys", {"name": "desk", "user-scope": "Basic User"})
    SECRETS["client's secret"] = client["key"]
    return r.api("POST", "/tokens", {"grant_type": "password", "client_id": str(client["apikey"]), "client_secret": client["key"],
                                     "username": "1006@example.test", "password": NEXT})


def held_link():
    """A link that waits to be shown: of a recycle without an address."""
    reset("1005")
    return r.must("POST", D + "/recycles", {"recycle": [{"user": "1005", "name-first-name": "Nora", "name-last-name": "Neu", "send-welcome-email": True}]})["reset"]


def frame(at):
    return r.must("POST", at + "/timeframes", {"timeframe-name": "Frame %d" % (len(r.must("GET", at + "/timeframes")) + 1)})["timeframe-id"]


def rule():
    name = "Rule %d" % (len(r.must("GET", U + "/timeframes")) + 1)
    r.must("POST", U + "/timeframes", {"timeframe-name": name})
    r.must("POST", U + "/answerrules", {"time-frame": name})
    return U + "/answerrules/" + name.replace(" ", "%20")


def ruled():
    """A time frame that has no rule as yet."""
    r.must("POST", U + "/timeframes", {"timeframe-name": "Lunch"})
    return U + "/answerrules"


def turned():
    rule()
    return [x["time-frame"] for x in r.must("GET", U + "/answerrules")][::-1]


def contact(at):
    return r.must("POST", at + "/contacts", {"name-last-name": "Abend"})["unique-id"]


def message():
    return U + "/voicemails/new/" + r.must("GET", U + "/voicemails/new")[0]["filename"]


def offer(mac):
    """A phone that an Office Manager offers to another domain."""
    r.phone(mac, "yealink-t46u", [])
    if r.api("GET", "/domains/taking.test").status == 404:
        r.domain("taking.test")
    office = r.must("POST", D + "/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
    SECRETS["office %d" % len(SECRETS)] = office
    return r.api("POST", D + "/phones/%s/rehome" % mac, {"domain": "taking.test"}, key=office).json["transfer"]


def used_phone():
    """A phone that has come with its own login."""
    mac = MACS["used"]
    path = r.phone(mac, "yealink-t46u", []) + mac + ".cfg"
    login = rekeylib.password_in(r.curl(path)[2])
    SECRETS["login of a phone"] = login
    r.curl("/cfg/%s.cfg" % mac, "--digest", "-u", "%s:%s" % (mac, login))
    with sqlite3.connect(os.path.join(r.data, "rekey.db")) as db:
        r.until(lambda: db.execute("SELECT prov_password_seen_ms FROM phones WHERE mac = ?", (mac,)).fetchone()[0] > 0)
    return D + "/phones/" + mac + "/login"


def other_phone():
    if r.api("GET", D + "/phones/" + MACS["other"]).status == 404:
        r.phone(MACS["other"], "yealink-t46u", [])


SET = {"overrides": [{"name": "admin-password", "value": OVERRIDE}]}
# How each row is called so that it changes something.
CALLS = {
    "POST /login": lambda: ("", lambda at: login()),
    "POST /logout": lambda: ("", lambda at: logout()),
    "POST /tokens": lambda: ("", lambda at: grant()),
    "POST /password": lambda: ("", lambda at: change_password()),
    "POST /set-password": lambda: ("", lambda at: by_link(False)),
    "POST /set-password/{link}": lambda: ("", lambda at: by_link(True)),
    "POST /domains": api("POST", "/domains", {"domain": "third.test"}),
    "PUT {D}": api("PUT", D, {"description": "first"}),
    "PATCH {D}": api("PATCH", D, {"email-send-smtp-hostname": "127.0.0.1", "email-send-smtp-username": "mailer", "email-send-smtp-password": SMTP,
                              "email-send-from-address": "x@example.test"}),
    "DELETE {D}": api("DELETE", "/domains/other.test"),
    "POST {D}/sites": api("POST", D + "/sites", {"site": "North"}),
    "PATCH {D}/sites/{site}": api("PATCH", D + "/sites/North", {"quiet-to-minutes": 301}),
    "PUT {D}/sites/{site}": api("PUT", D + "/sites/North", {"time-zone": "Europe/Berlin"}),
    "DELETE {D}/sites/{site}": api("DELETE", D + "/sites/Gone"),
    "POST {D}/users": api("POST", D + "/users", {"user": "1010", "voicemail-login-pin": PIN}),
    "PUT {U}": api("PUT", D + "/users/1001", {"department": "Lager", "voicemail-login-pin": PIN}),
    "PATCH {U}": api("PATCH", D + "/users/1001", {"department": "Hof"}),
    "DELETE {U}": api("DELETE", D + "/users/1010"),
    "POST {U}/recycle": api("POST", lambda: (reset("1005"), D + "/users/1005/recycle")[1], {"name-first-name": "Nora", "name-last-name": "Neu"}),
    "POST {U}/welcome": api("POST", U + "/welcome", {}),
    "POST {U}/email": api("POST", U + "/email", {"template": "password-reset", "subject": "Your password"}),
    "POST {U}/force-password-reset": api("POST", U + "/force-password-reset", {}),
    "POST {U}/link": api("POST", lambda: (held_link(), settle(), D + "/users/1005/link")[2], {}),
    "POST {D}/resets/{id}/links": api("POST", lambda: (lambda id: (settle(), D + "/resets/%s/links" % id)[1])(held_link()), {}),
    "POST {D}/recycles": api("POST", lambda: (reset("1005"), D + "/recycles")[1],
                             {"recycle": [{"user": "1005", "name-first-name": "Nils", "name-last-name": "Neu"}]}),
    "PUT {D}/recycles/{user}": api("PUT", form, {"name-first-name": "Nora"}),
    "DELETE {D}/recycles/{user}": api("DELETE", D + "/recycles/1011"),
    "POST {U}/devices": api("POST", D + "/users/1001/devices", {"device": "1001b", "device-sip-registration-password": SIP}),
    "PUT {U}/devices/{device}": api("PUT", D + "/users/1001/devices/1001", {"device-push-enabled": True}),
    "PATCH {U}/devices/{device}": api("PATCH", D + "/users/1001/devices/1001", {"device-push-enabled": False}),
    "DELETE {U}/devices/{device}": api("DELETE", D + "/users/1003/devices/1003b"),
    "POST {U}/devices/{device}/enrol": api("POST", D + "/users/1001/devices/1001/enrol", {"kind": "linphone"}),
    "POST {U}/answerrules": api("POST", ruled, {"time-frame": "Lunch"}),
    "PUT {U}/answerrules/reorder": lambda: (turned(), lambda names: r.api("PUT", U + "/answerrules/reorder", {"time-frames": names})),
    "POST {U}/answerrules/reorder": lambda: (turned(), lambda names: r.api("POST", U + "/answerrules/reorder", {"time-frames": names})),
    "PUT {U}/answerrules/{timeframe}": api("PUT", U + "/answerrules/*", {"do-not-disturb": {"enabled": "yes"}}),
    "PATCH {U}/answerrules/{timeframe}": api("PATCH", U + "/answerrules/*", {"do-not-disturb": {"enabled": "no"}}),
    "DELETE {U}/answerrules/{timeframe}": api("DELETE", rule),
    "POST {U}/timeframes": api("POST", U + "/timeframes", {"timeframe-name": "Night"}),
    "PUT {U}/timeframes/{timeframe}": api("PUT", lambda: U + "/timeframes/" + frame(U), {"timeframe-name": "Early"}),
    "PATCH {U}/timeframes/{timeframe}": api("PATCH", lambda: U + "/timeframes/" + frame(U), {"timeframe-name": "Late"}),
    "DELETE {U}/timeframes/{timeframe}": api("DELETE", lambda: U + "/timeframes/" + frame(U)),
    "POST {D}/timeframes": api("POST", D + "/timeframes", {"timeframe-name": "Holidays"}),
    "PUT {D}/timeframes/{timeframe}": api("PUT", lambda: D + "/timeframes/" + frame(D), {"timeframe-name": "Inventory"}),
    "PATCH {D}/timeframes/{timeframe}": api("PATCH", lambda: D + "/timeframes/" + frame(D), {"timeframe-name": "Party"}),
    "DELETE {D}/timeframes/{timeframe}": api("DELETE", lambda: D + "/timeframes/" + frame(D)),
    "POST {U}/contacts": api("POST", U + "/contacts", {"name-last-name": "Morgen"}),
    "PUT {U}/contacts/{contact}": api("PUT", lambda: U + "/contacts/" + contact(U), {"company": "Taxi"}),
    "PATCH {U}/contacts/{contact}": api("PATCH", lambda: U + "/contacts/" + contact(U), {"company": "Bahn"}),
    "DELETE {U}/contacts/{contact}": api("DELETE", lambda: U + "/contacts/" + contact(U)),
    "POST {D}/contacts": api("POST", D + "/contacts", {"company": "Taxi"}),
    "PUT {D}/contacts/{contact}": api("PUT", lambda: D + "/contacts/" + contact(D), {"company": "Taxi"}),
    "PATCH {D}/contacts/{contact}": api("PATCH", lambda: D + "/contacts/" + contact(D), {"company": "Bahn"}),
    "DELETE {D}/contacts/{contact}": api("DELETE", lambda: D + "/contacts/" + contact(D)),
    "DELETE {U}/voicemails/{folder}/{filename}": api("DELETE", message),
    "PATCH {U}/voicemails/{folder}/{filename}/save": api("PATCH", lambda: message() + "/save"),
    "PATCH {U}/voicemails/{folder}/{filename}/forward": api("PATCH", lambda: message() + "/forward", {"user": "1001"}),
    "POST {U}/greetings": api("POST", U + "/greetings", {"time-frame": "After hours", "base64_file": SOUND}),
    "PUT {U}/greetings/{index}": api("PUT", U + "/greetings/1", {"base64_file": SOUND}),
    "DELETE {U}/greetings/{index}": api("DELETE", U + "/greetings/2"),
    "POST /phones": api("POST", "/phones", {"domain": "example.test", "device-provisioning-mac-address": MACS["root"], "device-models-brand-and-model": "yealink-t46u"}),
    "PUT /phones": api("PUT", "/phones", {"device-provisioning-mac-address": MACS["root"], "notes": "front"}),
    "DELETE /phones": api("DELETE", "/phones", {"device-provisioning-mac-address": MACS["root"]}),
    "PUT {D}/phones": api("PUT", lambda: (other_phone(), D + "/phones")[1], {"device-provisioning-mac-address": MACS["other"], "notes": "back"}),
    "DELETE {D}/phones": api("DELETE", D + "/phones", {"device-provisioning-mac-address": MACS["other"]}),
    "PUT {D}/mail-templates/{name}": api("PUT", D + "/mail-templates/welcome", LETTER),
    "DELETE {D}/mail-templates/{name}": api("DELETE", D + "/mail-templates/welcome"),
    "PUT /mail-templates/{name}": api("PUT", "/mail-templates/welcome?reseller=north", LETTER),
    "DELETE /mail-templates/{name}": api("DELETE", "/mail-templates/welcome?reseller=north"),
    "POST {D}/phones": api("POST", D + "/phones", {"device-provisioning-mac-address": MACS["new"], "device-models-brand-and-model": "yealink-t46u"}),
    "PUT {P}": api("PUT", PH, {"notes": "on the left"}),
    "PATCH {P}": api("PATCH", PH, {"encrypt-files": True}),
    "DELETE {P}": api("DELETE", D + "/phones/" + MACS["gone"]),
    "POST {P}/resync": api("POST", PH + "/resync"),
    "POST {P}/token": api("POST", PH + "/token"),
    "POST {P}/pair": api("POST", PH + "/pair", {"minutes": 5}),
    "POST {P}/login": api("POST", used_phone),
    "POST {P}/rehome": api("POST", lambda: (other_phone(), D + "/phones/%s/rehome" % MACS["other"])[1], {"site": "North"}),
    "POST {P}/swap": api("POST", D + "/phones/%s/swap" % MACS["other"], {"device-provisioning-mac-address": MACS["swap"]}),
    "POST {P}/retire": api("POST", D + "/phones/%s/retire" % MACS["swap"]),
    "POST {D}/transfers/{id}/accept": api("POST", lambda: "/domains/taking.test/transfers/%d/accept" % offer("001565aabb0a"), {}),
    "POST {D}/transfers/{id}/decline": api("POST", lambda: "/domains/taking.test/transfers/%d/decline" % offer("001565aabb0b"), {}),
    "DELETE {D}/transfers/{id}": api("DELETE", lambda: D + "/transfers/%d" % offer("001565aabb0c")),
    "POST {P}/keys": api("POST", KE + "/keys", {"place": 6, "type": "park", "value": "701"}),
    "PUT {P}/keys/{key}": api("PUT", KE + "/keys/0.6", {"value": "702"}),
    "PATCH {P}/keys/{key}": api("PATCH", KE + "/keys/0.6", {"label": "Park"}),
    "DELETE {P}/keys/{key}": api("DELETE", KE + "/keys/0.6"),
    "POST {D}/phonenumbers": api("POST", D + "/phonenumbers", {"phonenumber": NUMBER, "dial-rule-application": "available-number"}),
    "PUT {D}/phonenumbers": api("PUT", D + "/phonenumbers", {"phonenumber": NUMBER, "dial-rule-description": "front"}),
    "PUT {D}/phonenumbers/{number}": api("PUT", D + "/phonenumbers/" + NUMBER, {"dial-rule-description": "desk"}),
    "PATCH {D}/phonenumbers/{number}": api("PATCH", D + "/phonenumbers/" + NUMBER, {"dial-rule-description": "back"}),
    "DELETE {D}/phonenumbers/{number}": api("DELETE", D + "/phonenumbers/" + NUMBER),
    "POST {D}/resets": api("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}}),
    "DELETE {D}/resets/{id}/users/{user}": api("DELETE", lambda: D + "/resets/%s/users/1004" % scheduled()),
    "POST {D}/bulk": api("POST", D + "/bulk", {"action": "delete", "users": ["1011"]}),
    "DELETE {D}/resets/{id}": api("DELETE", lambda: D + "/resets/" + scheduled()),
    "POST {D}/handovers/{id}/write-off": api("POST", lambda: D + "/handovers/%d/write-off" % record(), {"reason": "lost"}),
    "POST {D}/unassignments/{id}/write-off": api("POST", lambda: D + "/unassignments/%d/write-off" % record(), {"reason": "lost too"}),
    "POST {D}/alerts/{id}/acknowledge": api("POST", lambda: D + "/alerts/%d/acknowledge" % alert(), {"reason": "on my way"}),
    "POST {D}/alerts/{id}/clear": api("POST", lambda: D + "/alerts/%d/clear" % alert(), {"reason": "was nothing"}),
    "POST /alerts/{id}/acknowledge": api("POST", lambda: "/alerts/%d/acknowledge" % alert(), {"reason": "on my way"}),
    "POST /alerts/{id}/clear": api("POST", lambda: "/alerts/%d/clear" % alert(), {"reason": "was nothing"}),
    "POST {D}/webhooks": api("POST", D + "/webhooks", {"url": "http://127.0.0.1:9/hidden-path-4711"}),
    "PUT {D}/webhooks/{id}": api("PUT", lambda: D + "/webhooks/%d" % webhook(D), {"description": "desk"}),
    "PATCH {D}/webhooks/{id}": api("PATCH", lambda: D + "/webhooks/%d" % webhook(D), {"enabled": False}),
    "DELETE {D}/webhooks/{id}": api("DELETE", lambda: D + "/webhooks/%d" % webhook(D)),
    "POST {D}/webhooks/{id}/test": api("POST", lambda: D + "/webhooks/%d/test" % webhook(D)),
    "POST {D}/webhooks/{id}/secret": api("POST", lambda: D + "/webhooks/%d/secret" % webhook(D)),
    "POST /webhooks": api("POST", "/webhooks", {"url": "http://127.0.0.1:9/hidden-path-4711"}),
    "PUT /webhooks/{id}": api("PUT", lambda: "/webhooks/%d" % webhook(), {"description": "desk"}),
    "PATCH /webhooks/{id}": api("PATCH", lambda: "/webhooks/%d" % webhook(), {"enabled": False}),
    "DELETE /webhooks/{id}": api("DELETE", lambda: "/webhooks/%d" % webhook()),
    "POST /webhooks/{id}/test": api("POST", lambda: "/webhooks/%d/test" % webhook()),
    "POST /webhooks/{id}/secret": api("POST", lambda: "/webhooks/%d/secret" % webhook()),
    "PUT {D}/overrides": api("PUT", D + "/overrides", SET),
    "PUT {D}/sites/{site}/overrides": api("PUT", D + "/sites/North/overrides", SET),
    "PUT /brands/{brand}/overrides": api("PUT", "/brands/yealink/overrides", SET),
    "PUT /models/{model}/overrides": api("PUT", "/models/yealink-t46u/overrides", SET),
    "PUT {P}/overrides": api("PUT", PH + "/overrides", SET),
    "POST {D}/import": api("POST", D + "/import", "user,name-first-name,name-last-name\n1020,Ida,Lang\n", Content_Type="text/csv"),
    "POST /unclaimed/{mac}/claim": api("POST", "/unclaimed/%s/claim" % MACS["knock"], {"domain": "example.test", "device-models-brand-and-model": "yealink-t46u"}),
    "POST /apikeys": api("POST", "/apikeys", {"name": "prog", "user-scope": "Super User"}),
    "DELETE /apikeys/{id}": api("DELETE", lambda: "/apikeys/%d" % key_id()),
    "POST {D}/apikeys": api("POST", D + "/apikeys", {"name": "prog", "user-scope": "Office Manager"}),
    "DELETE {D}/apikeys/{id}": api("DELETE", lambda: D + "/apikeys/%d" % key_id(D)),
}
# These only look.
LOOKS = {"POST {D}/mail-templates/{name}/preview": api("POST", D + "/mail-templates/welcome/preview", LETTER),
         "POST /mail-templates/{name}/preview": api("POST", "/mail-templates/welcome/preview?reseller=north", LETTER)}
# A thing that comes or goes has one side alone; these have none that would say more than the row itself.
ONE_SIDED = re.compile(r"(-add|-delete|-revoke|-order|-token|-resync|-enrol|-test|-secret|-forward)$|^(login|logout|import|cancel|write-off|token|take-link|"
                       r"password-\w+|send-welcome-email|force-password-reset|greeting-save|letter-set|recycle-form-\w+|\w+-password)$")


def short(pattern):
    for name, text in (("{P}", "/domains/{domain}/phones/{mac}"), ("{U}", "/domains/{domain}/users/{user}"), ("{D}", "/domains/{domain}")):
        if pattern.startswith(text):
            return name + pattern[len(text):]
    return pattern


def log(limit=30):
    return r.must("GET", "/auditlog?limit=%d" % limit)


def remember(answer):
    """Whatever an answer gives away once."""
    def walk(v, name=""):
        if isinstance(v, dict):
            for k, x in v.items():
                walk(x, k)
        elif isinstance(v, list):
            for x in v:
                walk(x, name)
        elif isinstance(v, str):
            if name in ("key", "secret", "csrf-token", "link"):
                SECRETS["%s %d" % (name, len(SECRETS))] = v
            for token in re.findall(r"/(?:cfg|soft|set-password)/([A-Za-z0-9_-]{16,})", v):
                SECRETS["token %d" % len(SECRETS)] = token
    if (answer.get("Content-Type") or "").startswith("application/json") and answer.body:
        walk(answer.json)
    for cookie in answer.all("Set-Cookie"):
        value = cookie.split(";")[0].split("=", 1)[1]
        if value:
            SECRETS["cookie %d" % len(SECRETS)] = value


walked = 0
for method, pattern, fn in ROUTES:
    if method == "GET" or fn.startswith("later_"):
        continue
    name = "%s %s" % (method, short(pattern))
    if name in LOOKS:
        at, call = LOOKS[name]()
        before = log()
        ok(call(at).status == 200 and log() == before, name + " only looks")
        continue
    if name not in CALLS:
        ok(False, "%s has a call in this test: add one to CALLS" % name)
        continue
    at, call = CALLS[name]()
    settle()
    before = {json.dumps(x, sort_keys=True) for x in log()}
    a = call(at)
    if not ok(a.status < 400, name + " does its work", a):
        continue
    walked += 1
    remember(a)
    new = [x for x in log() if json.dumps(x, sort_keys=True) not in before]
    if not ok(new, name + " leaves a row in the audit log"):
        continue
    settle()
    ok(all(x["by-user"] and x["by-ip"] in ("127.0.0.1", "::1") and x["by-client"] and x["timestamp-datetime"] and x["action-type"] for x in new),
       name + ": who, from where, when, what", new)
    if pattern.startswith("/domains/{domain}") and name != "POST /domains":
        is_({x["target-domain"] for x in new}, {"DELETE {D}": {"other.test"}}.get(name, {"example.test", "taking.test"} if "/transfers/{id}/" in name else {"example.test"}), name + ": in which domain")
    sides = [(x["action-type"], x["auditlog-details"]["before"], x["auditlog-details"]["after"]) for x in new]
    ok(any(b and a and b != a or ONE_SIDED.search(act) and (b or not re.search("-(delete|revoke)$", act)) and (a or not re.search("-(add|order)$", act))
           for act, b, a in sides), name + ": before and after", sides)
print("# %d rows of the table change something" % walked)

# ---- what changes nothing leaves nothing ----
before = log()
r.api("PUT", D + "/users/1001", {"no-such-field": 1})
r.api("POST", D + "/resets", {"users": ["4711"]})
r.api("DELETE", D + "/apikeys/999999")
r.api("POST", D + "/resets", {"users": ["1002"], "dry-run": True})
is_(log(), before, "what was refused, or only looked at, is no change")

# ---- no secret ----
h = r.must("POST", D + "/phones/%s/token" % MACS["phone"])["url"]
SECRETS["first access again"] = re.search(r"/cfg/([^/]+)/", h).group(1)
for name in ("%s.cfg" % MACS["phone"],):
    text = r.curl(re.sub(r"^https://[^/]*", "", h) + name)[2].decode("utf-8", "replace")
    for line, word in re.findall(r"(?m)^(\S*password\S*|\S*aes\S*key\S*)\s*=\s*(\S{8,})$", text):
        SECRETS[line] = word
for mac in (MACS["keys"], MACS["new"]):
    path = re.sub(r"^https://[^/]*", "", r.must("POST", D + "/phones/%s/token" % mac)["url"])
    for f in ("%s.cfg", "%s-lines.cfg", "%s.boot"):
        for line, word in re.findall(r'([\w.]*(?:password|Password)[\w.]*)\s*=\s*"?([A-Za-z0-9._+*!-]{8,})', r.curl(path + f % mac)[2].decode("utf-8", "replace")):
            SECRETS["%s of %s" % (line, mac)] = word
SECRETS["webhook's address"] = "hidden-path-4711"
SECRETS.update({"chosen": NEXT, "chosen before": "Giraffe99", "mail server's": SMTP})
r.stop()
SECRETS["registrar's word"] = open(os.path.join(r.data, "registrar.key")).read().strip()
path = os.path.join(r.data, "rekey.db")
db = sqlite3.connect(path)
words = [bytes(x[0]) if isinstance(x[0], bytes) else str(x[0]).encode() for x in db.execute("SELECT password_hash FROM users WHERE password_hash<>''")]
rows = ["|".join(str(x) for x in row) for row in db.execute("SELECT * FROM audit")]
size = db.execute("PRAGMA page_size").fetchone()[0]
names = ["audit"] + [x[0] for x in db.execute("SELECT name FROM sqlite_master WHERE type='index' AND tbl_name='audit'")]
pages = {x[0] for n in names for x in db.execute("SELECT pageno FROM dbstat WHERE name=?", (n,))}
db.close()
data = open(path, "rb").read()
kept = b"".join(data[(p - 1) * size:p * size] for p in pages)
ok(len(rows) > walked and b"Anna1001" in kept, "the log is read, as rows and as pages")
ok(len(SECRETS) > 25, "%d secrets are known to this test" % len(SECRETS))
bad = {n: v for n, v in SECRETS.items() if len(v) >= 6 and (any(v in row for row in rows) or v.encode() in kept)}
is_(bad, {}, "no secret stands in the audit log")
ok(not any(w in kept for w in words), "nor a password's hash")
is_({n: v for n, v in SECRETS.items() if len(v) >= 6 and v in r.log_text()}, {}, "nor in the server's log")
done()

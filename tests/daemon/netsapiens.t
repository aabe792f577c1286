#!/usr/bin/python3
"""A client of NetSapiens' API v2 under /ns-api/v2: every answer of every shared path against the description's table (required
fields, types, words); every field that can be set comes back as it was set; what can not is said."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import nsfields  # noqa: E402
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
c = nsfields.Client(r)
call = c.call
D, U = "/domains/{domain}", "/domains/{domain}/users/{user}"
V, P = U + "/devices/{device}", D + "/phones/{mac}"
here = dict(domain="example.test")
me = dict(here, user="1001")

# Not among what can be set: what the server or the registrar says of itself, and what names the thing.
READ_ONLY = {
    "domain": {"domain", "synchronous", "active-calls-total-current", "active-calls-against-license-count", "active-calls-offnet-current",
               "count-subcriber-resources-total"},
    "user": {"user", "synchronous", "account-status", "created-datetime", "last-modified-datetime", "active-calls-total-current"},
    "device": {"device", "synchronous", "login-username", "name-full-name", "device-models-model", "error-reading-from-endpoint-module",
               "device-sip-latency-seconds-current", "device-sip-latency-seconds-average", "device-provisioning-registration-core-server",
               "device-provisioning-sip-transport-protocol", "device-provisioning-username", "device-provisioning-mac-address",
               "device-provisioning-line"} | {"device-sip-registration-" + x for x in (
                   "uri", "state", "contact", "core-server", "datetime", "expires-datetime", "expiry-seconds", "ip-address", "user-agent")},
    "phone": {"device-provisioning-mac-address", "domain", "reseller", "device-models-brand-and-model", "device-models-count-buttons",
              "device-models-fxs-support-enabled", "device-models-resync-support-enabled", "device-models-shared-line-support-enabled",
              "device-models-sidecar-support-enabled", "device-provisioning-directory-support", "device-provisioning-last-retrieved-datetime",
              "device-provisioning-username", "created-datetime", "last-modified-datetime"} | {"device-sip-registration-" + x for x in (
                  "contact", "datetime", "expires-datetime", "state", "user-agent")},
    "answerrule": {"synchronous", "time-frame", "is-active", "new-position"},
    "contact": {"created-datetime"},
}
SECRET = {"email-send-smtp-password", "voicemail-login-pin", "device-sip-registration-password", "device-provisioning-password"}

# Texts that must look like something; two each. Everything else takes any text.
LINES = {"device-provisioning-sip-uri-%d" % i: ("", "") for i in range(1, 9)}
LINES.update({"device-provisioning-sip-uri-1": ("sip:1001@example.test", "sip:1002@example.test"),
              "device-provisioning-sip-uri-3": ("sip:1002@example.test", "sip:1001@example.test")})
LINES.update({"device-provisioning-line-%d-enabled" % i: ("yes" if i in (1, 3) else "no",) * 2 for i in range(1, 9)})
LINES.update({"device-provisioning-sip-uri-%d-shared-line-enabled" % i: ("no", "yes" if i == 3 else "no") for i in range(1, 9)})
TEXTS = dict(LINES, **{
    "reseller": ("north", "north"), "time-zone": ("US/Pacific", "Africa/Cairo"), "email-address": ("a@example.test", "b@example.test"),
    "login-username": ("anna.b", "anna.c"), "site": ("Nord", "Süd"), "user-scope": ("Basic User", "Advanced User"),
    "caller-id-number": ("+493012345", "12001"), "language-token": ("de_DE", "en_US"), "email": ("a@b.test", ""),
    "device-provisioning-sip-transport-protocol": ("tcp", "tls"), "device-models-overrides-blob": ("a=\"1\"\nb=\"2\"", ""),
    # a login at a mail server wants its password beside it: tests/daemon/mail-letters.t
    "email-send-from-address": ("phones@example.test", "desk@example.test"), "email-send-smtp-hostname": ("smtp.example.test", "mx.example.test"),
    "email-send-smtp-port": ("587", "25"), "email-send-smtp-username": ("", ""), "name-first-name": ("Anna", "Björn"), "name-last-name": ("Berg", "Ö'Neil & Söhne"),
    "phonenumber-work": ("+49 30 123-0", ""), "phonenumber-cell": ("0171 1234567", "(212) 555-0100 x12"), "phonenumber-fax": ("0301", "0302"),
    "phonenumber-home": ("0303", "0304")})
FEATURE = ({"enabled": "yes", "parameters": ["<OwnDevices>", "confirm_18005551234;delay=20", 1002, "vmail_1001"]}, {"enabled": "no", "parameters": []})
SWITCH = ({"enabled": "yes"}, {"enabled": "no"})


def values(f):
    """Two values of a field."""
    if f.name in TEXTS:
        return TEXTS[f.name]
    if f.words and not f.more:
        return f.words[0], f.words[-1]
    if f.types == ["object"]:
        return SWITCH if f.name in ("do-not-disturb", "call-screening") else FEATURE
    if f.types == ["integer"]:
        return 7, 41
    if f.types == ["number"]:
        return 212, 30.5
    if len(f.types) > 2:
        return "911", 112
    return "one", "two, äöü & <x> %s \"q\""


def settable(kind, method, pattern):
    return [f for n, f in nsfields.takes(method, pattern).items() if n not in READ_ONLY[kind] | SECRET]


def differ(got, want):
    return {n: (got.get(n, "(left out)"), v) for n, v in want.items() if got.get(n, "(left out)") != v}


def round_trip(kind, put, get, fields, what, **params):
    """Two sets of values, all fields at once; then one field alone, which leaves the others; then what was read is sent back whole."""
    for i in (0, 1):
        want = {f.name: values(f)[i] for f in fields}
        a = call("PUT", put[0], dict(put[1], **want), **params)
        got = call("GET", get, **params).json
        ok(a.status == 202 and not differ(got, want), "%s: %d fields come back as they were set (%s)" % (what, len(want), "ab"[i]), (a, differ(got, want)))
    one = fields[0]
    a = call("PUT", put[0], dict(put[1], **{one.name: values(one)[0]}), **params)
    want[one.name] = values(one)[0]
    ok(a.status == 202 and not differ(call("GET", get, **params).json, want), what + ": one field leaves the others", a)
    whole = call("GET", get, **params).json
    a = call("PUT", put[0], whole, **params)
    after = call("GET", get, **params).json
    whole.pop("last-modified-datetime", None), after.pop("last-modified-datetime", None)
    ok(a.status == 202 and after == whole, what + ": what was read can be sent back, and changes nothing", (a, differ(after, whole)))
    return after


def refused(kind, put, get, fields, what, **params):
    """A wrong type, or a word that is none: 400 that names the field, and nothing changed."""
    before, bad = call("GET", get, **params).json, []
    for f in fields:
        wrong = [[], {"a": 1}] if f.types != ["object"] else ["yes", 7, {"enabled": "maybe"}, {"enabled": "yes", "colour": "red"}]
        if f.words and not f.more:
            wrong = ["nonsense", 7]
        elif f.types == ["integer"] or f.types == ["number"]:
            wrong = ["x", -1, 10 ** 18]
        elif f.types == ["string"]:
            wrong = ["a\nb\x07", "x" * 4100]
            if f.name.startswith("device-provisioning-") and "-shared-line-" in f.name:
                continue
        for w in wrong[:2] if len(f.types) > 2 else wrong:
            a = call("PUT", put[0], dict(put[1], **{f.name: w}), **params)
            if a.status not in (400, 403) or len(a.json["message"]) < 15:
                bad.append("%s = %.30r: %.200r" % (f.name, w, a))
    ok(not bad, "%s: a wrong value is refused, each field" % what, "\n".join(bad[:12]))
    after = call("GET", get, **params).json
    is_(differ(after, before), {}, what + ": and nothing changed")


def tidy(what):
    ok(not c.bad, what + ": every answer is as the description says", "\n".join(c.complaints()[:12]))


# ---- domains ----
DOMAIN = settable("domain", "PUT", D)
body = {f.name: values(f)[0] for f in settable("domain", "POST", "/domains")}
body.update({n: 3 for n in READ_ONLY["domain"] if "count" in n or "active" in n}, **{"email-send-smtp-password": "s3cret-smtp"})
a = call("POST", "/domains", dict(body, domain="full.test", synchronous="yes"))
ok(a.status == 200 and not differ(a.json, {n: v for n, v in body.items() if n not in READ_ONLY["domain"] | SECRET}), "a domain with every field: 200 and the row", a)
is_((call("POST", "/domains", {"domain": "example.test", "reseller": "north"}).status, call("GET", D, **here).json["domain"]), (202, "example.test"),
    "without synchronous: 202, and it is there")
is_(call("POST", "/domains", {"domain": "example.test", "reseller": "north"}).status, 409, "twice: 409")
is_([call("POST", "/domains", {"domain": "x.test", "reseller": "north", "synchronous": v}).status for v in ("no", "maybe", True)], [202, 400, 400], "synchronous is yes or no")
is_(call("GET", D, domain="nowhere.test").status, 404, "no such domain: 404")
got = round_trip("domain", (D, {}), D, DOMAIN, "domain", **here)
refused("domain", (D, {}), D, DOMAIN, "domain", **here)
a = call("PUT", D, {"email-send-smtp-hostname": None, "email-send-smtp-password": "s3cret-smtp"}, **here)
got = call("GET", D, **here).json
ok(a.status == 202 and not got.get("email-send-smtp-hostname") and "s3cret" not in json.dumps(got), "null takes a field away; a secret is not given back", got)
is_(call("PUT", D, {"is-domain-locked": "no", "domain-type": "Standard", "voicemail-enabled": "yes", "email-send-from-address": "", "caller-id-number": 18005551234,
                    "caller-id-number-emergency": 911}, **here).status, 202, "numbers as numbers")
got = call("GET", D, **here).json
is_((got["caller-id-number"], got["caller-id-number-emergency"]), ("18005551234", 911), "a number is a number, or its digits")
ok(len(call("GET", "/domains", query="?limit=2&start=1").json) == 2, "limit and start")
is_(call("DELETE", D, domain="x.test").status, 202, "delete")
tidy("domains")

# ---- users ----
for site in ("Nord", "Süd"):
    r.must("POST", "/domains/example.test/sites", {"site": site})
NAMES = {"name-first-name": "Anna", "name-last-name": "Berg", "email-address": "anna@example.test", "user-scope": "Basic User"}
USER = settable("user", "PUT", U)
full = {f.name: values(f)[0] for f in USER}
full.update({n: 3 for n in READ_ONLY["user"] if "active" in n}, user="1001", **{"voicemail-login-pin": "90417283", "account-status": "standard", "created-datetime": "x"})
a = call("POST", D + "/users", dict(full, synchronous="yes"), **here)
ok(a.status == 200 and not differ(a.json, {n: v for n, v in full.items() if n not in READ_ONLY["user"] | SECRET}), "a user with every field: 200 and the row",
   (a.status, differ(a.json, full)))
ok("90417283" not in a.text, "the PIN is not told")
for ext in ("1002", "1003"):
    is_(call("POST", D + "/users", dict(NAMES, user=ext), **here).status, 202, "another one: 202")
is_(call("POST", D + "/users", dict(NAMES, user="1002"), **here).status, 409, "twice: 409")
got = round_trip("user", (U, {}), U, USER, "user", **me)
refused("user", (U, {}), U, USER, "user", **me)
is_((call("GET", D + "/users/count", **here).json, [u["user"] for u in call("GET", D + "/users", query="?limit=1&start=1", **here).json]), ({"total": 3}, ["1002"]), "count; limit and start")
is_((call("GET", D + "/users", domain="nowhere.test").status, c.ask("GET", "/domains/example.test/users", key="nonsense").status,
     call("GET", D + "/users", query="?limit=0", **here).status), (404, 401, 400), "unknown domain, wrong key, wrong limit")
is_(call("DELETE", U, **dict(here, user="1003")).status, 202, "delete")
tidy("users")

# ---- devices ----
DEVICE = settable("device", "PUT", V)
b = dict(me, device="1001b")
full = {f.name: values(f)[0] for f in settable("device", "POST", U + "/devices")}
full.update({n: "x" for n in READ_ONLY["device"] - {"device-provisioning-line"}}, device="1001b", synchronous="yes", **{"device-provisioning-mac-address": "", "device-sip-registration-password": "Longenough12345"})
a = call("POST", U + "/devices", full, **me)
ok(a.status == 200 and not differ(a.json, {f.name: full[f.name] for f in DEVICE}), "a device with every field: 200 and the row", (a, differ(a.json, full)))
ok("Longenough" not in a.text, "its password is not told")
is_(call("POST", U + "/devices", {"device": "sip:1001c@example.test"}, **me).status, 202, "named as an address: 202")
round_trip("device", (V, {}), V, DEVICE, "device", **b)
refused("device", (V, {}), V, DEVICE, "device", **b)
is_(call("PUT", V, {"device-provisioning-password": "x"}, **b).status, 400, "a phone's password is not set on a device: a sentence says so")
is_([d["device"] for d in call("GET", U + "/devices", **me).json], ["1001", "1001b", "1001c"], "list")
is_(call("DELETE", V, **dict(me, device="1001c")).status, 202, "delete")
tidy("devices")

# ---- phones ----
MAC, NEW = "001565aabb01", {"device-models-brand-and-model": "Yealink T46U"}
at = dict(here, mac=MAC)
PHONE = settable("phone", "PUT", D + "/phones")
full = {n: ("x" if "string" in f.types else 1) for n, f in nsfields.takes("POST", D + "/phones").items()}
full.update({f.name: values(f)[0] for f in PHONE}, domain="example.test", **dict(NEW, **{"device-provisioning-mac-address": MAC, "device-provisioning-password": ""}))
a = call("POST", D + "/phones", full, **here)
got = call("GET", P, **at).json
ok(a.status == 202 and not differ(got, {f.name: full[f.name] for f in PHONE}), "a phone with every field: 202, and it is there", (a, differ(got, full)))
is_((got["device-provisioning-password"], got["device-provisioning-username"], got["device-models-fxs-support-enabled"]), ("", MAC, 0), "its password is not told")
is_(call("POST", D + "/phones", dict(full, **{"device-provisioning-password": "mine"}), **here).status, 400, "nor set: a sentence says so")
mac = {"device-provisioning-mac-address": MAC}
round_trip("phone", (D + "/phones", mac), P, PHONE, "phone", **at)
refused("phone", (D + "/phones", mac), P, PHONE, "phone", **at)
other = dict(NEW, domain="example.test", **{"device-provisioning-mac-address": "0004f2aabb02", "device-models-brand-and-model": "polycom-vvx450"})
is_([call("POST", "/phones", other).status, call("PUT", "/phones", dict(other, notes="by the door")).status], [202, 202], "at the root, by the body's domain and MAC")
is_([p["notes"] for p in call("GET", "/phones").json if p["device-provisioning-mac-address"] == "0004f2aabb02"], ["by the door"], "list of all")
is_((len(call("GET", D + "/phones", query="?limit=1", **here).json), len(call("GET", "/phones", query="?limit=1").json)), (1, 1), "limit")
is_([call("PUT", "/phones", {"notes": "x"}).status, call("PUT", D + "/phones", {"notes": "x"}, **here).status, call("PUT", "/phones", {"device-provisioning-mac-address": "001565ffffff"}).status,
     call("PUT", D + "/phones", dict(mac, domain="full.test"), **here).status], [400, 400, 404, 400], "no MAC, an unknown one, another domain")
before = call("GET", P, **at).json["generation-wanted"]
call("PUT", D + "/phones", dict(mac, notes="window", redundency="x", **{"device-provisioning-presence": "y"}), **at)
is_(call("GET", P, **at).json["generation-wanted"], before, "what stands in no file tells no phone")
is_(call("POST", "/phones", {"device-provisioning-mac-address": "000b82aabb03", "device-models-brand-and-model": "grandstream-gxp2170", "domain": "full.test"}).status, 202, "one to go")
is_([call("DELETE", D + "/phones", {"device-provisioning-mac-address": "000b82aabb03"}, **here).status, call("DELETE", "/phones", {}).status], [404, 400], "not another domain's, not nobody's")
is_(call("DELETE", "/phones", dict({n: "x" for n in nsfields.takes("DELETE", "/phones")}, **{"device-provisioning-mac-address": "000b82aabb03"})).status, 202, "delete, with every field of its body")
call("POST", "/phones", dict(other, **{"device-provisioning-mac-address": "0004f2aabb03"}))
is_(call("DELETE", D + "/phones", {"device-provisioning-mac-address": "0004f2aabb03"}, **here).status, 202, "in its domain")
models = call("GET", "/phones/models").json
ok(len(models) > 100 and {m["brand"] for m in models} == {"Yealink", "Polycom", "Grandstream"} and all(m["brand_model"] for m in models), "models", len(models))
is_([m["fxs"] for m in models if m["model"] == "HT802"], [2], "an adapter has telephone ports")
got = [d for d in call("GET", U + "/devices", **dict(here, user="1002")).json if d["device"] == "1002"][0]
ok(got["device-provisioning-mac-address"] == MAC and got["device-models-model"] == "yealink-t46u" and got["device-provisioning-password"] is None
   and got["device-provisioning-username"] == MAC, "a device shows its phone", got)

# A device is put on a phone by the MAC that it is given.
free = "000b82aabb07"
call("POST", D + "/phones", {"device-provisioning-mac-address": free, "device-models-brand-and-model": "grandstream-gxp2170"}, **here)
before = call("GET", P, **dict(here, mac=free)).json["generation-wanted"]
a = call("POST", U + "/devices", {"device": "1001c", "synchronous": "yes", "device-provisioning-mac-address": free, "device-provisioning-line": 2}, **me)
got = call("GET", P, **dict(here, mac=free)).json
is_((a.status, a.json["device-provisioning-mac-address"], a.json["device-provisioning-line"], got["device-provisioning-sip-uri-2"], got["device-provisioning-sip-uri-1"], got["state"]),
    (200, free, 2, "sip:1001c@example.test", "", "assigned"), "a new device on line 2 of a phone")
ok(got["generation-wanted"] > before, "which gets a new file")
is_(call("PUT", V, {"device-provisioning-mac-address": free}, **b).status, 202, "a device that stood nowhere")
is_(call("GET", P, **dict(here, mac=free)).json["device-provisioning-sip-uri-1"], "sip:1001b@example.test", "on the first free line")
before = call("GET", P, **dict(here, mac=free)).json
is_([call("PUT", V, {"device-provisioning-mac-address": m, "device-provisioning-line": n}, **b).status for m, n in ((free, 1), (free, 3), (MAC, 1), ("zz", 1), (free, "x"), (free, 65))],
    [202, 409, 409, 400, 400, 400], "where it stands: nothing; another line or phone: refused; nonsense: refused")
call("POST", U + "/devices", {"device": "1001e"}, **me)
e = dict(me, device="1001e")
is_([call("PUT", V, dict({"device-provisioning-mac-address": m}, **x), **e).status for m, x in ((free, {"device-provisioning-line": 2}), ("001565ffffff", {}), (free, {"device-provisioning-line": 40}))],
    [409, 404, 400], "a line that is taken, a phone that is not there, a line that the model does not have")
is_(call("GET", P, **dict(here, mac=free)).json, before, "and nothing changed")
for d in ("1001c", "1001e"):
    call("DELETE", V, **dict(me, device=d))
tidy("phones")

# ---- time frames, answering rules ----
A, T = U + "/answerrules", U + "/timeframes"
R = A + "/{timeframe}"
is_([x["time-frame"] for x in call("GET", A, **me).json], ["*"], "a user has the default rule")
got = call("GET", R, **dict(me, timeframe="*")).json
ok(got["is-active"] is True and got["order"] == 99 and got["simultaneous-ring"] == {"enabled": "yes", "parameters": ["<OwnDevices>"]}, "always, ring all his phones", got)
a = call("POST", T, {"synchronous": "yes", "timeframe-name": "Lunch / Mittag", "timeframe-type": "days-of-week"}, **me)
ok(a.status == 200 and a.json["timeframe-name"] == "Lunch / Mittag", "a time frame: 200 and the row", a)
call("POST", T, {"synchronous": "no", "timeframe-name": "Urlaub", "timeframe-type": "specific-dates"}, **me)
is_([(t["timeframe-name"], t["user"], t["timeframe-type"]) for t in call("GET", T, **me).json], [("Lunch / Mittag", "1001", "days-of-week"), ("Urlaub", "1001", "specific-dates")], "list")
is_([call("POST", T, {"timeframe-name": "x", "timeframe-type": "sometimes"}, **me).status, call("POST", T, {"timeframe-name": "x"}, **dict(here, user="4711")).status,
     c.ask("POST", "/domains/example.test/users/1001/timeframes", {}, key="nonsense").status], [400, 404, 401], "refused")
RULE = settable("answerrule", "POST", A)
full = {f.name: values(f)[0] for f in RULE}
full.update({"time-frame": "Lunch / Mittag", "is-active": True, "synchronous": "yes", "new-position": "bottom"})
a = call("POST", A, full, **me)
lunch = dict(me, timeframe="Lunch / Mittag")
got = call("GET", R, **lunch).json
ok(a.status == 200 or a.status == 202, "a rule", a)
is_(differ(got, {f.name: full[f.name] for f in RULE if f.name != "order"}), {}, "with every feature")
is_([call("POST", A, full, **me).status, call("POST", A, dict(full, **{"time-frame": "Nie"}), **me).status], [409, 400], "twice, and for a time frame that is not there")
for frame in ("Lunch / Mittag", "*"):
    round_trip("answerrule", (R, {}), R, settable("answerrule", "PUT", R), "answering rule " + frame, **dict(me, timeframe=frame))
refused("answerrule", (R, {}), R, settable("answerrule", "PUT", R), "answering rule", **lunch)
is_([call("DELETE", R, **lunch).status, call("GET", R, **lunch).status, call("DELETE", R, **dict(me, timeframe="*")).status], [202, 404, 409], "a rule is deleted, the default one is not")
is_([call("GET", A, **dict(here, user="4711")).status, call("GET", A, query="?limit=0", **me).status, c.ask("GET", "/domains/example.test/users/1001/answerrules", key="x").status],
    [404, 400, 401], "unknown user, wrong limit, wrong key")
tidy("answering rules")

# ---- contacts ----
K = U + "/contacts"
CONTACT = settable("contact", "PUT", K + "/{contact_id}")
a = call("POST", K, {f.name: values(f)[0] for f in CONTACT}, **me)
ok(a.status == 200 and not differ(a.json, {f.name: values(f)[0] for f in CONTACT}), "a contact: 200 and the row", a)
one = dict(me, contact_id=a.json["unique-id"])
round_trip("contact", (K + "/{contact_id}", {}), K + "/{contact_id}", CONTACT, "contact", **one)
refused("contact", (K + "/{contact_id}", {}), K + "/{contact_id}", CONTACT, "contact", **one)
is_(call("POST", D + "/contacts", {"name-last-name": "Shared", "phonenumber-work": 4930555}, **here).status, 200, "a shared one")
is_([x["phonenumber-work"] for x in call("GET", D + "/contacts", **here).json], ["4930555"], "list of the shared ones")
is_([len(call("GET", K, query=q, **me).json) for q in ("", "?includeDomain=yes", "?includeDomain=no")], [1, 2, 1], "includeDomain")
is_(call("DELETE", K + "/{contact_id}", **one).status, 202, "delete")
tidy("contacts")

# ---- phone numbers ----
N = D + "/phonenumbers"
number = dict(here, phonenumber="12125550100")
want = {"phonenumber": "12125550100", "enabled": "yes", "dial-rule-application": "to-user", "dial-rule-parameter": "p", "dial-rule-translation-destination-user": "1001",
        "dial-rule-translation-destination-host": "example.test", "dial-rule-translation-source-name": "Shop", "dial-rule-description": "Laden"}
is_([call("POST", N, want, **here).status, call("POST", N, want, **here).status], [202, 409], "a number; twice")
got = call("GET", N + "/{phonenumber}", **number).json
is_(differ(got, {n: v for n, v in want.items() if "-host" not in n}), {}, "with every field (its host is the domain, told or not)")
is_([x["phonenumber"] for x in call("GET", N, **here).json], ["12125550100"], "list")
is_([call("PUT", N + "/{phonenumber}", {"dial-rule-application": "available-number"}, **number).status, call("PUT", N, dict(want, enabled="no"), **here).status], [202, 202], "freed, and led elsewhere")
is_((call("GET", N + "/{phonenumber}", **number).json["enabled"], call("PUT", N, {"phonenumber": "12125550100", "dial-rule-application": "nonsense"}, **here).status), ("no", 400), "changed; a word that is none")
is_(call("DELETE", N + "/{phonenumber}", **number).status, 202, "delete")
tidy("phone numbers")

# ---- tokens ----
key = r.must("POST", "/apikeys", {"name": "crm", "user-scope": "Super User"})
want = {"grant_type": "password", "client_id": str(key["apikey"]), "client_secret": key["key"], "username": r.login, "password": r.password}
extra = {n: "" for n in nsfields.takes("POST", "/tokens") if n not in want}
t = call("POST", "/tokens", dict(extra, **want))
ok(t.status == 200 and t.json["scope"] == "Super User" and t.json["client_id"] == want["client_id"] and t.json["token_type"] == "Bearer" and t.json["expires_in"] > 60, "a token", t)
is_([call("POST", "/tokens", dict(want, grant_type="mfa")).status, call("POST", "/tokens", dict(want, password="wrong")).status], [400, 401], "another grant, a wrong password")
mine = t.json["access_token"]
is_([call("GET", D, key=mine, domain="~").json["domain"], call("GET", U, key=mine, domain="~", user="~").json["user"]], [t.json["domain"], t.json["user"]], "~ is one's own domain, and oneself")
is_(call("POST", D + "/users", dict(NAMES, user="1007", synchronous="yes"), key=mine, **here).status, 200, "it may what its user may")
tidy("tokens")

# ---- audit log ----
log = call("GET", "/auditlog", query="?limit=1000").json
ok(len(log) > 50 and all(x["target-host"] for x in log), "the audit log", len(log))
by = [x for x in log if x["target-user"] == "1007"][0]
is_((by["by-client"], by["by-user"], by["by-domain"], by["by-ip"], by["action-type"]), ("crm", t.json["uid"], t.json["domain"], "127.0.0.1", "user-add"), "who, from where, by which program")


def found(query):
    return [x["id"] for x in call("GET", "/auditlog", query="?limit=1000&" + query).json]


every = [x["id"] for x in log]
for name, value in (("by-ip", "127.0.0.1"), ("action-type", "user-add"), ("target-domain", "example.test"), ("target-object", MAC), ("target-user", "1007"),
                    ("by-client", "crm"), ("by-domain", t.json["domain"]), ("target-host", by["target-host"])):
    expect = [x["id"] for x in log if x[name] == value]
    got = [i for i in found("%s=%s" % (name, value)) if i in every]
    ok(got == expect and got, "filter %s finds its %d" % (name, len(expect)), (len(got), len(expect)))
    is_(found(name + "=none-such"), [], "and nothing for another " + name)
stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
is_([i for i in found("datetime-end=" + stamp) if i in every], every, "datetime-end")
is_(found("datetime-start=" + stamp), [], "datetime-start")
is_(set(nsfields.PATHS["GET", "/auditlog"]["query"][1].split(",")), {"datetime-start", "datetime-end", "by-ip", "action-type", "target-domain", "target-object", "target-host",
                                                                  "target-user", "by-client", "by-domain"}, "every filter of the description was tried")
tidy("audit log")

# the log of a domain: no query looks out of it
own = c.ask("GET", "/domains/example.test/auditlog?limit=1000&by-ip=127.0.0.1").json
ok(own and {x["target-domain"] for x in own} == {"example.test"}, "a domain's own log")
is_(c.ask("GET", "/domains/example.test/auditlog?target-domain=full.test").status, 403, "no query looks out of it")
is_(c.ask("GET", "/domains/example.test/auditlog/count?by-client=crm").json["total"], len([x for x in own if x["by-client"] == "crm"]), "count")
is_(r.api("POST", "/apikeys", {"name": "Portal", "user-scope": "Super User"}).status, 400, "no program is called portal")

# ---- limits from both sides ----
for where, what, name, good, bad in ((U, me, "status-message", "x" * 255, "x" * 256), (U, me, "ring-no-answer-timeout-seconds", 3600, 3601), (U, me, "area-code", 999999, 1000000),
                                     (D, here, "email-send-smtp-port", "65535", "65536"), (D, here, "area-code", 999999, 999999.5), (V, b, "emergency-address-id", "ü" * 128, "ü" * 129),
                                     (V, b, "device-provisioning-overrides", "a\n" * 2000, "a\n" * 2001), (P, at, "device-models-overrides-blob", "x" * 4000, "x" * 4001),
                                     (P, at, "redundency", "x" * 64, "x" * 65)):
    got = [r.api("PUT", where.format(**what), {name: v}).status for v in (good, bad)]
    is_((got, r.must("GET", where.format(**what))[name]), ([200, 400], good), "%s: the most that fits, and one more" % name)

# ---- nothing of the description is forgotten ----
elsewhere = {p for p in nsfields.PATHS if any(w in p[1] for w in ("voicemails", "greetings", "/email"))}
is_(sorted(set(nsfields.PATHS) - c.walked - elsewhere), [], "every shared path was walked (voicemail and mail have tests of their own)")
is_(sorted(set(nsfields.PATHS) & c.walked & elsewhere), [], "and none of those is counted here")
is_(r.stop(), 0, "ends cleanly")
done()

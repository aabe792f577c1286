#!/usr/bin/python3
"""Phone numbers by the API: the calls, fields, words and answers of NetSapiens' API v2; what is refused, and for whom."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.domain("other.test")
for ext, first in (("1001", "Anna"), ("1002", "Ben")):
    r.user(ext, first, "Vale")
r.must("POST", "/domains/example.test/users/1001/devices", {"device": "1001b"})
r.user("2001", "Other", "Person", domain="other.test")
N, D = "/domains/example.test/phonenumbers", "dial-rule-translation-destination-user"
APPS = ("available-number to-voicemail-residential to-callqueue to-callqueue-announce-count-callers-ahead "
        "to-callqueue-announce-expected-wait-time to-connection to-connection-or-user-no-failover to-single-device to-user to-user-residential "
        "to-voicemail spam-screening to-connection-block-caller-id to-connection-no-timeout").split()


def refused(method, path, body, status, words, name, **kw):
    before = r.must("GET", N)
    a = r.api(method, path, body, **kw)
    ok(a.status == status and words in a.text, "%s: %d, %s" % (name, status, words), a)
    is_(r.must("GET", N), before, name + ": nothing changed")


# ---- come, be read, change, go ----
a = r.api("POST", N, {"phonenumber": "+15551230001"})
is_((a.status, a.json["phonenumber"], a.json["dial-rule-application"], a.json[D], a.json["enabled"], a.json["domain"]),
    (201, "15551230001", "available-number", "", "yes", "example.test"), "a number comes: available")
is_(a.get("Location"), "/api/v1" + N + "/15551230001", "and says where it is")
for path in ("/15551230001", "/+15551230001"):
    is_(r.must("GET", N + path)["phonenumber"], "15551230001", "read with and without the plus: " + path)
is_(r.must("PUT", N + "/15551230001", {"dial-rule-application": "to-user", D: "1001"})[D], "1001", "led to a user")
is_(r.must("PUT", N, {"phonenumber": "15551230001", D: "1002"})[D], "1002", "changed with the number in the body, as NetSapiens has it")
is_(r.must("PUT", N, {"phonenumber": "15551230001", D: "1001@example.test"})[D], "1001", "the destination may come with its domain")
got = r.must("PUT", N + "/15551230001", {"dial-rule-application": "available-number", D: "1002", "dial-rule-parameter": "x"})
is_((got["dial-rule-application"], got[D], got["dial-rule-parameter"]), ("available-number", "", ""), "available-number frees it, whatever else is said")
is_(r.must("POST", N, {"phonenumber": "15551230002", D: "1001"})["dial-rule-application"], "to-user", "a destination alone means to-user")
full = {"phonenumber": "15551230003", "enabled": "no", "dial-rule-application": "to-callqueue", "dial-rule-parameter": "p=1", D: "4000",
        "dial-rule-translation-destination-host": "queue.example.net", "dial-rule-translation-source-name": "Sales", "dial-rule-description": "block 7"}
got = r.must("POST", N, full)
is_({k: got[k] for k in full}, full, "every field of NetSapiens comes back as it was given")
got = r.must("PATCH", N + "/15551230003", {"ring-group-colour": "blue", "custom-count": 7, "custom-flag": True})
is_((got["ring-group-colour"], got["custom-count"], got["custom-flag"]), ("blue", 7, True), "fields that Rekey does not know are kept")
got = r.must("PATCH", N + "/15551230003", {"enabled": "yes"})
is_((got["enabled"], got["ring-group-colour"], got["custom-count"]), ("yes", "blue", 7), "and stay when something else changes")
for i, app in enumerate(APPS):
    to = {"to-single-device": "1001b", "available-number": ""}.get(app, "1002")
    got = r.must("POST", N, {"phonenumber": "1555124%04d" % i, "dial-rule-application": app, D: to})
    is_((got["dial-rule-application"], got[D]), (app, to), "the word " + app)
is_(r.api("DELETE", N + "/15551230003").status, 200, "a number goes")
is_(r.api("GET", N + "/15551230003").status, 404, "and is gone")

# ---- lists ----
everything = [n["phonenumber"] for n in r.must("GET", N + "?limit=1000")]
is_(everything, sorted(everything), "the list is in order")
is_(len(everything), 2 + len(APPS), "and whole")
is_(r.must("GET", N + "/count")["total"], len(everything), "as the count says")
is_([n["phonenumber"] for n in r.must("GET", N + "?start=3&limit=2")], everything[3:5], "a page")
free = [n["phonenumber"] for n in r.must("GET", N + "?available=yes")]
is_(free, ["15551230001", "15551240000"], "the available ones")
is_(r.must("GET", N + "/count?available=no")["total"], len(everything) - 2, "and the others")
is_([n["phonenumber"] for n in r.must("GET", N + "?user=1001")], ["15551230002", "1555124%04d" % APPS.index("to-single-device")], "those of a user, and of his devices")
is_([n["phonenumber"] for n in r.must("GET", N + "?dial-rule-application=to-callqueue")], ["1555124%04d" % APPS.index("to-callqueue")], "those of one application")
for query, status in (("?available=maybe", 400), ("?user=9999", 404), ("?dial-rule-application=to-moon", 400), ("?limit=0", 400), ("?start=x", 400)):
    is_(r.api("GET", N + query).status, status, "asked %s: %d" % (query, status))

# ---- refused ----
for text, name in (("", "an empty one"), ("123456", "six digits"), ("1234567890123456", "sixteen digits"), ("0301234567", "without its country code"),
                   ("1555123000a", "a letter"), ("++15551230001", "two plusses"), ("1 555 123 0009", "blanks"), ("１５５５１２３０００９", "digits of another script"), (None, "none")):
    refused("POST", N, {"phonenumber": text}, 400, "phonenumber must be", name)
for n in ("1234567", "123456789012345"):
    is_(r.api("POST", N, {"phonenumber": n}).status, 201, "%d digits are a number" % len(n))
refused("POST", N, {"phonenumber": "15551230001"}, 409, "is taken", "a number that is there")
refused("POST", "/domains/other.test/phonenumbers", {"phonenumber": "15551230001"}, 409, "is taken", "a number of another domain")
refused("POST", N, {"phonenumber": "15551230050", "dial-rule-application": "to-moon", D: "1001"}, 400, "is not known", "an application that is none")
for app, to, words in (("to-user", "9999", "no user"), ("to-user", "2001", "no user"), ("to-user", "", "is missing"), ("to-user-residential", "1001b", "no user"),
                       ("to-voicemail", "9999", "no user"), ("to-single-device", "1001x", "no device"), ("to-callqueue", "", "is missing"), ("to-user", "1001@other.test", "another host")):
    refused("POST", N, {"phonenumber": "15551230050", "dial-rule-application": app, D: to}, 400, words, "%s to %r" % (app, to))
refused("POST", N, {"phonenumber": "15551230050", "dial-rule-application": "to-user", D: "1001", "dial-rule-translation-destination-host": "other.test"}, 400, "another host",
        "a user of another host")
refused("PATCH", N + "/15551230001", {D: "1001"}, 400, "dial-rule-application is missing", "a destination alone for an available number")
refused("PATCH", N + "/15551230002", {"dial-rule-aplication": "available-number"}, 400, "did you mean", "a misspelt field is not kept in silence")
refused("PATCH", N + "/15551230002", {"thing": {"a": 1}}, 400, "kept only", "a field with something inside")
refused("PATCH", N + "/15551230002", {"thing": "a\nb"}, 400, "control", "a control character in a field that is only kept")
refused("PATCH", N + "/15551230002", {"dial-rule-description": "a\x00b"}, 400, "", "a control character in one that is used")
refused("PATCH", N + "/15551230002", {"x%d" % i: i for i in range(21)}, 400, "at most 20", "more fields than are kept")
is_(r.api("PATCH", N + "/15551230002", {"x%d" % i: i for i in range(20)}).status, 200, "twenty are")
refused("PUT", N, {D: "1001"}, 400, "phonenumber must be", "a change of no number")
refused("PUT", N + "/15559999999", {"enabled": "no"}, 404, "no phone number", "one that is not there")
refused("PUT", "/domains/other.test/phonenumbers/15551230001", {"enabled": "no"}, 404, "no phone number", "one that is another domain's")
refused("DELETE", "/domains/other.test/phonenumbers/15551230001", None, 404, "no phone number", "deleting another domain's")
r.must("POST", N, {"phonenumber": "5551000"})
refused("POST", "/domains/example.test/users", {"user": "5551000"}, 409, "is a phone number", "a user under a number")
r.user("5552000", "Long", "Extension")
refused("POST", N, {"phonenumber": "5552000"}, 409, "is an extension", "a number under a user")
is_(r.api("POST", "/domains/other.test/phonenumbers", {"phonenumber": "5552000"}).status, 201, "but another domain's extension is nobody's concern")
is_(r.api("DELETE", "/domains/other.test/phonenumbers/5552000").status, 200, "and is deleted")

# ---- who may ----
r.must("POST", "/domains/example.test/sites", {"site": "North"})
r.user("1003", "North", "Person", site="North")
r.must("POST", N, {"phonenumber": "15551230030", D: "1003"})


def key(scope, **more):
    return r.must("POST", "/domains/example.test/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office, site = key("Office Manager"), key("Site Manager", sites=["North"])
field, basic = key("Field Technician", sites=["North"]), key("Basic User")
is_(r.api("PUT", N + "/15551230030", {D: "1002"}, key=office).status, 200, "an Office Manager leads a number elsewhere")
r.must("PUT", N + "/15551230030", {D: "1003"})
refused("POST", N, {"phonenumber": "15551230060"}, 403, "", "an Office Manager takes none in", key=office)
refused("DELETE", N + "/15551230001", None, 403, "", "nor out", key=office)
r.user("1009", "Boss", "Above", **{"user-scope": "Super User"})
r.must("POST", N, {"phonenumber": "15551230090", D: "1009"})
refused("PUT", N + "/15551230090", {D: "1002"}, 403, "", "the number of a higher scope is out of reach", key=office)
refused("PUT", N + "/15551230001", {"dial-rule-application": "to-user", D: "1009"}, 403, "", "and none is led there", key=office)
is_([n["phonenumber"] for n in r.must("GET", N, key=site)], ["15551230030"], "a Site Manager sees those of his people")
is_(r.api("GET", N + "/15551230001", key=site).status, 404, "and no other")
is_(r.api("GET", N + "/15551230030", key=site).status, 200, "but his own")
refused("PUT", N + "/15551230030", {"enabled": "no"}, 403, "", "and changes none", key=site)
for who, name in ((field, "a Field Technician"), (basic, "a Basic User")):
    is_(r.api("GET", N, key=who).status, 403, name + " sees none")
is_(r.api("GET", "/domains/other.test/phonenumbers", key=office).status, 403, "nobody sees another domain's")

# ---- as a NetSapiens client calls it ----
ns = "/ns-api/v2"
a = r.api("POST", N, {"phonenumber": "15551230070", "dial-rule-application": "to-user", D: "1001"}, prefix=ns)
is_((a.status, a.json["code"]), (202, 202), "accepted")
a = r.api("PUT", N, {"phonenumber": "15551230070", "dial-rule-application": "available-number", D: "", "synchronous": "yes"}, prefix=ns)
is_((a.status, a.json["dial-rule-application"]), (200, "available-number"), "synchronous: done, with the row")
a = r.api("POST", N, {"phonenumber": "15551230070"}, prefix=ns)
is_((a.status, a.json["code"]), (409, 409), "a conflict in its words")
is_(type(r.api("GET", N, prefix=ns).json), list, "a list is a list")
is_(r.api("DELETE", N + "/15551230070", prefix=ns).status, 202, "deleted")

# ---- CSV ----
CSV = {"Content_Type": "text/csv"}
head = "phonenumber,dial-rule-application,dial-rule-translation-destination-user,dial-rule-description\n"
a = r.api("POST", "/domains/example.test/import", head + "15551250001,,1001,door\n+15551250002,available-number,,\n15551230030,,1002,\n", **CSV)
is_((a.status, [row["result"] for row in a.json["rows"]], a.json["what"]), (200, ["created", "created", "changed"], "phone numbers"), "numbers come by CSV")
is_([(n[D], n["dial-rule-description"]) for n in r.must("GET", N) if n["phonenumber"] in ("15551250001", "15551230030")], [("1002", ""), ("1001", "door")], "as the file says")
a = r.api("POST", "/domains/example.test/import", head + "15551250001,,1001,door\n", **CSV)
is_(a.json["rows"][0]["result"], "same", "twice is once")
a = r.api("POST", "/domains/example.test/import", head + "15551250003,,1001,\n15551250004,to-user,9999,\n77,,,\n", **CSV)
is_((a.status, [bool(row["error"]) for row in a.json["rows"]]), (400, [False, True, True]), "wrong rows are named")
is_(r.api("GET", N + "/15551250003").status, 404, "and none is imported")
a = r.api("POST", "/domains/example.test/import", head + "15551250001,,1002,door\n", key=office, **CSV)
is_((a.status, a.json["rows"][0]["result"]), (200, "changed"), "an Office Manager changes by CSV")
a = r.api("POST", "/domains/example.test/import", head + "15551250009,,1002,\n", key=office, **CSV)
ok(a.status == 400 and "inventory" in a.json["rows"][0]["error"], "and takes none in", a)
a = r.api("POST", "/domains/example.test/import", head + "15551230090,,1002,\n", key=office, **CSV)
ok(a.status == 400 and "scope" in a.json["rows"][0]["error"], "nor away from a higher scope", a)

# ---- reset, delete ----
r.must("PATCH", N + "/15551250001", {"dial-rule-description": "Anna's direct line", D: "1001"})
r.must("POST", N, {"phonenumber": "15551260001", D: "1001", "dial-rule-description": "block 9"})
r.must("POST", N, {"phonenumber": "15551260002", "dial-rule-application": "to-voicemail", D: "1001", "dial-rule-translation-source-name": "Mail of Anna"})
mine = sorted(n["phonenumber"] for n in r.must("GET", N + "?user=1001"))
body = {"users": ["1001"], "options": {"phone-numbers": True}}
plan = r.must("POST", "/domains/example.test/resets", dict(body, **{"dry-run": True}))["plans"][0]
straight = [n for n in mine if n != "15551260002"]
is_([s["from"] for s in plan["steps"] if s["step"] == "free-number"], straight, "the review names each number that is freed")
is_(plan["counts"]["free-number"], len(straight), "and counts them")
ok(any("15551260002" in s and "mailbox" in s for s in plan["stays"]), "and says which one stays", plan["stays"])
is_(sorted(n["phonenumber"] for n in r.must("GET", N + "?user=1001")), mine, "a dry run frees nothing")
plan = r.must("POST", "/domains/example.test/resets", {"users": ["1001"], "dry-run": True})["plans"][0]
is_((plan["counts"]["free-number"], len([s for s in plan["stays"] if "phone number" in s])), (0, len(mine)), "unticked, all of them stay, and the review says so")
total = r.must("GET", N + "/count")["total"]
job = r.must("POST", "/domains/example.test/resets", body)["reset"]
ok(r.until(lambda: r.must("GET", "/domains/example.test/resets/" + job)["state"] == "done"), "the reset is done")
is_([n["phonenumber"] for n in r.must("GET", N + "?user=1001")], ["15551260002"], "what leads straight to the user is freed, the mailbox's number stays")
is_({(n["dial-rule-application"], n[D], n["dial-rule-translation-source-name"]) for n in r.must("GET", N) if n["phonenumber"] in straight}, {("available-number", "", "")}, "available, led nowhere")
is_(r.must("GET", N + "/count")["total"], total, "and all stay in the inventory")
is_([r.must("GET", N + "/" + n)["dial-rule-description"] for n in ("15551250001", "15551260001")], ["", "block 9"], "a description that names the person goes, another one stays")
is_(r.must("GET", N + "/15551260002")["dial-rule-translation-source-name"], "", "also where the number stays")
is_(r.must("GET", N + "/" + "1555124%04d" % APPS.index("to-callqueue"))["dial-rule-application"], "to-callqueue", "what leads elsewhere is untouched")
r.must("POST", "/domains/example.test/users/1001/recycle", {"name-first-name": "Ida", "name-last-name": "Next"})
ok(r.until(lambda: r.must("GET", "/domains/example.test/users/1001")["name-first-name"] == "Ida"), "the next person comes")
is_([n["phonenumber"] for n in r.must("GET", N + "?user=1001")], ["15551260002"], "and a recycle gives no number back by itself")
r.must("PUT", N + "/15551260001", {"dial-rule-application": "to-user", D: "1001"})
is_(r.api("DELETE", "/domains/example.test/users/1001").status, 200, "the user is deleted")
is_([r.must("GET", N + "/" + n)["dial-rule-application"] for n in ("15551260001", "15551260002")], ["available-number"] * 2, "his numbers are available, the mailbox's too")
log = {(e["action-type"], e["target-object"]) for e in r.must("GET", "/domains/example.test/auditlog?limit=1000")}
ok({("number-add", "15551230001"), ("number-change", "15551230001"), ("number-delete", "15551230003")} <= log, "every change stands in the audit log")
is_(r.api("DELETE", "/domains/other.test/users/2001").status, 200, "another domain is emptied")
r.must("POST", "/domains/other.test/phonenumbers", {"phonenumber": "15551270001"})
a = r.api("DELETE", "/domains/other.test")
ok(a.status == 409 and "phone numbers" in a.text, "a domain with numbers is not empty", a)
r.must("DELETE", "/domains/other.test/phonenumbers/15551270001")
is_(r.api("DELETE", "/domains/other.test").status, 200, "without them it is")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

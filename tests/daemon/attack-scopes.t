#!/usr/bin/python3
"""The tenant's own people as attackers: what a login of a lesser scope, or a key, tries to take by a side door."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
D, FREE = "/domains/example.test", "/domains/free.test"
r.must("POST", "/domains", {"domain": "example.test", "reseller": "north"})
r.must("POST", "/domains", {"domain": "free.test"})
for site in ("Nord", "South"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Berg", site="Nord")
r.user("1002", "Emil", "Koch", site="South")
r.user("1003", "Bo", "Ss", site="Nord", **{"user-scope": "Office Manager"})
r.user("1004", site="Nord")  # Setup Required
r.must("POST", D + "/users/1003/devices", {"device": "1003b"})


def key(scope, domain=D, **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office, site, field = key("Office Manager"), key("Site Manager", sites=["Nord"]), key("Field Technician", sites=["Nord"])
reseller, nameless, bound = key("Reseller", "", reseller="north"), key("Reseller", ""), key("Super User")


def status(k, method, path, body=None):
    return r.api(method, path, body, key=k).status


def phone(mac, *devices):
    return {"device-provisioning-mac-address": mac, "device-models-brand-and-model": "yealink-t46u",
            "lines": [{"slot": i + 1, "device": d} for i, d in enumerate(devices)]}


# ---- a phone's file holds its lines' secrets: no phone of one's own for somebody else's line ----
OWN, MIXED = "001565aabb01", "001565aabb02"
for k, who in ((field, "a Field Technician"), (site, "a Site Manager")):
    is_(status(k, "POST", D + "/phones", phone("001565aabb09", "1002")), 403, who + " puts no line of another site on a new phone")
    is_(status(k, "POST", D + "/phones", phone("001565aabb09", "1001", "1002")), 403, "nor beside one of his own")
    is_(status(k, "POST", D + "/phones", phone("001565aabb09", "9999")), 403, "and does not learn who is there")
is_(status(field, "POST", D + "/phones", phone(OWN, "1001")), 201, "a line of his site he may")
is_(status(field, "PUT", D + "/phones/" + OWN, {"lines": [{"slot": 1, "device": "1001"}, {"slot": 2, "device": "1002"}]}), 403, "nor on a phone that is there")
is_(status(field, "PUT", D + "/phones/" + OWN, {"device-provisioning-sip-uri-2": "sip:1002@example.test"}), 403, "nor by the other spelling")
r.phone(MIXED, "yealink-t46u", ["1001", "1002"], site="Nord")
now = r.must("GET", D + "/phones/" + MIXED)
is_(status(field, "PUT", D + "/phones/" + MIXED, {"notes": "moved", "lines": now["lines"]}), 200, "what stands there already may stay")
is_(status(office, "POST", D + "/phones", phone("001565aabb08", "1002")), 201, "an Office Manager may")

# ---- devices of a higher scope: their secret is a voice ----
is_(status(site, "POST", D + "/users/1003/devices/1003/enrol", {}), 403, "a Site Manager makes no softphone of the Office Manager's line")
is_(status(site, "POST", D + "/users/1003/devices", {"device": "1003c"}), 403, "adds no device to him")
is_(status(site, "PUT", D + "/users/1003/devices/1003", {"device-push-enabled": True}), 403, "changes none")
is_(status(site, "DELETE", D + "/users/1003/devices/1003b"), 403, "deletes none")
is_(status(site, "POST", D + "/users/1001/devices/1001/enrol", {}), 201, "of those below, yes")

# ---- a recycle needs an Office Manager, whatever route it takes ----
for method in ("PUT", "PATCH"):
    is_(status(site, method, D + "/users/1004", {"name-first-name": "New", "name-last-name": "Person"}), 403, "a Site Manager recycles nobody by " + method)
is_(r.must("GET", D + "/users/1004")["account-status"], "reset", "and nothing happened")
is_(status(site, "PUT", D + "/users/1004", {"department": "Sales"}), 200, "the rest of such a user he may change")
is_(status(office, "PUT", D + "/users/1004", {"name-first-name": "New", "name-last-name": "Person"}), 200, "an Office Manager recycles")

# ---- a login-username is looked for in every domain, before any address ----
for name in (r.login, r.login.upper(), "1001@free.test", "x@y", "1001@"):
    is_(status(office, "PUT", D + "/users/1002", {"login-username": name}), 400, "nobody takes the login " + name)
    is_(status(office, "POST", D + "/users", {"user": "1020", "login-username": name}), 400, "nor with a new user")
is_(status(office, "PUT", D + "/users/1002", {"login-username": "1002@example.test"}), 200, "one's own address is one's own")
is_(status(office, "PUT", D + "/users/1002", {"login-username": "emil"}), 200, "a plain word too")
is_(r.ask("POST", "/api/v1/login", json.dumps({"login": r.login, "password": r.password}), {"Content-Type": "application/json"}).status, 200,
    "the administrator still gets in")
is_(status(office, "POST", D + "/apikeys", {"name": r.login, "user-scope": "Basic User"}), 400, "a key is not called like a login: the audit log shows it")

# ---- whose a domain is ----
is_(status(office, "PUT", D, {"reseller": "south"}), 403, "an Office Manager gives the domain to no other reseller")
is_(status(reseller, "PUT", D, {"reseller": "south"}), 403, "nor does its reseller")
is_(status(office, "PUT", D, {"description": "ours"}), 200, "the rest he may change")
is_(status(None, "PUT", FREE, {"reseller": ""}), 200, "a Super User may")

# ---- a Reseller without a name is no Reseller of what has none ----
r.curl("/cfg/001565ffff01.cfg", agent=ua("yealink", "001565ffff01"))
ok(r.until(lambda: r.must("GET", "/unclaimed")), "a phone knocked")
is_(status(nameless, "GET", FREE), 403, "a Reseller without a name does not reach a domain without one")
for k, who in ((nameless, "nor claims a phone into it"), (reseller, "nor does another Reseller")):
    is_(status(k, "POST", "/unclaimed/001565ffff01/claim", {"domain": "free.test"}), 403, who)
is_(status(nameless, "POST", "/domains", {"domain": "zero.test"}), 403, "nor adds one")

# ---- a key of one domain, even a Super User's, is nothing above it ----
for method, path, body in (("POST", "/apikeys", {"name": "x", "user-scope": "Super User"}), ("GET", "/apikeys", None), ("GET", "/auditlog", None),
                           ("GET", "/unclaimed", None), ("POST", "/unclaimed/001565ffff01/claim", {"domain": "free.test"}), ("GET", "/phones", None),
                           ("POST", "/domains", {"domain": "mine.test"}), ("GET", FREE, None), ("DELETE", FREE, None), ("PUT", D, {"reseller": "south"})):
    is_(status(bound, method, path, body), 403, "a bound key: %s %s" % (method, path))
is_((status(bound, "GET", D + "/users"), status(bound, "GET", "/session"), status(bound, "GET", "/phones/models")), (200, 200, 200), "within it, yes")
is_([d["domain"] for d in r.must("GET", "/domains", key=bound)], ["example.test"], "it sees its own domain alone")
# ---- records and alerts: those of one's site ----
THERE = "001565aabb21"
r.phone(THERE, "yealink-t46u", ["1002"], site="South")
r.must("PUT", D + "/phones/" + THERE, {"lines": []})
r.must("PUT", D + "/phones/" + OWN, {"lines": []})
macs = lambda k, path: sorted({x["device-provisioning-mac-address"] for x in r.must("GET", D + path, key=k)})  # noqa: E731
ok(THERE in macs(office, "/handovers") and OWN in macs(office, "/handovers"), "an Office Manager sees the handovers of all sites")
for path in ("/handovers", "/unassignments"):
    is_([m for m in macs(site, path) if m == THERE], [], "a Site Manager none of another site: " + path)
    ok(OWN in macs(site, path), "his own, yes")
    is_(r.must("GET", D + path + "/count", key=site)["total"], len(r.must("GET", D + path, key=site)), "and they are counted so")
foreign = [x["handover"] for x in r.must("GET", D + "/handovers?mac=" + THERE)][0]
one, two = r.api("GET", D + "/handovers/%d" % foreign, key=site), r.api("GET", D + "/handovers/%d" % (foreign + 1000000), key=site)
is_((one.status, two.status, one.text.replace(str(foreign), "#")), (404, 404, two.text.replace(str(foreign + 1000000), "#")), "one by its number: as if it were not there")
is_(r.api("GET", D + "/handovers/%d" % foreign, key=office).status, 200, "it is")

# ---- another tenant's phone, key and record are not there ----
theirs = key("Office Manager", FREE)
for path in ("/phones/%s", "/phones/%s/keys", "/phones/%s/config/x.cfg"):
    one, two = r.api("GET", FREE + path % OWN, key=theirs), r.api("GET", FREE + path % "001565999999", key=theirs)
    is_((one.status, one.text.replace(OWN, "#")), (404, two.text.replace("001565999999", "#")), "another's phone and none: one answer, " + path)
kid = r.must("GET", D + "/apikeys")[0]["apikey"]
one, two = r.api("DELETE", FREE + "/apikeys/%d" % kid, key=theirs), r.api("DELETE", FREE + "/apikeys/%d" % (kid + 5000000), key=theirs)
is_((one.status, one.text.replace(str(kid), "#")), (404, two.text.replace(str(kid + 5000000), "#")), "another's key and none: one answer")

# ---- a preview shows no secret, whoever wrote it ----
r.must("PUT", D + "/overrides", {"overrides": [{"name": "ldap.password", "value": "Geheim123456"}, {"name": "ldap.host", "value": "ldap.example.test"}]})
a = r.api("GET", D + "/phones/%s/config/%s.cfg" % (OWN, OWN), key=field)
ok(a.status == 200 and "Geheim123456" not in a.text and "ldap.example.test" in a.text, "an override's password is masked in the preview", a.text[-300:])

# ---- logins in a crowd: the workers stay free ----
import threading  # noqa: E402

seen = []


def knock():
    seen.append(r.ask("POST", "/api/v1/login", json.dumps({"login": "nobody", "password": "x"}), {"Content-Type": "application/json"}).status)


crowd = [threading.Thread(target=knock) for _ in range(12)]
for t in crowd:
    t.start()
for t in crowd:
    t.join()
ok(set(seen) == {401, 503}, "of many at once some are sent away", seen)
is_(r.ask("POST", "/api/v1/login", json.dumps({"login": r.login, "password": r.password}), {"Content-Type": "application/json"}).status, 200, "afterwards one gets in")
ok(not re.search(r"(?i)select |sqlite", r.log_text()), "no SQL in the log")
done()

#!/usr/bin/python3
"""What each scope sees and may do beyond the route table: sites, oneself, higher scopes, resellers' domains."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.must("POST", "/domains", {"domain": "example.test", "reseller": "north"})
r.must("POST", "/domains", {"domain": "second.test", "reseller": "north"})
r.must("POST", "/domains", {"domain": "other.test", "reseller": "south"})
D = "/domains/example.test"
for site in ("Nord", "Süd"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Anna", "Berg", site="Nord")
r.user("1002", "Emil", "Koch", site="Süd")
r.user("1009", "Bo", "Ss", **{"user-scope": "Office Manager"})
r.user("1010", "Re", "Seller", **{"user-scope": "Reseller"})
NORTH, SOUTH = "001565aabb01", "001565aabb02"
r.phone(NORTH, "yealink-t46u", ["1001"], site="Nord")
r.phone(SOUTH, "yealink-t46u", ["1002"], site="Süd")


def key(scope, domain="/domains/example.test", **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office = key("Office Manager")
site = key("Site Manager", sites=["Nord"])
field = key("Field Technician", sites=["Nord"])
nowhere = key("Field Technician")
basic = key("Basic User")
reseller = key("Reseller", "", reseller="north")


def status(k, method, path, body=None):
    return r.api(method, path, body, key=k).status


# ---- sites ----
for k, who in ((site, "Site Manager"), (field, "Field Technician")):
    is_([p["device-provisioning-mac-address"] for p in r.must("GET", D + "/phones", key=k)], [NORTH], who + " sees the phones of the site")
    is_((status(k, "GET", D + "/phones/" + NORTH), status(k, "GET", D + "/phones/" + SOUTH)), (200, 403), who + ": one of his, one of others")
    is_(status(k, "GET", D + "/phones?site=S%C3%BCd"), 403, who + ": not another site's by asking for it")
    is_(status(k, "PUT", D + "/phones/" + SOUTH, {"notes": "x"}), 403, who + " does not change another site's")
    is_(status(k, "PUT", D + "/phones/" + NORTH, {"site": "Süd"}), 403, who + " does not move one there")
    is_(status(k, "POST", D + "/phones/%s/token" % NORTH, {}), 201, who + " makes a first-access address")
    is_(status(k, "POST", D + "/phones/%s/token" % SOUTH, {}), 403, who + ": not for another site's")
    is_([status(k, "GET", D + "/phones/%s/%s" % (m, what)) for what in ("handovers", "events") for m in (NORTH, SOUTH)], [200, 403, 200, 403],
        who + " sees the records of his phones, and follows them; not another site's")
    is_(status(k, "POST", D + "/resets", {"users": ["1001"]}), 403, who + " does not reset")
    is_([s["site"] for s in r.must("GET", D + "/sites", key=k)], ["Nord"], who + " sees his sites")
is_(r.must("GET", D + "/phones", key=nowhere), [], "a technician without a site sees nothing")
is_([u["user"] for u in r.must("GET", D + "/users", key=site)], ["1001"], "a Site Manager sees the users of the site")
is_((status(site, "GET", D + "/users/1001"), status(site, "GET", D + "/users/1002")), (200, 403), "one of his, one of others")
is_(status(field, "GET", D + "/users"), 403, "a technician sees no users")
is_(status(field, "GET", D + "/handovers"), 403, "nor the records of the domain")
a = r.api("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb03", "device-models-brand-and-model": "yealink-t31p"}, key=field)
is_((a.status, a.json["site"]), (201, "Nord"), "a technician's new phone stands at his site")
is_(status(field, "POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb04", "device-models-brand-and-model": "yealink-t31p", "site": "Süd"}), 403,
    "and at no other")

# ---- higher scopes, oneself ----
is_(status(office, "PUT", D + "/users/1010", {"department": "x"}), 403, "an Office Manager does not change a Reseller")
is_(status(office, "POST", D + "/resets", {"users": ["1010"]}), 403, "nor reset one")
is_(status(office, "POST", D + "/resets", {"users": ["1001", "1010"], "dry-run": True}), 403, "nor among others")
is_(status(office, "POST", D + "/recycles", {"recycle": [{"user": "1010", "name-first-name": "X", "name-last-name": "Y"}]}), 403, "nor recycle one")
is_(status(office, "DELETE", D + "/users/1010"), 403, "nor delete one")
is_(status(office, "PUT", D + "/users/1001", {"user-scope": "Reseller"}), 403, "nor make one")
is_(status(office, "POST", D + "/users", {"user": "1011", "user-scope": "Super User"}), 403, "nor add one")
is_(status(office, "POST", D + "/apikeys", {"name": "x", "user-scope": "Reseller"}), 403, "nor a key of one")
is_(status(office, "POST", D + "/resets", {"users": ["1009"], "dry-run": True}), 200, "an equal is no higher scope")
me, csrf = None, None
a = r.ask("POST", "/api/v1/login", json.dumps({"login": r.login, "password": r.password}), {"Content-Type": "application/json"})
h = {"Content-Type": "application/json", "Cookie": a.get("Set-Cookie").split(";")[0], "X-CSRF-Token": a.json["csrf-token"]}
own = r.login.split("@")
for path, body in (("/resets", {"users": [own[0]]}), ("/users/~/recycle", {"name-first-name": "A", "name-last-name": "B"})):
    b = r.ask("POST", "/api/v1/domains/%s%s" % (own[1], path), json.dumps(body), h)
    ok(b.status == 403 and "own user" in b.json["detail"], "not on oneself: " + path, b)
is_(r.ask("DELETE", "/api/v1/domains/~/users/~", headers=h).status, 403, "nor delete oneself")
is_(r.ask("GET", "/api/v1/domains/~/users/~", headers=h).json["user"], own[0], "~ is oneself")

# ---- Basic User: himself alone ----
is_(status(basic, "GET", D + "/users/1001"), 403, "a Basic User's key without a user sees nobody")
is_(status(basic, "GET", D + "/users"), 403, "no list")
is_([status(basic, "GET", D + "/phones/" + NORTH + what) for what in ("", "/handovers", "/events")], [403] * 3, "no phone")

# ---- domains within reach; the same answer whether one exists ----
is_(sorted(d["domain"] for d in r.must("GET", "/domains", key=reseller)), ["example.test", "second.test"], "a Reseller's domains")
is_([d["domain"] for d in r.must("GET", "/domains", key=office)], ["example.test"], "an Office Manager's own")
is_((status(reseller, "GET", "/domains/second.test/users"), status(reseller, "GET", "/domains/other.test/users")), (200, 403), "a Reseller's, another's")
one, two = r.api("GET", "/domains/other.test/users", key=office), r.api("GET", "/domains/nowhere.test/users", key=office)
is_((one.status, one.body), (403, two.body), "another domain and none are one answer")
is_(status(reseller, "POST", "/domains", {"domain": "third.test", "reseller": "south"}), 403, "a Reseller makes no domain of another")
is_(r.must("POST", "/domains", {"domain": "third.test"}, key=reseller)["reseller"], "north", "his own carry his name")
is_(len(r.must("GET", "/phones", key=reseller)), 3, "all his phones")
is_(status(office, "GET", "/unclaimed"), 403, "unclaimed phones are for those above domains")
is_(status(reseller, "POST", "/unclaimed/001565ffff01/claim", {"domain": "other.test"}) in (403, 404), True, "a Reseller claims into his own alone")

# ---- keys: revoked, of another domain ----
kid = [k for k in r.must("GET", D + "/apikeys") if k["user-scope"] == "Site Manager"][0]["apikey"]
is_(status(reseller, "DELETE", "/domains/second.test/apikeys/%d" % kid), 404, "not through another domain")
ok("key" not in r.must("GET", D + "/apikeys")[0], "a key is shown once")
is_(status(None, "DELETE", D + "/apikeys/%d" % kid), 200, "revoked")
is_(status(site, "GET", D + "/phones"), 401, "and dead")
done()

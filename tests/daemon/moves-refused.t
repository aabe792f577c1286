#!/usr/bin/python3
"""Every move of a phone that is refused: problem+json with a sentence, and not one row of any table differs; plans change nothing; an
order that is sent twice is carried out once."""
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd(reset__retell_ms=10, reset__grace_ms=10)
r.domain()
r.domain("other.test")
D, O = "/domains/example.test", "/domains/other.test"
P = D + "/phones/"
A, B, C, VACANT, RETIRED, ELSEWHERE, SMALL, OPEN = ("0015650100%02x" % i for i in range(8))
for site in ("North", "South"):
    r.must("POST", D + "/sites", {"site": site, "time-zone": "Europe/Berlin"})
for ext, site in (("1001", "North"), ("1002", "North"), ("1003", "South"), ("1004", "North")):
    r.user(ext, "First" + ext, "Last", site=site)
r.user("9001", "Other", "Person", domain="other.test")
r.phone(A, "yealink-t46u", ["1001"], site="North")
r.phone(B, "yealink-t46u", ["1001", "1002"], site="North")
r.phone(C, "yealink-t46u", ["1003"], site="South")
r.phone(VACANT, "yealink-t54w", [], site="South")
r.phone(RETIRED, "yealink-t46u", [], site="North")
r.phone(ELSEWHERE, "yealink-t46u", ["9001"], domain="other.test")
r.phone(SMALL, "polycom-vvx250", ["1004"], site="North")
r.phone(OPEN, "yealink-t46u", ["1004"], site="North")
r.must("POST", P + OPEN + "/rehome", {"user": ""})  # its handover stays open: there is no registrar
r.must("POST", P + RETIRED + "/retire")
for place in (2, 3, 4, 5):
    r.must("POST", P + A + "/keys", {"place": place, "type": "park", "value": "70%d" % place})
r.must("POST", P + A + "/keys", {"place": 27, "type": "park", "value": "799"})


def key(scope, domain=D, **more):
    return r.must("POST", domain + "/apikeys", dict({"name": scope + str(time.monotonic()), "user-scope": scope}, **more))["key"]


WHO = {"super": None, "office": key("Office Manager"), "north": key("Site Manager", sites=["North"]), "ladder": key("Field Technician", sites=["North"]),
       "both": key("Field Technician", sites=["North", "South"]), "basic": key("Basic User"), "there": key("Office Manager", O)}


def content():
    """Every row of every table but for what a look at it notes."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=5)
    out = {}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall():
        if table == "outbox":
            continue
        names = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table) if c[1] not in ("used_ms", "seen_ms")]
        out[table] = sorted(map(repr, db.execute("SELECT %s FROM %s" % (", ".join(names), table)).fetchall()))
    db.close()
    return out




def at_rest():
    """Nothing is due within a minute: what was put up is told, or given up."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=5)
    n = db.execute("SELECT COUNT(*) FROM outbox WHERE due_ms < ?", (time.time() * 1000 + 60000,)).fetchone()[0]
    db.close()
    return n == 0


ok(r.until(at_rest, 20), "the server is at rest")
first = content()
count = [0]


def refused(what, status, who, method, path, body=None, words=()):
    e = r.api(method, path, body, key=WHO[who])
    count[0] += 1
    sound = e.status == status and e.get("Content-Type") == "application/problem+json"
    sound = sound and e.json["type"].startswith("urn:rekey:problem:") and len(e.json["detail"]) > 15 and e.json["code"] == status and all(w in e.json["detail"] for w in words)
    ok(sound, "%s: %d" % (what, status), e)


def move(mac, what):
    return P + mac + "/" + what


# ---- who may ----
for what in ("rehome", "swap", "retire", "pair"):
    refused(what + " by a Basic User", 403, "basic", "POST", move(A, what), {})
    refused(what + " in another domain", 403, "there", "POST", move(A, what), {})
refused("delete by a Basic User", 403, "basic", "DELETE", P + A)
refused("retire by a Field Technician", 403, "ladder", "POST", move(A, "retire"), {})
refused("delete by a Field Technician", 403, "ladder", "DELETE", P + A)
for who in ("ladder", "north"):
    refused(who + ": a phone of another site", 403, who, "POST", move(C, "rehome"), {"user": "1001"})
    refused(who + ": to another site", 403, who, "POST", move(A, "rehome"), {"site": "South"})
    refused(who + ": to no site", 403, who, "POST", move(A, "rehome"), {"site": ""})
    refused(who + ": to a user of another site", 403, who, "POST", move(A, "rehome"), {"user": "1003"})
    refused(who + ": to a user that is not there, the same", 403, who, "POST", move(A, "rehome"), {"user": "1999"})
    refused(who + ": to another domain", 403, who, "POST", move(A, "rehome"), {"domain": "other.test"})
    refused(who + ": by a phone of another site", 403, who, "POST", move(A, "swap"), {"device-provisioning-mac-address": VACANT})
refused("an Office Manager says where in a domain that is not his", 403, "office", "POST", move(A, "rehome"), {"domain": "other.test", "user": "9001"})

# ---- which phone ----
for what, body in (("rehome", {"user": "1002"}), ("swap", {"device-provisioning-mac-address": VACANT}), ("retire", {}), ("pair", {})):
    refused(what + " of a MAC that is not there", 404, "office", "POST", move("0015650fffff", what), body)
    refused(what + " of a MAC of another domain, the same", 404, "office", "POST", move(ELSEWHERE, what), body)
    refused(what + " of what is no MAC", 400, "office", "POST", move("hello", what), body)
    refused(what + " of a retired one", 409, "office", "POST", move(RETIRED, what), body, ["retired"])
    refused(what + ": a member that is not known", 400, "office", "POST", move(A, what), dict(body, colour="red"), ["colour"])

# ---- re-home ----
for body, status, words in (({}, 400, ["user, site or domain"]), ({"user": "1999"}, 404, ["1999"]), ({"site": "West"}, 404, ["West"]), ({"user": "1001"}, 409, ["there already"]),
                            ({"site": "North"}, 409, ["there already"]), ({"user": "1002", "from-user": "1003"}, 409, ["1003"]), ({"user": 7}, 400, ["user"]), ({"user": "10\n02"}, 400, ["user"]),
                            ({"user": "x" * 65}, 400, ["user"]), ({"dry-run": "perhaps", "user": "1002"}, 400, ["dry-run"])):
    refused("rehome %r" % body, status, "office", "POST", move(A, "rehome"), body, words)
refused("a phone of two people", 409, "office", "POST", move(B, "rehome"), {"user": "1004"}, ["1001", "1002", "from-user"])
refused("a vacant phone to nobody", 409, "office", "POST", move(VACANT, "rehome"), {"user": ""})
refused("to a domain that is not there", 404, "super", "POST", move(A, "rehome"), {"domain": "nobody.test"}, ["nobody.test"])
refused("to a user of the wrong domain", 404, "super", "POST", move(A, "rehome"), {"domain": "other.test", "user": "1002"})
refused("to another domain with a handover that is not proved", 409, "super", "POST", move(OPEN, "rehome"), {"domain": "other.test"}, ["open handovers", "example.test"])
refused("to offer it then", 409, "office", "POST", move(OPEN, "rehome"), {"domain": "other.test"}, ["open handovers"])
# Its own domain is no other one.
refused("to its own domain", 409, "super", "POST", move(A, "rehome"), {"domain": "example.test", "user": "1001"}, ["there already"])

# ---- swap ----
NEW = "001565020000"
for body, status, words in (({}, 400, ["12 hexadecimal"]), ({"device-provisioning-mac-address": "zz"}, 400, ["12 hexadecimal"]), ({"device-provisioning-mac-address": A}, 400, ["itself"]),
                            ({"device-provisioning-mac-address": NEW, "device-models-brand-and-model": "Toaster 3"}, 400, ["Toaster 3", "/phones/models"]),
                            ({"device-provisioning-mac-address": NEW, "device-models-brand-and-model": "linphone"}, 400, ["linphone"]),
                            ({"device-provisioning-mac-address": C}, 409, ["carries"]), ({"device-provisioning-mac-address": RETIRED}, 409, ["retired"]),
                            ({"device-provisioning-mac-address": ELSEWHERE}, 409, ["taken"]), ({"device-provisioning-mac-address": OPEN}, 409, ["open handovers"]),
                            ({"device-provisioning-mac-address": VACANT, "device-models-brand-and-model": "yealink-t46u"}, 409, ["yealink-t54w"]),
                            ({"device-provisioning-mac-address": VACANT, "old-phone": "burn"}, 400, ["retire or delete"]),
                            ({"device-provisioning-mac-address": VACANT, "leave-behind": [7]}, 400, ["leave-behind"]), ({"device-provisioning-mac-address": VACANT, "leave-behind": "all"}, 400, ["leave-behind"]),
                            ({"device-provisioning-mac-address": SMALL}, 409, ["carries"])):
    refused("swap %r" % body, status, "office", "POST", move(A, "swap"), body, words)
refused("swap with what does not fit", 409, "office", "POST", move(A, "swap"), {"device-provisioning-mac-address": NEW, "device-models-brand-and-model": "polycom-vvx250"}, ["key 0.5", "leave-behind"])
refused("swap agreeing to something else", 409, "office", "POST", move(A, "swap"),
        {"device-provisioning-mac-address": NEW, "device-models-brand-and-model": "polycom-vvx250", "leave-behind": ["key 0.5"]}, ["key 0.27"])

# ---- transfers ----
for what in ("accept", "decline"):
    refused(what + " what is not there", 404, "there", "POST", "%s/transfers/12345/%s" % (O, what), {})
    refused(what + " what is no number", 400, "there", "POST", "%s/transfers/x/%s" % (O, what), {})
refused("withdraw what is not there", 404, "office", "DELETE", D + "/transfers/12345")
refused("a Site Manager lists transfers", 403, "north", "GET", D + "/transfers")

then = content()
is_({t for t in first if first[t] != then.get(t)}, set(), "%d refusals, and not one row of any table differs" % count[0])

# ---- plans ----
for path, body in ((move(A, "rehome"), {"user": "1004"}), (move(B, "rehome"), {"user": "1004", "from-user": "1001"}), (move(A, "rehome"), {"domain": "other.test", "user": "9001"}),
                   (move(A, "swap"), {"device-provisioning-mac-address": NEW, "device-models-brand-and-model": "polycom-vvx250"}), (move(A, "swap"), {"device-provisioning-mac-address": VACANT}),
                   (move(B, "retire"), {})):
    e = r.api("POST", path, dict(body, **{"dry-run": True}))
    ok(e.status == 200 and e.json["dry-run"] and e.json["plan"]["phones"] and e.json["plan"]["handovers"], "a plan: %s %r" % (path.rsplit("/", 1)[1], body), e)
is_(r.api("DELETE", P + B + "?dry-run=yes").json["plan"]["deleted-when-proved"], True, "a plan: delete")
then = content()
is_({t for t in first if first[t] != then.get(t)}, set(), "and no plan changes a row either")
plan = r.api("POST", move(A, "rehome"), {"user": "1004", "dry-run": True}).json["plan"]
is_(sorted(p["device-provisioning-mac-address"] for p in plan["phones"]), [A, B, SMALL], "a plan names every phone that gets a new file, each once")

# ---- those who may ----
is_(r.api("POST", move(A, "rehome"), {"user": "1004"}, key=WHO["ladder"]).status, 200, "a Field Technician gives a phone of his site to somebody of his site")
is_(r.api("POST", move(C, "rehome"), {"site": "North"}, key=WHO["both"]).status, 200, "and moves one between his sites")
r.must("POST", "/domains", {"domain": "shop1.test", "sip-server": "shop1.test", "reseller": "Shop"})
r.must("POST", "/domains", {"domain": "shop2.test", "sip-server": "shop2.test", "reseller": "Shop"})
shop = r.must("POST", "/apikeys", {"name": "shop", "user-scope": "Reseller", "reseller": "Shop"})["key"]
r.phone("001565030001", "yealink-t46u", [], domain="shop1.test")
e = r.api("POST", "/domains/shop1.test/phones/001565030001/rehome", {"domain": "shop2.test"}, key=shop)
ok(e.status == 200 and r.api("GET", "/domains/shop2.test/phones/001565030001", key=shop).status == 200, "a Reseller moves a phone between his domains", e)
e = r.api("POST", "/domains/shop2.test/phones/001565030001/rehome", {"domain": "example.test"}, key=shop)
ok(e.status in (202, 409), "into one that is not his it takes consent", e)

# ---- once ----
body = {"device-provisioning-mac-address": VACANT}
one = r.api("POST", move(B, "swap"), body, Idempotency_Key="swap-1")
n = len(r.must("GET", D + "/handovers?limit=1000"))
two = r.api("POST", move(B, "swap"), body, Idempotency_Key="swap-1")
ok(one.status == two.status == 200 and one.json == two.json, "the same Idempotency-Key: the same answer", two)
is_(len(r.must("GET", D + "/handovers?limit=1000")), n, "and carried out once")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

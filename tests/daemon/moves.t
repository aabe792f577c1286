#!/usr/bin/python3
"""Hardware changes hands: re-homed to another user, site and domain, swapped, retired, deleted, against a real Kamailio. What
rekeyd says of each phone is held against what the phone got and what the registrar itself answers."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

OTHER = "second.test"
o = Office()
o.must("POST", "/domains", {"domain": OTHER, "sip-server": OTHER, "sip-proxy": "127.0.0.1:%d" % o.base})
D, P = "/domains/" + DOMAIN, "/domains/%s/phones/" % DOMAIN
PREFIX = {"yealink": "001565", "polycom": "0004f2", "grandstream": "000b82"}
count = [0]


def person(name="Nora Vale", domain=DOMAIN, **more):
    count[0] += 1
    ext = str(1000 + count[0])
    o.user(ext, *name.split(), domain=domain, **more)
    return ext


def phone(lines, vendor="yealink", model="yealink-t46u", keys=(), overrides=(), row=None, **more):
    """One that registers, with all of this: what it is told later is about something else."""
    count[0] += 1
    h = o.handset("%s%06x" % (PREFIX[vendor], count[0]), model, lines, vendor, **more)
    for key in keys:
        o.must("POST", P + h.mac + "/keys", key)
    if overrides:
        o.must("PUT", P + h.mac + "/overrides", {"overrides": [{"name": name, "value": value} for name, value in overrides]})
    if row:
        o.must("PATCH", P + h.mac, row)
    h.pull()
    is_(set(h.register().values()), {200}, "%s registers as %s" % (model, "+".join(lines)))
    o.until(lambda: (lambda p: p["generation-acknowledged"] == p["generation-wanted"])(o.must("GET", P + h.mac)))
    return h


def text(h):
    return "\n".join(h.files.values())


def move(h, what, body=None, want=200, domain=DOMAIN):
    return o.must("POST", "/domains/%s/phones/%s/%s" % (domain, h.mac, what), body or {}, want=(want,))


def confirmed(h, device, name, kind="unassigned", domain=DOMAIN, seconds=15):
    got = o.until(lambda: (lambda r: r if r and r[0]["state"] == "confirmed" else None)(
        o.must("GET", "/domains/%s/handovers?mac=%s&device=%s&kind=%s" % (domain, h.mac, device, kind))), seconds)
    ok(got, "%s: confirmed" % name, o.must("GET", "/domains/%s/handovers?mac=%s" % (domain, h.mac)))


def told(h, name, domain=DOMAIN):
    """The NOTIFY came to the line that it held, or held before it moved."""
    m = h.told(1)
    ok(m is not None, name, o.must("GET", "/domains/%s/phones/%s/timeline" % (domain, h.mac)) if m is None else "")
    return m


def refused(ext, old, name, domain=DOMAIN):
    probe = sip.Phone(o.registrar.address(), ext, old, domain=domain)
    is_(probe.register(), 401, name + ": the old password is refused")
    probe.close()


def gone(h, ext, name):
    is_([c for c in o.registrar.contacts(ext) if c == h.old_contact], [], name + ": Kamailio has no binding of the old phone")


# ---- to another user ----
for vendor, model in (("yealink", "yealink-t54w"), ("polycom", "polycom-vvx450"), ("grandstream", "grandstream-grp2614")):
    a, b = person("Anna Berg"), person("Boris Cole")
    h = phone([a], vendor, model, keys=[{"place": 5, "type": "park", "value": "701", "label": "Park"},
                                        {"place": 6, "type": "speed-dial", "value": "0715550111", "label": "Mother", "owner": "person", "user": a}])
    old, h.old_contact = h.lines()[1][1], h.sip[1][1].contact
    plan = move(h, "rehome", {"user": b, "dry-run": True})["plan"]
    is_([s["step"] for s in plan["steps"]], ["unassign-line", "strip-key", "strip-key", "assign-line"], vendor + ": the plan: a line and two keys go, a line comes")
    is_((plan["state-before"], plan["state-after"], plan["user-after"], plan["handovers"]), ("assigned", "assigned", b, 2), vendor + ": and how it ends")
    is_(o.must("GET", P + h.mac)["lines"][0]["user"], a, vendor + ": a plan changes nothing")
    got = move(h, "rehome", {"user": b})
    is_(sorted((r["kind"], r["device"], r["why"]) for r in got["handovers"]), [("rekeyed", b, "rehome"), ("unassigned", a, "rehome")], vendor + ": with a record for each line")
    m = told(h, vendor + ": told at once")
    is_(m and m.uri, h.old_contact, vendor + ": where the old line is registered")
    h.pull()
    t = text(h)
    ok(b in t and "Boris Cole" in t and "Anna" not in t and "Mother" not in t and "0715550111" not in t and old not in t, vendor + ": its file is the other person's, nothing of the first is left")
    ok("Park" in t, vendor + ": the desk's key stays")
    is_(h.register(), {1: 200}, vendor + ": the new line registers")
    confirmed(h, a, vendor + ", the old line")
    confirmed(h, b, vendor + ", the new line", "rekeyed")
    refused(a, old, vendor)
    gone(h, a, vendor)
    is_(len(o.registrar.contacts(b)), 1, vendor + ": Kamailio has the new one")

# ---- one of two people on a phone; a device that stands on a second phone too ----
a, b, c = person("Carla Diaz"), person("Dirk Egge"), person("Edda Falk")
h, twin = phone([a, b]), phone([b])
was = {s: p for s, (u, p) in h.lines().items()}
twin_was = twin.lines()[1][1]
e = o.api("POST", P + h.mac + "/rehome", {"user": c})
ok(e.status == 409 and a in e.json["detail"] and b in e.json["detail"] and "from-user" in e.json["detail"], "a phone of two people: whose line goes must be said", e)
got = move(h, "rehome", {"user": c, "from-user": a})
is_(sorted((r["kind"], r["device"], r["keeps-line"]) for r in got["handovers"]),
    [("rekeyed", b, True), ("rekeyed", c, False), ("unassigned", a, False)], "one goes, one comes, one stays")
is_([(r["kind"], r["device"]) for r in o.records(mac=twin.mac)], [("rekeyed", b)], "the other phone of the one who stays gets the new secret too, with its own record")
for p in (h, twin):
    told(p, "told")
    p.pull()
    p.register()
is_({s: u for s, (u, _) in h.lines().items()}, {1: c, 2: b}, "the phone has the lines")
ok(h.lines()[2][1] not in was.values() and twin.lines()[1][1] == h.lines()[2][1] != twin_was, "every line of a touched phone has a new secret")
confirmed(h, a, "shared phone, who left")
confirmed(h, b, "shared phone, who stays", "rekeyed")
confirmed(twin, b, "the second phone", "rekeyed")

# ---- to nobody, to a site ----
o.must("POST", D + "/sites", {"site": "Porto", "time-zone": "Europe/Lisbon"})
a = person("Gita Holm")
h = phone([a])
old = h.lines()[1][1]
move(h, "rehome", {"site": "Porto"})
told(h, "to another site: told")
h.pull()
h.register()
ok(h.lines()[1][0] == a and h.lines()[1][1] != old, "to another site: the line moves along, with a new secret")
confirmed(h, a, "to another site", "rekeyed")
is_(o.must("GET", P + h.mac)["site"], "Porto", "and the phone is there")
move(h, "rehome", {"user": ""})
told(h, "to nobody: told")
h.pull()
is_([u for u, _ in h.lines().values()], ["idle-" + h.mac], "to nobody: vacant, with a line of its own")
h.register()
confirmed(h, a, "to nobody")

# ---- to another domain, both of them his ----
a = person("Ines Jonas")
x = person("Xaver Zimt", domain=OTHER)
h = phone([a], keys=[{"place": 4, "type": "blf", "value": a, "label": "Secret plan"}], overrides=[("programablekey.9.label", "Old desk")],
          row={"notes": "under the stairs"})
h.pull()
h.register()
old, h.old_contact = h.lines()[1][1], h.sip[1][1].contact
o.until(lambda: o.must("GET", P + h.mac)["generation-acknowledged"] == o.must("GET", P + h.mac)["generation-wanted"])
got = move(h, "rehome", {"domain": OTHER, "user": x})
m = told(h, "another domain: told", OTHER)
is_(m and m.uri, h.old_contact, "another domain: by the line that it still holds in the first one")
h.pull()
t = text(h)
ok("Xaver Zimt" in t and OTHER in t and not any(w in t for w in ("Ines", "Secret plan", "Old desk", DOMAIN, old)), "another domain: its file is that domain's alone",
   [w for w in ("Ines", "Secret plan", "Old desk", DOMAIN, old) if w in t])
is_(h.lines()[1][0], x, "another domain: the line of there")
h.domain = OTHER
is_(h.register(), {1: 200}, "another domain: it registers there")
is_(o.api("GET", P + h.mac).status, 404, "another domain: the first one does not have it any more")
there = o.must("GET", "/domains/%s/phones/%s" % (OTHER, h.mac))
is_((there["notes"], there["domain"]), ("", OTHER), "another domain: it is there, without the notes of before")
rec = o.must("GET", "/domains/%s/handovers?mac=%s&kind=unassigned" % (DOMAIN, h.mac))
is_([(r["device"], r["domain"]) for r in rec], [(a, DOMAIN)], "another domain: the record of what was taken away is the first one's")
is_([r["device"] for r in o.must("GET", "/domains/%s/handovers?mac=%s" % (OTHER, h.mac))], [x], "another domain: that of the new line the other one's")
ok(o.until(lambda: o.registrar.contacts(a) == []), "another domain: Kamailio has no binding of the old line", o.registrar.contacts(a))
is_(len(o.registrar.contacts(x, OTHER)), 1, "another domain: Kamailio has the new one there")
confirmed(h, a, "another domain, the old line")
confirmed(h, x, "another domain, the new line", "rekeyed", OTHER)
refused(a, old, "another domain")

# ---- to another domain with the consent of both ----
boss = {}
for domain in (DOMAIN, OTHER):
    k = o.must("POST", "/domains/%s/apikeys" % domain, {"name": "office of " + domain, "user-scope": "Office Manager"})
    boss[domain] = k["key"]


def as_boss(domain, method, path, body=None):
    return o.api(method, path, body, key=boss[domain])


a, y = person("Karl Lund"), person("Yara Zorn", domain=OTHER)
h = phone([a])
h.old_contact, old = h.sip[1][1].contact, h.lines()[1][1]
for name in (OTHER, "nobody.test"):
    e = as_boss(DOMAIN, "POST", P + h.mac + "/rehome", {"domain": name, "dry-run": True})
    ok(e.status == 200 and e.json["plan"]["counts"]["unassign-line"] == 1, "an offer's plan says what would leave, whether there is a %s or not" % name, e)
e = as_boss(DOMAIN, "POST", P + h.mac + "/rehome", {"domain": "nobody.test"})
ok(e.status == 202 and e.json["state"] == "waiting", "an offer to a domain that is not there is answered as one that is", e)
is_(as_boss(DOMAIN, "DELETE", "%s/transfers/%d" % (D, e.json["transfer"])).status, 200, "withdrawn")
o.must("POST", D + "/phones", {"device-provisioning-mac-address": "001565aabb77", "device-models-brand-and-model": "yealink-t46u"})
e = as_boss(DOMAIN, "POST", P + "001565aabb77/rehome", {"domain": OTHER, "dry-run": True})
ok(e.status == 200 and e.json["plan"]["counts"]["unassign-line"] == 0, "a phone that nobody is on has a plan too", e)
e = as_boss(DOMAIN, "POST", P + h.mac + "/rehome", {"domain": OTHER})
ok(e.status == 202, "offered to another domain's Office Manager", e)
id = e.json["transfer"]
is_(as_boss(DOMAIN, "POST", P + h.mac + "/rehome", {"domain": OTHER}).status, 409, "once at a time")
is_(as_boss(DOMAIN, "POST", P + h.mac + "/rehome", {"user": person("No Body")}).status, 409, "meanwhile it is moved nowhere else")
is_(as_boss(DOMAIN, "POST", "%s/transfers/%d/accept" % (D, id)).status, 404, "nobody accepts his own offer")
is_(as_boss(OTHER, "POST", "/domains/%s/transfers/%d/accept" % (DOMAIN, id)).status, 403, "nor in the name of another domain")
seen = as_boss(OTHER, "GET", "/domains/%s/transfers" % OTHER).json
ok([(t["direction"], t["state"], t["device-provisioning-mac-address"]) for t in seen] == [("in", "waiting", h.mac)], "the other one sees the hardware and who offers it", seen)
ok(a not in str(seen) and "Lund" not in str(seen), "and nobody's name or line", seen)
e = as_boss(OTHER, "POST", "/domains/%s/transfers/%d/accept" % (OTHER, id), {"user": y, "dry-run": True})
ok(e.status == 200 and e.json["lines-taken-away"] == 1 and "Lund" not in e.text and a not in e.text.replace(str(id), ""), "what accepting would do, without the other's names", e)
is_(o.must("GET", P + h.mac)["state"], "assigned", "nothing has moved")
e = as_boss(OTHER, "POST", "/domains/%s/transfers/%d/accept" % (OTHER, id), {"user": y})
ok(e.status == 200 and e.json["state"] == "assigned", "accepted", e)
is_(as_boss(OTHER, "POST", "/domains/%s/transfers/%d/accept" % (OTHER, id), {"user": y}).status, 409, "once")
told(h, "the phone is told", OTHER)
h.pull()
h.domain = OTHER
is_(h.register(), {1: 200}, "and registers in the other domain")
confirmed(h, a, "by consent, the old line")
confirmed(h, y, "by consent, the new line", "rekeyed", OTHER)
refused(a, old, "by consent")
is_([t["state"] for t in as_boss(DOMAIN, "GET", D + "/transfers").json], ["accepted", "withdrawn"], "both domains keep what was offered")
is_(sorted({r["action-type"] for r in as_boss(OTHER, "GET", "/domains/%s/auditlog" % OTHER).json if h.mac in str(r)}), ["phone-rehome"], "the audit log of the other domain names it")
ok(all(t["event"] not in ("rehome",) or "Lund" not in str(t) for t in as_boss(OTHER, "GET", "/domains/%s/phones/%s/timeline" % (OTHER, h.mac)).json), "the timeline there begins when the phone came")

# ---- swap: same model, to the byte ----
a, b = person("Mira Noll"), person("Omar Pohl")
o.must("POST", D + "/sites", {"site": "Attic", "time-zone": "Europe/Berlin"})
h = phone([a, b], row={"site": "Attic", "notes": "corner desk"}, overrides=[("phone_setting.backlight_time", "60")], keys=[
    {"place": 5, "type": "blf", "value": b}, {"place": 6, "type": "speed-dial", "value": "0715550123", "label": "Dentist", "owner": "person", "user": a},
    {"place": 7, "type": "park", "value": "701", "label": "Park 1"},
    {"module": 2, "place": 60, "type": "speed-dial", "value": "0715550199", "label": "Gate"}])
was, old = h.files["%s.cfg" % h.mac], {s: p for s, (u, p) in h.lines().items()}
h.old_contact = h.sip[1][1].contact
new = "0015657%05x" % count[0]
got = move(h, "swap", {"device-provisioning-mac-address": new})
ok(got["plan"]["does-not-fit"] == [] and got["plan"]["counts"]["move-key"] == 6, "swap: all keys fit the same model", got["plan"]["counts"])
n = o.handset(new, "yealink-t46u", [], "yealink", path=re.sub(r"^https://[^/]*", "", got["first-access"]["url"]))
is_((o.must("GET", P + h.mac)["state"], o.must("GET", P + h.mac)["replaced-by"]), ("vacant", new), "swap: the old MAC is vacant and says what replaced it")
is_([o.must("GET", P + new)[k] for k in ("state", "site", "notes")], ["shared", "Attic", "corner desk"], "swap: the new one stands at that desk")
ok(o.until(lambda: "told-failed" in o.record(new)["facts"]), "swap: nobody can tell the new one, which has never been here", o.record(new))


def old_phone():
    """How many are bound to its line, and what came of telling it."""
    return len(o.registrar.contacts(a)), [f for f in o.record(h.mac)["facts"] if f in ("told", "told-failed")]


then = o.until(lambda: (lambda seen: None if seen == (1, []) else seen)(old_phone()), 1.0)
ok(then is None or then[1], "swap: that does not hurry the old one off its lines before it was told itself", then)
n.pull()
is_(n.register(), {1: 200, 2: 200}, "swap: the new phone registers with both lines")


def plain(text, mac):
    """A file without what must differ: MAC, generation, passwords, what the phone is told of itself."""
    lines = [line.replace(mac, "<mac>") for line in text.splitlines()]
    return [line for line in lines if not re.search(r"generation \d+|password = |user_password|backgrounds|static\.security\.user_password|AES|wifi", line)]


diff = [p for p in zip(plain(was, h.mac), plain(n.files["%s.cfg" % new], new)) if p[0] != p[1]]
is_(diff, [], "swap: its file is the old one's to the byte but for MAC, generation and secrets")
ok(not set(old.values()) & {p for _, p in n.lines().values()}, "swap: under new secrets")
told(h, "swap: the old phone is told")
h.pull()
t = text(h)
ok(not any(w in t for w in ("Mira", "Omar", "Dentist", "0715550123", "Park 1", "Gate")), "swap: the old phone is blank")
h.register()
for ext in (a, b):
    confirmed(h, ext, "swap: line %s left the old phone" % ext)
    confirmed(n, ext, "swap: line %s on the new one" % ext, "rekeyed")
refused(a, old[1], "swap")
gone(h, a, "swap")
is_(o.must("GET", P + h.mac)["state"], "vacant", "swap: the old one stays in the inventory, free")

# ---- swap: another vendor, what does not fit ----
a = person("Pia Quandt")
h = phone([a], overrides=[("phone_setting.backlight_time", "60"), ("dtmf", "info")], keys=[
    {"place": 3, "type": "blf", "value": b}, {"place": 20, "type": "park", "value": "702", "label": "Park 2"},
    {"place": 4, "type": "park", "value": "703", "pickup": "*8703-12345", "label": "Long"}])
new = "0004f27%05x" % count[0]
plan = move(h, "swap", {"device-provisioning-mac-address": new, "device-models-brand-and-model": "polycom-vvx250", "dry-run": True})["plan"]
missing = [f["what"] for f in plan["does-not-fit"]]
ok("key 0.20" in missing and "override phone_setting.backlight_time" in missing and "key 0.3" not in missing and "override dtmf" not in missing and all(len(f["why"]) > 10 for f in plan["does-not-fit"]),
   "swap: a dry run lists what does not fit the other model, and why", plan["does-not-fit"])
before = o.must("GET", P + h.mac)
e = o.api("POST", P + h.mac + "/swap", {"device-provisioning-mac-address": new, "device-models-brand-and-model": "polycom-vvx250"})
ok(e.status == 409 and e.get("Content-Type") == "application/problem+json" and "leave-behind" in e.json["detail"], "swap: without agreeing to that it is refused", e)
e = o.api("POST", P + h.mac + "/swap", {"device-provisioning-mac-address": new, "device-models-brand-and-model": "polycom-vvx250", "leave-behind": missing[:-1]})
ok(e.status == 409 and missing[-1] in e.json["detail"], "swap: agreeing to some of it is not enough", e)
is_((o.must("GET", P + h.mac), o.api("GET", P + new).status), (before, 404), "swap: and nothing was changed")
got = move(h, "swap", {"device-provisioning-mac-address": new, "device-models-brand-and-model": "polycom-vvx250", "leave-behind": missing, "old-phone": "delete"})
told(h, "swap: the old one is told")
n = o.handset(new, "polycom-vvx250", [], "polycom", path=re.sub(r"^https://[^/]*", "", got["first-access"]["url"]))
n.pull()
is_(n.register(), {1: 200}, "swap: the other vendor's phone registers")
ok("Pia Quandt" in text(n) and "Park 2" not in text(n), "swap: with the person's line, without what did not fit")
is_([k["place"] for k in o.must("GET", P + new + "/keys")], [1, 3] + ([4] if "key 0.4" not in missing else []), "swap: the keys that fit stand where they stood")
is_(o.must("GET", P + h.mac)["after-handovers"], "delete", "swap: it is to be deleted, once its drop is proved")
h.pull()
ok("Pia" not in text(h), "swap: and is blank till then")
h.register()
ok(o.until(lambda: o.api("GET", P + h.mac).status == 404, 15), "swap: proved, so it is gone", o.records(mac=h.mac))
is_([(r["device"], r["state"]) for r in o.records(mac=h.mac) if r["kind"] == "unassigned"], [(a, "confirmed")], "swap: its record stays")

# ---- retire ----
a = person("Rolf Sand")
h = phone([a], "grandstream", "grandstream-gxp2170", keys=[{"place": 5, "type": "park", "value": "701", "label": "Park"}])
old, h.old_contact = h.lines()[1][1], h.sip[1][1].contact
plan = move(h, "retire", {"dry-run": True})["plan"]
is_((plan["state-after"], plan["counts"]["strip-key"], plan["counts"]["unassign-line"]), ("retired", 2, 1), "retire: the plan")
move(h, "retire")
told(h, "retire: told by the line that it still holds")
is_(set(h.pull()), {200}, "retire: always answered 200")
left = [line for line in text(h).splitlines() if re.search(r"\b(Rolf|Sand|Park|%s)\b" % a, line)]
ok(left == [] and h.lines() == {}, "retire: with blanks, without any line", left or h.lines())
h.register()
confirmed(h, a, "retire (silence of the old line)")
refused(a, old, "retire")
gone(h, a, "retire")
is_(h.pull(), [200], "retire: still answered 200 when all is proved")
for what, method, path, body in (("a line", "PATCH", P + h.mac, {"lines": [{"slot": 1, "device": a}]}), ("a second time", "POST", P + h.mac + "/retire", {}),
                                 ("another user", "POST", P + h.mac + "/rehome", {"user": a}), ("a pairing window", "POST", P + h.mac + "/pair", {}),
                                 ("a first-access address", "POST", P + h.mac + "/token", {}), ("to be deleted", "DELETE", P + h.mac, None),
                                 ("to be added", "POST", D + "/phones", {"device-provisioning-mac-address": h.mac, "device-models-brand-and-model": "grandstream-gxp2170"}),
                                 ("to be added elsewhere", "POST", "/domains/%s/phones" % OTHER, {"device-provisioning-mac-address": h.mac, "device-models-brand-and-model": "grandstream-gxp2170"}),
                                 ("to replace another", "POST", P + n.mac + "/swap", {"device-provisioning-mac-address": h.mac})):
    e = o.api(method, path, body)
    ok(e.status == 409 and e.get("Content-Type") == "application/problem+json" and len(e.json["detail"]) > 15, "retired, so refused: " + what, e)
is_(o.must("GET", P + h.mac)["state"], "retired", "and it still is")

# ---- delete ----
a = person("Silke Thal")
h = phone([a], "polycom", "polycom-vvx450")
old, h.old_contact = h.lines()[1][1], h.sip[1][1].contact
e = o.api("DELETE", P + h.mac + "?dry-run=yes")
ok(e.status == 200 and e.json["plan"]["deleted-when-proved"] and o.must("GET", P + h.mac)["state"] == "assigned", "delete: the plan", e)
e = o.api("DELETE", P + h.mac)
ok(e.status == 200 and [r["kind"] for r in e.json["handovers"]] == ["unassigned"], "delete with a line on it: not gone yet", e)
is_((o.must("GET", P + h.mac)["state"], o.must("GET", P + h.mac)["after-handovers"]), ("retired", "delete"), "delete: retired until proved")
is_(o.api("DELETE", P + h.mac).status, 409, "delete: once")
told(h, "delete: told")
is_(set(h.pull()), {200}, "delete: given blanks")
ok("Silke" not in text(h) and h.lines() == {}, "delete: nothing is left on it")
is_(o.must("GET", P + h.mac)["state"], "retired", "delete: still there, fetched is not proved")
h.register()
ok(o.until(lambda: o.api("GET", P + h.mac).status == 404, 20), "delete: gone when its old line was silent for a full expiry", o.records(mac=h.mac))
is_([r["state"] for r in o.records(mac=h.mac)], ["confirmed"], "delete: the record stays")
refused(a, old, "delete")
ok(any(r["action-type"] == "phone-gone" for r in o.must("GET", D + "/auditlog")), "delete: and the audit log says when it went")
is_(h.get("%s.cfg" % h.mac)[0], 401, "delete: then it is a stranger like any other")

# ---- delete what no phone will ever come for: written off ----
a = person("Uta Vogt")
h = phone([a])
move_record = o.api("DELETE", P + h.mac).json["handovers"][0]["handover"]
o.must("POST", "%s/handovers/%d/write-off" % (D, move_record), {"reason": "it fell into the river"})
ok(o.until(lambda: o.api("GET", P + h.mac).status == 404), "delete: gone when the record is written off")

# ---- a vacant phone without anything open ----
h = o.handset("0015659%05x" % count[0], "yealink-t46u", [], "yealink")
h.pull()
h.register()
is_(o.api("DELETE", P + h.mac).status, 200, "a vacant phone is deleted at once")
is_(o.api("GET", P + h.mac).status, 404, "and gone")
ok(o.until(lambda: o.registrar.contacts("idle-" + h.mac) == []), "with its idle line")

# ---- a domain goes, its retired phones stay blank ----
CLOSED = "closed.example"
o.must("POST", "/domains", {"domain": CLOSED, "sip-server": CLOSED})
made = [o.must("POST", "/domains/%s/phones" % CLOSED, {"device-provisioning-mac-address": "0015658%05x" % n, "device-models-brand-and-model": "yealink-t46u"})
        for n in (1, 2)]
h = o.handset(made[0]["device-provisioning-mac-address"], "yealink-t46u", [], "yealink", path=re.sub(r"^https://[^/]*", "", made[0]["first-access"]["url"]))
h.pull()
move(h, "retire", domain=CLOSED)
e = o.api("DELETE", "/domains/" + CLOSED)
ok(e.status == 409 and "2 phones" in e.json["detail"], "a domain with a retired phone that has not fetched its blanks is not deleted", e)
h.pull()
o.until(lambda: not o.must("GET", "/domains/%s/handovers?mac=%s&state=open" % (CLOSED, h.mac)))
e = o.api("DELETE", "/domains/" + CLOSED)
ok(e.status == 409 and "1 phones" in e.json["detail"], "nor one with a phone in use", e)
is_(o.must("GET", "/domains/%s/phones/%s" % (CLOSED, h.mac))["domain"], CLOSED, "and its retired phone is where it was")
o.must("DELETE", "/domains/%s/phones/%s" % (CLOSED, made[1]["device-provisioning-mac-address"]))
is_(o.api("DELETE", "/domains/" + CLOSED).status, 200, "retired phones do not keep a domain alive")
is_(set(h.pull()), {200}, "nobody's phone is still answered 200")
is_(h.lines(), {}, "with blanks")
e = o.api("POST", D + "/phones", {"device-provisioning-mac-address": h.mac, "device-models-brand-and-model": "yealink-t46u"})
ok(e.status == 409 and "never given out" in e.json["detail"], "and never given out again", e)

o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""A name changes or goes, on whatever way: the phone book that any phone fetches says so at once and costs nobody a new generation;
labels on other people's phones follow, each phone once; where a restart is needed, in the site's quiet window."""
import datetime
import os
import re
import sqlite3
import sys
import xml.etree.ElementTree as ET
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd(reset__retell_ms=20)
r.domain()
r.domain("other.test")
D = "/domains/example.test"
U, P = D + "/users/", D + "/phones/"
FILE = {"yealink": "%s.cfg", "polycom": "%s-lines.cfg", "grandstream": "cfg%s.xml"}


class Phone:
    def __init__(self, mac, model, lines, domain="example.test", **more):
        self.mac, self.vendor, self.domain = mac, model.split("-")[0], domain
        self.path = r.phone(mac, model, lines, domain=domain, **more)
        self.login = None

    def file(self):
        where = ["/cfg/"] + ["--digest", "-u", "%s:%s" % (self.mac, self.login)] if self.login else [self.path]
        status, _, body = r.curl(where[0] + FILE[self.vendor] % self.mac, *where[1:], agent=rekeylib.ua(self.vendor, self.mac))
        return body.decode() if status == 200 else "!%d" % status

    def book_at(self):
        """URL, user and password of the phone book, as its file says."""
        t = self.file()
        if self.vendor == "yealink":
            v = {k: re.search(r"(?m)^remote_phonebook\.data\.1\.%s = (.*)$" % k, t).group(1) for k in ("url", "username", "password")}
            return None if v["url"] == "%NULL%" else (v["url"], v["username"], v["password"])
        v = {k: re.search(r'<item name="phonebook\.download\.%s">([^<]*)<' % k, t).group(1) for k in ("server", "username", "password")}
        return "https://%s/phonebook.xml" % v["server"], v["username"], v["password"]

    def fetch(self, *args):
        url, user, password = self.book_at()
        self.login = password
        return r.curl(re.sub(r"^https://[^/]*", "", url), "--digest", "-u", user + ":" + password, *args, agent=rekeylib.ua(self.vendor, self.mac))

    def people(self):
        """{number: name} of its phone book."""
        root = ET.fromstring(self.fetch()[2])
        if root.tag == "YealinkIPPhoneDirectory":
            return {e.findtext("Telephone"): e.findtext("Name") for e in root.findall("DirectoryEntry")}
        return {e.findtext("Phone/phonenumber"): " ".join(filter(None, (e.findtext("FirstName"), e.findtext("LastName")))) for e in root.findall("Contact")}

    def wanted(self):
        return r.must("GET", "/domains/%s/phones/%s" % (self.domain, self.mac))["generation-wanted"]

    def key(self, place, kind, value, **more):
        r.must("POST", P + self.mac + "/keys", dict({"place": place, "type": kind, "value": value}, **more))

    def records(self):
        return r.must("GET", D + "/handovers?mac=" + self.mac)


def reset(users, **more):
    id = r.must("POST", D + "/resets", dict({"users": users}, **more))["reset"]
    return r.until(lambda: (lambda j: j if j["state"].startswith("done") else None)(r.must("GET", D + "/resets/" + id)), 15)


for ext, first, last in (("1001", "Anna", "Berg"), ("1002", "Emil", "Koch"), ("1003", "Ida", "Lang"), ("1004", "Börje", "Öst & <Söhne>")):
    r.user(ext, first, last)
r.user("9001", "Foreign", "Person", domain="other.test")
y, g = Phone("001565dd0001", "yealink-t46u", ["1002"]), Phone("000b82dd0002", "grandstream-gxp2170", ["1003"])
vacant = Phone("001565dd0003", "yealink-t54w", [])
foreign = Phone("001565dd0004", "yealink-t46u", ["9001"], domain="other.test")
ALL = {"1001": "Anna Berg", "1002": "Emil Koch", "1003": "Ida Lang", "1004": "Börje Öst & <Söhne>"}

# ---- what it is ----
is_(y.people(), ALL, "yealink: the people of the domain, at the address and with the login that its file gives")
is_(g.people(), ALL, "grandstream: the same")
is_(foreign.people(), {"9001": "Foreign Person"}, "another domain has its own")
is_(vacant.book_at(), None, "a vacant phone is given no phone book")
is_(r.curl("/cfg/phonebook.xml", agent=rekeylib.ua("yealink", y.mac))[0], 401, "without a login nobody gets one")
url, user, password = y.book_at()
is_(r.curl("/cfg/phonebook.xml", "--digest", "-u", vacant.mac + ":" + password, agent=rekeylib.ua("yealink", vacant.mac))[0], 401, "nor with another phone's password")
status, head, body = y.fetch()
etag = rekeylib.header(head, "ETag")
is_(y.fetch("-H", "If-None-Match: " + etag)[0], 304, "unchanged: 304")

# ---- every way on which a name changes ----
phones = (y, g)


def says(what, **want):
    """Every phone's book says it at once; no phone has a new generation by it."""
    now = dict(ALL, **{k: v for k, v in want.items() if v})
    for k in [k for k, v in want.items() if v is None]:
        now.pop(k, None)
    for p in phones:
        is_(p.people(), now, "%s: %s shows it at once" % (what, p.vendor))
    ALL.clear()
    ALL.update(now)


before = [p.wanted() for p in phones]
r.must("PUT", U + "1001", {"name-last-name": "Hill"})
says("PUT", **{"1001": "Anna Hill"})
r.must("PATCH", U + "1004", {"name-first-name": "Bo", "name-last-name": "Ost"})
says("PATCH", **{"1004": "Bo Ost"})
a = r.api("POST", D + "/import", "user,name-first-name,name-last-name\n1004,Rita,Roth\n1005,Lea,Neu\n", Content_Type="text/csv")
is_(a.status, 200, "an import changes one and adds one")
says("import", **{"1004": "Rita Roth", "1005": "Lea Neu"})
reset(["1001"])
says("reset", **{"1001": None})
r.must("POST", U + "1001/recycle", {"name-first-name": "Uwe", "name-last-name": "Next"})
r.until(lambda: r.must("GET", U + "1001")["name-last-name"] == "Next")
says("recycle", **{"1001": "Uwe Next"})
reset(["1001"])
r.must("PUT", U + "1001", {"name-first-name": "Pia", "name-last-name": "Put"})
says("a name on a reset user", **{"1001": "Pia Put"})
r.must("PATCH", U + "1005", {"directory-name-visible-in-list-enabled": "no"})
says("hidden", **{"1005": None})
is_(r.api("DELETE", U + "1004").status, 200, "a user is deleted")
says("delete", **{"1004": None})
is_([p.wanted() for p in phones], before, "and all of it cost nobody's phone a new generation")
ok(y.fetch("-H", "If-None-Match: " + etag)[0] == 200, "what was unchanged before is changed now")

# ---- switched off ----
r.must("POST", D + "/sites", {"site": "Quiet", "time-zone": "Europe/Berlin"})
r.must("PUT", D + "/sites/Quiet/overrides", {"overrides": [{"name": "directory", "value": "false"}]})
off = Phone("001565dd0005", "yealink-t46u", ["1005"], site="Quiet")
is_(off.book_at(), None, "the word directory switches it off for a site")
status, head, body = r.curl("/cfg/phonebook.xml", "--digest", "-u", off.mac + ":" + rekeylib.password_in(off.file()), agent=rekeylib.ua("yealink", off.mac))
ok(status == 200 and b"DirectoryEntry" not in body, "and whoever asks all the same gets an empty one", body)
r.must("PUT", P + y.mac + "/overrides", {"overrides": [{"name": "phonebook-url", "value": "https://dir.example/list.xml"}]})
is_(y.book_at()[0], "https://dir.example/list.xml", "another phone book given by hand stands in its place")
ok("remote_phonebook.data.1.password = %NULL%" in y.file(), "without this server's login")
r.must("PUT", P + y.mac + "/overrides", {"overrides": []})

# ---- contacts that were typed in on a Grandstream ----
remove = lambda: re.search(r'removeEditedEntries">([^<]*)<', g.file()).group(1)  # noqa: E731
r.user("1009", "Gus", "Stream")
g = Phone("000b82dd0009", "grandstream-gxp2170", ["1009"])
is_(remove(), "Yes", "a Grandstream that came new drops what was typed in on it")
get = lambda name: r.curl("/cfg/" + name, "--digest", "-u", g.mac + ":" + g.login, agent=rekeylib.ua("grandstream", g.mac))  # noqa: E731
g.people()
is_((get("cfg%s.xml" % g.mac)[0], get("phonebook.xml")[0]), (200, 200), "it takes its file and then the phone book")
is_(r.until(lambda: remove() == "No", 10), True, "from then on what its person types in may stay")
reset(["1009"])
is_(remove(), "Yes", "after a handover it drops them again")
get("phonebook.xml")
one = r.until(lambda: [h for h in g.records() if "contacts" in h["facts"]], 5)
ok(one, "the record says that the phone book was fetched which does it", g.records())
is_(remove(), "Yes", "and goes on while the handover is not proved")
for h in g.records():
    if h["open"]:
        r.must("POST", "%s/handovers/%d/write-off" % (D, h["handover"]), {"reason": "no registrar here"})
get("phonebook.xml")
is_(r.until(lambda: remove() == "No", 10), True, "until nothing of it is open")

# ---- labels: each phone once, and only those that show something ----
for i, (mac, model) in enumerate((("001565ee0001", "yealink-t46u"), ("0004f2ee0002", "polycom-vvx450"), ("000b82ee0003", "grandstream-gxp2170"))):
    r.user("20%02d" % i, "Show", "Er%d" % i)
shows = [Phone("001565ee0001", "yealink-t46u", ["2000"]), Phone("0004f2ee0002", "polycom-vvx450", ["2001"], site="Quiet"), Phone("000b82ee0003", "grandstream-gxp2170", ["2002"])]
r.user("3001", "Mona", "Reiss")
own = Phone("001565ee0004", "yealink-t54w", ["3001"])
aside = Phone("001565ee0005", "yealink-t54w", ["1002"])
for p in shows + [own]:
    p.key(3, "blf", "3001")
    p.key(4, "speed-dial", "3001")
    p.key(5, "speed-dial", "07155501234", label="Mona Reiss mobile")
    p.key(6, "blf", "3001", label="Reiss, Mona (2nd floor)")
    p.key(7, "blf", "3001", label="Reception")
was, aside_was = {p.mac: (p.wanted(), len(p.records())) for p in shows + [own]}, aside.wanted()


def generation():
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=5)
    n = db.execute("SELECT value FROM counters WHERE name='generation'").fetchone()[0]
    db.close()
    return n


def due(mac):
    """When its NOTIFY is due, in ms; None when there is none."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(r.data, "rekey.db"), uri=True, timeout=5)
    row = db.execute("SELECT due_ms FROM outbox WHERE kind='notify' AND key=?", (mac,)).fetchone()
    db.close()
    return row and row[0]


def renamed(what, new, gone, first="Mona"):
    global was
    for p in shows + [own]:
        t = p.file()
        ok(new in t and not any(w in t for w in gone), "%s: %s shows it" % (what, p.mac), [line for line in t.splitlines() if any(w in line for w in gone)])
        ok("Reception" in t, "%s: %s keeps the label that is the desk's own" % (what, p.mac))
        rec = p.records()
        is_(len(rec) - was[p.mac][1], 1, "%s: %s has one record of it" % (what, p.mac))
    is_(aside.wanted(), aside_was, what + ": a phone that shows nothing of it is left alone")
    was = {p.mac: (p.wanted(), len(p.records())) for p in shows + [own]}


shows[1].file()  # the Polycom has all there is, so what is due for it is due for what follows
r.until(lambda: due("0004f2ee0002") is None)

# its contact file has two authors: the keys, and the person at the phone
where = "/cfg/%s-directory.xml" % shows[1].mac
as_phone = ["--digest", "-u", "%s:%s" % (shows[1].mac, rekeylib.password_in(shows[1].file()))]
contacts = lambda: [(i.findtext("fn"), i.findtext("ct"), i.findtext("sd")) for i in ET.fromstring(r.curl(where, *as_phone)[2]).iter("item")]  # noqa: E731
made = contacts()
is_(made, [("Mona Reiss", "3001", "1"), ("Mona Reiss mobile", "07155501234", "2")], "a Polycom's speed dials stand in its contact file")
r.curl("/cfg/" + FILE["polycom"] % shows[1].mac, *as_phone, agent=rekeylib.ua("polycom", shows[1].mac))
r.until(lambda: r.must("GET", P + shows[1].mac)["generation-acknowledged"] == shows[1].wanted())
sent = "<directory><item_list>%s</item_list></directory>" % "".join("<item><fn>%s</fn><ct>%s</ct>%s<rt>3</rt></item>" % (f, c, "<sd>%s</sd>" % s if s else "") for f, c, s in made + [("Oma", "030123", None), ("Dentist", "040456", "2"), ("Mona Reiss", "050789", None)])
is_(r.curl(where, "-T", "-", *as_phone, data=sent.encode())[0], 200, "the phone sends it back, with contacts of its person")
is_(contacts(), made + [("Oma", "030123", None), ("Dentist", "040456", None), ("Mona Reiss", "050789", None)], "it is given the speed dials as they are, and those contacts; no index is used twice")
r.curl("/cfg/" + FILE["polycom"] % shows[1].mac, *as_phone, agent=rekeylib.ua("polycom", shows[1].mac))
r.until(lambda: due("0004f2ee0002") is None)
shows[1].login = as_phone[2].split(":")[1]
g0 = generation()
r.must("PUT", U + "3001", {"name-last-name": "Vogt"})
at = due("0004f2ee0002")
is_(generation() - g0, 4, "a rename: four phones, four generations, however many keys show it")
renamed("rename", "Mona Vogt", ["Reiss"])
is_(contacts(), [("Mona Vogt", "3001", "1"), ("Mona Vogt mobile", "07155501234", "2"), ("Oma", "030123", None), ("Dentist", "040456", None), ("Mona Reiss", "050789", None)],
    "a rename: the speed dials follow though the phone had sent the file; what its person typed in stays")
ok("Mona Vogt mobile" in shows[0].file(), "the label of an outside number of hers follows")
is_([rec["kind"] for p in shows + [own] for rec in p.records()[:1]], ["relabelled"] * 4, "as relabelled phones, her own too")
local = at and datetime.datetime.fromtimestamp(at / 1000, zoneinfo.ZoneInfo("Europe/Berlin"))
ok(at and 2 <= local.hour < 5, "a Polycom, which restarts for it, is told in its site's quiet window", local)
g0 = generation()
a = r.api("POST", D + "/import", "user,name-first-name,name-last-name\n3001,Mona,Wolf\n", Content_Type="text/csv")
is_((a.status, generation() - g0), (200, 4), "by import: the same four")
renamed("import", "Mona Wolf", ["Vogt"])
g0 = generation()
r.must("PATCH", U + "3001", {"department": "Sales"})
is_(generation() - g0, 0, "a change that nobody sees on a phone: no generation")

# ---- a device goes ----
r.must("POST", U + "3001/devices", {"device": "3001b"})
two = Phone("001565ee0006", "yealink-t46u", ["3001b", "1002"])
shows[0].key(8, "blf", "3001b", shows="3001")
t = shows[0].file()
ok("Mona Wolf" in t, "a key that watches an additional device shows whose it is")
g0, n0 = generation(), len(two.records())
is_(r.api("DELETE", U + "3001/devices/3001b").status, 200, "that device is deleted")
is_(generation() - g0, 3 + 1, "its phone, those that share a line with it, and the one that watches it: each once")
is_(sorted((h["kind"], h["device"]) for h in two.records()[:len(two.records()) - n0]), [("rekeyed", "1002"), ("unassigned", "3001b")], "with records")
m = re.search(r"(?m)^linekey\.8\.label = (.*)$", shows[0].file())
ok(m and m.group(1) in ("3001b", "%NULL%"), "the key that watched it shows its number", m and m.group(0))

# ---- people whom the domain's contacts share ----
g, cell = Phone("000b82dd0012", "grandstream-gxp2170", ["1003"]), "01711234567"
phones, ALL = (y, g), g.people()
get("cfg%s.xml" % g.mac)
get("phonebook.xml")
r.until(lambda: remove() == "No")
before = [q.wanted() for q in phones]
olga = r.must("POST", D + "/contacts", {"name-first-name": "Olga", "name-last-name": "Sipos", "phonenumber-work": "+49 30 / 555-1234", "phonenumber-cell": "(0171) 1234567 x12", "phonenumber-fax": "030 5559"})["unique-id"]
says("a shared contact", **{"+49305551234": "Olga Sipos (work)", cell: "Olga Sipos (mobile)"})
r.must("POST", D + "/contacts", {"company": "Lift & Co", "phonenumber-work": "0800 5550"})
says("a company", **{"08005550": "Lift & Co"})
r.must("POST", U + "1002/contacts", {"name-first-name": "Olga", "name-last-name": "Sipos", "phonenumber-cell": cell})
own_one = r.must("POST", U + "1002/contacts", {"name-first-name": "Tante", "name-last-name": "Erna", "phonenumber-home": "0403333"})["unique-id"]
says("a user's own contact, which nobody else is shown")
is_(foreign.people(), {"9001": "Foreign Person"}, "another domain shows none of it")
is_([q.wanted() for q in phones], before, "no phone has a new generation by it")
for place, value, label in ((10, "+491711234567", "Olga Sipos mob"), (11, "0305551234", "Ask Sipos, Olga"), (12, "0999888777", "Olga Sipos old"), (13, cell, "Hotline")):
    shows[0].key(place, "speed-dial", value, label=label)
    shows[2].key(place, "speed-dial", value, label=label)
labels = lambda: [re.search(r"(?m)^linekey\.%d\.label = (.*)$" % n, shows[0].file()).group(1) for n in (10, 11, 12, 13)]  # noqa: E731
is_(labels(), ["Olga Sipos mob", "Ask Sipos, Olga", "Olga Sipos old", "Hotline"], "speed dials to her, to another of that name, and one with a label of its own")
g0 = generation()
r.must("PATCH", D + "/contacts/" + olga, {"name-last-name": "Nagy"})
is_((generation() - g0, labels()), (2, ["Olga Nagy mob", "Ask Nagy, Olga", "Olga Sipos old", "Hotline"]), "a shared contact is renamed: labels of its numbers follow, each phone once")
says("renamed", **{"+49305551234": "Olga Nagy (work)", cell: "Olga Nagy (mobile)"})
g0 = generation()
r.must("PATCH", D + "/contacts/" + olga, {"company": "Sipos KG"})
is_(r.api("DELETE", U + "1002/contacts/" + own_one).status, 200, "a user's own contact goes")
is_(generation() - g0, 0, "what no label shows: no generation")
r.user("3009", "Olga", "Nagy")
stays = r.must("POST", D + "/resets", {"users": ["3009"], "dry-run": True})["plans"][0]["stays"]
ok([s for s in stays if "shared contact Olga Nagy" in s], "a reset of somebody of that name says that the contact stays, and is listed", stays)
is_(r.api("DELETE", D + "/contacts/" + olga).status, 200, "it is deleted")
is_((generation() - g0 >= 2, labels()), (True, ["+491711234567", "0305551234", "Olga Sipos old", "Hotline"]), "deleted: those keys show their number")
says("deleted", **{"+49305551234": None, cell: None, "3009": "Olga Nagy"})

# ---- the user goes ----
before = {p.mac: p.wanted() for p in shows}
is_(r.api("DELETE", U + "3001").status, 200, "she is deleted")
for p in shows:
    t = p.file()
    ok("Mona" not in t and "Wolf" not in t and "Reception" not in t and not re.search(r"3001\b", t), "deleted: nothing of her, and no key that leads to nobody, on " + p.mac, [line for line in t.splitlines() if re.search("Mona|Wolf|Reception|3001", line)])
    ok(p.wanted() > before[p.mac], "in a new generation")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""The report of a job: a page that stands alone and can be kept, whatever is written in the rows; what it says is what happened; the
same as JSON and CSV; a job of many rows piece by piece; who may have it."""
import csv
import html.parser
import io
import json
import os
import re
import shutil
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok, top  # noqa: E402

MANY = int(os.environ.get("REKEY_ROWS", "450"))
VOID = {"meta", "br", "link", "img", "input", "hr", "col", "wbr", "base", "area", "embed", "source", "track"}
HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</td></tr></table><h1>Gone</h1>", "'; drop table records; --", "&lt;b&gt;", "{{who}} {{{who}}}",
           "\u202egnp.exe", "ünï ✓ 漢字", "<!-- ", "]]>", "<style>*{display:none}</style>", "a\x01b\x1bc"]


class Page(html.parser.HTMLParser):
    """Balanced tags, and the text of each cell."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.faults, self.tags, self.urls = [], [], set(), []
        self.sections, self.rows, self.title, self.attributes = [], {}, "", set()
        self.feed(text)
        self.close()
        if self.stack:
            self.faults.append("not closed: %s" % self.stack)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for k, v in attrs:
            self.attributes.add(k)
            if k in ("href", "src", "action", "style", "srcset", "data", "poster", "background"):
                self.urls.append((tag, k, v))
            if k.startswith("on"):
                self.faults.append("handler %s" % k)
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "tr":
            self.rows.setdefault(self.sections[-1] if self.sections else "", []).append([])
        if tag in ("td", "th"):
            self.rows[self.sections[-1] if self.sections else ""][-1].append("")
        if tag == "h2":
            self.sections.append("")

    def handle_endtag(self, tag):
        if tag in VOID or not self.stack or self.stack[-1] != tag:
            self.faults.append("</%s> within %s" % (tag, self.stack))
        else:
            self.stack.pop()

    def handle_data(self, data):
        if "h2" in self.stack:
            self.sections[-1] += data
        elif "title" in self.stack:
            self.title += data
        elif ("td" in self.stack or "th" in self.stack) and self.sections:
            self.rows[self.sections[-1]][-1][-1] += data


o = Office()
D = "/domains/" + DOMAIN
o.must("PATCH", D, {"time-zone": "Asia/Kolkata"})
o.must("POST", D + "/sites", {"site": "<b>North</b>"})
o.must("POST", D + "/users", {"user": "1001", "name-first-name": "Zephyrine", "name-last-name": "Quillfeather", "email-address": "zq@example.org", "site": "<b>North</b>"})
o.user("1002", "Col", "League")
o.user("1003", "Third", "Person")
h = o.handset("0004f2aa0001", "polycom-vvx450", ["1001"], "polycom", )
c = o.handset("001565aa0002", "yealink-t46u", ["1002"], "yealink")
o.must("PATCH", D + "/phones/0004f2aa0001", {"site": "<b>North</b>"})
o.must("POST", D + "/phones/001565aa0002/keys", {"place": 4, "type": "blf", "value": "1001"})
for p in (h, c):
    p.pull()
    p.register()
job = o.reset(["1001", "1003"], options={"phone-lines": True}, **{"cut-off": True})
R = D + "/resets/%s/report" % job


def page(path=R, **kw):
    a = o.api("GET", path, Accept="text/html", **kw)
    if a.status != 200:
        raise RuntimeError("%r" % a)
    return a, Page(a.text)


# ---- at once: everything is open ----
a, p = page()
ok(a.get("Content-Type") == "text/html; charset=utf-8" and a.get("Content-Disposition") == 'inline; filename="report-%s-%s.html"' % (DOMAIN, job), "a page with a name", a.headers)
is_(p.faults, [], "every tag is closed where it must be")
is_((p.tags & {"script", "link", "img", "iframe", "object", "form", "a", "base"}, p.urls), (set(), []), "no script, nothing from elsewhere, no link")
ok("url(" not in a.text and "@import" not in a.text, "nor in its style")
ok("default-src 'none'" in a.get("Content-Security-Policy") and "default-src 'none'" in a.text, "what is kept cannot reach out, from the server and from a disk")
ok("@page { size: A4" in a.text and "prefers-color-scheme: dark" in a.text and "@media print" in a.text, "paper, light and dark")
is_(p.sections, ["Still open", "Users", "Phones", "Proof", "How to read it"], "its sections")
ok("Zephyrine" not in a.text and "Quillfeather" not in a.text and "zq@" not in a.text, "no name of the person stands in it")
opened = p.rows["Still open"][1:]
n_open = o.job(job)["handovers-open"]
ok(len(opened) == n_open > 1 and all("not fetched" in " ".join(x) for x in opened), "what is open, and what is missing", opened)
text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", a.text))
ok("Ordered by tests , from 127.0.0.1" in text and "Remove lines from phones" in text and "Cut off at once" in text, "who ordered what", text[2500:3500])
m = re.search(r"Ordered at (\d{4}-\d\d-\d\d (\d\d):(\d\d):\d\d) \((?:\d\d-\d\d )?(\d\d):(\d\d)\)", text)
ok(m and (int(m.group(4)) * 60 + int(m.group(5)) - int(m.group(2)) * 60 - int(m.group(3))) % 1440 == 330, "times in UTC, and in the zone of the domain", m and m.group(0))
ok("Asia/Kolkata" in text, "which is named")
users = {x[0]: x for x in p.rows["Users"][1:]}
ok(set(users) == {"1001", "1003"} and users["1001"][1] == "Done" and "1 line taken off a phone" in users["1001"][3], "per user: result and counts", users)
phones = {x[0]: x for x in p.rows["Phones"][1:]}
ok(phones["0004f2aa0001"][1:3] == ["Polycom VVX 450", "<b>North</b>"] and "restart" in phones["0004f2aa0001"][3], "per phone: model, site, and what no server clears", phones)
is_(phones["001565aa0002"][3], "", "a colleague's phone loses a label alone: nothing to clear by hand")

# ---- the phones come ----
h.told(1)
for x in (h, c):
    x.pull()
    x.register()
ok(o.until(lambda: o.job(job)["handovers-open"] == 0, 15), "the proofs come", o.job(job))
a, p = page()
proof = {x[0].split("line")[0].strip(): x for x in p.rows["Proof"][1:]}
line = proof["0004f2aa0001"]
ok("Line taken away" in line[2] and "Confirmed" in line[2] and all(w in line[3] for w in ("fetched its file", "registrar", "works with its new file", "generation")), "the proof in words, with time and evidence", line)
ok("Nothing: every handover" in a.text and "Still open" in p.sections, "nothing is open, and the page says so")

# ---- JSON and CSV ----
j = o.must("GET", R + "?format=json")
is_((j["reset"], j["domain"], j["options"], j["users-total"], j["handovers-open"], j["time-zone"]), (int(job), DOMAIN, ["phone-lines"], 2, 0, "Asia/Kolkata"), "as JSON: the head")
is_({u["user"] for u in j["users"]}, {"1001", "1003"}, "its users")
is_({x["device-provisioning-mac-address"] for x in j["phones"]}, set(phones), "its phones")
is_(sorted(x["handover"] for x in j["handovers"]), sorted(x["handover"] for x in o.job(job)["handovers"]), "its records, with their facts")
ok(all(x["missing"] is None for x in j["handovers"]), "nothing is missing")
rows = list(csv.DictReader(io.StringIO(o.api("GET", R + "?format=csv").text, newline="")))
is_(sorted(int(x["handover"]) for x in rows), sorted(x["handover"] for x in j["handovers"]), "as CSV")
is_([o.api("GET", R, Accept=x).get("Content-Type").split(";")[0] for x in ("application/json", "text/csv", "*/*")], ["application/json", "text/csv", "text/html"], "by Accept; a browser gets the page")

# ---- who may; what is not there ----
office = o.must("POST", D + "/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
site = o.must("POST", D + "/apikeys", {"name": "site", "user-scope": "Site Manager"})["key"]
o.domain("other.test")
is_([o.api("GET", R, key=k).status for k in (office, site)], [200, 403], "Office Manager and above")
is_([o.api("GET", D + "/resets/%s/report" % x).status for x in ("999999", "x", "0")], [404] * 3, "no such job")
is_(o.api("GET", "/domains/other.test/resets/%s/report" % job).status, 404, "not another domain's")
is_(o.api("GET", R + "?format=pdf").status, 400, "no such form")

# ---- a reseller's own page: no phone comes for it; a name that the data does not have is said at the start ----
share = os.path.join(o.dir, "share")
for folder in ("templates", "firmware-profiles"):
    shutil.copytree(os.path.join(top(), folder), os.path.join(share, folder))
o.stop()
o.set("server", "share", share)
o.start()
wanted = o.must("GET", D + "/phones/0004f2aa0001")["generation-wanted"]
foot = os.path.join(share, "templates/report/foot.mustache")
mine = open(foot).read().replace("How to read it", "Wie man es liest")
open(foot, "w").write(mine)
o.stop()
o.start()
ok("Wie man es liest" in page()[0].text, "another page")
is_(o.must("GET", D + "/phones/0004f2aa0001")["generation-wanted"], wanted, "and no phone's file is another one for it")
o.stop()
open(foot, "w").write(mine + "{{nobody}}")
bad = o.run("run")
ok(bad.returncode == 1 and "report/foot.mustache" in bad.stderr and "nobody" in bad.stderr, "an unknown name: file and place", bad.stderr)
o.set("server", "share", top())
o.start()

# ---- whatever stands in the rows; many rows ----
o.stop()
db = sqlite3.connect(os.path.join(o.data, "rekey.db"))
did = db.execute("SELECT id FROM domains WHERE name=?", (DOMAIN,)).fetchone()[0]
now = int(time.time() * 1000)
db.execute("UPDATE jobs SET who=?, address=? WHERE id=?", (HOSTILE[0], HOSTILE[1], int(job)))
db.execute("UPDATE job_users SET state='failed', error=? WHERE job_id=? AND ext='1003'", (HOSTILE[2], int(job)))
db.execute("UPDATE job_users SET ext=?, steps=? WHERE job_id=? AND ext='1001'", (HOSTILE[5], json.dumps({HOSTILE[0]: 3, "lines-removed": 2, "nothing": 0}), int(job)))


def record(id, i, state="written-off"):
    x = HOSTILE[i % len(HOSTILE)]
    db.execute("INSERT INTO records (id, job_id, kind, domain_id, mac, slot, device, ext, domain, who, why, generation_before, generation_after, revision_before, revision_after,"
               " keeps_line, state, open, created_ms, closed_ms, closed_by) VALUES (?,?,?,?,?,1,?,?,?,'b','reset',1,2,1,2,0,?,?,?,?,?)",
               (id, int(job), "unassigned", did, "%012x" % id, x, x, DOMAIN, state, int(state != "written-off"), now, now, x))
    db.execute("INSERT INTO facts VALUES (?,'told',?,?)", (id, now, x))
    if state == "written-off":
        db.execute("INSERT INTO facts VALUES (?,'written-off',?,?)", (id, now, x))


for i in range(len(HOSTILE)):
    record(700000 + i, i)
db.execute("INSERT INTO facts VALUES (700000,'unheard-of',?,'x')", (now,))
db.commit()
o.start()
a, p = page()
is_(p.faults, [], "hostile words leave every tag where it was")
is_((p.tags & {"script", "img", "h1"} - {"h1"}, a.text.count("<h1>"), a.text.count("<style>"), p.urls), (set(), 1, 1, []), "and make no new one")
shown = [x.replace("\x01", "\ufffd").replace("\x1b", "\ufffd") for x in HOSTILE]
written = p.rows["Written off"][1:]
is_([x[3] for x in written], shown, "each stands there as it was written; control characters as U+FFFD")
ok(all("<bdi>" in a.text[a.text.rfind("<td", 0, a.text.find("\u202e")):a.text.find("\u202e")] for _ in (1,)), "a text that runs the other way keeps to its cell")
is_(p.rows["Users"][1][0], HOSTILE[5], "braces are no template")
ok("3 <script>alert(1)</script>" in p.rows["Users"][1][3] and "nothing" not in p.rows["Users"][1][3], "a step that nobody knows is shown as it is; none of 0", p.rows["Users"][1])
ok(HOSTILE[2] in p.rows["Users"][2][3] and p.rows["Users"][2][1] == "Failed", "a user's error")
j = o.must("GET", R + "?format=json")
ok([x for x in j["handovers"] if x["handover"] == 700000][0]["facts"]["written-off"]["evidence"] == HOSTILE[0], "JSON too")

o.stop()
for i in range(MANY):
    record(800000 + i, 7, "told")
    db.execute("INSERT INTO job_users (id, job_id, domain_id, user_id, ext, state, error, steps, form_pending, begun_ms, ended_ms) VALUES (?,?,?,NULL,?,'done','','{\"phones\":1}',0,1,?)",
               (900000 + i, int(job), did, "u%d" % i, now))
db.commit()
db.close()
o.start()
a, p = page()
is_(p.faults, [], "many rows: one whole page (%d KB)" % (len(a.body) // 1024))
is_([len(p.rows[s]) - 1 for s in ("Still open", "Users", "Written off")], [MANY, MANY + 2, len(HOSTILE)], "each row once")
macs = [x[0] for x in p.rows["Phones"][1:]]
ok(len(macs) == MANY + len(HOSTILE) + 2 and macs == sorted(set(macs)), "each phone once, by MAC")
ids = [int(re.search(r"no\. (\d+)", x[2]).group(1)) for x in p.rows["Proof"][1:]]
ok(len(ids) == MANY + len(HOSTILE) + len(rows) and ids == sorted(set(ids)), "each record once")
is_(a.text.count("<tbody>"), a.text.count("</tbody>"), "each table is one")
j = o.must("GET", R + "?format=json")
is_((len(j["users"]), len(j["handovers"]), len(j["phones"])), (MANY + 2, len(ids), len(macs)), "the same as JSON")
o.close()
done()

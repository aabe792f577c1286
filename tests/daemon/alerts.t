#!/usr/bin/python3
"""Alerts as people meet them: a handover without its proof, a first-access address that two places used; the list, who has seen
it, the feed as server-sent events, what is left after a restart, who may see what."""
import json
import os
import re
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd(alerts__unconfirmed_ms=2000)
r.domain()
r.domain("other.test")
D = "/domains/example.test"
for site in ("North", "South"):
    r.must("POST", D + "/sites", {"site": site})
r.user("1001", "Zephyrine", "Berg", site="North")
r.user("1002", "Emil", "Koch", site="South")
ONE, TWO = "001565aabb01", "0004f2aabb02"
token = {m: r.phone(m, model, [ext], site=site) for m, model, ext, site in ((ONE, "yealink-t46u", "1001", "North"), (TWO, "polycom-vvx450", "1002", "South"))}


def alerts(query="", at=D):
    return r.must("GET", at + "/alerts" + query)


def listen(at=D, last=None, key=None, seconds=10):
    """One answer of the feed: [(id, event, data)], or None when it kept waiting."""
    c = r.connect(r.admin_port)
    c.timeout = seconds
    h = {"Authorization": "Bearer " + (key or r.key)}
    if last is not None:
        h["Last-Event-ID"] = str(last)
    try:
        a = r.ask("GET", "/api/v1%s/alerts/events" % at, headers=h, conn=c)
    except OSError:
        return None
    finally:
        c.close()
    if a.status != 200 or not a.get("Content-Type").startswith("text/event-stream"):
        raise RuntimeError("%r" % a)
    return [(int(m.group(1)), m.group(2), json.loads(m.group(3))) for m in re.finditer(r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n", a.text)]


# ---- nothing is wrong ----
is_(alerts(), [], "no alert")
is_(r.must("GET", D + "/alerts/count"), {"total": 0}, "none")
first = listen()
ok(len(first) == 1 and first[0][1:] == ("state", {"open": 0, "unacknowledged": 0}), "the feed begins with how things stand", first)
is_(listen(last=first[0][0], seconds=1.5), None, "and then waits")

# ---- a handover without its proof ----
heard = []
t = threading.Thread(target=lambda: heard.append(listen(last=first[0][0], seconds=20)))
t.start()
job = r.must("POST", D + "/resets", {"users": ["1001"], "options": {"phone-lines": True}})["reset"]
r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done")
is_(alerts(), [], "not at once")
ok(r.until(lambda: alerts()), "after the time that the setting gives")
t.join()
a = alerts()[0]
rec = [h for h in r.must("GET", D + "/handovers?open=yes") if h["handover"] == a["handover"]][0]
ok(a["kind"] == "unconfirmed" and a["state"] == "open" and a["times"] == 1 and "no proof after 2 s" in a["text"] and ONE in a["text"], "it says what is missing", a)
is_((a["device-provisioning-mac-address"], rec["user"], a["domain"]), (ONE, "1001", "example.test"), "about which phone and record")
ok("Zephyrine" not in json.dumps(alerts()), "no name of the person stands in it")
ev = heard[0][-1] if heard and heard[0] else None
ok(ev and ev[1] == "alert" and ev[2]["what"] == "raised" and ev[2]["alert"]["alert"] == a["alert"], "whoever listened heard it at once", heard)
is_(len(alerts()), len(r.must("GET", D + "/handovers?open=yes")), "one per record")
ok(re.search(r"warn alert what=raised kind=unconfirmed alert=%d handover=%d" % (a["alert"], a["handover"]), r.log_text()), "one line in the log")
n = len(alerts())
time.sleep(1.2)
r.stop()
r.start()
r.until(lambda: "overdue" in r.ask("GET", "/metrics").text)
time.sleep(0.3)
is_((len(alerts()), alerts()[0]["times"]), (n, 1), "once per record, over a restart too")

# ---- seen by a person ----
A = D + "/alerts/%d" % a["alert"]
for body in ({}, {"reason": ""}, {"reason": 5}, {"reason": "x" * 256}, {"reason": "a\nb"}):
    b = r.api("POST", A + "/acknowledge", body)
    ok(b.status == 400 and b.json["detail"], "a reason is asked for: %s" % str(body)[:30], b)
mark = listen()[0][0]
b = r.must("POST", A + "/acknowledge", {"reason": "on my way"})
is_((b["state"], b["acknowledged-by-user"], b["acknowledged-reason"]), ("open", "tests", "on my way"), "acknowledged: who and why; it stays open")
is_(r.api("POST", A + "/acknowledge", {"reason": "me too"}).status, 409, "once")
ok([x["alert"] for x in alerts("?acknowledged=yes")] == [a["alert"]] and a["alert"] not in [x["alert"] for x in alerts("?acknowledged=no")], "the list by that")
ev = listen(last=mark)
is_([(e[2]["what"], e[2]["by-user"], e[2]["reason"]) for e in ev], [("acknowledged", "tests", "on my way")], "the feed tells")
is_(listen()[0][2]["unacknowledged"], n - 1, "and its state counts")
r.must("POST", D + "/handovers/%d/write-off" % a["handover"], {"reason": "lost"})
b = r.must("GET", A)
is_((b["state"], b["cleared-by-user"], b["cleared-reason"]), ("cleared", None, "the handover is written-off"), "the record's end clears it")
is_([(e[2]["what"]) for e in listen(last=ev[-1][0])], ["cleared"], "the feed tells that too")
is_([x["alert"] for x in alerts("?state=cleared")], [a["alert"]], "among the cleared ones")
is_(len(alerts("?state=all")), n, "and among all")
is_(r.api("POST", A + "/clear", {"reason": "x"}).status, 409, "it cannot be cleared twice")
for q in ("state=lost", "kind=nonsense", "acknowledged=maybe", "datetime-start=x", "limit=0"):
    b = r.api("GET", D + "/alerts?" + q)
    ok(b.status == 400 and b.json["detail"], "refused in a sentence: " + q, b)
is_([x["kind"] for x in alerts("?state=all&kind=residue")], [], "by kind")

# ---- a first-access address that two places used ----
def pull(path, mac, source):
    return r.curl(path + mac + ".cfg", "--interface", source)


r.must("POST", D + "/resets", {"users": ["1002"]})
is_([pull(token[TWO], TWO, "127.0.0.1")[0], pull(token[TWO], TWO, "127.0.0.2")[0]], [200, 200], "pulls of one network")
is_(alerts("?kind=second-first-access"), [], "are one phone's")
is_(pull(token[TWO], TWO, "127.9.0.1")[0], 200, "from another network it still gives the files: a phone is never refused")
b = r.until(lambda: alerts("?kind=second-first-access"))
ok(len(b) == 1 and TWO in b[0]["text"] and "127.9.0.1" in b[0]["text"] and "127.0.0.1" in b[0]["text"] and token[TWO].split("/")[2] not in b[0]["text"], "an alert says who and before whom, not the address", b)
pull(token[TWO], TWO, "127.9.0.1")
ok(r.until(lambda: alerts("?kind=second-first-access")[0]["times"] == 2), "again from there: counted")
is_(len(alerts("?kind=second-first-access")), 1, "not told again")
one = alerts("?kind=second-first-access")[0]
b = r.must("POST", D + "/alerts/%d/acknowledge" % one["alert"], {"reason": "that was me"})
is_(b["state"], "cleared", "nothing else could end it: acknowledged is cleared")
for f in (ONE + ".boot", ONE + ".cfg"):
    r.curl(token[ONE] + f)
login = "%s:%s" % (ONE, rekeylib.password_in(r.curl(token[ONE] + ONE + ".cfg")[2]))
is_(r.curl("/cfg/" + ONE + ".cfg", "--digest", "-u", login)[0], 200, "the phone uses its own password")
ok(r.until(lambda: pull(token[ONE], ONE, "127.0.0.1")[0] == 404), "its first-access address is dead")
time.sleep(0.2)
is_(alerts("?kind=second-first-access"), [], "the phone itself may still have it")
is_(pull(token[ONE], ONE, "127.9.0.1")[0], 404, "a stranger gets the same 404")
b = r.until(lambda: alerts("?kind=second-first-access"))
ok(b and "gave nothing" in b[0]["text"] and ONE in b[0]["text"], "and is told of", b)

# ---- who may see what ----
office = r.must("POST", D + "/apikeys", {"name": "office", "user-scope": "Office Manager"})["key"]
north = r.must("POST", D + "/apikeys", {"name": "north", "user-scope": "Site Manager", "sites": ["North"]})["key"]
field = r.must("POST", D + "/apikeys", {"name": "field", "user-scope": "Field Technician", "sites": ["North"]})["key"]
other = r.must("POST", "/domains/other.test/apikeys", {"name": "other", "user-scope": "Office Manager"})["key"]
all_ = {x["alert"]: x["device-provisioning-mac-address"] for x in alerts("?state=all&limit=1000")}
seen = {x["alert"] for x in r.api("GET", D + "/alerts?state=all&limit=1000", key=north).json}
is_(seen, {i for i, m in all_.items() if m == ONE}, "a Site Manager sees those of his site's phones")
foreign = [i for i, m in all_.items() if m == TWO][0]
is_([r.api("GET", D + "/alerts/%d" % foreign, key=k).status for k in (north, field, office, other)], [404, 403, 200, 403], "and no other one")
is_(r.api("POST", D + "/alerts/%d/acknowledge" % foreign, {"reason": "x"}, key=north).status, 404, "nor acknowledges it")
is_(r.api("GET", "/domains/other.test/alerts/%d" % foreign).status, 404, "not by another domain's path")
is_([r.api("GET", "/alerts", key=k).status for k in (office, r.key)], [403, 200], "the whole server: a Super User")
is_({x["alert"] for x in r.must("GET", "/alerts?state=all&limit=1000")}, set(all_), "sees all")
is_(r.api("GET", "/alerts/%d" % foreign).status, 200, "and each")
first = listen(key=north)
is_(first[0][2]["open"], len([x for x in r.api("GET", D + "/alerts", key=north).json]), "the feed keeps to the site too")
is_([e for e in listen(last=0, key=north) if e[2]["alert"]["device-provisioning-mac-address"] not in (ONE, None)], [], "in what it tells")
is_(listen(last=10 ** 15)[0][1], "state", "an id of another database: how things stand")
is_(listen(at="/domains/other.test")[0][2], {"open": 0, "unacknowledged": 0}, "another domain's feed has nothing of it")
ok(len(listen(at="", last=0)) > 3, "the server's feed has everything")
r.must("POST", "/domains", {"domain": "gone.test", "sip-server": "x"})
r.stop()
db = sqlite3.connect(os.path.join(r.data, "rekey.db"))
db.execute("INSERT INTO alerts (id, at_ms, domain_id, kind, text, cleared_ms, mark, last_ms) SELECT 990000, 1, id, 'second-first-access', 'x', 0, 'm', 1 FROM domains WHERE name='gone.test'")
db.commit()
db.close()
r.start()
is_(r.must("GET", "/domains/gone.test/alerts/count")["total"], 1, "a domain with an alert")
is_(r.api("DELETE", "/domains/gone.test").status, 200, "goes")
b = r.must("GET", "/alerts/990000")
is_((b["state"], b["cleared-reason"], b["domain"]), ("cleared", "the domain was deleted", ""), "and its alerts with it")
page = r.must("GET", D + "/alerts?state=all&limit=2&start=1")
is_([x["alert"] for x in page], [x["alert"] for x in alerts("?state=all")][1:3], "by pages")
done()

#!/usr/bin/python3
"""One phone followed: the whole view whenever it changes, nothing while it does not, and only what is this domain's."""
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
for name in ("example.test", "second.test"):
    r.domain(name)
D, MAC = "/domains/example.test", "001565aabb01"
for ext, last in (("1001", "Berg"), ("1002", "Cole")):
    r.user(ext, "Anna", last)
r.phone(MAC, "yealink-t46u", ["1001"])


def follow(last=None, domain="example.test"):
    """(id, view) of the one event of an answer; (None, None) when there is none."""
    a = r.api("GET", "/domains/%s/phones/%s/events" % (domain, MAC), **({"Last_Event_ID": last} if last else {}))
    lines = dict(line.split(": ", 1) for line in a.text.splitlines() if ": " in line)
    is_((a.status, a.get("Content-Type")), (200, "text/event-stream"), "an answer of events")
    return lines.get("id"), json.loads(lines["data"]) if "data" in lines else None, lines.get("event")


first, view, name = follow()
is_(name, "phone", "the event is named")
is_((view["phone"]["lines"][0]["user"], view["handovers"]), ("1001", []), "how it stands: whom it serves, no record yet")
ok("registrar" in view["cannot-be-proved"], "and what this server cannot prove")
is_(view["phone"], r.must("GET", D + "/phones/" + MAC), "the phone is the one of the API")

got, began = [], time.monotonic()
t = threading.Thread(target=lambda: got.append((follow(first), time.monotonic())))
t.start()
time.sleep(1.2)  # two looks of the server
is_(got, [], "nothing new: no answer yet")
changed = time.monotonic()
r.must("POST", D + "/phones/" + MAC + "/rehome", {"user": "1002"})
t.join(10)
ok(got and got[0][1] - changed < 3, "a change comes at once", got)
(second, view, _), _ = got[0]
ok(second != first, "with another id")
is_((view["phone"]["lines"][0]["user"], [(h["kind"], h["device"]) for h in view["handovers"]]),
    ("1002", [("rekeyed", "1002"), ("unassigned", "1001")]), "the new person, and a record for each line")
for _ in range(5):  # this server tells no phone: both will be said to be unreachable
    if all(h["state"] == "unreachable" for h in view["handovers"]):
        break
    second, view, _ = follow(second)
is_([h["state"] for h in view["handovers"]], ["unreachable"] * 2, "their states come as they change")
is_(view["handovers"], r.must("GET", D + "/phones/%s/handovers" % MAC), "the same as the list")
is_(len(r.must("GET", D + "/phones/%s/handovers?limit=1" % MAC)), 1, "which has pages")
is_(r.api("GET", D + "/phones/%s/handovers?limit=0" % MAC).status, 400, "of 1 to 1000")
is_(follow(first)[0], second, "whoever comes with an older id gets it at once")
is_(follow("another database's")[0], second, "an id that is none counts as none")

for h in view["handovers"]:
    r.must("POST", D + "/handovers/%d/write-off" % h["handover"], {"reason": "a test"})
r.must("POST", D + "/phones/" + MAC + "/rehome", {"user": "", "domain": "second.test"})
_, view, _ = follow(domain="second.test")
is_([h["domain"] for h in view["handovers"] if h["domain"] != "second.test"], [], "in another domain its records of before are not shown")
is_(r.api("GET", D + "/phones/%s/events" % MAC).status, 404, "and in the first it is none of theirs any more")
is_(r.api("GET", D + "/phones/zz/events").status, 400, "what is no MAC is said to be none")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

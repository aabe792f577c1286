#!/usr/bin/python3
"""Voicemail beside a PBX: app_voicemail's spool by NetSapiens' calls, and gone by a reset, a recycle, a delete; nobody else's
mailbox changes by a byte."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import spool  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

C, D = "example.test", "/domains/example.test"
s = spool.Spool(os.path.join(tap.temp_dir("spool"), "voicemail"))
new = s.mailbox(C, "1001")
s.mailbox(C, "1002")
s.mailbox("other.test", "1001")
r = rekeylib.Rekeyd()
r.domain()
for ext in ("1001", "1002", "1003", "1004"):
    r.user(ext, "Anna", "Berg")

# ---- off by default, with an honest answer ----
for path in ("/voicemails", "/voicemails/new", "/greetings"):
    a = r.api("GET", D + "/users/1001" + path)
    ok(a.status == 501 and "[voicemail] root" in a.json["detail"], "off: GET %s" % path, a)
a = r.api("POST", D + "/resets", {"users": ["1001"], "options": {"voicemail-messages": True}})
ok(a.status == 501 and "Nothing was changed" in a.json["detail"], "off: the option of a reset", a)
is_(r.must("POST", D + "/resets", {"users": ["1001"], "dry-run": True})["plans"][0]["voicemail"], None, "off: the dry run says null")
r.stop()
r.set("voicemail", "root", s.root)
r.set("voicemail", "messages-max", 30)
r.start()

# ---- looking ----
U = D + "/users/1001"
is_(r.must("GET", U + "/voicemails"), {"new": 4, "saved": 2, "trash": 1, "urgent": 1, "work": 0, "family": 1, "friends": 0, "cust1": 0, "cust2": 0,
                                       "cust3": 0, "cust4": 0, "cust5": 0, "greetings": 3}, "how many in each folder; urgent ones are new")
m = r.must("GET", U + "/voicemails/new")
is_([x["folder"] for x in m], ["urgent", "new", "new", "new"], "the list of new ones, urgent first")
one = m[1]
is_((one["filename"], one["FromName"], one["FromUser"], one["file-duration-seconds"], one["file-size-kilobytes"]),
    (new[0] + ".wav", "Cal Ler", "2001", 2, "32"), "a message with NetSapiens' names")
is_(one["created-datetime"], one["recorded-datetime"], "its time")
is_([x["filename"] for x in r.must("GET", U + "/voicemails/new?start=1&limit=2")], [new[0] + ".wav", new[1] + ".wav"], "a page of it")
is_(r.must("GET", U + "/voicemails/new/count")["total"], 4, "/count")
is_(r.must("GET", U + "/voicemails/save/count")["total"], 2, "NetSapiens' word for saved")
is_(r.must("GET", U + "/voicemails/new/" + new[1])["filename"], new[1] + ".wav", "one of them")
a = r.api("GET", one["file-access-url"][len("/api/v1"):])
is_((a.status, a.get("Content-Type"), a.body), (200, "audio/wav", open(s.path(C, "1001", "INBOX", "msg0000.wav"), "rb").read()), "its sound, byte for byte")
ok("attachment" in a.get("Content-Disposition") and a.get("Cache-Control") == "no-store" and a.get("X-Content-Type-Options") == "nosniff", "as a file to keep", a.headers)
a = r.api("GET", U + "/voicemails/new/%s/sound?format=gsm" % new[0])
is_((a.get("Content-Type"), a.body), ("audio/x-gsm", open(s.path(C, "1001", "INBOX", "msg0000.gsm"), "rb").read()), "in another format")
is_(r.api("GET", U + "/voicemails/new/%s/sound?format=txt" % new[0]).status, 404, "the envelope is no sound")
is_(r.api("HEAD", U + "/voicemails/new/%s/sound" % new[0]).body, b"", "HEAD")
is_(r.must("GET", D + "/users/1003/voicemails/new"), [], "a mailbox that nobody has called yet is empty")

# ---- no word from the wire is ever a path ----
before = s.picture()
for f in ("../../../../etc/passwd", "..%2f..%2f1002%2fINBOX%2fmsg0000", "msg0000", "msg0000.txt", ".", "..", "%2e%2e", new[0] + "%00.wav", new[0] + ".txt", "secret.conf", "x" * 300,
          "%ff", "a%0ab"):
    for method, tail in (("GET", ""), ("GET", "/sound"), ("DELETE", ""), ("PATCH", "/save")):
        a = r.api(method, U + "/voicemails/new/" + f + tail)
        if a.status not in (400, 404, 405):
            ok(False, "%s %s%s is refused" % (method, f, tail), a)
for f in ("INBOX", "tmp", "..", "New", "timeframes", "%2e%2e%2f1002"):
    a = r.api("GET", U + "/voicemails/" + f)
    if a.status not in (400, 404):
        ok(False, "folder %s is refused" % f, a)
is_(s.picture(), before, "names from outside that are no message's: refused, and nothing changed")

# ---- deleting, moving, forwarding ----
is_(r.api("DELETE", U + "/voicemails/new/" + new[0]).status, 200, "delete one")
is_(s.names(C, "1001", "INBOX"), ["msg000%d.%s" % (i, f) for i in (0, 1) for f in ("WAV", "gsm", "txt", "wav")], "the rest is renumbered from 0000")
ok(open(s.path(C, "1001", "INBOX", "msg0000.gsm"), "rb").read().endswith(new[1].encode()), "each sound with its envelope")
is_(r.api("DELETE", U + "/voicemails/new/" + new[0]).status, 404, "once")
is_(r.must("PATCH", U + "/voicemails/new/%s/save" % new[1])["folder"], "saved", "save: moved to saved")
is_(r.must("PATCH", U + "/voicemails/saved/%s/save" % new[1], {"folder": "trash"})["folder"], "trash", "and to the trash")
is_(r.must("PATCH", U + "/voicemails/trash/%s/save" % new[1], {"folder": "new"})["folder"], "new", "and back")
is_(r.api("PATCH", U + "/voicemails/new/%s/save" % new[1], {"folder": "../1002"}).status, 400, "no other place")
is_(r.must("PATCH", U + "/voicemails/new/%s/forward" % new[1], {"user": "1003"})["filename"], new[1] + ".wav", "forward")
f = r.must("GET", D + "/users/1003/voicemails/new")
ok(len(f) == 1 and f[0]["filename"] != new[1] + ".wav" and f[0]["FromName"] == "Cal Ler", "a copy with an id of its own", f)
is_(r.api("PATCH", U + "/voicemails/new/%s/forward" % new[1], {"user": "4711"}).status, 404, "to nobody")
is_(r.api("PATCH", U + "/voicemails/new/%s/forward" % new[1], {}).status, 400, "to no one")
s.write("", C, "1001", "INBOX", ".lock")
a = r.api("DELETE", U + "/voicemails/new/" + new[1])
ok(a.status == 503 and a.get("Retry-After") and "PBX" in a.json["detail"], "the PBX at work in that folder: waited for, then 503", a)
os.unlink(s.path(C, "1001", "INBOX", ".lock"))

# ---- greetings ----
g = r.must("GET", U + "/greetings")
is_([(x["index"], x["kind"], x["filename"], x["file-duration-seconds"]) for x in g], [(1, "unavail", "unavail.wav", 2), (2, "busy", "busy.wav", 2), (4, "greet", "greet.wav", 2)],
    "greetings, the recorded name among them")
b64 = base64.b64encode(spool.wav(3)).decode()
a = r.must("POST", U + "/greetings", {"time-frame": "After hours / weekend", "script": "We are closed.", "base64_file": b64, "encoding": "wav", "convert": "no", "synchronous": "yes"})
is_((a["index"], a["time-frame"], a["file-script-text"], a["file-duration-seconds"]), (10, "After hours / weekend", "We are closed.", 3), "one with a time frame")
is_(s.names(C, "1001", "timeframes"), ["10-After%20hours%20%2F%20weekend.txt", "10-After%20hours%20%2F%20weekend.wav"], "in a folder of its own")
is_(r.api("POST", U + "/greetings", {"time-frame": "After hours / weekend", "base64_file": b64}).status, 409, "one for each time frame")
is_(r.must("PUT", U + "/greetings/1", {"script": "x", "base64_file": "data:audio/wav;base64," + b64})["file-duration-seconds"], 3, "a greeting is replaced")
ok(not s.has(C, "1001", "unavail.gsm"), "in every format: the PBX would play the old one")
is_(r.api("GET", U + "/greetings/1/sound").body, spool.wav(3), "and heard")
is_(r.must("GET", U + "/greetings/count")["total"], 4, "/count")
is_([x["index"] for x in r.must("GET", U + "/greetings?start=1&limit=2")], [2, 4], "a page of them")
is_(r.must("GET", U + "/greetings/10")["kind"], "timeframe", "one of them")
for body, status, what in (({}, 501, "text to speech"), ({"index": 1, "base64_file": "%%%"}, 400, "no base 64"), ({"index": 1, "base64_file": base64.b64encode(b"#!/bin/sh\nrm -rf /\n").decode()}, 400, "no sound"),
                           ({"index": 1, "base64_file": base64.b64encode(spool.wav(1, rate=44100)).decode()}, 400, "44.1 kHz"), ({"index": 7, "base64_file": b64}, 400, "a number that is none"),
                           ({"base64_file": b64}, 400, "neither a number nor a time frame"), ({"index": 1, "base64_file": b64, "encoding": "mp3"}, 400, "another coding"),
                           ({"time-frame": "a\nb", "base64_file": b64}, 400, "a control character"), ({"index": 1, "colour": "red", "base64_file": b64}, 400, "an unknown member"),
                           ({"index": 1, "base64_file": base64.b64encode(spool.wav(263)).decode()}, 413, "over 4 MB")):
    a = r.api("POST", U + "/greetings", body)
    ok(a.status == status, "refused: " + what, a)
is_(r.api("PUT", U + "/greetings/10", {"index": 11, "base64_file": b64}).status, 400, "two numbers")
is_(r.api("DELETE", U + "/greetings/2").status, 200, "delete one")
is_(r.api("DELETE", U + "/greetings/2").status, 404, "once")
is_(r.must("GET", U + "/greetings/count")["total"], 3, "the others stay")
a = r.api("PUT", U + "/greetings/2", {"base64_file": b64}, prefix="/ns-api/v2")
is_(a.status, 202, "NetSapiens' prefix: accepted")

# ---- who may ----
def key(scope, domain="example.test", **more):
    return r.must("POST", "/domains/%s/apikeys" % domain, dict({"name": scope, "user-scope": scope}, **more))["key"]


r.domain("other.test")
r.user("1001", "Otto", "Other", domain="other.test")
office, basic = key("Office Manager"), key("Basic User")
is_(r.api("GET", U + "/voicemails/new", key=office).status, 200, "an Office Manager may listen")
is_(r.api("GET", "/domains/other.test/users/1001/voicemails/new", key=office).status, 403, "not in another domain")
is_(r.api("GET", U + "/voicemails/new", key=basic).status, 403, "a Basic User not to others")
r.user("1005", "Sue", "Per", **{"user-scope": "Reseller"})
is_(r.api("GET", D + "/users/1005/voicemails/new", key=office).status, 403, "nobody to a higher scope")
is_(r.api("POST", D + "/users/1005/greetings", {"index": 1, "base64_file": b64}, key=office).status, 403, "nor speaks for it")
acts = [(x["action-type"], x["target-user"], x["target-object"]) for x in r.must("GET", "/auditlog?limit=200") if x["action-type"].startswith(("voicemail", "greeting"))]
for want in (("voicemail-delete", "1001", new[0]), ("voicemail-move", "1001", new[1]), ("voicemail-listen", "1001", new[0]), ("greeting-save", "1001", "greeting 1"), ("greeting-delete", "1001", "greeting 2")):
    ok(want in acts, "in the audit log: %s" % want[0], acts)

# ---- the dry run counts ----
others = {k: v for k, v in s.picture().items() if not k.startswith(C + "/1001")}
p = r.must("POST", D + "/resets", {"users": ["1001"], "options": {"voicemail-messages": True}, "dry-run": True})["plans"][0]
is_(p["voicemail"], {"new": 3, "saved": 2, "trash": 1, "other-folders": 1, "greetings": 3, "time-frame-greetings": 1, "recorded-name": True}, "what is there")
is_((p["counts"]["delete-voicemail-messages"], p["counts"]["delete-voicemail-greetings"]), (7, 0), "what would go")
ok(any("4 voicemail greetings" in x for x in p["stays"]), "and what stays", p["stays"])


# ---- a reset: messages alone, then greetings ----
def job(body):
    id = r.must("POST", D + "/resets", body)["reset"]
    j = r.until(lambda: (lambda j: j if j["state"].startswith("done") and all(u["voicemail"] in (None, "deleted") for u in j["users"]) else None)(r.must("GET", D + "/resets/" + id)))
    return j or r.must("GET", D + "/resets/" + id)


j = job({"users": ["1001"], "options": {"voicemail-messages": True}})
u = j["users"][0]
is_((u["state"], u["voicemail"], u["error"], u["steps"]["voicemail-messages-removed"]), ("done", "deleted", None, 7), "a reset with voicemail-messages: its result")
is_([n for n in s.names(C, "1001")], ["busy.wav", "greet.gsm", "greet.wav", "timeframes", "unavail.txt", "unavail.wav"], "every message is gone, every folder, and the PIN; greetings stay")
is_(s.names(".rekey"), [], "nothing is left of it")
is_({k: v for k, v in s.picture().items() if not k.startswith((C + "/1001", ".rekey"))}, others, "other mailboxes: not a byte, not a mode, not an inode")
j = job({"users": ["1001"], "options": {"voicemail-greetings": True}})
is_(s.names(C, "1001"), [], "voicemail-greetings: all of them, with time frames, and the recorded name")
is_(j["users"][0]["steps"]["voicemail-greetings-removed"], 4, "counted, though the user was reset already")
j = job({"users": ["1001"], "options": {"voicemail-greetings": True, "voicemail-messages": True}})
is_((j["users"][0]["voicemail"], j["users"][0]["state"]), (None, "done"), "once more: nothing is there to do")

# ---- reset and recycle in one: the next person's messages are safe ----
s.mailbox(C, "1004")
j = job({"users": ["1004"], "options": {"voicemail-messages": True, "voicemail-greetings": True, "phone-lines": True},
         "recycle": [{"user": "1004", "name-first-name": "Nora", "name-last-name": "Neu"}]})
is_((j["state"], j["users"][0]["state"], j["users"][0]["voicemail"]), ("done", "done", "deleted"), "reset and recycle in one job")
is_(r.must("GET", D + "/users/1004")["name-first-name"], "Nora", "the next person is there")
ok(not s.has(C, "1004"), "the whole mailbox of the last one is gone")

# ---- the move cannot be done yet: the user is reset, the recycle waits, nobody else does ----
s.mailbox(C, "1003")
os.rename(s.path(C, "1003", "Old"), s.path(C, "1003", "Older"))
os.symlink("/etc", s.path(C, "1003", "Old"))
s.mailbox(C, "1004", new=1)
id = r.must("POST", D + "/resets", {"users": ["1003", "1004"], "options": {"voicemail-messages": True, "voicemail-greetings": True},
                                    "recycle": [{"user": "1003", "name-first-name": "Max", "name-last-name": "Mut"}]})["reset"]
at = D + "/resets/" + id
u = r.until(lambda: (lambda j: j["users"] if j["users"][0]["error"] and j["users"][1]["voicemail"] == "deleted" else None)(r.must("GET", at)))
ok(u and u[0]["state"] == "moving" and u[0]["voicemail"] == "waiting" and "symbolic link" in u[0]["error"], "the per-user result says what is in the way", r.must("GET", at))
ok(u and u[1]["state"] == "done" and not s.has(C, "1004"), "the other user of the job is through", u)
is_((r.must("GET", at)["state"], r.must("GET", D + "/users/1003")["account-status"]), ("running", "reset"), "the user is reset; the recycle waits")
ok([x for x in r.must("GET", D + "/alerts") if "1003" in x["text"] and "symbolic link" in x["text"]], "an alert says so", r.must("GET", D + "/alerts"))
a = r.api("PUT", D + "/users/1003", {"name-first-name": "Max", "name-last-name": "Mut"})
ok(a.status == 503 and "moved away" in a.json["detail"], "saving a name is a recycle, and waits too", a)
is_(r.api("POST", D + "/users/1003/greetings", {"index": 1, "base64_file": b64}).status, 503, "no greeting into a mailbox that goes")
is_(r.api("PATCH", D + "/users/1002/voicemails/new/%s/forward" % r.must("GET", D + "/users/1002/voicemails/new")[0]["filename"], {"user": "1003"}).status, 503, "nor a message")
ok(s.has(C, "1003", "INBOX", "msg0000.txt"), "nothing of it has been taken")
os.unlink(s.path(C, "1003", "Old"))
ok(r.until(lambda: r.must("GET", at)["state"] == "done", 20), "the link is taken away: the move is done, the recycle follows", r.must("GET", at))
u = r.must("GET", D + "/users/1003")
is_((u["name-first-name"], u["account-status"]), ("Max", "new"), "the next person is there")
ok(r.until(lambda: r.must("GET", at)["users"][0]["voicemail"] == "deleted"), "and the last one's voicemail is not", r.must("GET", at))
is_(r.must("GET", at)["users"][0]["error"], None, "the trouble is over in the result")
ok(os.path.exists("/etc/passwd"), "the link was not followed")
is_([x for x in r.must("GET", D + "/alerts") if "1003" in x["text"]], [], "and the alert is cleared")

# ---- a user is deleted: the mailbox goes; the extension comes again with a new one ----
s.mailbox(C, "1003", new=2)
is_(r.api("DELETE", D + "/users/1003").status, 200, "delete a user")
ok(r.until(lambda: not s.has(C, "1003") and s.names(".rekey") == []), "and the mailbox with it", s.names(C))
r.until(lambda: r.api("POST", D + "/users", {"user": "1003", "name-first-name": "Zoe", "name-last-name": "Zen"}).status == 201)
is_(r.must("GET", D + "/users/1003/voicemails/new"), [], "the next user of that extension has none")
is_({k: v for k, v in s.picture().items() if k.startswith((C + "/1002", "other.test"))}, {k: v for k, v in others.items() if k.startswith((C + "/1002", "other.test"))},
    "in all of this nobody else's mailbox changed by a byte")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

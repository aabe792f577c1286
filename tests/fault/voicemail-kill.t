#!/usr/bin/python3
"""kill -9 of rekeyd at named places while a person's voicemail goes. While it is dead the PBX works on: a message that comes after
the mailbox was moved is the next person's, and outlives whatever is repeated. In the end the last person's is gone, each once."""
import http.client
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
import spool  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

C, D = "example.test", "/domains/example.test"
s = spool.Spool(os.path.join(tap.temp_dir("spool"), "voicemail"))
s.mailbox(C, "2000")
still = s.picture(C, "2000")
r = rekeylib.Rekeyd(voicemail__root=s.root)
r.domain()
r.user("2000", "Olga", "Stays")


def start(fault=None):
    os.environ.pop("REKEY_FAULT", None)
    if fault:
        os.environ["REKEY_FAULT"] = fault
    r.start()
    os.environ.pop("REKEY_FAULT", None)


WHOLE = {"voicemail-messages": True, "voicemail-greetings": True}
PART = {"voicemail-messages": True}
# place, options, has the mailbox been moved when rekeyd is dead there?
PLACES = (("after-apply", WHOLE, False), ("voicemail-locked", WHOLE, False), ("voicemail-before-move", WHOLE, False), ("voicemail-after-move", WHOLE, True),
          ("voicemail-before-settle", WHOLE, True), ("voicemail-half-delete", WHOLE, True), ("voicemail-deleted", WHOLE, True),
          ("voicemail-half-move", PART, False), ("voicemail-after-move", PART, True), ("voicemail-before-settle", PART, True), ("voicemail-half-delete", PART, True))
kept = {}
for i, (fault, options, moved) in enumerate(PLACES):
    ext, what = str(1001 + i), "%s, %s" % (fault, "whole" if options is WHOLE else "messages alone")
    s.mailbox(C, ext)
    r.user(ext, "Greta", "Leaver")
    r.stop()
    start(fault)
    order = {"users": [ext], "options": options, "recycle": [{"user": ext, "name-first-name": "Nils", "name-last-name": "Next"}]}
    try:
        r.api("POST", D + "/resets", order)
    except (http.client.HTTPException, OSError):
        pass  # killed before the answer
    is_(r.until(lambda: r.p.poll(), 10), -signal.SIGKILL, what + ": rekeyd was killed there")
    late = s.message(C, ext) if moved else None
    start()
    at = D + "/resets/" + r.must("GET", D + "/resets")[0]["reset"]
    j = r.until(lambda: (lambda j: j if j["state"] == "done" and j["users"][0]["voicemail"] == "deleted" else None)(r.must("GET", at)), 30)
    ok(j and (j["users"][0]["user"], j["users"][0]["error"]) == (ext, None), what + ": the job is done after the restart", r.must("GET", at))
    is_(r.must("GET", D + "/users/" + ext)["name-first-name"], "Nils", what + ": the next person is there")
    left = [x["filename"].rsplit(".", 1)[0] for x in r.must("GET", D + "/users/%s/voicemails/new" % ext)]
    is_(left, [late] if moved else [], what + ": the last one's messages are gone, one that came later is not")
    is_([n for n in s.names(C, ext) if n.split(".")[0] in ("unavail", "busy", "greet")], [] if options is WHOLE else ["busy.gsm", "busy.wav", "greet.gsm", "greet.wav", "unavail.gsm", "unavail.wav"],
        what + ": greetings as asked for")
    is_((s.names(".rekey"), [p for p in s.picture() if p.endswith(".lock")]), ([], []), what + ": nothing is left, no lock either")
    is_([x["target-user"] for x in r.must("GET", "/auditlog?limit=500") if x["target-user"] == ext and x["action-type"] == "reset"], [ext, ext],
        what + ": one reset and one recycle are recorded, in the job's name")
    kept[ext] = left

# ---- what a database that is gone has forgotten ----
r.stop()
s.mailbox(".rekey/424242", "1001")
s.write("rekeyd of another boot 1 1\n", C, "2000", "Family", ".lock")  # nobody's that is known to be dead
start()
ok(r.until(lambda: s.names(".rekey") == []), "leftovers that no row speaks of are swept at the start", s.names(".rekey"))
for ext, left in kept.items():
    is_([x["filename"].rsplit(".", 1)[0] for x in r.must("GET", D + "/users/%s/voicemails/new" % ext)], left, "after further starts %s still has what came later" % ext)
ok(s.has(C, "2000", "Family", ".lock"), "a lock of somebody else is not touched")
os.unlink(s.path(C, "2000", "Family", ".lock"))
is_(s.picture(C, "2000"), still, "in all of this the other mailbox did not change by a byte")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

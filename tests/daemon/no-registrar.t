#!/usr/bin/python3
"""Without a registrar: phones get their files all the same, and every place that speaks of a proof (API, command line) says that only
the fetch was seen, and what is missing."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok, program  # noqa: E402

r = rekeylib.Rekeyd()
D = "/domains/" + r.domain()
SAYS = "no registrar to ask"


def cli(*args):
    p = r.run(*args)
    ok(p.returncode == 0, "rekeyd %s ends well" % " ".join(args), p.stderr + p.stdout)
    return p.stdout


def pull(mac, path):
    return [r.curl(path + name % mac, agent=rekeylib.ua("yealink", mac))[0] for name in ("%s.boot", "%s.cfg")]


for ext in ("1001", "1002"):
    r.user(ext, "Nora", "Vale")
macs = {"1001": "001565000001", "1002": "001565000002"}
paths = {ext: r.phone(mac, "yealink-t46u", [ext]) for ext, mac in macs.items()}
for ext, mac in macs.items():
    is_(pull(mac, paths[ext]), [200, 200], ext + ": its phone pulls")
r.must("POST", D + "/phonenumbers", {"phonenumber": "15551230001", "dial-rule-translation-destination-user": "1001"})

body = {"users": ["1001"], "options": {"phone-lines": True, "phone-numbers": True}}
plan = r.must("POST", D + "/resets", dict(body, **{"dry-run": True}))
ok(SAYS in (plan["cannot-be-proved"] or ""), "the review says it before", plan.get("cannot-be-proved"))
id = r.must("POST", D + "/resets", body)["reset"]
job = r.until(lambda: (lambda j: j if j["state"] == "done" else None)(r.must("GET", D + "/resets/" + id)))
ok(job and SAYS in job["cannot-be-proved"], "the job says it", job and job.get("cannot-be-proved"))
ok(SAYS in r.must("GET", D + "/resets")[0]["cannot-be-proved"], "in the list of jobs too")


def record():
    return r.must("GET", D + "/handovers?mac=" + macs["1001"])[0]


one = record()
ok("has not fetched" in one["missing"] and SAYS in one["missing"], "a record says what is missing: the fetch, and all that no registrar shows", one)
is_(r.must("GET", D + "/phonenumbers/15551230001")["dial-rule-application"], "available-number", "numbers are freed without one")
is_(pull(macs["1001"], paths["1001"]), [200, 200], "the phone gets its new file")
r.curl(paths["1001"] + macs["1001"] + "-local.cfg", agent=rekeylib.ua("yealink", macs["1001"]))
one = r.until(lambda: (lambda x: x if x["state"] == "fetched" else None)(record())) or record()
is_(one["state"], "fetched", "that it was fetched is the best that is claimed")
ok(one["open"] and SAYS in one["missing"] and "has not fetched" not in one["missing"], "it stays open, and says why", one)
is_(sorted(set(one["facts"]) & {"flipped", "unbound", "applied"}), [], "no fact is claimed that only a registrar shows")
got = r.must("GET", D + "/handovers/%d" % one["handover"])
ok(SAYS in got["missing"], "one record alone says it too")
out = cli("phone", macs["1001"])
ok("fetched" in out and "missing: " in out and SAYS in out, "rekeyd phone says it", out)
out = cli("reset", "example.test", "1002", "--phone-lines", "--dry-run")
ok("cannot be proved: " in out and SAYS in out, "rekeyd reset --dry-run says it", out)
p = subprocess.Popen([program("rekeyd"), "reset", "--conf", r.conf, "example.test", "1002", "--phone-lines", "--wait"], stdout=subprocess.PIPE, text=True)
r.until(lambda: r.must("GET", D + "/users/1002")["account-status"] == "reset")
r.until(lambda: r.must("GET", D + "/handovers?mac=" + macs["1002"]))
ok(p.poll() is None, "rekeyd reset --wait waits for the phone")
is_(pull(macs["1002"], paths["1002"]), [200, 200], "which comes")
r.curl(paths["1002"] + macs["1002"] + "-local.cfg", agent=rekeylib.ua("yealink", macs["1002"]))
try:
    out = p.communicate(timeout=20)[0]
except subprocess.TimeoutExpired:
    p.kill()
    out = p.communicate()[0]
ok(p.returncode == 0 and SAYS in out, "and then it ends, with the same words: it does not wait for what can never come", (p.returncode, out))
r.must("POST", D + "/handovers/%d/write-off" % one["handover"], {"reason": "seen with my own eyes"})
is_((record()["state"], record()["missing"]), ("written-off", None), "written off, nothing is missing any more")
m = r.ask("GET", "/metrics").text
ok("registrar_up" not in m, "no metric pretends that there is one")
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

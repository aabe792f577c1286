#!/usr/bin/python3
"""rekeyd phone MAC with what moves a phone, beside the running daemon: a dry run prints and changes nothing, the rest does what it
printed, and what cannot be is refused in one sentence."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
r.domain("other.test")
D = "/domains/example.test"
A, B, C = "001565ab0001", "001565ab0002", "0004f2ab0003"
for ext, first, last in (("1001", "Ann", "Lee"), ("1002", "Bo", "Dahl")):
    r.user(ext, first, last)
r.user("9001", "Far", "Away", domain="other.test")
r.must("POST", D + "/sites", {"site": "Attic", "time-zone": "Europe/Berlin"})
path = r.phone(A, "yealink-t46u", ["1001"])
r.must("POST", D + "/phones/%s/keys" % A, {"place": 3, "type": "park", "value": "701", "label": "Park"})
r.must("POST", D + "/phones/%s/keys" % A, {"place": 20, "type": "park", "value": "702", "label": "Far park"})


def cli(*args):
    p = r.run("phone", *args)
    return p.returncode, p.stdout, p.stderr


def row(mac, domain="example.test"):
    a = r.api("GET", "/domains/%s/phones/%s" % (domain, mac))
    return a.json if a.status == 200 else a.status


def users(mac, **more):
    return [line["user"] for line in row(mac, **more)["lines"] if line["use"] == "line"]


# ---- misuse: exit 2, before anything is opened ----
for args in ([A, "--retire", "--delete"], [A, "--pair", "--minutes", "0"], [A, "--pair", "--minutes", "1441"], [A, "--pair", "--minutes", "soon"],
             [A, "--minutes", "5"], [A, "--swap", "printer"], [A, "--model", "yealink-t46u"], [A, "--leave-behind"], [A, "--from-user", "1001"],
             [A, "--dry-run"], [A, "--address", "--cut-off"], [A, "--site"], ["--retire"], [A, B, "--retire"], [A, "--retire", "--gently"]):
    code, out, err = cli(*args)
    ok(code == 2 and out == "" and len(err) > 20, "misuse: " + " ".join(args), (code, out, err))

# ---- refused: exit 1, one sentence, nothing changed ----
before = row(A)
for args, word in (([A, "--user", "nobody"], "nobody"), ([A, "--site", "Cellar"], "Cellar"), ([A, "--domain", "nowhere.test"], "nowhere.test"), ([A, "--user", "1001"], "there already"),
                   ([A, "--swap", A], "itself"), ([A, "--swap", B, "--model", "yealink-t1000"], "model of " + B), ([A, "--swap", B, "--old-phone", "sell"], "retire or delete"),
                   (["001565ffffff", "--retire"], "001565ffffff"), ([A, "--swap", C, "--model", "polycom-vvx250"], "key 0.20")):
    code, out, err = cli(*args)
    ok(code == 1 and word in err and len(err.strip().splitlines()) == 1 and "done;" not in out, "refused: " + " ".join(args), (code, out, err))
is_((row(A), row(B), row(C)), (before, 404, 404), "and nothing is changed")

# ---- dry runs ----
for args, words in (([A, "--user", "1002"], ["1001", "1002", "unassign-line", "assign-line"]), ([A, "--site", "Attic"], ["Attic"]), ([A, "--domain", "other.test"], ["other.test", "unassign-line"]),
                    ([A, "--swap", C, "--model", "polycom-vvx250"], ["key 0.20", C]), ([A, "--retire"], ["retired"]), ([A, "--delete"], ["1001"])):
    code, out, err = cli(*args, "--dry-run")
    ok(code == 0 and all(w in out for w in words) and A in out and err == "", "dry run: " + " ".join(args), (code, out, err))
    is_(row(A), before, "changes nothing")
is_((row(B), row(C)), (404, 404), "and makes no phone")

# ---- a pairing window ----
code, out, err = cli(A, "--pair", "--minutes", "7")
ok(code == 0 and "within 7 minutes" in out and "/cfg/" in out, "--pair opens a window", out + err)
status = r.until(lambda: (lambda s: s if s == 200 else None)(r.curl("/cfg/%s.cfg" % A, agent=rekeylib.ua("yealink", A))[0]), 5)
is_(status, 200, "the running daemon lets that phone in")
is_(r.curl("/cfg/%s.cfg" % A, agent=rekeylib.ua("yealink", A))[0], 401, "once")
code, out, err = cli(A, "--unpair")
ok(code == 0 and "closed" in out and row(A)["pair-until-datetime"] is None, "--unpair closes it", out + err)
code, out, err = cli(A)
ok(code == 0 and "assigned" in out and "1001" in out, "without an option it only says", out + err)

# ---- done, as it was printed ----
said = cli(A, "--user", "1002", "--dry-run")[1]
code, out, err = cli(A, "--user", "1002")
ok(code == 0 and out.startswith(said) and "done;" in out, "--user does what the dry run said", (said, out, err))
is_((users(A), [k["place"] for k in r.must("GET", D + "/phones/%s/keys" % A)]), (["1002"], [1, 3, 20]), "the other person sits there, with the desk's keys")
is_(cli(A, "--user", "1001", "--from-user", "1002")[0], 0, "--from-user: whose line goes")
is_(users(A), ["1001"], "and comes")
is_(cli(A, "--site", "Attic")[0], 0, "--site")
is_((row(A)["site"], users(A)), ("Attic", ["1001"]), "the phone is there, with its person")
code, out, err = cli(A, "--swap", C, "--model", "polycom-vvx250", "--leave-behind", "--old-phone", "retire")
is_(code, 0, "--swap with --leave-behind: " + err)
is_((users(C), row(C)["site"], row(C)["device-models-model"], users(A), row(A)["replaced-by"], row(A)["after-handovers"]),
    (["1001"], "Attic", "polycom-vvx250", [], C, "retire"), "the new phone took over; the old one is to be retired")
is_([k["place"] for k in r.must("GET", D + "/phones/%s/keys" % C)], [1, 3], "what did not fit is left behind, nothing else")
code, out, err = cli(C, "--domain", "other.test", "--user", "9001")
ok(code == 1 and "written off" in err, "not to another domain while a handover is open", out + err)
for h in r.must("GET", D + "/handovers?mac=" + C):
    r.must("POST", D + "/handovers/%d/write-off" % h["handover"], {"reason": "no registrar here"})
code, out, err = cli(C, "--domain", "other.test", "--user", "9001")
is_(code, 0, "--domain: " + err)
is_((row(C), users(C, domain="other.test")), (404, ["9001"]), "it is in the other domain, with its person there")
is_(cli(C, "--retire", "--cut-off")[0], 0, "--retire --cut-off")
is_((row(C, domain="other.test")["state"], row(C, domain="other.test")["lines"]), ("retired", []), "it is retired")
code, out, err = cli(C, "--pair")
ok(code == 1 and "retired" in err, "and let in no more", out + err)
r.phone(B, "yealink-t46u", [])
code, out, err = cli(B, "--delete")
is_((code, row(B)), (0, 404), "--delete: gone at once, nothing was on it")
log = [(x["action-type"], x["by-user"]) for x in r.must("GET", D + "/auditlog?limit=200") if x["action-type"].startswith("phone-") and x["by-user"] == "command line"]
ok({"phone-pair", "phone-pair-close", "phone-rehome", "phone-swap"} <= {a for a, _ in log}, "the audit log says that it was the command line", log)
is_(r.stop(), 0, "rekeyd ends cleanly")
done()

#!/usr/bin/python3
"""The demo as a whole: it ends green, it ends red when the stripping of one vendor is broken, it keeps serving until it is told to end, it
leaves nothing behind, and it touches no folder that is not its own."""
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, "tests/lib")
from tap import done, is_, ok, program, top

REKEYD = program("rekeyd")
BASE = tempfile.mkdtemp(prefix="rekey-demo.")


def run(*args, timeout=100):
    p = subprocess.run([REKEYD, "demo", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
    return p.returncode, p.stdout, p.stderr


def left_behind(folder):
    """Processes that name the folder, but for zombies."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid) as f:
                line = f.read().replace("\0", " ")
            with open("/proc/%s/environ" % pid) as f:
                f.read(1)
        except OSError:
            continue
        if folder in line and int(pid) != os.getpid():
            found.append(line)
    return found


def rows(out):
    """The tables' lines as lists of cells."""
    return [re.split(r"  +", line.strip()) for line in out.splitlines() if re.match(r"[0-9a-f]{12} |softphone ", line)]


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        v = what()
        if v:
            return v
        time.sleep(0.1)
    return None


try:
    # ---- green ----
    d = BASE + "/once"
    began = time.monotonic()
    code, out, err = run("--once", "--dir", d)
    ok(code == 0, "--once exits 0", "exit %d\n%s\n%s" % (code, out, err))
    print("# %.1f s" % (time.monotonic() - began))
    is_(err, "", "and says nothing on standard error")
    table = rows(out)
    states = {}
    for r in table:
        states.setdefault(r[0], []).append(r[-1])
    is_(states.get("64167faa0105 polycom-vvx250"), ["cut-off", "confirmed"], "the phone that was off is first cut off, then confirmed")
    is_(states.get("softphone linphone"), ["cut-off", "confirmed"], "so is the softphone that cannot be told")
    ok("without a power cycle" in out, "the vacant phone takes the new line without a power cycle")
    ok(any(r[0].startswith("c074adaa0106") and r[1] == "1 rekeyed" and r[-1] == "confirmed" for r in table),
       "the Grandstream that challenges keeps its line with a new secret", table)
    nat = [r for r in table if r[0].startswith("000b82aa0108")]
    ok(nat and nat[-1][-1] == "confirmed", "the phone behind NAT is confirmed", nat)
    is_(sorted({r[0].split()[0] for r in table if r[1] == "relabelled"}), ["000b82aa0107", "64167faa0104", "805ec0aa0103"],
        "three colleagues' phones were relabelled")
    with open(d + "/phones/000b82aa0108.log") as f:
        nat_log = f.read()
    ok('"status":401' in nat_log, "it was challenged by that phone too")
    is_(left_behind(d), [], "no process is left")
    log = open(d + "/rekeyd.log").read()
    ok(" error " not in log, "rekeyd logged no error", log[-2000:])
    # No person and no secret in what rekeyd logged.
    is_([w for w in ("Archer", "Lindqvist", "Osei") if w in log], [], "no name is in rekeyd's log")

    # ---- red: one vendor's blanking is broken on purpose ----
    share = BASE + "/share"
    for part in ("templates", "firmware-profiles"):
        shutil.copytree(os.path.join(top(), part), os.path.join(share, part))
    # Grandstream's phones keep what a file leaves out: here a name that is blank is left out instead of blanked.
    path = share + "/templates/grandstream/accounts.mustache"
    text = open(path).read()
    worse = re.sub(r"(?m)^(<item .*\{\{(label|display_name)\}\}.*)\n", r"{{#\2}}\n\1\n{{/\2}}\n", text)
    ok(worse != text, "the blanking of names is taken out of Grandstream's templates", text[:500])
    open(path, "w").write(worse)
    d = BASE + "/broken"
    code, out, err = run("--once", "--dir", d, "--share", share)
    is_(code, 1, "then --once exits 1")
    ok(re.search(r'WRONG   000b82aa0108.*still holds "Archer"', out), "and says which phone and why", out[-3000:] + err)
    is_(left_behind(d), [], "no process is left")

    # ---- it keeps serving ----
    d = BASE + "/serve"
    p = subprocess.Popen([REKEYD, "demo", "--dir", d], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text = ""
    for line in p.stdout:
        text += line
        if line.startswith("  try "):
            break
    login = re.search(r"https://127\.0\.0\.1:(\d+)/ +login (\S+) +password (\S+)", text)
    ok(login, "it says where it serves and with which login", text)
    if login:
        ctx = ssl.create_default_context(cafile=d + "/ca.crt")
        body = json.dumps({"login": login[2], "password": login[3]}).encode()
        rq = urllib.request.Request("https://127.0.0.1:%s/api/v1/login" % login[1], body, {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ctx)).open(rq, timeout=20) as r:
            is_(r.status, 200, "and the login works")
    code, out, err = run("--once", "--dir", d)
    ok(code == 1 and "already" in err, "a second demo in the same folder is refused", err)
    p.send_signal(signal.SIGINT)
    try:
        p.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        p.kill()
    is_(p.returncode, 0, "Ctrl-C ends it with exit code 0")
    is_(left_behind(d), [], "and all of its processes")
    code, out, err = run("--once", "--dir", d)
    is_(code, 0, "the same folder can be used again")

    # ---- killed ----
    p = subprocess.Popen([REKEYD, "demo", "--once", "--dir", d], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ok(wait_for(lambda: os.path.exists(d + "/kamailio.log") and len(left_behind(d)) > 3), "a demo runs")
    p.kill()
    p.wait()
    ok(wait_for(lambda: not left_behind(d), 20) is not None, "killed, it takes its processes with it", left_behind(d))

    # ---- not its own ----
    d = BASE + "/mine"
    os.mkdir(d)
    open(d + "/precious", "w").write("x")
    code, out, err = run("--once", "--dir", d)
    ok(code == 1 and "holds other things" in err and os.listdir(d) == ["precious"], "a folder with other things is left alone", err)
    code, out, err = run("--once", "--dir", d + "/precious/below")
    ok(code == 1 and err.count("\n") == 1 and "--dir" in err, "a folder that cannot be made: one sentence", err)
    code, out, err = run("--twice")
    is_(code, 2, "wrong use exits 2")
finally:
    shutil.rmtree(BASE, ignore_errors=True)
done()

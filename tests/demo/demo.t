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
import urllib.error
import urllib.request

sys.path.insert(0, "tests/lib")
from tap import done, is_, ok, program, top
import sip

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


def left_over(folder):
    """The same, a moment later: the demo's guard looks now and then whether all has ended, and goes last."""
    wait_for(lambda: not left_behind(folder), 5)
    return left_behind(folder)


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


PASSWORDS = {"account.1.password": 1, "account.2.password": 2, "reg.1.auth.password": 1, "account.1.sip.subscriber.password": 1,
             "auth_info_0/passwd": 1}


def memory(folder, mac, when):
    """slot -> SIP password that stood in the phone's memory then."""
    with open("%s/phones/%s.%s" % (folder, mac, when)) as f:
        return {PASSWORDS[e["name"]]: e["value"] for e in json.load(f) if e["name"] in PASSWORDS and e["value"]}


def truth(folder, text):
    """What Kamailio itself says agrees with what rekeyd's records say."""
    port = int(re.search(r"registrar sip:127\.0\.0\.1:(\d+)", text)[1])
    conf = open(folder + "/rekeyd.conf").read()
    rpc = re.search(r"(?m)^rpc *= *(\S+)", conf)[1]
    key = open(folder + "/registrar.key").read().strip()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def contacts(user):
        body = json.dumps({"jsonrpc": "2.0", "method": "ul.lookup", "params": ["location", "%s@harbor.test" % user], "id": 1}).encode()
        rq = urllib.request.Request(rpc, body, {"Content-Type": "application/json", "Authorization": "Bearer " + key})
        try:
            with opener.open(rq, timeout=5) as r:
                return [c["Contact"]["Address"] for c in json.load(r)["result"]["Contacts"]]
        except urllib.error.HTTPError:
            return []

    def register(user, password, agent="test phone"):
        p = sip.Phone(("127.0.0.1", port), user, password, domain="harbor.test")
        status = p.register(expires=60, extra=("User-Agent: " + agent,))
        if status == 200:
            p.register(expires=0)
        p.close()
        return status

    for user in ("1001b", "1001c", "1001e", "1001m"):
        is_(contacts(user), [], "Kamailio knows no contact of %s, which was taken away" % user)
    for user in ("1001", "1002", "1004", "1008m"):
        is_(len(contacts(user)), 1, "and one of %s" % user)
    for user, mac, slot in (("1001", "001565aa0101", 1), ("1002", "805ec0aa0102", 1), ("1004", "c074adaa0106", 1)):
        is_(register(user, memory(folder, mac, "flash")[slot]), 200, "%s registers with what its phone holds now" % user)
    for user, mac, slot in (("1001", "001565aa0101", 1), ("1002", "805ec0aa0102", 1), ("1004", "c074adaa0106", 1), ("1001b", "805ec0aa0102", 2),
                            ("1001c", "64167faa0105", 1), ("1001e", "000b82aa0108", 1), ("1001m", "0200000a0109", 1)):
        agent = "Yealink SIP-T54W 96.87.0.15" if user == "1001b" else "test phone"
        is_(register(user, memory(folder, mac, "before")[slot], agent), 401, "%s is refused with what it held before" % user)


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
    is_(left_over(d), [], "no process is left")
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
    is_(left_over(d), [], "no process is left")

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
        admin = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ctx),
                                            urllib.request.HTTPCookieProcessor())
        with admin.open(rq, timeout=20) as r:
            is_(r.status, 200, "and the login works")

        def api(path):
            with admin.open("https://127.0.0.1:%s/api/v1/domains/harbor.test%s" % (login[1], path), timeout=20) as r:
                return json.load(r)
    is_({h["state"] for h in api("/handovers?limit=1000")}, {"confirmed"}, "every record is confirmed")
    is_(api("/alerts"), [], "and there is no alert")
    truth(d, text)

    def reopened():
        return [h for h in api("/handovers?limit=1000&user=1001") if h["device"] == "1001b" and h["state"] != "confirmed"]
    ok(wait_for(reopened, 10), "the old identity was heard from a phone of that model: its record is open again", api("/handovers?limit=1000&user=1001"))
    ok(wait_for(lambda: api("/alerts"), 10), "and an alert says so")
    code, out, err = run("--once", "--dir", d)
    ok(code == 1 and "already" in err, "a second demo in the same folder is refused", err)
    p.send_signal(signal.SIGINT)
    try:
        p.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        p.kill()
    is_(p.returncode, 0, "Ctrl-C ends it with exit code 0")
    is_(left_over(d), [], "and all of its processes")
    code, out, err = run("--once", "--dir", d)
    is_(code, 0, "the same folder can be used again")

    # ---- killed ----
    p = subprocess.Popen([REKEYD, "demo", "--once", "--dir", d], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ok(wait_for(lambda: os.path.exists(d + "/kamailio.log") and len(left_behind(d)) > 3), "a demo runs")
    p.kill()
    p.wait()
    ok(wait_for(lambda: not left_behind(d), 20) is not None, "killed, it takes its processes with it", left_behind(d))

    # ---- a machine that gives no network namespace ----
    d = BASE + "/poor"
    poor = ["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"', "sh"]
    if subprocess.run(poor + ["true"], capture_output=True).returncode:
        # No user namespace either (a container, a chroot): then it is enough to be without root's right to make a network.
        poor = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] if os.geteuid() == 0 else []
    r = subprocess.run(poor + [REKEYD, "demo", "--once", "--dir", d], capture_output=True, text=True, timeout=100)
    ok(r.returncode == 0 and "gives no network namespace" in r.stdout, "without a network namespace it says so and goes on",
       "exit %d\n%s\n%s" % (r.returncode, r.stdout, r.stderr))

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

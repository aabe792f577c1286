#!/usr/bin/python3
"""Bad input to both programs: one sentence on stderr that says what to do, and the right exit code: 1 (it failed), 2 (wrong use).
Nothing is half done: a wrong row imports nothing, a wrong template or profile does not start."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program, top  # noqa: E402

REKEYD, PHONECFG = program("rekeyd"), program("phonecfg")
D = tempfile.mkdtemp(prefix="rekey-bad-")
os.chmod(D, 0o755)
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []


def run(*args, nobody=False):
    """Exit code (None: it did not end, so it took what it was given), stderr, stdout."""
    try:
        r = subprocess.run((NOBODY if nobody else []) + list(args), capture_output=True, text=True, timeout=15, stdin=subprocess.DEVNULL)
        return r.returncode, r.stderr, r.stdout
    except subprocess.TimeoutExpired:
        return None, "", ""


def write(name, text, mode=0o644):
    path = os.path.join(D, name)
    with open(path, "wb" if isinstance(text, bytes) else "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


pool = ThreadPoolExecutor(3)
waiting = []


def bad(name, code, want, *args, nobody=False):
    """Runs it (some at a time); stderr is one line that holds every word of want."""
    waiting.append((name, code, want, pool.submit(run, *args, nobody=nobody)))


def settle():
    for name, code, want, future in waiting:
        got, err, out = future.result()
        is_(got, code, "%s: exit code %d" % (name, code))
        # What the log says of a start that went on for a while is not the sentence.
        lines = [line for line in err.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT\S+ (info|warn) ", line)]
        words = [want] if isinstance(want, str) else want
        ok(len(lines) == 1 and re.match(r"(rekeyd|phonecfg)( \S+)?: .{20}", lines[0]) and all(w in lines[0] for w in words),
           "%s: one sentence that says %s" % (name, " … ".join(w.replace(D, "") for w in words)), err or out)
    waiting.clear()


# ---- wrong use of rekeyd ----
bad("unknown command", 2, "did you mean reset?", REKEYD, "rest")
bad("a command far from all", 2, ['no command "frobnicate"', "--help"], REKEYD, "frobnicate")
for args, want in ((["run", "--prot", "1"], "no option --prot"), (["run", "--conf"], "--conf needs a value"), (["run", "x"], '"x" is one word too many'),
                   (["init", "x"], '"x" is one word too many'), (["check-conf", "x"], "one word too many"), (["demo", "--bogus"], "no option --bogus"),
                   (["backup"], "one file name"), (["import", "a"], "a domain and a CSV file"), (["reset", "a"], "at least one extension"),
                   (["recycle", "a", "1001"], "a first name and a last name"), (["phone"], "one MAC address"), (["phone", "zz"], "one MAC address")):
    bad("rekeyd " + " ".join(args), 2, [want, "rekeyd %s --help" % args[0]], REKEYD, *args)
code, err, out = run(REKEYD)
ok(code == 2 and "rekeyd COMMAND" in err and not out, "no command at all: how to use it, on stderr, exit code 2")

# ---- init ----
data = D + "/data"
is_(run(REKEYD, "init", "--dir", data)[0], 0, "init")
is_(run(REKEYD, "init", "--dir", D + "/other")[0], 0, "init, another one")
plain = write("plain", "neither this nor that\n")
os.mkdir(D + "/closed", 0o755)
bad("init twice", 1, ["has been set up already", "--dir"], REKEYD, "init", "--dir", data)
bad("init in no folder", 1, [D + "/a/b", "give a --dir"], REKEYD, "init", "--dir", D + "/a/b")
bad("init on a file", 1, ["is no folder", "--dir"], REKEYD, "init", "--dir", plain)
bad("init below a file", 1, ["Not a directory", "--dir"], REKEYD, "init", "--dir", plain + "/x")
bad("init without names", 1, "no comma list of host names", REKEYD, "init", "--dir", D + "/names", "--names", ",,")
bad("init with a wrong login", 1, ["no login of letters", "--admin"], REKEYD, "init", "--dir", D + "/login", "--admin", "a b\t")
ok(not os.path.exists(D + "/login"), "and nothing was made")
if NOBODY:
    bad("init where one may not write", 1, ["Permission denied", "--dir"], REKEYD, "init", "--dir", D + "/closed", nobody=True)
settle()

# ---- the settings file ----
good = open(data + "/rekeyd.conf").read()
for name, text, want in (("no name = value", "[server]\nlog-level\n", [":2:", "name = value"]), ("an unknown section", "[servr]\nlog-level = info\n", [":2:", "did you mean log-level in [server]?"]),
                         ("an unknown name", "[server]\nlog-lvel = info\n", [":2:", "did you mean log-level"]), ("no number", "[phones]\nport = many\n", [":2:", "from 0 to 65535"]),
                         ("too big a number", "[phones]\nport = 99999\n", [":2:", "from 0 to 65535"]), ("neither yes nor no", "[phones]\nidle-line = maybe\n", [":2:", "yes or no"]),
                         ("a name twice", "[phones]\nport = 1\nport = 2\n", [":3:", "twice"]), ("a name outside", "port = 3\n", [":1:", "before the first [section]"]),
                         ("an unknown word", "\n[server]\nlog-level = loud\n", [":3:", "debug info warn error"]), ("half a word", "[sip]\nroute = prox\n", [":2:", "proxy direct"]),
                         ("another registrar", "[registrar]\nkind = asterisk\n", [":2:", "kamailio none"]), ("no address", "[phones]\nurl = hello\n", [":2:", "https://"]),
                         ("an address over plain HTTP", "[phones]\nurl = http://phones.example.com\n", [":2:", "https://"]), ("a slash at its end", "[phones]\nurl = https://x/\n", [":2:", "slash"])):
    path = write("set-%s.conf" % name.replace(" ", "-"), text)
    bad("settings: " + name, 1, [path] + want, REKEYD, "check-conf", "--conf", path)
bad("settings: missing", 1, [D + "/none.conf", "--conf", "rekeyd init"], REKEYD, "run", "--conf", D + "/none.conf")
bad("settings: a folder", 1, [D, "not a folder"], REKEYD, "check-conf", "--conf", D)
settle()
code, err, out = run(REKEYD, "check-conf", "--conf", write("empty.conf", ""))
text = dict(re.findall(r"(?m)^([a-z0-9-]+) = (.*)$", out))
is_([text.get(n) for n in ("t1-ms", "grace-ms", "longest-wait-ms", "sweep-ms")], ["500", "30000", "600000", "2000"],
    "the real timers: T1 500 ms, grace 30 s, longest wait 10 min, sweep 2 s")


# ---- run ----
def conf(name, **changed):
    now, out = None, []
    changed = dict({"phones__address": "127.0.0.1", "phones__port": 0, "admin__port": 0}, **changed)
    for line in good.splitlines():
        m = re.match(r"\[(\w+)\]", line)
        now = m.group(1) if m else now
        key = "%s__%s" % (now, line.split("=")[0].strip().replace("-", "_"))
        out.append("%s = %s" % (line.split(" =")[0], changed[key]) if "=" in line and key in changed and line[0] != ";" else line)
    return write(re.sub(r"\W+", "-", name) + ".conf", "\n".join(out) + "\n")


def wrong(name, want, **changed):
    bad("run: " + name, 1, want, REKEYD, "run", "--conf", conf(name, **changed))


s, u = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for x in (s, u):
    x.bind(("127.0.0.1", 0))
s.listen()
wrong("port in use", ["phones", "already in use", "another port"], phones__port=s.getsockname()[1])
wrong("admin's port in use", ["admin", "already in use", "another port"], admin__port=s.getsockname()[1])
wrong("not our address", ["192.0.2.7", "an address of this machine"], phones__address="192.0.2.7")
wrong("no address", ["elephant", "in digits"], phones__address="elephant")
wrong("SIP port in use", ["already in use", "another address or port"], sip__port=u.getsockname()[1])
wrong("SIP from everywhere", ["0.0.0.0", "address in [sip]"], sip__address="0.0.0.0")
wrong("no proxy", ["not a proxy", "sip:"], sip__proxy="not a proxy")
wrong("no CA for SIP", [D + "/none.pem", "the proxy's CA"], sip__tls_ca=D + "/none.pem")
wrong("registrar's key missing", [D + "/none.key", "[registrar] key", "rekeyd init"], registrar__kind="kamailio", registrar__key=D + "/none.key")
wrong("registrar's key too short", "16 to", registrar__kind="kamailio", registrar__key=write("short.key", "abc", 0o600))
wrong("registrar's key open", "chmod 600", registrar__kind="kamailio", registrar__key=write("open.key", "a" * 30, 0o644))
wrong("registrar's events", "address:port", registrar__kind="kamailio", registrar__events="nonsense")
wrong("registrar's database", [plain + "/x.db", "writable"], registrar__kind="kamailio", registrar__database=plain + "/x.db")
wrong("key file missing", [D + "/none.key", "rekeyd init"], server__key_file=D + "/none.key")
wrong("key file open", "chmod 600", server__key_file=write("k644", open(data + "/rekey.key").read(), 0o644))
wrong("key file garbage", [":1:", "no key file"], server__key_file=write("garbage.key", "garbage\n", 0o600))
code, err, out = run(REKEYD, "import", "local", write("one.csv", "user,name-first-name,name-last-name\n1009,A,B\n"), "--conf", data + "/rekeyd.conf")
is_(code, 0, "a user, and with it a secret in the database")
wrong("key file of another database", ["does not fit", "the key file of this database"], server__key_file=D + "/other/rekey.key")
wrong("database missing", [D + "/none.db", "rekeyd init"], server__database=D + "/none.db")
wrong("database below a file", "rekeyd init", server__database=plain + "/x.db")
wrong("database a folder", [D, "owner and mode"], server__database=D)
wrong("database garbage", ["no database", "backup"], server__database=write("garbage.db", "really no database " * 99))
wrong("database empty", "rekeyd init", server__database=write("empty.db", ""))
wrong("certificate missing", ["cannot read " + D + "/none.crt", "rekeyd init"], phones__certificate=D + "/none.crt")
wrong("certificate garbage", [plain, "no certificate"], phones__certificate=plain)
wrong("certificate's key missing", ["cannot read " + D + "/none.key"], phones__key=D + "/none.key")
wrong("another certificate's key", ["/other/phones.key", "fits the certificate"], phones__key=D + "/other/phones.key")
wrong("admin's certificate garbage", [plain, "no certificate"], admin__certificate=plain)
for maker in ("yealink", "polycom", "grandstream"):
    wrong(maker + "'s CA garbage", [plain, "no bundle of certificates"], **{"phones__%s_ca" % maker: plain})
wrong("no templates", [D + "/none/firmware-profiles", "directory"], server__share=D + "/none")


def share(name, file, change):
    """A copy of what is shared, with one file changed, or removed where change gives None."""
    root = "%s/share-%s" % (D, name)
    for part in ("templates", "firmware-profiles"):
        shutil.copytree(os.path.join(top(), part), os.path.join(root, part))
    path = os.path.join(root, file)
    text = change(open(path).read())
    os.unlink(path)
    if text is not None:
        with open(path, "w") as f:
            f.write(text)
    return root


T46U = "firmware-profiles/yealink/t46u.xml"
for name, want, file, change in (
        ("a template with an unknown name", ["yealink/boot.mustache:2:3:", "'nobody_knows'"], "templates/yealink/boot.mustache", lambda t: t.split("\n")[0] + "\n# {{nobody_knows}}\n" + t),
        ("an unknown name in a partial", [":1:1:", "yealink/accounts", "'nobody_knows'"], "templates/yealink/accounts.mustache", lambda t: "{{nobody_knows}}\n" + t),
        ("a template that never ends", ["polycom/lines.mustache:1:1:", "'}}'"], "templates/polycom/lines.mustache", lambda t: "{{ open\n" + t.replace("}}", "")),
        ("a template with an unknown partial", ["yealink/boot.mustache:1:1:", "'nix'"], "templates/yealink/boot.mustache", lambda t: "{{>nix}}\n" + t),
        ("a template gone", "grandstream/keys", "templates/grandstream/keys.mustache", lambda t: None),
        ("a profile against its grammar", [T46U + ":2:", "accounts"], T46U, lambda t: t.replace("<accounts", "<acounts", 1)),
        ("a profile that is no XML", [T46U + ":", "Premature end"], T46U, lambda t: "<phone>\n<accounts>\n"),
        ("two profiles of one id", [".xml:1:", "there twice"], T46U, lambda t: t.replace('"yealink-t46u"', '"yealink-t54w"'))):
    wrong(name, want, server__share=share(name.replace(" ", "-"), file, change))
if NOBODY:
    shutil.copytree(data, D + "/theirs", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    for f in os.listdir(D + "/theirs"):
        os.chown(D + "/theirs/" + f, 65534, 65534)
    # The source tree may lie in a folder that only its owner enters.
    for part in ("templates", "firmware-profiles"):
        shutil.copytree(part, D + "/open/" + part)
    subprocess.run(["chmod", "-R", "a+rX", D + "/open"], check=True)
    text = open(conf("base")).read().replace(data + "/", D + "/theirs/")
    text = re.sub(r"(?m)^share *=.*\n", "", text).replace("[server]\n", "[server]\nshare = " + D + "/open\n", 1)
    mine = write("theirs.conf", text)
    os.chmod(mine, 0o644)
    os.chmod(D + "/theirs", 0o755)  # root's: no log can be written beside the database
    os.chmod(D + "/theirs/rekey.db", 0o444)
    bad("run: database not writable", 1, ["rekey.db", "not writable", "owner and mode"], REKEYD, "run", "--conf", mine, nobody=True)
settle()
for x in (s, u):
    x.close()

# ---- the other commands ----
C = ["--conf", data + "/rekeyd.conf"]
bad("phone: unknown", 1, "no phone 001565000001", REKEYD, "phone", "001565000001", *C)
bad("reset: no domain", 1, "no domain no.test", REKEYD, "reset", "no.test", "1001", *C)
bad("reset: no user", 1, "no user 1001", REKEYD, "reset", "local", "1001", *C)
bad("recycle: no user", 1, "no user 1001", REKEYD, "recycle", "local", "1001", "A", "B", *C)
bad("backup: over a file", 1, ["exists already", "new name"], REKEYD, "backup", plain, *C)
bad("backup: below a file", 1, plain + "/x", REKEYD, "backup", plain + "/x", *C)
bad("import: missing file", 1, [D + "/none.csv", "give the name"], REKEYD, "import", "local", D + "/none.csv", *C)
bad("import: a folder", 1, [D, "give the name"], REKEYD, "import", "local", D, *C)
HEAD = "user,name-first-name,name-last-name\n"
for name, text, want in (("row 3", HEAD + "1001,A,B\n10 02,C,D\n1003,E,F\n", ["line 3", '"10 02"', "nothing was imported"]), ("row 3 is short", HEAD + "1001,A,B\n1002,C\n", ["line 3", "2 fields", "nothing was imported"]),
                         ("unknown model", "mac,model,line,device\n001565000001,yealink-t99,1,\n", ["line 2", "yealink-t99", "phonecfg models"]),
                         ("an open quote", HEAD + '1001,"A,B\n', ["line 2", "quote"]), ("unknown columns", "colour,shape\nred,round\n", ["line 1", "columns"]), ("empty", "", ["line 1", "columns"]),
                         ("binary", b"user\0,\xff\n", "NUL")):
    bad("import: " + name, 1, want, REKEYD, "import", "local", write("i-%s.csv" % name.replace(" ", "-"), text), *C)
settle()
code, err, out = run(REKEYD, "import", "no.test", write("users.csv", HEAD + "1001,A,B\n"), *C)
ok(code == 1 and "no domain no.test" in err and not out, "import: no such domain, and no rows are reported", out + err)
for ext in ("1001", "1003"):
    ok("no user " + ext in run(REKEYD, "recycle", "local", ext, "A", "B", *C)[1], "import: no row of a wrong file was taken: " + ext)

# ---- phonecfg ----
phone = os.path.join(top(), "tests/golden/cases/yealink-t46u/phone.json")
text = open(phone).read()
PHONE = '{"mac":"001565000001","model":"yealink-t46u"%s}'
bad("phonecfg: unknown command", 2, "did you mean 'render'?", PHONECFG, "rendr")
bad("phonecfg: no command", 2, "--help", PHONECFG)
for args, want in ((["render"], "PHONE.json"), (["render", phone, "-o"], "'-o' needs a value"), (["render", phone, "--bogus"], "no option '--bogus'"), (["template"], "template's file"),
                   (["template", plain], "--data"), (["template", plain, "--data", phone, "--escape", "latex"], ["'latex'", "html|xml|ini|json|none"]), (["check"], "FILE"), (["models", "x"], "'x'"),
                   (["apply"], "state"), (["residue", plain], "word"), (["diff", plain], "two files")):
    bad("phonecfg " + " ".join(os.path.basename(a) for a in args), 2, [want] if isinstance(want, str) else want, PHONECFG, *args)
for name, body, want in (("half an object", "{", [":1:1:", "JSON"]), ("a list", "[]", "must be an object"), ("a wrong MAC", '{"mac":"zz"}', "12 hexadecimal digits"), ("no MAC", '{"model":"yealink-t46u"}', "mac is missing"),
                         ("unknown model", text.replace('"yealink-t46u"', '"yealink-t99"'), ["'yealink-t99'", "phonecfg models"]), ("unknown member", text.replace('"accounts"', '"acounts"'), "did you mean 'accounts'?"),
                         ("slot 99", PHONE % ',"accounts":[{"slot":99,"use":"line"}]', ["slot 99", "1 to 16"]), ("unknown use", PHONE % ',"accounts":[{"slot":1,"use":"lime"}]', "accounts[0].use"),
                         ("a control character", PHONE % ',"domain":"a\\u0001b"', "domain")):
    path = write("p-%s.json" % name.replace(" ", "-"), body)
    bad("phonecfg render: " + name, 1, [path] + ([want] if isinstance(want, str) else want), PHONECFG, "render", path)
bad("phonecfg render: missing", 1, [D + "/none.json", "name of a file"], PHONECFG, "render", D + "/none.json")
bad("phonecfg render: into a file", 1, plain + "/x", PHONECFG, "render", phone, "-o", plain + "/x")
bad("phonecfg render: no profiles", 1, [D + "/none", "directory"], PHONECFG, "render", phone, "--profiles", D + "/none")
bad("phonecfg render: no templates", 1, [D + "/none", "directory"], PHONECFG, "render", phone, "--templates", D + "/none")
bad("phonecfg template: missing", 1, [D + "/none", "name of a file"], PHONECFG, "template", D + "/none", "--data", phone)
bad("phonecfg template: unknown name", 1, [".m:2:3:", "'b'"], PHONECFG, "template", write("t.m", "x\n  {{b}}\n"), "--data", write("d.json", '{"a":1}'))
# What check finds is its result, so it stands on stdout, each with its place.
for name, place, path in (("neither vendor's", plain + ":1: error: ", plain),
                          ("half an XML", "half.xml:2: error: ", write("half.xml", "<gs_provision>\n<config>"))):
    code, err, out = run(PHONECFG, "check", path)
    ok(code == 1 and not err and place in out.splitlines()[0], "phonecfg check: %s: exit code 1, the first finding says where" % name, err or out)
bad("phonecfg apply: no state", 1, "--model and --mac", PHONECFG, "apply", D + "/none", phone)
bad("phonecfg diff: missing", 1, D + "/none", PHONECFG, "diff", D + "/none", plain)
settle()
shutil.rmtree(D)
done()

#!/usr/bin/python3
"""The two emulators agree: phones that pull random files (fixed seeds; every form of omission, blank, null, refusal and local
change that the vendors' rules speak of) hold the same values and register the same lines on both, after every pull. Then the two
commands themselves: what they say and how they exit."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/lib")
sys.path.insert(0, "tests/emulator")
import common  # noqa: E402
import tap  # noqa: E402

PHONECFG = os.path.abspath("build/%s/bin/phonecfg" % os.environ.get("REKEY_KIND", "dev"))
TMP = tempfile.mkdtemp(prefix="emulators-")
MAC = {"yealink": "249ad86e9d88", "polycom": "64167f0a1b2c", "grandstream": "c074ad0b63ee", "linphone": "02005e000001",
       "acrobits": "02005e000002", "zoiper": "02005e000003"}
SEQUENCES, PULLS = 30, 4


def phonecfg(*args):
    return subprocess.run([PHONECFG] + list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)


# ---- random files ----

def some(r, words, least=0):
    return r.sample(words, r.randint(least, len(words)))


YEALINK_NAMES = ["account.1.enable", "account.1.user_name", "account.1.password", "account.1.sip_server.1.address",
                 "account.2.enable", "account.2.user_name", "account.2.sip_server.1.address", "account.2.number_of_linekey",
                 "linekey.1.type", "linekey.1.line", "linekey.2.type", "linekey.2.label", "linekey.20.type", "static.x",
                 "features.auto_linekeys.enable", "static.auto_provision.custom.protect", "static.auto_provision.custom.sync",
                 "static.security.user_password", "auto_provision.custom.protect", "account.1.sip_server_host",
                 "static.auto_provision.local_contact.backup.enable", "static.auto_provision.local_calllog.backup.enable", "static.auto_provision.update_file_mode"]
YEALINK_KEY = "0123456789#$%*+-"
YEALINK_VALUES = ["", "%NULL%", "0", "1", "1", "15", "16", "two words", "admin:x", "user:y", "a=b", "#c", "%EMPTY%"]


def yealink_cfg(r):
    head = r.choice(["#!version:1.0.0.1"] * 8 + ["#!version:1.0.0.1 ", "", "<html>", "#!version:2"])
    end = r.choice(["\n", "\r\n"])
    lines = [head]
    if r.random() < 0.3:
        lines.append("local_contact.data.url = %s" % r.choice(["", "%NULL%", "https://h.test/a/list.xml", "https://h.test/none.xml"]))
    for name in some(r, YEALINK_NAMES):
        lines.append(r.choice(["%s = %s", "%s=%s", " %s =  %s ", "#%s = %s"]) % (name, r.choice(YEALINK_VALUES)))
    if r.random() < 0.2:
        lines.append("%sauto_provision.%s = %s" % (r.choice(["static.", "static.", ""]),
                                                   r.choice(["aes_key.mac", "aes_key_16.mac"]), YEALINK_KEY))
    return end.join(lines) + r.choice([end, ""])


def sealed(text, key):
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-K", key.encode().hex()], input=text.encode(), stdout=subprocess.PIPE,
                          check=True).stdout


def yealink(r):
    mac = MAC["yealink"]
    files = {}
    includes = ["include:config <%s.cfg>" % mac, 'include:config "extra.cfg"', "[T46U,T54W]include:config <own.cfg>",
                "[T29G]include:config <other.cfg>", "include:config <y000000000108.cfg>", "include:config <y000000000028.cfg>", "#include:config <no.cfg>"]
    for boot in (mac + ".boot", "y000000000000.boot"):
        if r.random() < 0.4:
            files[boot] = "\n".join(["#!version:1.0.0.1", "overwrite_mode = %d" % r.randint(0, 1),
                                     "specific_model.excluded_mode = %d" % r.randint(0, 1)] + some(r, includes)) + "\n"
    for name in (mac + ".cfg", "y000000000108.cfg", "y000000000028.cfg", "extra.cfg", "own.cfg", "other.cfg", mac + "-local.cfg"):
        if r.random() < 0.7:
            files[name] = yealink_cfg(r)
    for name in (mac + ".cfg", mac + "-local.cfg"):
        if name in files and r.random() < 0.15:
            files[name] = sealed(files[name], r.choice([YEALINK_KEY] * 4 + [YEALINK_KEY[::-1]]))
    entries = '<contact n="A &amp; B" o="1"/><g><contact n="C"/></g>'
    forms = ["<root_contact/>", "<root_contact", "<root_group/><root_contact>%s</root_contact>" % entries, "<contactData>%s</contactData>" % entries,
             '<?xml version="1.0"?>\n<vp_contact><root_contact>%s</root_contact></vp_contact>' % entries, "<root_contact/><vp_contact/><contactData/>"]
    for name in (mac + "-contact.xml", "list.xml"):
        if r.random() < 0.5:
            files[name] = r.choice(forms)
    if r.random() < 0.5:
        files[mac + "-calllog.xml"] = r.choice(["<root_call_log/>", "<calls/>", '<root_call_log><item a="1"/><item/><item a="2"/></root_call_log>'])
    return files


POLYCOM_NAMES = ["reg.1.address", "reg.1.auth.password", "reg.1.server.1.address", "reg.2.address", "reg.2.server.1.register",
                 "voIpProt.server.1.address", "device.set", "device.hostname", "device.hostname.set", "x.y", "x.z", "reg.1.label",
                 "device.prov.serverName", "device.prov.serverName.set",
                 "reg.1.lineKeys", "lineKey.reassignment.enabled", "attendant.resourceList.1.address",
                 "attendant.resourceList.1.label", "attendant.resourceList.2.address"] + [
                     "lineKey.%d.%s" % (n, what) for n in (1, 2, 12, 13, 53, 132, 133) for what in ("category", "index")]


def polycom_attributes(r):
    category = ["Line", "Line", "BLF", "BLF", "SpeedDial", "SpeedDial", "Unassigned"]
    return " ".join('%s="%s"' % (n, r.choice(category if n.endswith("category") else
                                             ["boot.test/own.cfg"] if n.endswith("serverName") else
                                             ["", "1", "1", "2", "0", "1001@a.test", "a&amp;b", "&#65;"]))
                    for n in some(r, POLYCOM_NAMES))


def polycom(r):
    mac = MAC["polycom"]
    broken = ["", "<html><br></html>", '<a x.y="1" x.y="2"/>', "plain", '<a x.y="1"']
    files = {}
    listed = ", ".join(some(r, ["[PHONE_MAC_ADDRESS]-lines.cfg", "site.cfg", "[PHONE_MODEL].cfg"]))
    for name in (mac + ".cfg", "000000000000.cfg"):
        if r.random() < 0.7:
            files[name] = r.choice(['<APPLICATION CONFIG_FILES="%s"/>' % listed] * 4 + ["<PHONE %s/>" % polycom_attributes(r)] +
                                   ['<APPLICATION CONFIG_FILES="site.cfg"><APPLICATION_VVX450 CONFIG_FILES_VVX450="%s"/>'
                                    "</APPLICATION>" % listed, r.choice(broken)])
    for name in (mac + "-lines.cfg", "site.cfg", "VVX450.cfg"):
        if r.random() < 0.8:
            files[name] = r.choice(["<a %s><b %s/></a>"] * 5 + ["<!-- %s --><a %s/>"]) % (
                polycom_attributes(r), polycom_attributes(r))
            if r.random() < 0.15:
                files[name] = r.choice(broken)
    for suffix in ("-phone.cfg", "-web.cfg"):
        if r.random() < 0.5:
            files[mac + suffix] = r.choice(["<PHONE_CONFIG><OVERRIDES %s/></PHONE_CONFIG>" % polycom_attributes(r),
                                            "<PHONE_CONFIG><OVERRIDES/></PHONE_CONFIG>", r.choice(broken)])
    if r.random() < 0.4:
        files[mac + "-directory.xml"] = r.choice([
            "<directory><item_list/></directory>",
            "<directory><item_list><item><fn>B</fn><sd>1</sd></item><item><fn> C </fn></item></item_list></directory>"])
    if r.random() < 0.3:
        files["000000000000-directory.xml"] = "<directory><item_list><item><ct>7</ct><sd>2</sd></item></item_list></directory>"
    if r.random() < 0.2:
        files["own.cfg"] = '<APPLICATION CONFIG_FILES="site.cfg"/>'
    return files


GS_NAMES = ["account.1.enable", "account.1.name", "account.1.sip.userid", "account.1.sip.subscriber.password",
            "account.1.sip.subscriber.name", "account.1.sip.server.1.address", "account.1.sip.registerExpiration",
            "account.2.enable", "account.2.sip.userid", "pks.vpk.1.value", "pks.vpk.13.value", "pks.vpk.14.value",
            "pks.vpk.15.value", "pks.vpk.16.value", "pks.mpk.1.description", "provisioning.userProtect.enable",
            "provisioning.config.processAll.enable", "users.admin.password", "P271", "P35", "P34", "P3", "P402", "P32", "P99123",
            "p35", "Pabc", "dateTime.timezone"]
GS_VALUES = ["", " ", "0", "1", "1", "Yes", "No", "1001", " 1001 ", "a" * 65, "a" * 33, "R&D", "x &amp; y", "99999", "60", "060",
             "a b", "<![CDATA[x]]>", "Bob&#10;35=77", "pbx.test:5060"]


def gs_xml(r):
    items = []
    for name in some(r, GS_NAMES) + some(r, GS_NAMES[:3]):
        value = r.choice(GS_VALUES)
        items.append("<%s>%s</%s>" % (name, value, name) if name[:1] in "Pp" and "." not in name
                     else '<item name="%s">%s</item>' % (name, value))
    mac = r.choice(["<mac>%s</mac>" % MAC["grandstream"]] * 6 + ["", "<mac>%s</mac>" % MAC["grandstream"].upper(),
                                                                  "<mac>000000000000</mac>", "<mac></mac>"])
    head = r.choice(['<?xml version="1.0" encoding="UTF-8"?>'] * 8 + ["", '<?xml version="1.0"?>',
                                                                      '<?xml version="1.0" encoding="ISO-8859-1"?>'])
    return head + '<gs_provision version="1">%s<config version="2">%s</config></gs_provision>' % (mac, "".join(items))


def grandstream(r):
    files = {}
    for name in ("cfg%s.xml" % MAC["grandstream"], "cfggxp2170.xml", "cfg.xml", "cfg%s" % MAC["grandstream"]):
        if r.random() < 0.7:
            files[name] = gs_xml(r) if r.random() < 0.9 else "<html>sorry</html>"
    return files


def linphone(r):
    sections = []
    for section in some(r, ["proxy_0", "proxy_1", "auth_info_0", "auth_info_1", "misc"]):
        keys = {"proxy": ["reg_identity", "reg_proxy", "reg_sendregister"], "auth_": ["username", "passwd", "ha1", "userid"],
                "misc": ["transient_provisioning"]}[section[:5] if section[:5] in ("proxy", "auth_") else "misc"]
        entries = []
        for key in some(r, keys):
            value = r.choice(["", "0", "1", "1001", "sip:1001@a.test", "&lt;sip:b.test;transport=tcp&gt;"])
            entries.append('<entry name="%s"%s>%s</entry>' % (key, r.choice(["", ' overwrite="true"', ' overwrite="false"']), value))
        sections.append('<section name="%s">%s</section>' % (section, "".join(entries)))
    body = '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">%s</config>' % "".join(sections)
    return {"linphone.xml": r.choice([body] * 6 + ["", "<html/>", body[:-3]])} if r.random() < 0.9 else {}


ACROBITS_NODES = ["username", "password", "authUsername", "host", "proxy", "transport", "expires", "userDisplayName", "extProvInterval"]
ZOIPER_NODES = ["username", "password", "SIP_auth_username", "SIP_domain", "SIP_use_outbound_proxy", "SIP_outbound_proxy", "SIP_callerId",
                "register_on_startup"]
APP_VALUES = ["", "", "1001", "a.test", "a.test:5060", "removed.invalid", "true", "false", "[::1]:5060", "x &amp; y", "tls+sip:"]


def nodes(r, names):
    return "".join("<%s>%s</%s>" % (n, r.choice(APP_VALUES), n) for n in some(r, names)) + r.choice(["", "<blf><uri>x</uri></blf>"])


def acrobits(r):
    title = r.choice(["<title>T</title>"] * 5 + ["", "<title></title>"])
    body = "<account>%s%s</account>" % (title, nodes(r, ACROBITS_NODES))
    return {"acrobits.xml": r.choice([body] * 6 + ["", "<message>no</message>", body[:-3]])} if r.random() < 0.9 else {}


def zoiper(r):
    accounts = "".join("<account>%s%s</account>" % (r.choice(["<ident>rekey-1</ident>"] * 3 + ["<ident>other</ident>", "<ident/>", ""]),
                                                    nodes(r, ZOIPER_NODES)) for _ in range(r.randint(0, 2)))
    body = "<options><accounts>%s</accounts></options>" % accounts
    return {"zoiper.xml": r.choice([body] * 6 + ["", "<options/>", body[:-3]])} if r.random() < 0.9 else {}


# ---- one sequence ----

def known(state):
    """What must be equal: every stored value but the fingerprints, and the lines."""
    values = {"%s %s" % (e["layer"], e["name"]): e["value"] for e in state["values"] if e["layer"] != "seen"}
    lines = [[line["slot"], line["user"], line["auth-user"], line["password"]] for line in state["lines"]]
    if state["model"].startswith("polycom"):
        lines += [[k[what] for what in ("module", "index", "kind", "label", "value")] for k in state["keys"]]
    return values, lines


def difference(a, b):
    keys = [k for k in sorted(set(a[0]) | set(b[0])) if a[0].get(k) != b[0].get(k)]
    return ["%s: C %r, Python %r" % (k, a[0].get(k), b[0].get(k)) for k in keys] + (
        ["lines: C %s, Python %s" % (a[1], b[1])] if a[1] != b[1] else [])


def sequence(model, make_files, seed, rules=()):
    vendor = common.MODELS[model].vendor
    r = random.Random(seed)
    path = os.path.join(TMP, "state.json")
    if os.path.exists(path):
        os.unlink(path)
    phone = common.make(model, MAC[vendor])
    if rules:
        phone.rules = {name: True for name in rules}
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"model": model, "mac": MAC[vendor], "rules": phone.rules, "values": []}, f)
    if model == "yealink-t46g":  # firmware of both generations
        phone.firmware = ["28.80.0.130", "28.73.0.20", "28.83.0.120"][seed % 3]
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"model": model, "mac": MAC[vendor], "firmware": phone.firmware, "rules": phone.rules, "values": []}, f)
    for n in range(PULLS):
        where = tempfile.mkdtemp(dir=TMP)
        files = make_files(r)
        for name, body in files.items():
            with open(os.path.join(where, name), "wb") as f:
                f.write(body if isinstance(body, bytes) else body.encode())
        done = phonecfg("apply", path, "--pull", where, "--model", model, "--mac", MAC[vendor], "-w",
                        "--profiles", "firmware-profiles")
        if done.returncode != 0:
            return "pull %d: exit %d: %s" % (n + 1, done.returncode, done.stderr.decode())
        with open(path, encoding="utf-8") as f:
            state = json.load(f)
        phone.boot(common.directory(where))
        wrong = difference(known(state), known(phone.save()))
        if wrong:
            return "seed %d, pull %d:\n%s\nfiles: %s\nsteps: %s" % (
                seed, n + 1, "\n".join(wrong[:6]), json.dumps(files, default=repr)[:1500], json.dumps(state["steps"]))
        if vendor in ("yealink", "polycom", "grandstream"):
            name = r.choice({"yealink": YEALINK_NAMES[1:4] + YEALINK_NAMES[8:12], "polycom": ["x.y", "reg.1.address"],
                             "grandstream": GS_NAMES[1:5]}[vendor])
            local_change(state, phone, vendor, name, path)
    return None


def local_change(state, phone, vendor, name, path):
    """The person changes a value: the C phone's state file gets what the vendor's phone would note."""
    phone.change(name, "mine")
    mine = {"layer": "local" if vendor == "polycom" else "file", "name": name, "value": "mine", "source": ""}
    entries = [mine]
    if vendor != "polycom" and name in phone.store["local"]:
        entries.append(dict(mine, layer="local"))
    names = [(e["layer"], e["name"]) for e in entries]
    kept = [e for e in state["values"] if (e["layer"], e["name"]) not in names]
    with open(path, "w", encoding="utf-8") as f:
        json.dump(dict(state, values=kept + entries), f)


# ---- the commands ----

def says(name, args, code, text):
    done = phonecfg(*args)
    out = (done.stdout + done.stderr).decode()
    tap.ok(done.returncode == code and text in out, name, "exit %d\n%s" % (done.returncode, out[:600]))


def commands():
    state, cfg = os.path.join(TMP, "one.json"), os.path.join(TMP, "249ad86e9d88.cfg")
    with open(cfg, "w", encoding="utf-8") as f:
        f.write("#!version:1.0.0.1\naccount.1.label = Bob Smith\naccount.1.password = S3cret\n")
    profiles = ["--profiles", "firmware-profiles"]
    new = ["--model", "yealink-t46u", "--mac", "24:9A:D8:6E:9D:88"] + profiles
    says("a new phone needs model and MAC", ["apply", state, cfg] + profiles, 1, "give --model and --mac")
    says("an unknown model", ["apply", state, cfg, "--model", "yealink-t99", "--mac", "249ad86e9d88"] + profiles, 1,
         "`phonecfg models` lists them")
    says("a broken MAC", ["apply", state, cfg, "--model", "yealink-t46u", "--mac", "249a"] + profiles, 1, "12 hexadecimal digits")
    says("without -w the state goes to stdout", ["apply", state, cfg] + new, 0, '"value": "Bob Smith"')
    tap.ok(not os.path.exists(state), "and no file is made")
    says("-w keeps it", ["apply", state, cfg, "-w"] + new, 0, "")
    tap.is_(os.stat(state).st_mode & 0o777, 0o600, "the state file is its owner's alone")
    says("a file that is missing", ["apply", state, cfg + "x"] + profiles, 1, cfg + "x")
    says("another model than the file's", ["apply", state, cfg, "--model", "yealink-t54w", "--mac", "249ad86e9d88"] + profiles, 1,
         "leave --model away")
    says("no argument", ["apply"], 2, "phonecfg")
    says("--pull and files", ["apply", state, cfg, "--pull", TMP] + profiles, 2, "name none")
    says("residue found", ["residue", state, "smith"] + profiles, 1, "account.1.label still holds the word \"smith\"")
    says("residue of two words", ["residue", state, "nobody", "S3CRET"] + profiles, 1, "account.1.password")
    says("no residue", ["residue", state, "Carol"] + profiles, 0, "")
    says("residue without a word", ["residue", state] + profiles, 2, "at least one word")
    with open(state, "w", encoding="utf-8") as f:
        f.write('{"model": "yealink-t46u"\n "mac": 1}')
    says("a broken state says where", ["residue", state, "x"] + profiles, 1, "one.json:2:")
    with open(state, "w", encoding="utf-8") as f:
        f.write('{"model": "yealink-t46u", "mac": "249ad86e9d88", "values": [{"layer": "attic", "name": "a", "value": "b"}]}')
    says("a layer that does not exist", ["residue", state, "x"] + profiles, 1, "values[0]")
    with open(state, "w", encoding="utf-8") as f:
        f.write('{"model": "yealink-t46u", "mac": "249ad86e9d88", "rules": {"no_such": true}}')
    says("a rule that does not exist", ["residue", state, "x"] + profiles, 1, "no rule 'no_such'")


def main():
    try:
        for model, make_files in (("yealink-t46u", yealink), ("yealink-t46g", yealink), ("polycom-vvx450", polycom),
                                  ("grandstream-gxp2170", grandstream), ("linphone", linphone), ("acrobits", acrobits),
                                  ("zoiper", zoiper)):
            wrong = [w for w in (sequence(model, make_files, seed) for seed in range(SEQUENCES)) if w]
            tap.ok(not wrong, "%s: %d phones of %d pulls each are alike on both" % (model, SEQUENCES, PULLS),
                   "%d differ\n%s" % (len(wrong), "\n".join(wrong[:2])))
        for model, make_files, rules in (
                ("yealink-t46u", yealink, ["yealink_other_list"]), ("yealink-t46g", yealink, ["yealink_other_list"]),
                ("polycom-vvx450", polycom, ["polycom_omission_keeps"]), ("polycom-vvx450", polycom, ["polycom_missing_drops"]),
                ("polycom-vvx450", polycom, ["polycom_override_404"]), ("polycom-vvx450", polycom, ["polycom_web_wins"]),
                ("polycom-vvx450", polycom, ["polycom_lines_first"]), ("linphone", linphone, ["linphone_prunes_auth"]), ("acrobits", acrobits, ["acrobits_omission_keeps"]),
                ("acrobits", acrobits, ["acrobits_empty_keeps"]), ("zoiper", zoiper, ["zoiper_omission_keeps"]),
                ("zoiper", zoiper, ["zoiper_empty_keeps"]), ("zoiper", zoiper, ["zoiper_others_stay"])):
            wrong = [w for w in (sequence(model, make_files, seed, rules) for seed in range(10)) if w]
            tap.ok(not wrong, "%s with %s: 10 phones are alike on both" % (model, rules[0]), "%d differ\n%s" % (len(wrong), "\n".join(wrong[:2])))
        commands()
    finally:
        shutil.rmtree(TMP)
    tap.done()


main()

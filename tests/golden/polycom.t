#!/usr/bin/python3
"""Polycom and Poly, all models: every attribute of every file that is made for them is a known parameter with its numbers, type and
range; what the neutral words become is what the vendor's guides say; and what 3.x wants differently it gets."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program, top  # noqa: E402

PHONECFG = program("phonecfg")
PROFILES = os.path.join(top(), "firmware-profiles", "polycom")
MAC = "64167f0a1b2c"
SCHEMA = 2328  # patterns of the vendor schema 4.0.15
# What the schema does not have, and where it is from.
BEYOND = {
    "prov.autoConfigUpload.enabled": "public template sets for 5.4 to 6.4",
    "reg.{}.extension": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.insertOBPAddressInRoute": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.lineAddress": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.pin": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.server.{}.pstnServerAuth.password": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.server.{}.pstnServerAuth.userId": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.showRejectSoftKey": "vendor template reg-basic.cfg of 6.3",
    "reg.{}.useTelUriAsLineLabel": "vendor template reg-basic.cfg of 6.3",
    "voice.codecPref.G711A": "vendor guide SIP 1.4",
    "voice.codecPref.G711Mu": "vendor guide SIP 1.4",
    "voice.codecPref.G729AB": "vendor guide SIP 1.4",
}
# Attributes of a master file, from the vendor's own of 6.3.
MASTER = {"APP_FILE_PATH", "CONFIG_FILES", "SERVICE_FILES", "MISC_FILES", "LOG_FILE_DIRECTORY", "OVERRIDES_DIRECTORY",
          "CONTACTS_DIRECTORY", "LICENSE_DIRECTORY", "USER_PROFILES_DIRECTORY", "CALL_LISTS_DIRECTORY", "COREFILE_DIRECTORY"}


# ---- what is known ----

def rows():
    out = {}
    for line in open(os.path.join(PROFILES, "parameters.txt"), encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            cells = line.rstrip("\n").split("\t") + ["-"] * 5
            ranges = [] if cells[1] == "-" else [tuple(map(int, r.split(".."))) if ".." in r else (int(r),) * 2
                                                 for r in cells[1].split(",")]
            out[cells[0]] = (ranges, cells[2], cells[3])
    return out


def fits(kind, value):
    """Does a value fit "int 0 5 empty", "text 0 256", "bool", "word a|b"?"""
    word, _, rest = kind.partition(" ")
    if word in ("word", "enum"):
        return value in rest.split("|")
    if word == "bool":
        return value in ("0", "1")
    limits = rest.split()
    if word == "int":
        if value == "":
            return limits[2:] == ["empty"]
        return bool(re.fullmatch(r"-?\d+", value)) and int(limits[0]) <= int(value) <= int(limits[1])
    if word == "text":
        return int(limits[0]) <= len(value) <= int(limits[1])
    return word == "string"


ROWS = rows()
is_(sorted(n for n in BEYOND if n not in ROWS), [], "what is known beyond the schema has a row")
is_(len(ROWS) - len(BEYOND), SCHEMA, "and every other row is the schema's")


def wrong_with(name, value):
    parts = name.split(".")
    row = ROWS.get(".".join("{}" if p.isdigit() else p for p in parts))
    if row is None:
        return "%s is not known" % name
    numbers = [int(p) for p in parts if p.isdigit()]
    if any(not low <= n <= high for n, (low, high) in zip(numbers, row[0])):
        return "%s: a number out of range" % name
    if not fits(row[1], value):
        return "%s = %r does not fit %s" % (name, value[:40], row[1])
    return None


# ---- phones ----

def models():
    out = {}
    for f in sorted(os.listdir(PROFILES)):
        if f.endswith(".xml") and f != "vendor.xml":
            root = ET.parse(os.path.join(PROFILES, f)).getroot()
            modules = root.find("modules")
            out[root.get("id")] = {
                "accounts": int(root.find("accounts").get("max")), "keys": int(root.find("keys").get("max")),
                "blank": int(root.find("keys").get("blank")),
                "modules": int(modules.get("count")) if modules is not None else 0,
                "each": int(modules.get("keys")) if modules is not None else 0,
                "old": [s.get("name") for s in root.findall("syntax")] == ["polycom-3"]}
    return out


TYPES = ["blf", "speed-dial", "park", "intercom", "voicemail", "page"]


def key(n, **at):
    """Every type in turn; labels and numbers as long as a phone may have them, and with letters that XML wants escaped."""
    return dict(at, type=TYPES[n % 6], slot=1, value="%d" % (1000 + n), label='K%d <"&\' \u00f6\u4e2d' % n, owner="desk",
                **({"pickup": "**"} if n % 6 == 0 else {}))


def full(model, m, **more):
    phone = {"mac": MAC, "model": model, "generation": 7, "domain": "sip.example", "timezone": "Europe/Berlin", "language": "de",
             "provisioning": {"url": "https://rekey.example:8443/cfg/", "password": "login1", "write-login": True},
             "admin-password": "a" * 32, "user-password": "u" * 32, "filler": "f"}
    phone["accounts"] = [
        {"slot": n, "use": "line", "label": "L" * 60, "display-name": "D" * 60, "user": "u" * 64, "auth-user": "a" * 64,
         "password": "p" * 64, "domain": "d" * 63 + "." + "d" * 63 + "." + "e" * 63 + ".example", "server": "s" * 63 + ".example",
         "port": 65535, "transport": ["udp", "tcp", "tls"][n % 3], "proxy": "proxy.example", "expires": 604800,
         "voicemail": "v" * 64, "shared": n % 2 == 0}
        for n in range(1, m["accounts"] + 1)]
    phone["keys"] = [dict({"type": "line", "slot": 1, "owner": "line"}, index=1)] if m["keys"] else []
    phone["keys"] += [key(n, index=n) for n in range(2, m["keys"] + 1)]
    phone["keys"] += [key(x, module=x // m["each"] + 1, index=x % m["each"] + 1) for x in range(m["modules"] * m["each"])]
    phone.update(more)
    return phone


def vacant(model, m):
    return full(model, m, accounts=[], keys=[], provisioning={"url": "https://rekey.example:8443/cfg/", "password": "login1"})


def words(**settings):
    return [{"layer": "phone", "name": n.replace("_", "-"), "value": v} for n, v in settings.items()]


def render(doc, check=False):
    """{file: text}; check: what phonecfg check says of the phone's file must be nothing."""
    with tempfile.TemporaryDirectory() as d:
        source, out = os.path.join(d, "phone.json"), os.path.join(d, "out")
        with open(source, "w", encoding="utf-8") as f:
            json.dump(doc, f)
        r = subprocess.run([PHONECFG, "render", source, "-o", out], capture_output=True, text=True)
        if r.returncode:
            return {"error": r.stderr}
        files = {n: open(os.path.join(out, n), encoding="utf-8", newline="").read() for n in os.listdir(out)}
        if check:
            r = subprocess.run([PHONECFG, "check", os.path.join(out, MAC + "-lines.cfg")], capture_output=True, text=True)
            files["check"] = "" if ", 0 errors, 0 warnings" in r.stdout and r.returncode == 0 else r.stdout + r.stderr
        return files


def attributes(text):
    """In order, as the bytes have them: a name twice in the file is seen."""
    out = []
    for e in ET.fromstring(text).iter():
        out += e.attrib.items()
    return out


def look(case, doc, m):
    files = render(doc, check=True)
    if not ok("error" not in files, case + ": a file is made", files.get("error", "")):
        return {}
    is_(files["check"], "", case + ": phonecfg check has nothing to say")
    attrs = attributes(files[MAC + "-lines.cfg"])
    values = dict(attrs)
    wrong = [w for w in (wrong_with(n, v) for n, v in attrs) if w]
    ok(not wrong, "%s: %d attributes are known, with number, type and range" % (case, len(attrs)), "\n".join(wrong[:10]))
    twice = sorted(n for n in values if sum(1 for x, _ in attrs if x == n) > 1) if len(values) != len(attrs) else []
    is_(twice, [], case + ": none stands twice")
    device = [n for n in values if n.startswith("device.") and n != "device.set" and not n.endswith(".set")]
    ok(device and values["device.set"] == "1" and all(values.get(n + ".set") == "1" for n in device), case + ": flash values have their .set")
    login = doc["provisioning"].get("write-login", False)
    is_(any(n.startswith(("device.prov.", "device.sec.")) for n in values), login, case + ": the way to the server only when asked")
    long = [line for line in files[MAC + "-lines.cfg"].splitlines() if line.count('="') > 1 and not line.startswith("<?xml")]
    is_(long[:2], [], case + ": one attribute a line")
    master = ET.fromstring(files[MAC + ".cfg"])
    ok(master.tag == "APPLICATION" and set(master.attrib) <= MASTER, case + ": a master file of the vendor's attributes")
    for kind in ("lineKey.%d.category", "lineKey.%d.index"):
        ok(all(kind % n in values for n in range(1, m["blank"] + 1)), "%s: %s up to %d" % (case, kind, m["blank"]))
    is_(values["lineKey.reassignment.enabled"], "0" if m["old"] or not m["keys"] else "1", case + ": keys one by one since 4.0")
    contacts = ET.fromstring(files[MAC + "-directory.xml"])
    speed = [v for n, v in attrs if n.startswith("lineKey.") and n.endswith(".index") and values[n[:-5] + "category"] == "SpeedDial"]
    is_(sorted(map(int, speed)), sorted(int(e.text) for e in contacts.iter("sd")), case + ": a contact for each speed dial")
    return values


MODELS = models()
ok(len(MODELS) >= 50, "%d models" % len(MODELS))
for model, m in MODELS.items():
    values = look(model, full(model, m), m)
    shown = {}
    for n in range(1, m["keys"] + m["modules"] * m["each"] + 1):
        shown.setdefault(values.get("lineKey.%d.category" % n), []).append(n)
    watched = [n for n, v in values.items() if re.fullmatch(r"attendant\.resourceList\.\d+\.address", n) and v]
    is_(len(watched), len(shown.get("BLF", [])), model + ": a watched number for each such key")
    ok("Unassigned" not in shown, model + ": every key of phone and modules is used", shown.get("Unassigned"))
    values = look(model + ", vacant", vacant(model, m), m)
    person = [n for n, v in values.items() if v and re.match(
        r"reg\.\d+\.(address|label|displayName|auth\.userId|auth\.password|server\.\d\.address)$|msg\.mwi\.\d+\.(subscribe|callBack)$"
        r"|attendant\.resourceList\.\d+\.(address|label)$", n)]
    is_(person, [], model + ", vacant: nothing of a person")

# ---- the neutral words ----
ONE = "polycom-vvx450"


def said(model=ONE, **settings):
    doc = vacant(model, MODELS[model])
    doc.update(overrides=words(**settings), accounts=[{"slot": 1, "use": "line", "user": "1001", "password": "p"}],
               provisioning=dict(doc["provisioning"], **{"write-login": True}))
    files = render(doc)
    return dict(attributes(files[MAC + "-lines.cfg"]), **ET.fromstring(files[MAC + ".cfg"]).attrib) if "error" not in files else files


def becomes(title, wanted, **settings):
    values = said(**settings)
    got = {n: values.get(n) for n in wanted}
    is_(got, wanted, title)


C, T, S = "voice.codecPref.", "tone.dtmf.", "sec.srtp."
INFO = "voIpProt.SIP.dtmfViaSignaling.rfc2976"
becomes("codecs unsaid: G.722, then A-law, then mu-law",
        {C + "G722": "1", C + "G711_A": "2", C + "G711_Mu": "3", C + "G729_AB": "0", C + "iLBC.13_33kbps": "0", C + "Siren22.64kbps": "0"})
becomes("codecs in their order, the others off, unknown ones left out",
        {C + "G729_AB": "1", C + "iLBC.13_33kbps": "2", C + "G711_Mu": "3", C + "G722": "0", C + "G711_A": "0"},
        codecs="opus g729 g726-32 ilbc pcmu")
becomes("key tones as RTP events", {T + "viaRtp": "1", T + "rfc2833Control": "1", T + "chassis.masking": "0", INFO: "0"}, dtmf="rfc4733")
becomes("key tones as sound", {T + "viaRtp": "1", T + "rfc2833Control": "0", T + "chassis.masking": "0", INFO: "0"}, dtmf="inband")
becomes("key tones in INFO", {T + "viaRtp": "0", T + "rfc2833Control": "0", T + "chassis.masking": "1", INFO: "1"}, dtmf="info")
for how, three in (("off", "000"), ("optional", "110"), ("required", "111")):
    wanted = {base + name: v for base in (S, "reg.1.srtp.", "reg.34.srtp.") for name, v in zip(("enable", "offer", "require"), three)}
    becomes("encrypted speech " + how, wanted, srtp=how)
becomes("NAT keep-alive", {"nat.keepalive.interval": "30"})
becomes("NAT keep-alive, said", {"nat.keepalive.interval": "3600"}, keepalive_seconds="3600")
P = "prov.polling."
becomes("asks every so often", {P + "enabled": "1", P + "mode": "rel", P + "period": "7200", P + "time": "03:00", P + "timeRandomEnd": ""},
        poll_minutes="120")
becomes("never more often than the phone can", {P + "period": "3600"}, poll_minutes="1")
becomes("once a day in a window", {P + "mode": "random", P + "period": "86400", P + "time": "22:05", P + "timeRandomEnd": "06:00"},
        poll_window="22:05-06:00")
for code, folder in (("en", ""), ("de", "German_Germany"), ("fr", "French_France"), ("es", "Spanish_Spain"), ("it", "Italian_Italy"),
                     ("nl", "Dutch_Netherlands"), ("en-gb", "English_United_Kingdom"), ("de-at", "German_Germany"), ("pl", "")):
    becomes("language " + code, {"lcl.ml.lang": folder}, language=code)
Z = "tcpIpApp.sntp."
becomes("Berlin: the last Sundays of March and October",
        {Z + "gmtOffset": "3600", Z + "daylightSavings.enable": "1", Z + "daylightSavings.fixedDayEnable": "0",
         Z + "daylightSavings.start.month": "3", Z + "daylightSavings.start.dayOfWeek": "1",
         Z + "daylightSavings.start.dayOfWeek.lastInMonth": "1", Z + "daylightSavings.start.time": "2",
         Z + "daylightSavings.stop.month": "10", Z + "daylightSavings.stop.dayOfWeek.lastInMonth": "1",
         Z + "daylightSavings.stop.time": "3"}, timezone="Europe/Berlin")
becomes("Chicago: the second Sunday of March (8), the first of November (1)",
        {Z + "gmtOffset": "-21600", Z + "daylightSavings.start.date": "8", Z + "daylightSavings.start.dayOfWeek.lastInMonth": "0",
         Z + "daylightSavings.stop.month": "11", Z + "daylightSavings.stop.date": "1"}, timezone="America/Chicago")
becomes("Kiritimati lies beyond the schema's 13 hours: the file is made", {Z + "gmtOffset": "46800"}, timezone="Pacific/Kiritimati")
becomes("Kolkata: no summer time", {Z + "gmtOffset": "19800", Z + "daylightSavings.enable": "0"}, timezone="Asia/Kolkata")
becomes("a time server", {Z + "address": "ntp.example", Z + "address.overrideDHCP": "1"}, ntp="ntp.example")
D = "dir.corp."
becomes("no directory", {D + "address": "", "feature.corporateDirectory.enabled": "0"})
becomes("a directory", {D + "address": "ldap.example", D + "port": "3269", D + "transport": "TLS", D + "baseDN": "ou=people,dc=x",
                        "feature.corporateDirectory.enabled": "1"}, phonebook_url="ldaps://ldap.example:3269/ou=people,dc=x")
becomes("a directory without port and base", {D + "address": "ldap.example", D + "port": "0", D + "transport": "TCP", D + "baseDN": ""},
        phonebook_url="ldap://ldap.example")
becomes("a phonebook file is nothing to it", {D + "address": "", "feature.corporateDirectory.enabled": "0"},
        phonebook_url="https://x.example/book.xml")
becomes("firmware left alone", {"APP_FILE_PATH": "sip.ld", "LOG_FILE_DIRECTORY": ""})
becomes("firmware from a folder", {"APP_FILE_PATH": "https://fw.example/poly/sip.ld"}, firmware_url="https://fw.example/poly/")
becomes("a firmware file", {"APP_FILE_PATH": "https://fw.example/x.ld"}, firmware_url="https://fw.example/x.ld")
becomes("logs stay on the phone", {"LOG_FILE_DIRECTORY": "http://0.0.0.0"}, keep_logs="true")
becomes("contacts cannot be made on the phone", {"dir.local.readonly": "1"}, keep_contacts="true")
V, STRICT, PROV = "sec.TLS.protocol.", "sec.TLS.SIP.strictCertCommonNameValidation", "device.sec.TLS."
becomes("TLS unsaid: the factory's, for a phone that did not say what it runs",
        {V + "sip": "TLSv1_0", V + "webServer": "TLSv1_0", STRICT: "1", PROV + "protocol.prov": None,
         PROV + "prov.strictCertCommonNameValidation": None})
for asked, word in (("1.0", "TLSv1_0"), ("1.1", "TLSv1_1"), ("1.2", "TLSv1_2"), ("1.3", "TLSv1_2")):
    becomes("TLS %s and later" % asked, {V + "sip": word, V + "ldap": word, V + "browser": word, PROV + "protocol.prov": word,
                                        PROV + "protocol.prov.set": "1"}, tls_minimum=asked)
becomes("any server", {STRICT: "0", PROV + "prov.strictCertCommonNameValidation": "0"}, tls_any_server="true")

# ---- keys ----
doc = vacant(ONE, MODELS[ONE])
doc["accounts"] = [{"slot": n, "use": "line", "user": "100%d" % n, "password": "p", "domain": "sip.example"} for n in (1, 2)]
doc["keys"] = [{"index": 1, "type": "blf", "slot": 2, "value": "1009", "pickup": "*8"}, {"index": 2, "type": "line", "slot": 2},
               {"index": 3, "type": "line", "slot": 1}, {"index": 4, "type": "line", "slot": 2},
               {"index": 5, "type": "blf", "slot": 1, "value": "1008", "pickup": "*9"}, {"index": 12, "type": "park", "value": "701"},
               {"module": 2, "index": 1, "type": "voicemail", "value": "*97"}]
for k in doc["keys"]:
    k["owner"] = "desk"
values = dict(attributes(render(doc)[MAC + "-lines.cfg"]))
is_([(values["lineKey.%d.category" % n], values["lineKey.%d.index" % n]) for n in (1, 2, 3, 4, 5, 6, 12, 53)],
    [("BLF", "0"), ("Line", "2"), ("Line", "1"), ("Line", "2"), ("BLF", "0"), ("Unassigned", "0"), ("BLF", "0"), ("SpeedDial", "1")],
    "keys in their places: a watched number is the next of the list, module 2 begins behind 12 + 40")
is_([values["attendant.resourceList.%d.%s" % (n, f)] for n in (1, 2, 3, 4) for f in ("address", "type")],
    ["1009", "normal", "1008", "normal", "701", "automata", "", ""], "the list is in the order of the keys")
is_([values[n] for n in ("attendant.reg", "call.directedCallPickupString", "reg.1.lineKeys", "reg.2.lineKeys", "reg.3.lineKeys")],
    ["2", "*8", "1", "2", "1"], "watching registration, pickup code, keys of each registration")

# ---- 3.x ----
for model, runs, names, three in (("polycom-ip430", None, True, True), ("polycom-ip650", None, True, False), ("polycom-vvx450", None, False, False),
                                  ("polycom-ip650", "3.2.7.0198", True, True), ("polycom-ip650", "4.0.15.1009", False, False),
                                  ("polycom-vvx1500", "3.2.4.0244", True, True), ("polycom-vvx1500", "5.9.2.4000", False, False)):
    doc = vacant(model, MODELS[model])
    doc["accounts"] = [{"slot": 1, "use": "line", "user": "1001", "password": "p", "domain": "sip.example", "proxy": "edge.example",
                        "transport": "tls"}]
    doc.update({"firmware": runs} if runs else {})
    values = dict(attributes(render(doc)[MAC + "-lines.cfg"]))
    is_([values.get(C + n) for n in ("G711A", "G711Mu", "G729AB")], ["1", "2", ""] if names else [None] * 3,
        "%s on %s: codecs by the names of 3.x" % (model, runs))
    is_([values["reg.%d.outboundProxy.port" % n] for n in (1, 2)], ["5061", "5060"] if three else ["0", "0"],
        "%s on %s: 3.x alone is told a port with the proxy" % (model, runs))
    is_(values["lineKey.reassignment.enabled"], "0" if three else "1", "%s on %s: keys one by one since 4.0" % (model, runs))
    is_(values["sec.TLS.protocol.sip"], "TLSv1_2" if runs and runs > "5.9" else "TLSv1_0", "%s on %s: TLS unsaid" % (model, runs))
doc = vacant(ONE, MODELS[ONE])
doc["keys"] = [{"index": 1, "type": "blf", "value": "1009", "pickup": "*" * 11, "owner": "desk"}]
ok("pickup code" in render(doc).get("error", ""), "a pickup code that the phone would cut off is refused by name", render(doc))
done()

#!/usr/bin/python3
"""For each value of a file who set it: the template, or the layer of an override, by parameter or by neutral word. What
is expected is written from the rules: later layer wins, a word holds for every vendor, secrets are not shown."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/lib")
import tap as t  # noqa: E402

TOOL = f"build/{os.environ.get('REKEY_KIND', 'dev')}/bin/phonecfg"
OVERRIDES = [
    {"layer": "phone", "name": "srtp", "value": "required"},
    {"layer": "brand", "name": "srtp", "value": "off"},
    {"layer": "site", "name": "timezone", "value": "Asia/Kolkata"},
    {"layer": "domain", "name": "timezone", "value": "Europe/Berlin"},
    {"layer": "brand", "name": "ntp", "value": "time.example"},
    {"layer": "model", "name": "transport", "value": "tls"},
]
# One parameter of each word, as the facts of the vendors have it, and its value.
EXPECT = {
    "yealink-t46u": {
        "account.1.srtp_encryption": ("2", "phone (srtp)"),
        "local_time.time_zone": ("+5:30", "site (timezone)"),
        "local_time.ntp_server1": ("time.example", "brand (ntp)"),
        "account.1.sip_server.1.transport_type": ("2", "model (transport)"),
        "account.1.enable": ("1", "template"),
    },
    "polycom-vvx450": {
        "sec.srtp.require": ("1", "phone (srtp)"),
        "tcpIpApp.sntp.gmtOffset": ("19800", "site (timezone)"),
        "tcpIpApp.sntp.address": ("time.example", "brand (ntp)"),
        "reg.1.server.1.transport": ("TLS", "model (transport)"),
        "reg.1.type": (None, "template"),
    },
    "grandstream-grp2614": {
        "account.1.audio.srtpMode": ("EnabledAndForced", "phone (srtp)"),
        "account.1.sip.transport": ("TlsOrTcp", "model (transport)"),
        "account.1.enable": (None, "template"),
    },
}
OWN = {
    "yealink-t46u": ("features.dnd.enable", "features.dnd.enabel", "features.dnd.enable", "account.1.label"),
    "polycom-vvx450": ("call.rejectBusyOnDnd", "call.rejectBusyOnDnb", "call.rejectBusyOnDnd", "reg.1.address"),
}


def render(dir_, model, overrides, *options):
    phone = json.load(open(f"tests/golden/cases/{model}/phone.json"))
    phone["overrides"] = overrides
    path = os.path.join(dir_, "phone.json")
    json.dump(phone, open(path, "w"))
    return subprocess.run([TOOL, "render", path, *options], capture_output=True, text=True, timeout=60)


def rows(out):
    return [line.split("\t") for line in out.splitlines()]


# A Grandstream of which nobody knows whether it reads names or numbers has every setting both ways: an override too, however it is
# spelled, and each once; else the other spelling beside it would say the template's value.
TWICE = [("account.1.call.dialplan", "{ 9x+ }", "account.1.call.dialplan", "P290"), ("P8446", "1", "call.dnd.enable", "P8446")]


def twice():
    with tempfile.TemporaryDirectory() as dir_:
        for name, value, item, number in TWICE:
            r = render(dir_, "grandstream-gxp1628", [{"layer": "site", "name": name, "value": value}])
            for line in ('<item name="%s">%s</item>' % (item, value), "<%s>%s</%s>" % (number, value, number)):
                t.ok(r.stdout.split("\n").count(line) == 1, "%s set once by %s" % (line, name), r.stdout[-300:] + r.stderr)
            t.ok(r.stdout.count('"%s"' % item) == 1 and r.stdout.count("<%s>" % number) == 1, "and nothing else says it")
            told = [row for row in rows(render(dir_, "grandstream-gxp1628", [{"layer": "site", "name": name, "value": value}], "--layers").stdout)
                    if row[1] in (item, number)]
            t.ok(len(told) == 2 and all(row[3].startswith("site") for row in told), "both are said to be the site's", told)


# What would make a phone read nothing more of this server, or hear nothing of a reset: the old person would stay on it.
DEAF = {
    "yealink-t46u": ("static.auto_provision.aes_key.mac", "static.auto_provision.aes_key_16.mac", "auto_provision.aes_key_16.com",
                     "static.auto_provision.update_file_mode", "static.auto_provision.encryption.config", "sip.notify_reboot_enable"),
    "polycom-vvx450": ("device.sec.configEncryption.key", "sec.encryption.upload.overrides",
                       "voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "voIpProt.SIP.requestValidation.1.request"),
    "grandstream-gxp2170": ("provisioning.config.filePassword", "P1359", "provisioning.override.dhcp.allowCommonOptions", "P145", "P9997"),
}


def deaf():
    with tempfile.TemporaryDirectory() as dir_:
        for model, names in DEAF.items():
            for name in names:
                r = render(dir_, model, [{"layer": "site", "name": name, "value": "1"}])
                t.ok(r.returncode == 1 and name in r.stderr, f"{model}: {name} is no override's", r.stderr)


def main():
    with tempfile.TemporaryDirectory() as dir_:
        for model, expect in EXPECT.items():
            r = render(dir_, model, OVERRIDES, "--layers")
            t.ok(r.returncode == 0 and not r.stderr, f"{model}: overrides by word are taken without a warning", r.stderr)
            table = rows(r.stdout)
            by_name = {row[1]: row for row in table}
            for name, (value, layer) in expect.items():
                row = by_name.get(name, ["", name, None, None])
                t.ok(row[3] == layer and value in (None, row[2]), f"{model}: {name} by {layer}", repr(row))
            render(dir_, model, OVERRIDES, "-o", dir_)
            files = {}
            bad = []
            for where, name, value, _ in table:
                file, line = where.rsplit(":", 1)
                if file not in files:
                    files[file] = open(os.path.join(dir_, file)).read().split("\n")
                if name not in files[file][int(line) - 1]:
                    bad.append(where)
            t.ok(table and not bad, f"{model}: each of {len(table)} values stands in the line that is named", str(bad[:3]))
            phone = json.load(open(f"tests/golden/cases/{model}/phone.json"))
            secrets = [a["password"] for a in phone["accounts"] if a.get("password")]
            t.ok(secrets and not [s for s in secrets if s in r.stdout], f"{model}: no password is shown")

        for model, (name, slip, near, stated) in OWN.items():
            r = render(dir_, model, [{"layer": "brand", "name": name, "value": "0"}, {"layer": "site", "name": name, "value": "1"}],
                       "--layers")
            last = [row for row in rows(r.stdout) if row[1] == name]
            t.ok([row[2:] for row in last] == [["1", "site"]], f"{model}: {name} once, by the later layer", str(last))
            r = render(dir_, model, [{"layer": "brand", "name": slip, "value": "1"}])
            t.ok(r.returncode == 0 and near in r.stderr and "warning" in r.stderr, f"{model}: {slip} is warned of, with {near}", r.stderr)
            for bad in ("a\nb = c", "a\x07b"):
                r = render(dir_, model, [{"layer": "brand", "name": name, "value": bad}])
                t.ok(r.returncode == 1 and not r.stdout, f"{model}: a value with {bad!r} is an error", r.stderr)
            r = render(dir_, model, [{"layer": "phone", "name": stated, "value": "x"}])
            t.ok(r.returncode == 1 and stated in r.stderr, f"{model}: {stated} is no override's", r.stderr)
        r = render(dir_, "polycom-vvx450", [{"layer": "site", "name": "call.rejectBusyOnDnd", "value": "2"}])
        t.ok(r.returncode == 1 and "0 or 1" in r.stderr, "a value that breaks its row is an error", r.stderr)
        for layer, warned in (("domain", False), ("site", False), ("brand", True), ("model", True), ("phone", True)):
            r = render(dir_, "polycom-vvx450", [{"layer": layer, "name": "features.dnd.enable", "value": "1"}])
            t.ok(r.returncode == 0 and ("Yealink" in r.stderr) == warned == ("warning" in r.stderr),
                 f"a name of another vendor at a {layer}: {'a warning' if warned else 'no slip'}", r.stderr)
            t.ok("features.dnd.enable" not in r.stdout, "and the phone is not given it")
        for word, value, says in (("srtp", "maybe", "off|optional|required"), ("expires", "59", "60 to 604800"),
                                  ("timezone", "Mars/Olympus", "IANA"), ("poll-window", "25:00-01:00", "22:00-06:00")):
            r = render(dir_, "yealink-t46u", [{"layer": "site", "name": word, "value": value}])
            t.ok(r.returncode == 1 and says in r.stderr and word in r.stderr.replace("time zone", "timezone"),
                 f"{word}={value} is refused with a sentence", r.stderr)
    deaf()
    twice()
    t.done()


main()

#!/usr/bin/python3
"""The strip matrix. For each of the nine desk phones: an assigned phone in which everything is marked pulls its files; every
parameter of params/personal-<vendor>.txt gets a marked value on top, once as provisioned and once as a change made on the phone
itself; then the phone is vacant, pulls again, and not one marked byte may be left. On both emulators, with every open rule turned
the other way on the first one, and (Yealink) also with one of the two belts off. At the end the stripping is broken on purpose."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, "tests/lib")
sys.path.insert(0, "tests/emulator")
import common  # noqa: E402
import tap  # noqa: E402

KIND = os.environ.get("REKEY_KIND", "dev")
PHONECFG = os.path.abspath("build/%s/bin/phonecfg" % KIND)
MARK = "mkqz"
# Runs what came before V81, and the server does not know it: no boot file, so only the explicit blanks count.
FIRMWARE = {"yealink-t46g": "28.73.0.20"}
MODELS = ["yealink-t46g", "yealink-t46u", "yealink-t54w", "yealink-t31p", "polycom-vvx250", "polycom-vvx450", "polycom-ip331",
          "grandstream-gxp2170", "grandstream-grp2614", "grandstream-gxp1628"]
MACS = {"linphone": "02005e000001", "acrobits": "02005e000002", "zoiper": "02005e000003", "yealink": "249ad86e9d88", "polycom": "64167f0a1b2c", "grandstream": "c074ad0b63ee"}
# Open rules of each vendor (phonecfg/handset/rules.c). Under protect_late a phone whose owner had protection on lets go at the
# second pull only; everything else lets go at the first.
RULES = {
    "yealink": ["protect_late", "yealink_local_dormant", "yealink_long_refused", "yealink_both_spellings", "yealink_other_list"],
    "polycom": ["polycom_omission_keeps", "polycom_missing_drops", "polycom_override_404", "polycom_web_wins",
                "polycom_lines_first"],
    "linphone": ["linphone_prunes_auth"],
    "acrobits": ["acrobits_omission_keeps", "acrobits_empty_keeps"],
    "zoiper": ["zoiper_omission_keeps", "zoiper_empty_keeps", "zoiper_others_stay"],
    "grandstream": ["protect_late", "gs_mandatory_free", "gs_ascii_only", "gs_truncates_always"],
}
TMP = tempfile.mkdtemp(prefix="strip-matrix-")


def run(*args):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode != 0:
        raise RuntimeError("%s: exit %d: %s" % (" ".join(args[:3]), done.returncode, done.stderr.decode()))
    return done.stdout.decode()


# ---- the model's own numbers ----

def numbers(model):
    """Counts of slots and keys, from the profile: {account, key, module, modkey, vpk, mpk, ext} as many as any source knows, own
    accounts and keys in total as many as the phone has."""
    vendor, _, name = model.partition("-")
    root = ET.parse("firmware-profiles/%s/%s.xml" % (vendor, name or vendor)).getroot()
    out = {"account": int(root.find("accounts").get("blank") or root.find("accounts").get("max"))}
    out["own"] = int(root.find("accounts").get("max"))
    for k in root.findall("keys"):
        out["key" if k.get("name") == "line" else k.get("name")] = int(k.get("blank") or k.get("max"))
    modules = root.find("modules")
    out["module"] = int(modules.get("count")) if modules is not None else 0
    out["modkey"] = int(modules.get("keys")) if modules is not None else 0
    out["ext"] = out["module"] * out["modkey"]
    out["total"] = sum(int(k.get("max")) for k in root.findall("keys"))
    return out


def expand(pattern, counts):
    m = re.search(r"\{([^}]*)\}", pattern)
    if not m:
        return [pattern]
    if "-" in m[1]:
        first, last = (int(x) for x in m[1].split("-"))
    else:
        first, last = 1, counts.get(m[1], 0)
    out = []
    for i in range(first, last + 1):
        out += expand(pattern[:m.start()] + str(i) + pattern[m.end():], counts)
    return out


def unread(model):
    """Names that no firmware of this model reads: Yealink's without static. end with V81 (params/yealink.old)."""
    vendor, _, name = model.partition("-")
    if vendor != "yealink":
        return None
    root = ET.parse("firmware-profiles/%s/%s.xml" % (vendor, name)).getroot()
    speaks = [e.get("name") for e in root.findall("syntax")]
    out = [] if "yealink" in speaks else [r"static\."]
    if "yealink-old" not in speaks:
        with open("tests/golden/params/yealink.old", encoding="utf-8") as f:
            out += [re.escape(line.strip()).replace(r"\*", ".*").replace(re.escape("{}"), r"\d+") + "$"
                    for line in f if line.strip() and not line.startswith("#")]
    return re.compile("|".join(out)) if out else None


def personal(model):
    counts, skip = numbers(model), unread(model)
    out = []
    with open("tests/golden/params/personal-%s.txt" % model.split("-")[0], encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                out += expand(line.strip(), counts)
    return [n for n in out if not (skip and skip.match(n))]


# ---- the two phones: assigned and vacant ----

def phone_json(model, generation):
    mac = MACS[model.split("-")[0]]
    return {"mac": mac, "model": model, "generation": generation, "domain": "example.test", "timezone": "Europe/Berlin",
            "ntp": "ntp.example.test", "language": "en", "admin-password": "Admin%dPass" % generation,
            "user-password": "User%dPass" % generation, "filler": "filler%d" % generation,
            "provisioning": {"url": "https://rekey.example.test:8443/" + ("soft/%s.xml" % model if model in ("linphone", "acrobits", "zoiper") else "cfg/"),
                             "user": mac, "password": "provision1"}}


def assigned(model):
    counts, phone = numbers(model), phone_json(model, 7)
    phone["accounts"] = [
        {"slot": n, "use": "line", "label": "mkqzlabel%d" % n, "display-name": "mkqz name %d" % n, "user": "mkqzuser%d" % n,
         "auth-user": "mkqzauth%d" % n, "password": "mkqzSecret%d" % n, "server": "sip.example.test", "port": 5060,
         "transport": "tls", "voicemail": "mkqz%d" % n}
        for n in range(1, counts["own"] + 1)]
    phone["keys"] = [
        {"index": n, "type": "speed-dial", "slot": 1, "value": "mkqz%d" % n, "label": "mkqzkey%d" % n, "owner": "person"}
        for n in range(2, counts["total"] + 1)]
    phone["keys"] += [
        {"module": m, "index": n, "type": "blf", "slot": 1, "value": "mkqz%d%d" % (m, n), "label": "mkqzmod%d" % n,
         "owner": "desk"}
        for m in range(1, counts["module"] + 1) for n in range(1, counts["modkey"] + 1)]
    return phone


def vacant(model, idle):
    phone = phone_json(model, 8)
    phone["accounts"] = [{"slot": 1, "use": "idle", "label": "Vacant", "user": "idle-" + phone["mac"], "password": "idleSecret1",
                          "server": "sip.example.test", "port": 5060, "transport": "tls"}] if idle else []
    phone["keys"] = []
    return phone


def recycled(model):
    """The next person, straight after the one before."""
    phone = phone_json(model, 9)
    phone["accounts"] = [{"slot": 1, "use": "line", "label": "1001", "display-name": "New Person", "user": "1001",
                          "password": "newSecret1", "server": "sip.example.test", "port": 5060, "transport": "tls"}]
    phone["keys"] = [{"index": 1, "type": "line", "slot": 1, "owner": "line"}]
    return phone


def render(phone, where, templates="templates"):
    os.makedirs(where)
    source = where + ".json"
    with open(source, "w", encoding="utf-8") as f:
        json.dump(phone, f)
    run(PHONECFG, "render", source, "-o", where, "--templates", templates, "--profiles", "firmware-profiles")
    return where


# ---- the two emulators, alike: state in, directory in, state out ----

def c_pull(state, where):
    path = os.path.join(TMP, "state.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(state, f)
    return json.loads(run(PHONECFG, "apply", path, "--pull", where, "--profiles", "firmware-profiles"))


def py_pull(state, where):
    phone = common.make(state["model"], state["mac"])
    phone.load(state)
    phone.boot(common.directory(where))
    return phone.save()


EMULATORS = {"C": c_pull, "Python": py_pull}


def fill(state, names, local):
    """A marked value for every name: as the files left it, or as the person at the desk did."""
    state = json.loads(json.dumps(state))
    vendor, mac = state["model"].split("-")[0], state["mac"]
    known = {(e["layer"], e["name"]): e for e in state["values"]}

    def quick(layer, name, value, source=""):
        e = known.get((layer, name))
        if e is None:
            e = {"layer": layer, "name": name, "source": source}
            known[(layer, name)] = e
            state["values"].append(e)
        e["value"] = value

    for i, name in enumerate(names):
        value = "%s%d" % (MARK, i)
        if name.startswith("device."):
            quick("flash", name, value)
        elif vendor == "polycom":
            layers = ("local", "web") if local else ("file",)
            for layer in layers:
                quick(layer, name, value, mac + "-lines.cfg")
        else:
            quick("file", name, value, mac + ".cfg")
            if local:
                quick("local", name, value)
    if vendor == "polycom":
        for i, tag in enumerate(("fn", "ln", "ct", "sd")):
            quick("data", "directory.1." + tag, "%sd%d" % (MARK, i))
        quick("data", "calls.1.number", MARK + "calls")
    elif local:
        quick("file", {"yealink": "%sauto_provision.custom.protect" % ("" if state.get("firmware") else "static."),
                       "grandstream": "provisioning.userProtect.enable"}[vendor], "1")
    return state


def left(state):
    return ["%s (%s) = %s" % (e["name"], e["layer"], e["value"]) for e in state["values"]
            if e["layer"] != "seen" and MARK in e["value"].lower()]


def lines_left(state):
    return [json.dumps(line) for line in state["lines"] if MARK in json.dumps(line).lower()]


def report(name, wrong):
    tap.ok(not wrong, name, "%d left:\n%s" % (len(wrong), "\n".join(wrong[:12])))


# ---- one model ----

def fresh(model):
    state = {"model": model, "mac": MACS[model.split("-")[0]], "values": []}
    return dict(state, firmware=FIRMWARE[model]) if model in FIRMWARE else state


def with_rule(state, rule):
    return dict(state, rules={rule: True} if rule else {})


def one_model(model):
    vendor, names = model.split("-")[0], personal(model)
    base = os.path.join(TMP, model)
    full = render(assigned(model), base + "-full")
    empty = render(vacant(model, False), base + "-vacant")
    idle = render(vacant(model, True), base + "-idle")
    new = render(recycled(model), base + "-new")
    for emulator, pull in EMULATORS.items():
        before = pull(fresh(model), full)
        tap.ok(len(before["lines"]) >= numbers(model)["own"] and len(left(before)) >= 6 * numbers(model)["own"],
             "%s on %s: the assigned phone holds %d marks on %d lines" % (
                 model, emulator, len(left(before)), len(before["lines"])))
        for local in (False, True):
            how = "changes on the phone" if local else "provisioned values"
            filled = fill(before, names, local)
            after = pull(filled, empty)
            report("%s on %s: %d %s, vacant" % (model, emulator, len(names), how), left(after) + lines_left(after))
            tap.ok(not after["lines"], "%s on %s: no line is registered" % (model, emulator), json.dumps(after["lines"]))
            after = pull(filled, idle)
            report("%s on %s: %s, with an idle line" % (model, emulator, how), left(after) + lines_left(after))
            tap.ok([line["user"] for line in after["lines"]] == ["idle-" + MACS[vendor]],
                 "%s on %s: the idle line alone is registered" % (model, emulator), json.dumps(after["lines"]))
            report("%s on %s: %s, then the next person" % (model, emulator, how), left(pull(filled, new)))
            tap.is_([line["user"] for line in pull(after, new)["lines"]], ["1001"],
                    "%s on %s: a vacant phone takes the new line" % (model, emulator))
            if emulator == "C":
                open_rules(model, filled, empty, local)
            if vendor == "yealink" and not local:
                no_boot = shutil.copytree(empty, base + "-noboot-" + emulator)
                for f in os.listdir(no_boot):
                    if f.endswith(".boot"):
                        os.unlink(os.path.join(no_boot, f))
                report("%s on %s: by explicit blanks alone, without overwrite_mode" % (model, emulator),
                       left(pull(filled, no_boot)))


def softphone(model):
    """Explicit blanks for every slot, or values that lead nowhere, and it lets go at its next start: by every reading of what a
    client does with a node that is left out or empty."""
    base = os.path.join(TMP, model)
    full = render(assigned(model), base + "-full")
    empty = render(vacant(model, False), base + "-vacant")
    for where in (full, empty):  # behind the address that its file names
        tap.is_(os.listdir(where), [model + ".xml"], "%s: one file" % model)
    for emulator, pull in EMULATORS.items():
        for rule in [None] + RULES[model]:
            how = "%s on %s%s" % (model, emulator, ", if " + rule if rule else "")
            before = pull(with_rule(fresh(model), rule), full)
            tap.ok(len(before["lines"]) == numbers(model)["own"] and len(left(before)) >= 4 * numbers(model)["own"], how + ": the assigned one")
            after = pull(with_rule(fill(before, personal(model), False), rule), empty)
            report(how + ": taken back", left(after) + lines_left(after))
            tap.is_(after["lines"], [], how + ": no line is registered")


def open_rules(model, filled, empty, local):
    for rule in RULES[model.split("-")[0]]:
        after = c_pull(with_rule(filled, rule), empty)
        if rule == "protect_late" and local:
            after["values"] = [e for e in after["values"] if e["layer"] != "seen"]
            after = c_pull(after, empty)
        report("%s, if %s: %s" % (model, rule, "local" if local else "provisioned"), left(after))


# ---- broken on purpose ----

def break_template(vendor, file, pattern, where):
    """A copy of the templates in which the lines that fit the pattern are missing."""
    shutil.copytree("templates", where)
    path = os.path.join(where, vendor, file)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    kept = [line for line in text.splitlines(True) if not re.search(pattern, line)]
    assert len(kept) < len(text.splitlines()), "the template has no such line any more: " + pattern
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(kept)
    return where


def broken(model, what, field, breaks, remove=(), local=False, rule=None):
    """breaks: (file, pattern) pairs; remove: endings of rendered files that are not served. Both emulators must find field."""
    vendor, base = model.split("-")[0], os.path.join(TMP, "broken-" + model)
    templates = "templates"
    for i, (file, pattern) in enumerate(breaks):
        copy = "%s-t%d" % (base, i)
        if i == 0:
            templates = break_template(vendor, file, pattern, copy)
        else:
            path = os.path.join(templates, vendor, file)
            with open(path, encoding="utf-8") as f:
                kept = [line for line in f if not re.search(pattern, line)]
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(kept)
    full = render(assigned(model), base + "-full")
    empty = render(vacant(model, False), base + "-vacant", templates)
    for f in os.listdir(empty):
        if f.endswith(tuple(remove)) and remove:
            os.unlink(os.path.join(empty, f))
    for emulator, pull in EMULATORS.items():
        after = pull(with_rule(fill(pull(fresh(model), full), personal(model), local), rule), empty)
        tap.ok(any(x.startswith(field) for x in left(after)), "%s on %s: %s is seen" % (model, emulator, what),
             "left: %s" % left(after)[:5])


def main():
    try:
        for model in MODELS:
            one_model(model)
        for model in ("linphone", "acrobits", "zoiper"):
            softphone(model)
        broken("grandstream-gxp2170", "an account name that is not blanked", "account.7.name",
               [("accounts.mustache", r'account\.\{\{slot\}\}\.name"')])
        broken("acrobits", "a caller id that is not written over", "account/userCallerId", [("account.mustache", "userCallerId")],
               rule="acrobits_omission_keeps")
        broken("yealink-t46u", "a display name that is not blanked, and overwrite_mode off", "account.1.display_name",
               [("accounts.mustache", r"\.display_name ="), ("boot.mustache", r"^overwrite_mode")])
        broken("polycom-vvx450", "override files that are not served empty", "reg.1.label", [],
               remove=("-phone.cfg", "-web.cfg"), local=True)
    finally:
        shutil.rmtree(TMP)
    tap.done()


main()

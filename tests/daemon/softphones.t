#!/usr/bin/python3
"""Softphones that are not Linphone: each kind's address and code are given once, the code is read by a program that is not ours, the
file says what the vendor's documentation wants. A reset turns the address into blanks for good, and the next person's is another one."""
import base64
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from office import DOMAIN, Office, header  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office()
U = "/domains/%s/users/" % DOMAIN
KINDS = ("linphone", "acrobits", "zoiper", "sheet")
CODE = {"acrobits": {"cloud-code": "ACME*"}, "zoiper": {"provider-id": "7f3a9b"}}
BASE = "https://localhost:%d" % o.phones_port


def enrol(device, **body):
    return o.api("POST", U + "1001/devices/%s/enrol" % device, body)


def scan(path):
    return subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True, text=True).stdout[:-1]


def get(url, agent="test/1"):
    return o.curl(url[len(BASE):], agent=agent)


def softs(device):
    return [r for r in o.records(limit=100) if r["kind"] == "softphone" and r["device"] == device]


o.user("1001", "Nora", "Vale", **{"email-address": "nora@example.test"})
SECRETS = []
try:
    # ---- each kind: an address and what its client scans ----
    device = {k: "1001" + letter for k, letter in zip(KINDS, "bcef")}
    address = {}
    for kind in KINDS:
        o.must("POST", U + "1001/devices", {"device": device[kind], "device-kind": "softphone"})
        a = enrol(device[kind], kind=kind, label="her phone", **CODE.get(kind, {}))
        is_(a.status, 201, kind + ": enrolled")
        e = a.json
        is_((e["device"], e["kind"]), (device[kind], kind), kind + ": as asked")
        token = re.fullmatch(re.escape(BASE) + r"/soft/([A-Za-z0-9_-]{32,})", e["url"])
        ok(token, kind + ": an address of its own", e["url"])
        address[kind] = e["url"]
        SECRETS.append(token[1])
        want = {"linphone": "linphone-config:" + e["url"], "acrobits": "csc:%s@ACME*" % token[1], "sheet": e["url"],
                "zoiper": "https://oem.zoiper.com/qr-howto.php?provider_id=7f3a9b&t=" + token[1]}[kind]
        is_(e["qr"]["text"], want, kind + ": what its client scans")
        png, svg = (os.path.join(o.dir, kind + end) for end in (".png", ".svg"))
        with open(png, "wb") as f:
            f.write(base64.b64decode(e["qr"]["png"].partition("data:image/png;base64,")[2], validate=True))
        with open(svg, "w") as f:
            f.write(e["qr"]["svg"])
        is_(scan(png), want, kind + ": the PNG is read back")
        subprocess.run(["rsvg-convert", svg, "-o", svg + ".png"], check=True, stderr=subprocess.DEVNULL)
        is_(scan(svg + ".png"), want, kind + ": the SVG is read back")
        is_(e.get("provider-url"), {"acrobits": BASE + "/soft/%username%", "zoiper": BASE + "/soft/"}.get(kind), kind + ": what its maker is told")
    is_(len(set(address.values())), 4, "four addresses")
    for kind in ("acrobits", "zoiper"):
        is_(enrol(device[kind], kind=kind).json["qr"], None, kind + ": without the maker's code there is nothing to scan")
    is_(enrol(device["linphone"]).json["kind"], "linphone", "Linphone when nothing is said")
    for body in ({"kind": "yealink"}, {"kind": "x"}, {"kind": "linphone", "cloud-code": "A"}, {"kind": "acrobits", "cloud-code": "A:B"},
                 {"kind": "acrobits", "cloud-code": "a@b"}, {"kind": "zoiper", "provider-id": "1&t=2"}, {"kind": 7}):
        a = enrol(device["linphone"], **body)
        ok(a.status == 400 and "soft/" not in a.text, "refused: %s" % body, a)

    # ---- what stands there ----
    mime = {"sheet": "text/html; charset=utf-8"}
    page = {}
    for kind in KINDS:
        status, head, body = get(address[kind])
        page[kind] = body.decode()
        is_((status, header(head, "Content-Type")), (200, mime.get(kind, "application/xml")), kind + ": it answers")
        is_(header(head, "Cache-Control"), "no-store", kind + ": nobody keeps a copy")
        is_((header(head, "Referrer-Policy"), header(head, "X-Content-Type-Options")), ("no-referrer", "nosniff"), kind + ": and no other site learns the address")
        ok("Nora Vale" in page[kind] and device[kind] in page[kind], kind + ": her account", page[kind][:400])
    root = ET.fromstring(page["acrobits"])
    v = {e.tag: e.text or "" for e in root}
    is_(root.tag, "account", "acrobits: one account")
    is_([v[k] for k in ("username", "authUsername", "host", "proxy", "transport", "userDisplayName", "extProvUrl", "extProvInterval")],
        [device["acrobits"], device["acrobits"], DOMAIN, "127.0.0.1:%d" % o.base, "udp", "Nora Vale", address["acrobits"], "3600"], "acrobits: its nodes")
    ok(v["title"] and len(v["password"]) >= 12, "acrobits: a title, without which it is not saved, and a password")
    SECRETS.append(v["password"])
    root = ET.fromstring(page["zoiper"])
    is_((root.tag, [e.tag for e in root], [e.tag for e in root[0]]), ("options", ["accounts"], ["account"]), "zoiper: options, accounts, one account")
    z = {e.tag: e.text or "" for e in root[0][0]}
    is_([z[k] for k in ("ident", "username", "authentication_username", "protocol", "SIP_domain", "SIP_use_outbound_proxy", "SIP_outbound_proxy",
                        "SIP_transport_type", "SIP_callerId", "register_on_startup")],
        ["rekey-1", device["zoiper"], device["zoiper"], "SIP", DOMAIN, "true", "127.0.0.1:%d" % o.base, "UDP", "Nora Vale", "true"], "zoiper: its nodes")
    ok(len(z["password"]) >= 12 and z["password"] != v["password"], "zoiper: a password of its own")
    SECRETS.append(z["password"])
    html = ET.fromstring(page["sheet"].partition("\n")[2])
    h = "{http://www.w3.org/1999/xhtml}"
    rows = {r[0].text: r[1].text for r in html.iter(h + "tr")}
    is_([rows[k] for k in ("Display name", "User", "Login", "Server (domain)", "Port", "Outbound proxy", "Port of the proxy", "Transport")],
        ["Nora Vale", device["sheet"], device["sheet"], DOMAIN, "5060", "127.0.0.1", str(o.base), "UDP"], "sheet: what a person types")
    SECRETS.append(rows["Password"])
    picture = next(html.iter("{http://www.w3.org/2000/svg}svg"))
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    picture.set("width", "600")
    with open(o.dir + "/sheet.svg", "wb") as f:
        f.write(ET.tostring(picture))
    subprocess.run(["rsvg-convert", o.dir + "/sheet.svg", "-o", o.dir + "/sheet.png"], check=True, stderr=subprocess.DEVNULL)
    is_(scan(o.dir + "/sheet.png"), address["sheet"], "sheet: its picture is its own address")
    config = {e.get("name"): e for s in ET.fromstring(page["linphone"]) for e in s if s.get("name") == "misc"}
    is_((config["config-uri"].text, config["config-uri"].get("overwrite"), config["transient_provisioning"].text), (address["linphone"], "true", "0"),
        "linphone: the address is to stay")

    # ---- neutral words of the domain reach them too ----
    o.must("PUT", "/domains/%s/overrides" % DOMAIN, {"overrides": [{"name": "srtp", "value": "required"}, {"name": "codecs", "value": "pcma"}]})
    for kind, text in (("linphone", '<entry name="media_encryption_mandatory" overwrite="true">1</entry>'), ("acrobits", "<codecOrder>8</codecOrder>"),
                       ("zoiper", "<SIP_srtp_mode>SDES</SIP_srtp_mode>"), ("sheet", "SRTP always")):
        ok(text in get(address[kind])[2].decode(), kind + ": srtp and codecs of the domain", get(address[kind])[2].decode()[:1500])
    o.must("PUT", "/domains/%s/overrides" % DOMAIN, {"overrides": []})

    # ---- a stranger ----
    wrong = [o.curl("/soft/" + t) for t in ("x", "A" * 43, SECRETS[0][:-1], SECRETS[0] + "A", SECRETS[0].swapcase())]
    is_({w[0] for w in wrong}, {404}, "an address that is none: 404")
    is_(len({w[2] for w in wrong}), 1, "always the same")

    # ---- the reset: blanks for good ----
    o.reset(["1001"])
    for kind in KINDS:
        first, again = get(address[kind]), get(address[kind])
        text = first[2].decode()
        is_((first[0], again[0]), (200, 200), kind + ": taken back, it still answers")
        is_((header(first[1], "Content-Type"), header(first[1], "Cache-Control")), (mime.get(kind, "application/xml"), "no-store"), kind + ": in the same way")
        is_(first[2], again[2], kind + ": with the same bytes")
        ET.fromstring(text.partition("\n")[2] if kind == "sheet" else text)
        left = [w for w in ["Nora", "Vale", "nora@", device[kind], "1001"] + SECRETS[4:] if w in text]
        ok(not left, kind + ": and nothing of hers", left)
    v = {e.tag: e.text or "" for e in ET.fromstring(get(address["acrobits"])[2])}
    is_((v["title"], v["username"], v["host"], v["extProvUrl"]), ("Removed", "removed", "removed.invalid", address["acrobits"]), "acrobits: written over, and it comes again")
    ok(all(v[k] for k in ("password", "authUsername", "proxy", "userDisplayName", "userCallerId", "voiceMailNumber")), "acrobits: nothing is empty, for empty may mean keep", v)
    z = {e.tag: e.text or "" for e in ET.fromstring(get(address["zoiper"])[2])[0][0]}
    is_((z["ident"], z["username"], z["SIP_domain"], z["register_on_startup"]), ("rekey-1", "removed", "removed.invalid", "false"), "zoiper: written over under the same identifier")
    ok("No account" in get(address["sheet"])[2].decode(), "sheet: the page says so")

    # ---- what that proves ----
    o.until(lambda: "confirmed" in [r["state"] for r in softs(device["linphone"])], 8)
    is_(sorted(r["state"] for r in softs(device["linphone"])), ["confirmed", "cut-off"],
        "linphone: delivered blanks are known to take the account away: confirmed; the second address, where nobody asked, is cut off")
    for kind in KINDS[1:]:
        states = {r["state"] for r in softs(device[kind])}
        is_(states, {"cut-off"}, kind + ": a delivered page proves nothing of it: dead at the registrar, and no more is said")

    # ---- the next person ----
    o.must("POST", U + "1001/recycle", {"name-first-name": "Ida", "name-last-name": "Next"})
    o.until(lambda: o.must("GET", U + "1001")["name-first-name"] == "Ida")
    for kind in KINDS:
        o.must("POST", U + "1001/devices", {"device": device[kind], "device-kind": "softphone"})
        new = enrol(device[kind], kind=kind, **CODE.get(kind, {})).json["url"]
        SECRETS.append(new.rpartition("/")[2])
        text = get(new)[2].decode()
        ok(new != address[kind] and "Ida Next" in text and not any(s in text for s in SECRETS[:-1]), kind + ": her address is another one, with another password")
        ok("Ida" not in get(address[kind])[2].decode(), kind + ": and the old one has nothing of hers")

    # ---- secrets stay secret ----
    told = o.log_text() + o.api("GET", "/auditlog?limit=500").text + o.api("GET", "/domains/%s/handovers?limit=100" % DOMAIN).text
    ok(not [s for s in SECRETS if s in told], "no token and no password in log, audit or records")
    ok("softphone-enrol" in told, "that somebody enrolled is in the audit log")
    stored = b"".join(open(os.path.join(d, f), "rb").read() for d, _, fs in os.walk(o.data) for f in fs if ".db" in f)
    ok(not [s for s in SECRETS if s.encode() in stored], "nor in the database: of a token it keeps a hash")
finally:
    o.close()
is_(o.stop(), 0, "rekeyd ends cleanly")
done()

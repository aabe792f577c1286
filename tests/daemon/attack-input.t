#!/usr/bin/python3
"""Texts that would break a file, or the server: a phone that gets no file, or throws it away, keeps the old person's."""
import os
import sys
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
r.user("1001", "Anna", "Berg")
PHONES = {"yealink-t46u": ("001565aabb01", "%s.cfg"), "polycom-vvx450": ("0004f2aabb01", "%s-lines.cfg"), "grandstream-gxp2170": ("000b82aabb01", "cfg%s.xml")}
path = {mac: r.phone(mac, model, ["1001"]) + name % mac for model, (mac, name) in PHONES.items()}


def files(what):
    """Every phone still gets a file that its parser takes."""
    for mac, p in path.items():
        status, _, body = r.curl(p)
        whole = status == 200
        if whole and not p.endswith(mac + ".cfg"):
            try:
                xml.dom.minidom.parseString(body)
            except Exception:
                whole = False
        ok(whole, "%s: %s still gets its file" % (what, mac), (status, body[:200]))


# ---- overrides: names that are none in XML, and names that lead elsewhere in any case of letters ----
for name in ("-x", "1abc", ".", "xmlns", "XML.a", "a:b", "a/b", "a>", "ä", "_x"):
    is_(r.api("PUT", D + "/overrides", {"overrides": [{"name": name, "value": "1"}]}).status, 400, "no parameter is called " + name)
for name in ("static.auto_provision.server.url", "Static.Auto_Provision.Server.url", "account.1.password", "device.prov.serverName", "REG.1.Address",
             "provisioning.config.path", "PKS.VPK.1.value"):
    is_(r.api("PUT", D + "/overrides", {"overrides": [{"name": name, "value": "evil"}]}).status, 400, "no override of " + name)
is_(r.api("PUT", D + "/phones/001565aabb01/overrides", {"overrides": [{"name": "Account.1.Password", "value": "evil"}]}).status, 400, "nor on one phone")
is_(r.api("PUT", D + "/overrides", {"overrides": [{"name": "phone_setting.backlight_time", "value": "60"}]}).status, 200, "others may")
files("after overrides")

# ---- what a domain says is in every file ----
for field, bad in (("sip-server", "a b"), ("sip-server", 'x"y'), ("sip-server", "1.2.3.4#evil"), ("sip-server", "h;transport=tls"), ("sip-proxy", "p;q=1"),
                   ("sip-proxy", "host:99999999"), ("voicemail-number", "*97 <x>"), ("voicemail-number", "%NULL%")):
    a = r.api("PUT", D, {field: bad})
    is_(a.status, 400, "%s is not %s" % (field, bad))
    is_(r.api("POST", "/domains", {"domain": "new.test", field: bad}).status, 400, "nor of a new domain")
is_(r.api("PUT", D, {"sip-proxy": "[2001:db8::1]:5061", "voicemail-number": "*97"}).status, 200, "good ones are")
files("after the domain's settings")

# ---- import: rows shorter than the header, NUL, control characters ----


def load(text):
    return r.api("POST", D + "/import", text, Content_Type="text/csv")


long = "A" * 60
a = load("mac,model,line,device,label\n001565aabb11,yealink-t46u,1,1001,x\n001565aabb11,yealink-t46u\n%s,%s,%s,%s,%s\n" % (long, long, long, long, long))
ok(a.status == 400 and "2 fields" in a.text, "a row shorter than the header is named", a)
a = load("mac,model\n001565aabb12\n001565aabb12,yealink-t46u\n")
ok(a.status == 400 and "1 fields" in a.text, "also the first of a phone", a)
is_(load("user,department\n1050,a\0b\n").status, 400, "a NUL is refused")
is_(load("user,department\n1050,\"a\nb\"\n").status, 400, "a line break too")
is_(load("mac,model,notes\n001565aabb13,yealink-t46u,\"a\nb\"\n").status, 400, "also in notes")
is_(load("mac,model,notes\n001565aabb13,yealink-t46u,%s\n" % ("x" * 501)).status, 400, "and more than notes may hold")
is_(len(r.must("GET", D + "/phones")), 3, "nothing of it was written")
is_(r.ask("GET", "/healthz").status, 200, "still alive")
done()

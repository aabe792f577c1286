#!/usr/bin/python3
"""Overrides in hostile hands: led away, locked out, brought back, broken, or made to tell a secret."""
import os
import sys
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
r.domain()
D = "/domains/example.test"
r.must("POST", D + "/sites", {"site": "Nord"})
r.user("1001", "Anna", "Berg", site="Nord")
PHONES = {"yealink-t46u": ("001565aabb01", "%s.cfg"), "polycom-vvx450": ("0004f2aabb01", "%s-lines.cfg"), "grandstream-gxp2170": ("000b82aabb01", "cfg%s.xml"),
          "grandstream-gxp1628": ("000b82aabb02", "cfg%s.xml")}
path = {mac: r.phone(mac, model, ["1001"], site="Nord") + name % mac for model, (mac, name) in PHONES.items()}
FILE = {mac: name % mac for model, (mac, name) in PHONES.items()}
T46U, VVX, GXP, OLD = (PHONES[m][0] for m in PHONES)


def key(scope, **more):
    return r.must("POST", D + "/apikeys", dict({"name": scope, "user-scope": scope}, **more))["key"]


office, nord = key("Office Manager"), key("Site Manager", sites=["Nord"])


def put(where, rows, k=None):
    return r.api("PUT", where + "/overrides", {"overrides": [{"name": n, "value": v} for n, v in rows]}, key=k)


def config(mac):
    return r.api("GET", D + "/phones/%s/config/%s" % (mac, FILE[mac])).text


# ---- nobody leads a phone away, locks it out or brings an account back by a vendor's own name, in any spelling ----
for name in (
        # Yealink: the account by its older names, files, firmware, management, keys of files, protection
        "account.1.sip_server_host", "account.01.password", "account.1.outbound_host", "account.1.backup_outbound_host", "static.account.1.password", "STATIC.linekey.1.value",
        "static.features.auto_linekeys.enable", "static.auto_provision.aes_key.mac", "auto_provision.aes_key_16.mac", "static.auto_provision.encryption.config", "overwrite_mode",
        "static.auto_provision.update_file_mode", "auto_provision.repeat.enable", "static.auto_provision.power_on", "static.configuration.url", "custom_mac_cfg.url",
        "static.managementserver.url", "managementserver.enable", "redirect.enable", "static.redirect.user_name", "zero_touch.enable", "static.dm.server.address", "static.firmware.url", "firmware.url",
        "static.security.trust_certificates", "security.trust_certificates", "static.trusted_certificates.url", "static.auto_provision.custom.protect", "sip.trust_ctrl", "sip.notify_reboot_enable",
        # Polycom
        "voIpProt.server.1.address", "voIpProt.SIP.outboundProxy.address", "prov.polling.enabled", "prov.configUploadPath", "upgrade.custom.server.url", "device.prov.serverName", "DEVICE.PROV.serverName.set",
        "device.dhcp.bootSrvUseOpt", "device.sec.TLS.prov.strictCertCommonNameValidation", "voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "reg.01.address",
        # Grandstream: names and numbers
        "provisioning.firmware.serverPath", "provisioning.cust.serverPath", "provisioning.auto.mode", "provisioning.pnp.enable", "provisioning.override.dhcp.allowCommonOptions", "tr069.url", "tr069.enable",
        "security.validate.serverCertificate", "account.1.sip.outboundProxy.primary", "trustedCACertificates.load",
        "P2", "P34", "P35", "P47", "P192", "P193", "P194", "P212", "P237", "P145", "P270", "P271", "P1359", "P4503", "P4428", "P6767", "P8463"):
    is_(put(D, [(name, "1")]).status, 400, "refused: " + name)
is_(put("/brands/grandstream", [("P2", "x")]).status, 400, "a number is guarded as its name is")
is_(put(D + "/phones/" + T46U, [("static.firmware.url", "https://evil.test/")], nord).status, 400, "nor on one phone")

# ---- words that lead phones elsewhere: not the manager of one site ----
FAR = (("firmware-url", "https://evil.test/"), ("ca-url", "https://evil.test/ca.pem"), ("tls-any-server", "true"), ("server", "evil.test"), ("proxy", "evil.test"), ("tls-minimum", "1.0"))
for name, value in FAR:
    for where in (D + "/sites/Nord", D + "/phones/" + T46U):
        is_(put(where, [(name, value)], nord).status, 403, "%s is not for a Site Manager" % name)
        is_(put(where, [(name, value)], office).status, 200, "it is for an Office Manager")
        is_(put(where, [(name, value), ("srtp", "optional")], nord).status, 200, "who sends it back as it stands may change the rest")
        is_(put(where, [("srtp", "optional")], nord).status, 403, "but not take it away")
        put(where, [])
is_(put(D + "/sites/Nord", [("srtp", "required"), ("codecs", "g722")], nord).status, 200, "other words are")
put(D + "/sites/Nord", [])

# ---- one word that no phone can carry does not take the others with it ----
is_(put(D, [("timezone", "Mars/Phobos")]).status, 400, "a time zone that is none is refused when it is set")
is_(put(D, [("srtp", "required")]).status, 200, "a word")
ok("srtp_encryption = 2" in config(T46U), "stands")
put(D, [])

# ---- secrets: *** is a picture of one, not one; a number's row says that it is one ----
for where in (D, "/brands/yealink", D + "/phones/" + T46U):
    is_(put(where, [("ldap.password", "***")]).status, 400, "*** where there is no secret: " + where)
is_(put(D, [("ldap.password", "s3cr3t-of-domain")]).status, 200, "a secret of the domain")
is_(put(D + "/phones/" + T46U, [("ldap.password", "***")], nord).status, 400, "is not copied into the phone's own layer")
is_(put(D, [("ldap.password", "***"), ("phone_setting.backlight_time", "60")]).status, 200, "it stays in its own")
for name in ("P8021", "P8041", "ldap.password"):
    a = put(D, [(name, "s3cr3t-number")])
    if a.status != 200:
        continue
    shown = a.json["overrides"][0]["value"]
    texts = [config(GXP), config(OLD), r.api("GET", D + "/phones/%s/config/%s?layers=1" % (GXP, FILE[GXP])).text, r.api("GET", D + "/phones/%s/config/%s?layers=1" % (OLD, FILE[OLD])).text]
    ok(shown != "***" or all("s3cr3t-number" not in t for t in texts), "%s: masked in the list is masked in every file that is shown" % name, shown)
put(D, [])
ok("s3cr3t" not in r.log_text() and "s3cr3t" not in r.api("GET", D + "/auditlog?limit=1000").text, "no secret in log or audit")

# ---- line breaks of every sort, and quotes of every language ----
for v in ("a\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b", "a\x00b", "a\x1bb", "\ufffe", "a\x7f"):
    a = put(D, [("phone_setting.lcd_logo.text", v)])
    ok(a.status == 400, "refused: %r" % v, a)
for v in ("\ufffe", "\uffff", "a\u2028b", "a\x85b"):
    is_(r.api("PUT", D + "/users/1001", {"name-first-name": v}).status, 400, "nor is %r a name" % v)
    is_(r.api("POST", D + "/phones/%s/keys" % VVX, {"module": 0, "place": 5, "type": "speed-dial", "value": "123", "label": v}).status, 400, "nor a label")
for v in ('"><x y="', "]]>", "&#10;account.1.enable = 0", "&lt;", "-->", "</PHONE_CONFIG>", "a = b # c", "%NULL%", "{{mac}}", "$(reboot)"):
    is_(put(D, [("some.parameter", v)]).status, 200, "kept: %r" % v)
    for mac, p in path.items():
        status, _, body = r.curl(p)
        ok(status == 200 and len(body) > 1000, "%s has its file" % mac, (status, body[:100]))
        if mac != T46U:
            xml.dom.minidom.parseString(body)
done()

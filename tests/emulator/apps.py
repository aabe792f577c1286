"""Acrobits (vendor documentation, "Account XML") and Zoiper (the vendor's provisioning example). What a later reply does to a node
that it leaves out or empties is not published: both readings are here, by the names of phonecfg/handset/rules.c."""
import xml.etree.ElementTree as ET

from common import Phone


class App(Phone):
    kind, file = "", ""

    def value(self, name):
        return self.stored("file", name) or ""

    def rule(self, name):
        return self.rules.get(self.kind + "_" + name, False)

    def parse(self, get, name):
        body = get(name)
        self.log = []
        try:
            root = ET.fromstring(body) if body else None
        except (ET.ParseError, ValueError, LookupError):
            root = None
        if root is None:
            self.note(name, "refused" if body is not None else "absent")
        return root

    def take(self, prefix, account, source):
        kept = self.store["file"]
        nodes = [(e.tag.split("}")[-1], e) for e in account if isinstance(e.tag, str)]
        if not self.rule("omission_keeps"):
            for key in list(kept):
                name = key[len(prefix):]
                if key.startswith(prefix) and "/" not in name and name not in [n for n, _ in nodes]:
                    del kept[key]
        for name, e in nodes:
            if len(e):
                continue  # codecs, STUN: nothing of a person
            if e.text:
                kept[prefix + name] = [e.text, source]
            elif not self.rule("empty_keeps"):
                kept.pop(prefix + name, None)

    def change(self, name, value, web=False):
        self.store["file"][name] = [value, ""]

    def line(self, user, auth, password, host):
        host = host.split(":")[0] if not host.startswith("[") else host.split("]")[0] + "]"
        if not user or not host or host.endswith(".invalid"):
            return []  # no name below .invalid resolves: nothing is sent there
        return [{"slot": 1, "user": user, "auth-user": auth or user, "password": password, "server": host}]


class Acrobits(App):
    kind = "acrobits"

    def boot(self, get):
        name = self.value("account/extProvUrl") or "acrobits.xml"
        root = self.parse(get, name)
        if root is None:
            return
        if root.tag != "account" or any(e.tag == "title" and not e.text for e in root):
            self.note(name, "refused")  # without a title an account is not saved
            return
        self.take("account/", root, name)
        self.note(name, "applied")

    def lines(self):
        v = self.value
        return self.line(v("account/username"), v("account/authUsername"), v("account/password"), v("account/host"))


class Zoiper(App):
    kind = "zoiper"

    def boot(self, get):
        root = self.parse(get, "zoiper.xml")
        if root is None:
            return
        accounts = root.find("accounts") if root.tag == "options" else None
        if accounts is None:
            self.note("zoiper.xml", "refused")
            return
        named = {"accounts/%s/" % (e.findtext("ident") or "") for e in accounts if e.find("ident") is not None}
        if not self.rule("others_stay"):
            for key in list(self.store["file"]):
                if key[:key.rfind("/") + 1] not in named:
                    del self.store["file"][key]
        for e in accounts:
            ident = e.findtext("ident") if e.tag == "account" else None
            if ident:
                self.take("accounts/%s/" % ident, e, "zoiper.xml")
        self.note("zoiper.xml", "applied")

    def lines(self):
        def v(node):
            return self.value("accounts/rekey-1/" + node)
        if v("register_on_startup") == "false":
            return []
        return self.line(v("username"), v("SIP_auth_username"), v("password"), v("SIP_domain"))

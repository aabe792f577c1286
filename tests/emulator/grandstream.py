"""A Grandstream phone, from the vendor's provisioning guide and configuration templates, with the store's rules as seen on
the vendor's own programs (ATA firmware)."""
import re
import urllib.parse
import xml.etree.ElementTree as ET

from common import Phone

# Account values that the store calls mandatory: an empty element does not empty them.
MANDATORY = [
    r"users\.(admin|user)\.password", r"account\.\d+\.sip\.subscriber\.password", r"account\.\d+\.enable",
    r"account\.\d+\.sip\.(registration|registerExpiration|localPort|transport)",
    r"account\.\d+\.network\.(natTraversal|dnsMode)", r"account\.\d+\.audio\.srtpMode",
    r"provisioning\.config\.(filePassword|password|protocol)", r"dateTime\.timezone",
    r"P(2|34|406|506|606|1706|1806|196|1359|1361|64|31|32|40|52|103|130|183|212|271|401|501|601|1701|1801|734|83)",
]
# (name, most bytes, lowest and highest byte); over the limit a value is refused whole, not cut.
LIMITS = [
    (r"account\.\d+\.sip\.userid|P35|P404|P504|P604|P1704|P1804", 64, None),
    (r"account\.\d+\.sip\.subscriber\.userid|P36|P405|P505|P605|P1705|P1805", 96, None),
    (r"account\.\d+\.sip\.subscriber\.password|P34|P406|P506|P606|P1706|P1806", 64, None),
    (r"account\.\d+\.sip\.subscriber\.name|P3|P407|P507|P607|P1707|P1807", 60, None),
    (r"users\.(admin|user)\.password|P2|P196", 30, (33, 126)),
    (r"provisioning\.config\.(username|password|filePassword)|P1359|P1360|P1361", 40, (33, 126)),
    (r"dateTime\.timezone(\.custom)?|P64|P246", 64, None),
    (r"pks\.(vpk|mpk)\.\d+\.description", 32, None),
    (r"pks\.(vpk|mpk)\.\d+\.value", 64, None),
]
EXPIRY = r"account\.\d+\.sip\.registerExpiration|P32|P412|P512|P612|P1712|P1812"
YES = ("1", "yes", "on", "true")

# P-values of the accounts (vendor templates): the same place in the store as the names of version 2.
ACCOUNT_P = {
    "enable": (271, 401, 501, 601, 1701, 1801), "name": (270, 417, 517, 617, 1717, 1817),
    "sip.server.1.address": (47, 402, 502, 602, 1702, 1802), "sip.server.2.address": (2312, 2412, 2512, 2612, 2712, 2812),
    "sip.outboundProxy.1.address": (48, 403, 503, 603, 1703, 1803), "sip.userid": (35, 404, 504, 604, 1704, 1804),
    "sip.subscriber.userid": (36, 405, 505, 605, 1705, 1805), "sip.subscriber.password": (34, 406, 506, 606, 1706, 1806),
    "sip.subscriber.name": (3, 407, 507, 607, 1707, 1807), "sip.voicemail.number": (33, 426, 526, 626, 1726, 1826),
    "sip.registration": (31, 410, 510, 610, 1710, 1810), "sip.registerExpiration": (32, 412, 512, 612, 1712, 1812),
    "sip.transport": (130, 448, 548, 648, 1748, 1848),
}
ALIAS = {f"P{p}": f"account.{n + 1}.{name}" for name, row in ACCOUNT_P.items() for n, p in enumerate(row)}
ALIAS.update({"P2": "users.admin.password", "P196": "users.user.password", "P237": "provisioning.config.serverPath",
              "P1360": "provisioning.config.username", "P1361": "provisioning.config.password",
              "P1359": "provisioning.config.filePassword", "P9996": "provisioning.userProtect.enable",
              "P8467": "provisioning.config.processAll.enable", "P212": "provisioning.config.protocol",
              "P64": "dateTime.timezone", "P246": "dateTime.timezone.custom",
              "P240": "provisioning.config.authenticateFile"})


class Refused(Exception):
    pass


class Grandstream(Phone):
    def value(self, name):
        return self.stored("file", name) or ""

    def on(self, name):
        return self.value(name).lower() in YES

    # -- one value: the store judges each by itself, refusing silently --
    def put(self, name, value, source):
        if value.strip(" \t") == "":
            value = ""
        v2 = ALIAS.get(name, name)
        if value == "" and any(re.fullmatch(p, v2) or re.fullmatch(p, name) for p in MANDATORY):
            return
        for pattern, most, span in LIMITS:
            if re.fullmatch(pattern, v2) or re.fullmatch(pattern, name):
                data = value.encode("utf-8")
                if len(data) > most or (span and any(not span[0] <= b <= span[1] for b in data)):
                    return
        if re.fullmatch(EXPIRY, v2) or re.fullmatch(EXPIRY, name):
            if not re.fullmatch(r"\+?[1-9]\d*", value) or not 1 <= int(value) <= 64800:
                return
        self.store["file"][v2] = [value, source]

    # -- one file --
    def parse(self, body):
        """[(name, value)], the first of a repeated name only. Anything wrong with the file and nothing of it counts."""
        if self.value("provisioning.config.filePassword"):
            raise Refused("a plain file, though a file password is set")
        m = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<\?xml([^>]*)\?>", body)
        if not m:
            raise Refused("no XML declaration")
        encoding = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", m[1])
        if encoding and encoding[1].lower() != b"utf-8":
            raise Refused("encoding is not UTF-8")
        # A bare & is tolerated and kept.
        text = re.sub(rb"&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)", b"&amp;", body.lstrip())
        # CDATA loses its value.
        text = re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", text, flags=re.S)
        try:
            root = ET.fromstring(text)
        except (ET.ParseError, ValueError, LookupError):
            raise Refused("not well-formed")
        if root.tag != "gs_provision" or root.get("version") is None:
            raise Refused("no gs_provision element with a version")
        children = list(root)
        if children and children[0].tag == "mac":
            if (children[0].text or "").lower() != self.mac:
                raise Refused("the file is for another MAC")
            children = children[1:]
        if not children or children[0].tag != "config":
            raise Refused("no config element")
        out = {}
        for element in children[0].iter():
            if element is children[0] or len(element):
                continue
            if element.tag == "item" and element.get("name"):
                out.setdefault(element.get("name"), element.text or "")
            elif element.tag.startswith("P") and element.tag[1:].isdigit():
                self.number(out, element.tag, element.text or "")
        if self.on("provisioning.config.authenticateFile") and out.get("P1") != self.value("users.admin.password"):
            raise Refused("the file does not hold the admin password")
        return out

    @staticmethod
    def number(out, name, text):
        # A line break in a value: the rest is read as further settings.
        first, *rest = text.split("\n")
        out.setdefault(name, first)
        for line in rest:
            if re.match(r"\d+=", line):
                number, value = line.split("=", 1)
                out.setdefault("P" + number, value)

    def apply(self, name, body):
        try:
            pairs = self.parse(body)
        except Refused as e:
            self.note(name, "refused: " + str(e))
            return False
        for parameter, value in pairs.items():
            self.put(parameter, value, name)
        self.truncate(pairs)
        self.note(name, "applied")
        return True

    def truncate(self, pairs):
        """Dynamic programmable keys must be listed in sequence: leaving one out removes every one after it."""
        listed = {int(m[1]) for m in (re.match(r"pks\.vpk\.(\d+)\.", n) for n in pairs) if m}
        if not any(k > self.model.fixed for k in listed):
            return
        first_gap = self.model.fixed + 1
        while first_gap in listed:
            first_gap += 1
        for name in list(self.store["file"]):
            m = re.match(r"pks\.vpk\.(\d+)\.", name)
            if m and int(m[1]) > first_gap:
                del self.store["file"][name]

    def binary(self, name, body):
        """The 16 byte header, then url-encoded settings."""
        if len(body) < 16 or len(body) % 2 or body[:2] != b"\0\0" or body[12:16] != b"\r\n\r\n":
            return False
        if int.from_bytes(body[2:4], "big") * 2 != len(body) or body[6:12].hex() != self.mac:
            return False
        if sum(int.from_bytes(body[i:i + 2], "big") for i in range(0, len(body), 2)) & 0xFFFF:
            return False
        pairs = urllib.parse.parse_qsl(body[16:].rstrip(b"\0").decode("latin-1"), keep_blank_values=True)
        for parameter, value in pairs:
            if parameter.startswith("P"):
                self.put(parameter, value, name)
        self.note(name, "applied")
        return True

    def boot(self, get):
        self.log = []
        binary = "cfg" + self.mac + (".bin" if self.model.with_bin else "")
        body = get(binary)
        if body is not None and not self.binary(binary, body):
            self.note(binary, "refused")
        for name in ("cfg" + self.mac + ".xml", self.model.common, "cfg.xml"):
            body = get(name)
            if body is None:
                self.note(name, "absent")
            elif self.apply(name, body) and not self.on("provisioning.config.processAll.enable"):
                break  # stops after the first file that succeeds
        self.protect()

    # -- local changes --
    def protect(self):
        if self.on("provisioning.userProtect.enable"):
            for name, (value, _) in self.store["local"].items():
                self.store["file"][name] = [value, ""]
        else:
            self.store["local"] = {}

    def change(self, name, value, web=False):
        self.store["file"][name] = [value, ""]
        if self.on("provisioning.userProtect.enable"):
            self.store["local"][name] = [value, ""]

    def lines(self):
        out = []
        for n in range(1, self.model.accounts + 1):
            a = f"account.{n}."
            if self.on(a + "enable") and self.value(a + "sip.userid") and self.value(a + "sip.server.1.address"):
                user = self.value(a + "sip.userid")
                out.append({"slot": n, "user": user, "auth-user": self.value(a + "sip.subscriber.userid") or user,
                            "password": self.value(a + "sip.subscriber.password"),
                            "server": self.value(a + "sip.server.1.address")})
        return out

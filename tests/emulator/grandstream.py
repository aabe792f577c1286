"""A Grandstream phone, from the vendor's provisioning guide and configuration templates, with the store's rules as seen on
the vendor's own programs (ATA firmware)."""
import os
import re
import subprocess
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
    (r"provisioning\.(config|firmware)\.file(Prefix|Postfix)", 32, (33, 126)),
    (r"dateTime\.timezone(\.custom)?|P64|P246", 64, None),
    (r"pks\.(vpk|mpk)\.\d+\.description", 32, None),
    (r"pks\.(vpk|mpk)\.\d+\.value", 64, None),
]
# Letters above 127: refused by the ATA's table.
ASCII = r"account\.\d+\.sip\.(userid|subscriber\.(userid|password|name)|server\.1\.address)"
MINUTES = r"provisioning\.auto\.minute"
EXPIRY = r"account\.\d+\.sip\.registerExpiration|P32|P412|P512|P612|P1712|P1812"
YES = ("1", "yes", "on", "true")

ROWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "firmware-profiles", "grandstream", "parameters.txt")


def numbers():
    """{number: name}: the rows say which name of version 2 a number has."""
    out = {}
    with open(ROWS, encoding="utf-8") as f:
        for line in f:
            cells = line.rstrip("\n").split("\t")
            alias = re.search(r"alias=([^,]+)", cells[3]) if len(cells) > 3 else None
            if alias and re.fullmatch(r"P\d+", cells[0]):
                out[cells[0]] = alias[1]
    return out


ALIAS = numbers()
# An ATA's second port has numbers of its own, and it does not know those of a phone's further accounts (observed).
SECOND_PORT = {"P401": "enable", "P703": "sip.subscriber.name", "P734": "sip.subscriber.password", "P735": "sip.userid",
               "P736": "sip.subscriber.userid", "P747": "sip.server.1.address", "P748": "sip.outboundProxy.1.address"}


def version(text):
    return [int(part) for part in text.split(".") if part.isdigit()]


class Refused(Exception):
    pass


class Grandstream(Phone):
    def value(self, name):
        return self.stored("file", name) or ""

    def on(self, name):
        return self.value(name).lower() in YES

    @property
    def ata(self):
        return self.model.token.startswith("ht")

    @property
    def numbers_only(self):
        """ATAs and the older firmware read version 1 alone; where nobody knows what it runs, both are looked at."""
        since = dict(getattr(self.model, "syntaxes", [("grandstream", "")]))
        if self.ata or "grandstream" not in since:
            return True
        if self.firmware:
            return version(self.firmware) < version(since["grandstream"])
        return "grandstream-p" in since and self.rules.get("gs_numbers_only", False)

    def canonical(self, name):
        """The name that a number has; values are kept by it, whichever way they came."""
        if self.ata and name in SECOND_PORT:
            return "account.2." + SECOND_PORT[name]
        alias = ALIAS.get(name, name)
        if self.ata and re.match(r"account\.[2-9]|pks\.", alias):
            return name
        return alias

    # -- one value: the store judges each by itself, refusing silently --
    def put(self, name, value, source):
        if value.strip(" \t") == "":
            value = ""
        v2 = self.canonical(name)
        if value == "" and any(re.fullmatch(p, v2) or re.fullmatch(p, name) for p in MANDATORY):
            return
        for pattern, most, span in LIMITS:
            if re.fullmatch(pattern, v2) or re.fullmatch(pattern, name):
                data = value.encode("utf-8")
                if len(data) > most or (span and any(not span[0] <= b <= span[1] for b in data)):
                    return
        if self.ata and re.fullmatch(ASCII, v2) and not value.isascii():
            return
        if self.ata and re.fullmatch(r"account\.\d+\.(enable|sip\.registration)", v2) and value not in ("0", "1", "+0", "+1"):
            return
        if re.fullmatch(EXPIRY, v2) or re.fullmatch(EXPIRY, name):
            if not re.fullmatch(r"\+?[1-9]\d*", value) or not 1 <= int(value) <= 64800:
                return
        if value and re.fullmatch(MINUTES, v2) and (not re.fullmatch(r"\+?[1-9]\d*", value) or not 30 <= int(value) <= 5256000):
            return
        self.store["file"][v2] = [value, source]

    # -- one file --
    def parse(self, body):
        """[(name, value)], the first of a repeated name only. Anything wrong with the file and nothing of it counts."""
        if self.value("provisioning.config.filePassword"):
            body = self.decrypt(body)
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
        # The parser of version 1 looks at what lies right below, and at P elements alone.
        for element in children[0] if self.numbers_only else children[0].iter():
            if element is children[0] or (len(element) and not self.numbers_only):
                continue
            if self.numbers_only and not re.fullmatch(r"P\d+", element.tag):
                continue
            if element.tag == "item" and element.get("name"):
                out.setdefault(element.get("name"), element.text or "")
            elif element.tag.startswith("P") and element.tag[1:].isdigit():
                self.number(out, element.tag, "".join(element.itertext()))
        if self.on("provisioning.config.authenticateFile") and out.get("P1") != self.value("users.admin.password"):
            raise Refused("the file does not hold the admin password")
        return out

    def decrypt(self, body):
        """AES-256-CBC, key and vector by MD5 in one round, salted or not: whatever comes is decrypted, a plain file too."""
        command = ["openssl", "enc", "-d", "-aes-256-cbc", "-md", "md5", "-pass", "env:FILE_PASSWORD"]
        if not body.startswith(b"Salted__"):
            command.append("-nosalt")
        done = subprocess.run(command, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20,
                              env=dict(os.environ, FILE_PASSWORD=self.value("provisioning.config.filePassword")))
        if done.returncode:
            raise Refused("the file password does not open it")
        return done.stdout

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
        listed = {int(m[1]) for m in (re.match(r"pks\.vpk\.(\d+)\.", self.canonical(n)) for n in pairs) if m}
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
        # Newer series ask for it with its ending.
        binary = "cfg" + self.mac + ("" if self.model.token.startswith(("gxp", "ht")) else ".bin")
        body = get(binary)
        if body is not None and not self.binary(binary, body):
            self.note(binary, "refused")
        for name in ("cfg" + self.mac + ".xml", self.model.common, "cfg.xml"):
            body = get(name)
            if body is None:
                self.note(name, "absent")
            elif self.apply(name, body) and not self.on("provisioning.config.processAll.enable"):
                break  # stops after the first file that succeeds
        self.load_book(get)
        self.protect()

    def load_book(self, get):
        """The shared list of contacts; entries made on the phone go when it is told to remove them."""
        scheme = {"1": "http", "2": "tftp", "3": "https"}.get(self.value("phonebook.download.mode"))
        if self.ata or not scheme or not self.value("phonebook.download.server"):
            return
        name = "%s://%s/phonebook.xml" % (scheme, self.value("phonebook.download.server"))
        body = get(name)
        try:
            root = ET.fromstring(body) if body is not None else None
        except ET.ParseError:
            root = None
        if root is None or root.tag != "AddressBook":
            self.note(name, "absent" if body is None else "refused")
            return
        gone = ("shared.", "contacts.") if self.on("phonebook.download.removeEditedEntries") else ("shared.",)
        self.store["data"] = {k: v for k, v in self.store["data"].items() if not k.startswith(gone)}
        for n, contact in enumerate(root.findall("Contact"), 1):
            for field in contact.iter():
                if field is not contact and not len(field) and field.text:
                    self.store["data"]["shared.%d.%s" % (n, field.tag)] = [field.text, name]
        self.note(name, "applied")

    # -- local changes --
    def protect(self):
        if not self.ata and self.on("provisioning.userProtect.enable"):
            for name, (value, _) in self.store["local"].items():
                self.store["file"][name] = [value, ""]
        else:
            self.store["local"] = {}

    def change(self, name, value, web=False):
        if name.startswith("contacts."):
            self.store["data"][name] = [value, ""]
            return
        name = self.canonical(name)
        key = re.match(r"pks\.vpk\.(\d+)\.", name)
        if key and int(key[1]) > self.model.keys:
            return  # no such key
        if self.ata and not re.match(r"account\.\d+\.(enable$|sip\.|network\.)|provisioning\.|users\.|dateTime\.|P\d", name):
            return  # not in its table of values
        self.store["file"][name] = [value, ""]
        if not self.ata and self.on("provisioning.userProtect.enable"):
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

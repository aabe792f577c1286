"""A Polycom phone on UC Software, from the vendor's administrator guides and its parameter schema."""
import re
import xml.etree.ElementTree as ET

from common import Phone

DEFAULTS = [  # of the schema
    (r"reg\.\d+\.server\.\d+\.expires", "3600"),
    (r"reg\.\d+\.server\.\d+\.register", "1"),
    (r"reg\.\d+\.server\.\d+\.transport", "DNSnaptr"),
    (r"reg\.\d+\.lineKeys", "1"),
    (r"lineKey\.\d+\.category", "Unassigned"),
    (r"voIpProt\.SIP\.specialEvent\.checkSync\.alwaysReboot", "0"),
]


def tree(body):
    try:
        return ET.fromstring(body)
    except (ET.ParseError, ValueError, LookupError):
        return None


def attributes(root):
    """Element names are free; every attribute is a parameter, and within the file the first one wins."""
    out = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if not name.startswith("{"):
                out.setdefault(name, value)
    return out


def number(text, otherwise, most):
    """What is no number, or too large, counts as not set."""
    return int(text) if re.fullmatch(r"[0-9]+", text) and int(text) <= most else otherwise


class Polycom(Phone):
    def factory(self, name):
        for pattern, value in DEFAULTS:
            if re.fullmatch(pattern, name):
                return value
        return ""

    def value(self, name):
        # Overrides made on the phone or on its web page win over every listed file; which of the two is first is open.
        local = ("web", "local") if self.rule("web_wins") else ("local", "web")
        for layer in local + ("file", "flash"):
            v = self.stored(layer, name)
            if v is not None:
                return v
        return self.factory(name)

    def rule(self, name):
        """A rule that the sources leave open, turned the other way."""
        return self.rules.get("polycom_" + name, False)

    def boot(self, get):
        self.log = []
        master, names, dirs = None, [], {}
        for name in self.named() + [self.mac + ".cfg", "000000000000.cfg"]:
            body = get(name)
            root = tree(body) if body is not None else None
            if root is None:
                self.note(name, "absent" if body is None else "refused")
                continue
            master = name
            self.note(name, "applied")
            if root.tag == "APPLICATION" or root.find(".//APPLICATION") is not None:
                app = root if root.tag == "APPLICATION" else root.find(".//APPLICATION")
                names, dirs = self.master(app)
                self.listed(get, names)
            else:
                self.take([(name, attributes(root))])  # a file of parameters in the master's place
            break
        if master is None:
            return  # no master at all: the phone runs on what it has
        self.overrides(get, "-phone.cfg", "local", dirs.get("OVERRIDES_DIRECTORY", ""))
        self.overrides(get, "-web.cfg", "web", dirs.get("OVERRIDES_DIRECTORY", ""))
        contacts = dirs.get("CONTACTS_DIRECTORY", "")
        if not self.data(get, self.mac + "-directory.xml", "directory", contacts):
            if not any(n.startswith("directory.") for n in self.store["data"]):
                self.data(get, "000000000000-directory.xml", "directory", contacts)  # a phone without contacts takes the seed
        self.data(get, self.mac + "-calls.xml", "calls", dirs.get("CALL_LISTS_DIRECTORY", ""))

    def named(self):
        """An address that ends in the name of a .cfg file has that one tried first."""
        last = self.value("device.prov.serverName").rpartition("/")
        return [last[2]] if last[1] and len(last[2]) >= 5 and last[2].lower().endswith(".cfg") else []

    def master(self, app):
        attrs = dict(app.attrib)
        own = app.find("APPLICATION_" + self.model.token)
        listed = attrs.get("CONFIG_FILES", "")
        if own is not None and own.get("CONFIG_FILES_" + self.model.token) is not None:
            listed = own.get("CONFIG_FILES_" + self.model.token)
        names = [self.subst(n.strip()) for n in listed.split(",") if n.strip()]
        return names, {k: self.subst(v) for k, v in attrs.items() if k.endswith("_DIRECTORY")}

    def subst(self, text):
        return (text.replace("[PHONE_MAC_ADDRESS]", self.mac).replace("[PHONE_MODEL]", self.model.token)
                .replace("[PHONE_PART_NUMBER]", self.model.part))

    def listed(self, get, names):
        found = []
        for name in names:
            body = get(name)
            root = tree(body) if body is not None else None
            if root is None:
                self.note(name, "absent" if body is None else "refused")
                if self.rule("missing_drops"):
                    continue
                # The copy from last time stands in for a file that cannot be had.
                found.append((name, {n: v for n, (v, src) in self.store["file"].items() if src == name}))
            else:
                self.note(name, "applied")
                found.append((name, attributes(root)))
        self.take(found)

    def take(self, files):
        """The listed files left to right: the first occurrence of a parameter wins. What is left out is gone, or stays."""
        merged = {}
        if self.rule("omission_keeps"):
            files = files + [(src, {n: v}) for n, (v, src) in self.store["file"].items()]
        for name, attrs in files:
            for parameter, value in attrs.items():
                merged.setdefault(parameter, [value, name])
        for parameter, (value, source) in merged.items():
            # device.* goes to flash, and only with both of its flags; flash survives omission.
            if parameter.startswith("device.") and not parameter.endswith(".set"):
                flags = merged.get("device.set", [""])[0], merged.get(parameter + ".set", [""])[0]
                if flags == ("1", "1"):
                    self.store["flash"][parameter] = [value, source]
        self.store["file"] = {p: e for p, e in merged.items()
                              if not p.startswith("device.") or p.endswith(".set")}

    def overrides(self, get, suffix, layer, where):
        name = (where.rstrip("/") + "/" if where else "") + self.mac + suffix
        if where.startswith("http://0.0.0.0"):
            return
        body = get(name)
        root = tree(body) if body is not None else None
        if root is None or root.tag != "PHONE_CONFIG":
            self.note(name, "absent" if body is None else "refused")
            if body is None and self.rule("override_404"):
                self.store[layer] = {}
            return
        self.store[layer] = {n: [v, name] for n, v in attributes(root).items() if not n.startswith("device.")}
        self.note(name, "applied")

    def data(self, get, file, kind, where):
        """False when the server has no such file."""
        if where.startswith("http://0.0.0.0"):
            return True
        name = (where.rstrip("/") + "/" if where else "") + file
        body = get(name)
        root = tree(body) if body is not None else None
        if root is None:
            self.note(name, "absent" if body is None else "refused")
            return body is not None
        for old in [n for n in self.store["data"] if n.startswith(kind + ".")]:
            del self.store["data"][old]
        count = 0
        for parent in root.iter():  # an entry is an element with texts in it
            texts = [(e.tag, (e.text or "").strip()) for e in parent if len(e) == 0]
            texts = [(tag, text) for tag, text in texts if text]
            count += bool(texts)
            for tag, text in texts:
                self.store["data"][f"{kind}.{count}.{tag}"] = [text, name]
        self.note(name, "applied")
        return True

    def change(self, name, value, web=False):
        self.store["web" if web else "local"][name] = [value, ""]

    def lines(self):
        out = []
        for n in range(1, self.model.accounts + 1):
            r = f"reg.{n}."
            user = self.value(r + "address").split("@")[0]
            # A registration without a server of its own has the general one, with that one's settings.
            s = r if self.value(r + "server.1.address") else "voIpProt."
            server = self.value(s + "server.1.address")
            if user and server and self.value(s + "server.1.register") != "0":
                out.append({"slot": n, "user": user, "auth-user": self.value(r + "auth.userId") or user,
                            "password": self.value(r + "auth.password"), "server": server})
        return out

    # -- keys --
    def place(self, number):
        """The phone's own keys, then those of the modules, counted on (addendum for modules: 16 + 252 on a VVX 600)."""
        own, each = self.model.keys, self.model.module_keys or 1
        return (0, number) if number <= own else ((number - own - 1) // each + 1, (number - own - 1) % each + 1)

    def line_key(self, slot):
        address = self.value(f"reg.{slot}.address")
        return address and {"kind": "line", "label": self.value(f"reg.{slot}.label") or address, "value": address}

    def watched(self, entry):
        r = f"attendant.resourceList.{entry}."
        address = self.value(r + "address")
        return address and {"kind": "blf", "label": self.value(r + "label") or address, "value": address}

    def contact(self, sd):
        """The contact with that speed-dial index."""
        for name, (text, _) in self.store["data"].items():
            m = re.fullmatch(r"directory\.(\d+)\.sd", name)
            if sd and m and number(text, 0, 9999) == sd:
                at = f"directory.{m[1]}."
                return {"kind": "speed-dial", "label": self.stored("data", at + "fn") or "",
                        "value": self.stored("data", at + "ct") or ""}
        return None

    def keys(self):
        """With reassignment each key says what it is; else lines, watched numbers, contacts. That 3.x has no reassignment is not
        written anywhere: models of 3.x alone are taken so, and the others by the open rule."""
        old = self.rule("lines_first") or [s[0] for s in self.model.syntaxes] == ["polycom-3"]
        shown, resource = [], 0
        if not old and self.value("lineKey.reassignment.enabled") == "1":
            for n in range(1, self.model.keys + self.model.modules * self.model.module_keys + 1):
                category = self.value(f"lineKey.{n}.category")
                index = number(self.value(f"lineKey.{n}.index"), 0, 9999)
                if category == "BLF" and not index:
                    resource += 1
                what = {"Line": self.line_key, "BLF": self.watched, "SpeedDial": self.contact}.get(category)
                key = what and what(index or resource if category == "BLF" else index)
                if key:
                    shown.append((n, key))
        else:
            row = [self.line_key(n) for n in range(1, self.model.accounts + 1)
                   for _ in range(number(self.value(f"reg.{n}.lineKeys"), 1, 48))]
            row += [self.watched(n) for n in range(1, 137)] + [self.contact(n) for n in range(1, 100)]
            shown = list(enumerate((key for key in row if key), 1))
        return [dict(key, module=self.place(n)[0], index=self.place(n)[1]) for n, key in shown]

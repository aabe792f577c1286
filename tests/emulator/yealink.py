"""A Yealink desk phone, before V81 and from it on, from the vendor's guides; the sections named are those of the administrator
and auto-provisioning guides."""
import hashlib
import re
import subprocess
import xml.etree.ElementTree as ET

from common import Phone

HEADER = "#!version:1.0.0.1"
USER_PASSWORD = ("static.security.user_password", "security.user_password")


# Their last firmware is V72 or V73.
NEVER_V81 = ("T20P", "T22P", "T26P", "T28P", "T32G", "T38G")


class Yealink(Phone):
    def load(self, state):
        super().load(state)
        self.firmware = state.get("firmware", "")

    def save(self):
        state = super().save()
        return dict(state, firmware=self.firmware) if self.firmware else state

    # -- values --
    def old(self):
        """Before V81: no boot files, and names without static."""
        parts = self.firmware.split(".")
        if len(parts) == 4 and parts[1].isdecimal():
            return int(parts[1]) < 81
        return self.model.token in NEVER_V81

    def static(self, name):
        """A setting whose name begins with static. from V81 on; a phone knows the spelling of its own generation only."""
        v = self.stored("file", name if self.old() else "static." + name)
        return "" if v is None else v

    def factory(self, name):
        # "Line keys": an untouched phone shows Line on the first keys, one per account, each on its own account.
        m = re.fullmatch(r"linekey\.(\d+)\.(type|line)", name)
        if m and 1 <= int(m[1]) <= min(self.model.accounts, self.model.keys):
            return "15" if m[2] == "type" else m[1]
        if re.fullmatch(r"linekey\.\d+\.type", name):
            return "0"
        return ""

    def value(self, name):
        v = self.stored("file", name)
        return self.factory(name) if v is None else v

    def on(self, name):
        return self.value(name) == "1"

    # -- encrypted files --
    def clear(self, name, body):
        """The bytes of a file that begins with the header; of an encrypted one what the phone's key opens. None: neither."""
        if body.split(b"\n")[0].strip() == HEADER.encode():
            return body
        which = "mac" if name.startswith(self.mac) else "com"
        key = self.static("auto_provision.aes_key." + which) or self.static("auto_provision.aes_key_16." + which)
        if not body or len(body) % 16 or len(key) not in (16, 32) or self.static("auto_provision.aes_key_in_file") == "1":
            return None
        done = subprocess.run(["openssl", "enc", "-d", "-aes-%d-ecb" % (len(key) * 8), "-K", key.encode().hex()], input=body,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    # -- one file --
    def parse(self, body):
        """Lines of a configuration file, or None: without the exact first line a file is silently ignored."""
        try:
            lines = body.decode("utf-8").replace("\r\n", "\n").split("\n")
        except UnicodeDecodeError:
            return None
        if lines[0].strip() != HEADER:
            return None
        out = []
        for line in lines[1:]:
            if line.startswith("#") or "=" not in line:
                continue
            name, value = line.split("=", 1)
            name, value = name.strip(), value.strip()
            if name in USER_PASSWORD and ":" in value:
                name += "." + value.split(":", 1)[0]  # repeated once per role: each role keeps its own
            out.append((name, value))
        return out

    def take(self, pairs, source, overwrite):
        for name, value in pairs:
            if value == "%NULL%":
                self.store["file"].pop(name, None)
            elif value == "":
                if overwrite:  # blank means the factory default here, and nothing at all in the other mode
                    self.store["file"].pop(name, None)
            else:
                self.store["file"][name] = [value, source]

    # -- the boot sequence --
    def boot(self, get):
        self.log = []
        overwrite, names = False, None
        for boot_name in () if self.old() else (self.mac + ".boot", "y000000000000.boot"):
            body = get(boot_name)
            if body is not None:
                overwrite, names = self.boot_file(body, boot_name)
                break
        if names is None:
            names = [self.model.common, self.mac + ".cfg"]  # the old pair, only when no boot file exists
        present, changed = set(), False
        for name in names:
            body = get(name)
            if body is None:
                self.note(name, "absent")
                continue
            plain = self.clear(name, body)
            if plain is body and self.static("auto_provision.update_file_mode") == "1":
                plain = None  # encrypted files only
            pairs = self.parse(plain) if plain is not None else None
            if pairs is None:
                self.note(name, "refused")
                continue
            present.update(n for n, _ in pairs)
            digest = hashlib.md5(body).hexdigest()
            if self.stored("seen", name) == digest:
                self.note(name, "unchanged")  # identical bytes are not applied again
                continue
            self.store["seen"][name] = [digest, ""]
            self.take(pairs, name, overwrite)
            self.note(name, "applied")
            changed = True
        if overwrite and changed:
            for name in list(self.store["file"]):
                if name not in present and not name.startswith("static."):
                    del self.store["file"][name]
        self.local_file(get)
        self.lists(get)
        self.local_on_top()
        self.auto_linekeys()

    def boot_file(self, body, boot_name):
        overwrite, names = False, []
        text = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        if text[0].strip() != HEADER:
            self.note(boot_name, "refused")
            return False, []
        mine, general, excluded = [], [], False
        for line in text[1:]:
            line = line.strip()
            if line.startswith("#"):
                continue
            m = re.fullmatch(r"(?:\[([^\]]*)\])?\s*include:config\s+(?:<([^>]+)>|\"([^\"]+)\")", line)
            if m:
                target = m[2] or m[3]
                if not target.endswith(".cfg"):
                    continue
                if m[1] is None:
                    general.append(target)
                    names.append((False, target))
                elif self.model.token in [t.strip() for t in m[1].split(",")]:
                    mine.append(target)
                    names.append((True, target))
                continue
            m = re.fullmatch(r"(?:static\.)?([a-z_.]+)\s*=\s*(\S+)", line)
            if m and m[1] == "overwrite_mode":
                overwrite = m[2] == "1"
            elif m and m[1] == "specific_model.excluded_mode":
                excluded = m[2] == "1"
        self.note(boot_name, "applied")
        return overwrite, [n for filtered, n in names if filtered or not (excluded and mine)]

    # -- local changes --
    def local_file(self, get):
        if not self.old() and self.static("auto_provision.custom.sync") == "1":
            name = self.mac + "-local.cfg"
            body = get(name)
            body = self.clear(name, body) if body is not None else None
            pairs = self.parse(body) if body is not None else None
            if pairs is not None:
                self.store["local"] = {n: [v, name] for n, v in pairs}
                self.note(name, "applied")

    def local_on_top(self):
        if self.static("auto_provision.custom.protect") == "1":
            self.take([(n, v) for n, (v, _) in self.store["local"].items()], "", False)
        else:
            self.store["local"] = {}

    def change(self, name, value, web=False):
        self.store["file"][name] = [value, ""]
        if self.static("auto_provision.custom.protect") == "1" and not name.startswith("static."):
            self.store["local"][name] = [value, ""]

    def lists(self, get):
        """local_contact.backup: the phone's contacts are what the server has as <mac>-contact.xml; else local_contact.data.url says
        where the ones are that replace the phone's. local_calllog.backup: the calls likewise."""
        if self.old() or self.static("auto_provision.local_contact.backup.enable") != "1":
            contacts = self.value("local_contact.data.url")
        else:
            contacts = self.mac + "-contact.xml"
        where = "root_contact"
        if self.rules.get("yealink_other_list"):
            where = "contactData" if self.old() else "vp_contact/root_contact"
        if contacts:
            self.one_list(get, contacts, where, "contact", "contact")
        if not self.old() and self.static("auto_provision.local_calllog.backup.enable") == "1":
            self.one_list(get, self.mac + "-calllog.xml", "root_call_log", "item", "call")

    def one_list(self, get, name, where, element, kind):
        """Lists stand side by side in their file, with no element around them."""
        body = get(name)
        root = None
        if body is not None:
            try:
                root = ET.fromstring("<lists>%s</lists>" % body.decode().partition("?>")[2] if b"?>" in body
                                     else b"<lists>" + body + b"</lists>").find(where)
            except (ET.ParseError, UnicodeDecodeError):
                pass
        if root is None:
            self.note(name, "absent" if body is None else "refused")
            return
        self.store["data"] = {k: v for k, v in self.store["data"].items() if not k.startswith(kind + ".")}
        for n, entry in enumerate(root.iter(element), 1):
            for attribute, text in entry.items():
                self.store["data"][f"{kind}.{n}.{attribute}"] = [text, name]
        self.note(name, "applied")

    def auto_linekeys(self):
        """features.auto_linekeys: unused keys (type 0) become Line keys of an account that wants more of them."""
        if not self.on("features.auto_linekeys.enable"):
            return
        for account in range(1, self.model.accounts + 1):
            if not self.on(f"account.{account}.enable"):
                continue
            wanted = self.value(f"account.{account}.number_of_linekey")
            want = int(wanted) if wanted.isdecimal() else 1
            keys = range(1, self.model.keys + 1)
            have = sum(self.value(f"linekey.{k}.type") == "15" and self.value(f"linekey.{k}.line") == str(account)
                       for k in keys)
            for k in keys:
                if have >= want:
                    break
                if self.value(f"linekey.{k}.type") == "0":
                    self.store["file"][f"linekey.{k}.type"] = ["15", ""]
                    self.store["file"][f"linekey.{k}.line"] = [str(account), ""]
                    have += 1

    # -- what it registers --
    def lines(self):
        out = []
        for n in range(1, self.model.accounts + 1):
            a = f"account.{n}."
            server = self.value(a + "sip_server.1.address") or (self.value(a + "sip_server_host") if self.old() else "")
            if self.on(a + "enable") and self.value(a + "user_name") and server:
                out.append({"slot": n, "user": self.value(a + "user_name"),
                            "auth-user": self.value(a + "auth_name") or self.value(a + "user_name"),
                            "password": self.value(a + "password"), "server": server})
        return out

"""Linphone (liblinphone 5.1), from its source and from runs of the program."""
import re
import xml.etree.ElementTree as ET

from common import Phone


class Linphone(Phone):
    def value(self, name):
        return self.stored("file", name) or ""

    def boot(self, get):
        self.log = []
        name = self.value("misc/config-uri") or "linphone.xml"
        body = get(name)
        try:
            root = ET.fromstring(body) if body else None
        except (ET.ParseError, ValueError, LookupError):
            root = None
        if root is None or root.tag.split("}")[-1] != "config":
            self.note(name, "refused" if body is not None else "absent")
            return  # anything else leaves the accounts as they are
        if self.rules.get("linphone_prunes_auth"):
            for n in range(0, 64):  # since 2024-11: every auth_info, counted on from 0; proxies never
                mine = [k for k in self.store["file"] if k.startswith(f"auth_info_{n}/")]
                if not mine:
                    break
                for k in mine:
                    del self.store["file"][k]
        for section in root:
            for entry in section:
                key = f"{section.get('name')}/{entry.get('name')}"
                # Taken when the key is absent here, or when the entry says so; the section's own mark does not count.
                if self.stored("file", key) is None or entry.get("overwrite") == "true":
                    if entry.text:
                        self.store["file"][key] = [entry.text, name]
                    else:
                        self.store["file"].pop(key, None)
        if self.value("misc/transient_provisioning") == "1":
            self.store["file"].pop("misc/config-uri", None)
        self.note(name, "applied")

    def change(self, name, value, web=False):
        self.store["file"][name] = [value, ""]

    def credentials(self):
        """What answers a digest challenge of the provisioning server: those of the first account, whoever that still is."""
        return self.value("auth_info_0/username"), self.value("auth_info_0/ha1") or self.value("auth_info_0/passwd")

    def lines(self):
        out = []
        for n in range(0, 64):
            if not any(k.startswith(f"proxy_{n}/") for k in self.store["file"]):
                break  # loading stops at the first missing section
            m = re.search(r"sips?:([^@;>]+)@([^;>]+)", self.value(f"proxy_{n}/reg_identity"))
            if not m or self.value(f"proxy_{n}/reg_sendregister") == "0":
                continue
            user, domain = m[1], m[2]
            line = {"slot": n + 1, "user": user, "auth-user": user, "password": "", "server": domain}
            for i in range(0, 64):
                if self.value(f"auth_info_{i}/username") == user:
                    line["auth-user"] = self.value(f"auth_info_{i}/userid") or user
                    # A stored ha1 beats the password.
                    line["password"] = self.value(f"auth_info_{i}/ha1") or self.value(f"auth_info_{i}/passwd")
                    break
            out.append(line)
        return out

"""What the emulated phones share: the saved state, the models, and the way a phone asks for a file."""
import json
import os

LAYERS = ("file", "local", "web", "flash", "data", "seen")


class Model:
    """One row of the vendors' model tables (accounts, own keys, name of the common file, token in file names)."""

    def __init__(self, vendor, accounts, keys, token, common="", part="", fixed=0, with_bin=False, modules=0, module_keys=0):
        self.vendor, self.accounts, self.keys, self.token = vendor, accounts, keys, token
        self.modules, self.module_keys, self.syntaxes = modules, module_keys, []
        self.common, self.part, self.fixed, self.with_bin = common, part, fixed, with_bin


MODELS = {
    "yealink-t46u": Model("yealink", 16, 27, "T46U", common="y000000000108.cfg"),
    "yealink-t54w": Model("yealink", 16, 27, "T54W", common="y000000000096.cfg"),
    "yealink-t46g": Model("yealink", 16, 27, "T46G", common="y000000000028.cfg"),
    "yealink-t31p": Model("yealink", 2, 2, "T31P", common="y000000000123.cfg"),
    "polycom-vvx250": Model("polycom", 4, 4, "VVX250", part="3111-48820-001"),
    "polycom-vvx450": Model("polycom", 12, 12, "VVX450", part="3111-48840-001", modules=3, module_keys=40),
    "polycom-ip331": Model("polycom", 2, 2, "SPIP331", part="2345-12365-001"),
    "grandstream-gxp2170": Model("grandstream", 12, 48, "gxp2170", common="cfggxp2170.xml", fixed=12),
    "grandstream-grp2614": Model("grandstream", 8, 16, "grp2614", common="cfggrp2614.xml", fixed=6, with_bin=True),
    "grandstream-gxp1628": Model("grandstream", 2, 2, "gxp1628", common="cfggxp1628.xml", fixed=2),
    "linphone": Model("linphone", 8, 0, "linphone"),
    "acrobits": Model("acrobits", 1, 0, "acrobits"),
    "zoiper": Model("zoiper", 1, 0, "zoiper"),
}


class Phone:
    """Stored values by layer: {layer: {name: [value, source file]}}. A subclass holds one vendor's rules."""

    def __init__(self, model_id, mac):
        self.model_id, self.mac = model_id, mac.lower()
        self.model = MODELS[model_id]
        self.store = {layer: {} for layer in LAYERS}
        self.log = []
        self.rules = {}  # open rules that are turned the other way, by the names of phonecfg/handset/rules.c

    # -- the saved form, the same as the tool's --
    def load(self, state):
        self.rules = dict(state.get("rules", {}))
        self.store = {layer: {} for layer in LAYERS}
        for e in state["values"]:
            self.store[e["layer"]][e["name"]] = [e["value"], e.get("source", "")]

    def save(self):
        values = [
            {"layer": layer, "name": name, "value": value, "source": source}
            for layer in LAYERS
            for name, (value, source) in self.store[layer].items()
        ]
        return {"model": self.model_id, "mac": self.mac, "values": values, "lines": self.lines(), "keys": self.keys()}

    # -- helpers --
    def stored(self, layer, name):
        entry = self.store[layer].get(name)
        return None if entry is None else entry[0]

    def note(self, name, what):
        self.log.append((name, what))

    def boot(self, get):
        """get(file name) -> bytes, or None for anything but a 200."""
        raise NotImplementedError

    def change(self, name, value, web=False):
        """A person changes a value on the phone."""
        raise NotImplementedError

    def lines(self):
        raise NotImplementedError

    def keys(self):
        """What the keys show, for the vendors whose emulator says it."""
        return []


def directory(path):
    """A server that is a directory: the names of its files are matched as they are."""

    def get(name):
        full = os.path.join(path, os.path.basename(name))
        if not os.path.isfile(full):
            return None
        with open(full, "rb") as f:
            return f.read()

    return get


def make(model_id, mac):
    from grandstream import Grandstream
    from apps import Acrobits, Zoiper
    from linphone import Linphone
    from polycom import Polycom
    from yealink import Yealink

    classes = {"yealink": Yealink, "polycom": Polycom, "grandstream": Grandstream, "linphone": Linphone,
               "acrobits": Acrobits, "zoiper": Zoiper}
    return classes[MODELS[model_id].vendor](model_id, mac)


def from_file(path):
    with open(path, encoding="utf-8") as f:
        state = json.load(f)
    phone = make(state["model"], state["mac"])
    phone.load(state)
    return phone

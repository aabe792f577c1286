"""What the emulated phones share: the saved state, the models, and the way a phone asks for a file."""
import json
import os
import xml.etree.ElementTree as ET

PROFILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "firmware-profiles")
LAYERS = ("file", "local", "web", "flash", "data", "seen")


class Model:
    """What a phone of one model knows of itself: from firmware-profiles/, where the vendors' model tables stand."""

    def __init__(self, root):
        self.vendor, self.name = root.get("vendor"), root.get("model")
        self.softphone = root.get("softphone") == "yes"
        self.accounts = int(root.find("accounts").get("max"))
        self.blocks = {k.get("name"): k for k in root.findall("keys")}
        own = self.blocks.get({"grandstream": "vpk"}.get(self.vendor, "line"))
        self.keys = int(own.get("max")) if own is not None else 0
        self.fixed = int(own.get("fixed", 0)) if own is not None else 0
        modules = root.find("modules")
        self.modules = int(modules.get("count")) if modules is not None else 0
        self.module_keys = int(modules.get("keys")) if modules is not None else 0
        self.syntaxes = [(s.get("name"), s.get("since", "")) for s in root.findall("syntax")]
        agents = [a.get("token") for a in root.findall("agent")]
        self.token = token_of(self.vendor, agents[0]) if agents else ""
        self.common = root.find("file").get("common") if root.find("file") is not None else ""
        self.part = root.find("part").get("number") if root.find("part") is not None else ""
        self.with_bin = self.token.startswith("grp")  # these ask for cfg<mac>.bin, the older ones for cfg<mac>


def token_of(vendor, agent):
    """How a phone calls itself in file names and boot files: T46U, VVX450, gxp2170."""
    if vendor == "yealink":
        return agent[4:] if agent.startswith("SIP-") else agent
    return agent.replace("_", "") if vendor == "polycom" else agent.lower()


class Models(dict):
    """By id, each read when it is first asked for."""

    def __missing__(self, model_id):
        vendor, _, name = model_id.partition("-")
        path = os.path.join(PROFILES, vendor, (name or vendor) + ".xml")
        self[model_id] = Model(ET.parse(path).getroot())
        return self[model_id]


MODELS = Models()


class Phone:
    """Stored values by layer: {layer: {name: [value, source file]}}. A subclass holds one vendor's rules."""

    def __init__(self, model_id, mac, firmware=""):
        self.model_id, self.mac = model_id, mac.lower()
        self.firmware = firmware  # what it runs; "" = the newest
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


def server(files):
    """A server that is a table {name: bytes}; the name "" stands for whatever is asked for."""
    return lambda name: files.get(os.path.basename(name), files.get(""))


def make(model_id, mac, firmware=""):
    from apps import Acrobits, Zoiper
    from grandstream import Grandstream
    from linphone import Linphone
    from polycom import Polycom
    from yealink import Yealink

    classes = {"yealink": Yealink, "polycom": Polycom, "grandstream": Grandstream, "linphone": Linphone,
               "acrobits": Acrobits, "zoiper": Zoiper}
    return classes[MODELS[model_id].vendor](model_id, mac, firmware)


def from_file(path):
    with open(path, encoding="utf-8") as f:
        state = json.load(f)
    phone = make(state["model"], state["mac"])
    phone.load(state)
    return phone

"""The matrix on both emulators at once: the program walks its combinations on phonecfg/handset and writes the steps of those that
are wanted as JSON lines; the emulator in Python takes them and is looked at by its own eyes."""
import ctypes
import json
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, "tests/lib")
sys.path.insert(0, "tests/emulator")
import common  # noqa: E402
import tap  # noqa: E402

# What belongs to account N, and the one value of it that is renewed.
ACCOUNT = {"yealink": r"(account|voice_mail\.number)\.%d(\.|$)", "polycom": r"(reg|msg\.mwi|divert|call\.autoOffHook)\.%d\.",
           "grandstream": r"account\.%d\."}
# Renewed with the generation: the secret, and what stands in for emptiness where a phone refuses it.
RENEWED = re.compile(r"account\.\d+\.password|reg\.\d+\.auth\.password|account\.\d+\.(sip\.subscriber|ucmapi)\.password")


def values_of(phone):
    return {"%s %s" % (layer, name): value for layer in common.LAYERS if layer != "seen"
            for name, (value, _) in phone.store[layer].items()}


def lines_of(phone):
    return [[line["slot"], line["user"], line["auth-user"], line["password"]] for line in phone.lines()]


class Walk:
    """One combination."""

    def __init__(self, case):
        self.case, self.phone = case, common.make(case["model"], case["mac"], case["firmware"])
        self.rules = {case["birth"]: True} if case["birth"] else {}  # what the phone is, all its life
        self.phone.rules = dict(self.rules)
        self.kept, self.before, self.pulls = None, None, 0

    def run(self):
        for number, step in enumerate(self.case["steps"]):
            wrong = getattr(self, step["do"])(step)
            if wrong:
                return "%s, step %d: %s" % (self.case["name"], number, wrong)
        return None

    def stored(self, step):
        self.phone.store[step["layer"]][step["name"]] = [step["value"], ""]

    def local(self, step):
        self.phone.change(step["name"], step["value"], step["web"])

    def keep(self, _):
        self.kept, self.before = self.phone.save(), values_of(self.phone)

    def back(self, _):
        self.phone.load(self.kept)
        self.phone.rules = dict(self.rules)

    def end(self, _):
        return None

    def pull(self, step):
        self.phone.boot(common.server({name: body.encode("utf-8") for name, body in step["files"].items()}))
        self.pulls += 1
        lines, values = lines_of(self.phone), values_of(self.phone)
        if lines != step["lines"]:
            return "it registers %s, wanted %s" % (lines, step["lines"])
        for name, value in values.items():
            if any(word in value.lower() for word in step["words"]):
                return "%s holds %r" % (name, value)
        return self.others(step, values) or self.alike(step["values"], values)

    def others(self, step, values):
        vendor = self.phone.model.vendor
        for slot in step["others"] if self.before and vendor in ACCOUNT else []:
            mine = re.compile("file " + ACCOUNT[vendor] % slot)
            for name, value in self.before.items():
                if mine.match(name) and not RENEWED.search(name) and values.get(name) != value:
                    return "%s of somebody else was %r and is %r" % (name, value, values.get(name))
        return None

    def named(self, key):
        """A number and the name that its row gives are one: the program keeps some by number."""
        layer, _, name = key.partition(" ")
        return "%s %s" % (layer, getattr(self.phone, "canonical", str)(name))

    def alike(self, want, have):
        want = {self.named(key): value for key, value in want.items()}
        for name in want.keys() | have.keys():
            if want.get(name) != have.get(name):
                return "%s is %r, and %r on the other emulator" % (name, have.get(name), want.get(name))
        return None


def feed(program, wrong, ran):
    """Runs the program; its own lines go to our output, its steps through the emulator."""
    for line in program.stderr:
        case = json.loads(line)
        walk = Walk(case)
        try:
            said = walk.run()
        except Exception as e:  # an emulator that stumbles over a file is a finding
            said = "%s: %s: %s" % (case["name"], type(e).__name__, e)
        ran[0] += 1
        ran[1] += walk.pulls
        if said:
            wrong.append(said)


def run(vendor, *more, second=True):
    """second: on the emulator in Python too. Without it the line at the end says so."""
    libc = ctypes.CDLL(None)
    libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD: files of 100 KB come by the thousand
    libc.mallopt(-1, 1 << 30)
    path = os.path.join("build", os.environ.get("REKEY_KIND", "dev"), "matrix", "matrix")
    program = subprocess.Popen([path, vendor, *(["--feed"] if second else []), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = []
    reader = threading.Thread(target=lambda: out.append(program.stdout.read().decode()))
    reader.start()
    wrong, ran = [], [0, 0]
    feed(program, wrong, ran)
    reader.join()
    code = program.wait()
    for line in out[0].splitlines():
        if not line.startswith("ok") and not line.startswith("not ok"):
            print(line if line.startswith("#") or line.startswith("Bail") else "# " + line)
            continue
        good, _, name = line.partition(" - ")
        tap.ok(good.startswith("ok"), name)
    tap.ok(code == 0, "%s: the program ended well" % vendor, "exit %d" % code)
    if not second:
        print("# %s in Python: not here; SECOND=1 or make soak" % vendor)
        return
    tap.ok(ran[0] and not wrong, "%s in Python: %d of %d combinations clean, %d pulls" % (vendor, ran[0] - len(wrong), ran[0], ran[1]),
           "\n".join(wrong[:12]))

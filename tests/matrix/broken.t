#!/usr/bin/python3
"""Stripping broken on purpose: the files after the handover are made from a copy of the templates in which some lines are missing,
for each vendor and each way of writing. The matrix must go red each time, and say what is left."""
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/lib")
import tap  # noqa: E402

PROGRAM = os.path.join("build", os.environ.get("REKEY_KIND", "dev"), "matrix", "matrix")
# what is missing, model, [(template, lines that fit)], what the matrix then speaks of
CASES = [
    ("Yealink: display names, where overwrite_mode is off", "yealink-t46u",
     [("yealink/*", r"\.display_name ="), ("yealink/boot", r"^overwrite_mode")], "display_name"),
    ("Yealink: labels of line keys, where overwrite_mode is off", "yealink-t46u",
     [("yealink/keys", r"^linekey.*\.label ="), ("yealink/boot", r"^overwrite_mode")], r"linekey\.\d+\.label|key 0/|label"),
    ("Yealink before V81: display names", "yealink-t20p", [("yealink/*", r"\.display_name =")], "display_name"),
    ("Yealink before V81: memory keys", "yealink-t28p", [("yealink/keys", r"^memorykey")], "memorykey|key 0/"),
    ("Yealink before V81: contacts made on the phone", "yealink-t20p", [("yealink/strip", r"^local_contact\.data\.url")], "contact.1"),
    ("Yealink: a list of contacts in an element that it does not read", "yealink-t46u", [("yealink/contact", r"root_contact")], "contact.xml is refused"),
    ("Yealink: a list of calls likewise", "yealink-t46u", [("yealink/calllog", r"root_call_log")], "calllog.xml is refused"),
    ("Polycom 4: labels", "polycom-vvx450", [("polycom/*", r'reg\..*\.label="')], "label"),
    ("Polycom 3: labels", "polycom-ip300", [("polycom/*", r'reg\..*\.label="')], "label"),
    ("Polycom: the override files are not emptied", "polycom-vvx250", [("polycom/override", r".")], "refused"),
    ("Grandstream by names: account names", "grandstream-gxp2170", [("grandstream/*", r'account\..*\.name"')], r"name|label"),
    ("Grandstream by names: keys", "grandstream-grp2614", [("grandstream/keys", r"pks\.vpk\..*\.description")], "description|label"),
    ("Grandstream by numbers: account names", "grandstream-gxp1160", [("grandstream/*", r"<P270>|<P3>")], r"P270|P3|name|label"),
    ("Grandstream that may read either: account names by number", "grandstream-gxp2170", [("grandstream/p-*", r"<P270>|<P3>")], "gs_numbers_only"),
    ("Grandstream ATA: user names", "grandstream-ht802", [("grandstream/*", r"<P3>|<P407>|<P703>")], "name"),
    ("Linphone: identities", "linphone", [("linphone/*", r'"reg_identity"')], "reg_identity|line 1"),
]


def broken(where, cuts):
    """A copy of the templates without the lines; None when no line fits, because then the test itself has gone stale."""
    shutil.copytree("templates", where)
    cut = 0
    for pattern, line in cuts:
        vendor, _, name = pattern.partition("/")
        for file in sorted(os.listdir(os.path.join(where, vendor))):
            if not file.endswith(".mustache") or not fnmatch.fnmatch(file.split(".")[0], name):
                continue
            path = os.path.join(where, vendor, file)
            with open(path, encoding="utf-8") as f:
                lines = f.readlines()
            kept = [text for text in lines if not re.search(line, text)]
            cut += len(lines) - len(kept)
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(kept)
    return cut


with tempfile.TemporaryDirectory(prefix="broken-") as tmp:
    for number, (what, model, cuts, speaks) in enumerate(CASES):
        templates = os.path.join(tmp, str(number))
        if not tap.ok(broken(templates, cuts) > 0, what + ": there are such lines"):
            continue
        done = subprocess.run([PROGRAM, model.split("-")[0], "--only", model, "--all", "--after", templates],
                              capture_output=True, text=True, timeout=120)
        said = [line for line in done.stdout.splitlines() if line.startswith(("#", "Bail"))]
        tap.ok(done.returncode == 1 and any(re.search(speaks, line) for line in said), what + ": the matrix is red",
               "exit %d\n%s\n%s" % (done.returncode, done.stdout[:1500], done.stderr[:500]))
tap.done()

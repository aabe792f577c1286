#!/usr/bin/python3
"""Mustache cases through the built tool, one TAP line per case.

tests/golden/mustache/*.json are ours: one case or more for each rule of the published specification, in that
specification's own file format. The published suite runs beside them where it is present: as Debian ships it (package
r-cran-whisker; tests/deps.sh unpacks it under build/deps/ without installing R), or from the folder in MUSTACHE_SPEC.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

TOOL = os.path.join("build", os.environ.get("REKEY_KIND", "dev"), "bin", "phonecfg")
OURS = sorted(glob.glob("tests/golden/mustache/*.json"))
SPEC = os.environ.get("MUSTACHE_SPEC", "build/deps/whisker/usr/lib/R/site-library/whisker/specs")
MODULES = ("comments", "delimiters", "interpolation", "inverted", "partials", "sections")
PUBLISHED = [p for p in (os.path.join(SPEC, m + ".json") for m in MODULES) if os.path.exists(p)]


def run_case(case, folder):
    """Returns None, or what is wrong."""
    template, data, partials = (os.path.join(folder, n) for n in ("template", "data.json", "partials"))
    os.mkdir(partials)
    with open(template, "w", newline="", encoding="utf-8") as f:
        f.write(case["template"])
    with open(data, "w", encoding="utf-8") as f:
        json.dump(case["data"], f)
    for name, text in case.get("partials", {}).items():
        with open(os.path.join(partials, name + ".mustache"), "w", newline="", encoding="utf-8") as f:
            f.write(text)
    args = [TOOL, "template", template, "--data", data, "--partials", partials]
    args += case.get("options", ["--lenient"])
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
    if "error" in case:
        want = case["error"].replace("$FILE", template)
        got = done.stderr.decode()
        if done.returncode != 1 or want not in got or done.stdout:
            return "exit %d, want 1; stderr %r, want %r in it; stdout %r" % (done.returncode, got, want, done.stdout)
        return None
    if done.returncode != 0:
        return "exit %d: %s" % (done.returncode, done.stderr.decode().strip())
    got = done.stdout.decode()
    return None if got == case["expected"] else "got %r, want %r" % (got, case["expected"])


def main():
    number = failed = published = 0
    for path in OURS + PUBLISHED:
        with open(path, encoding="utf-8") as f:
            suite = json.load(f)
        for case in suite["tests"]:
            number += 1
            with tempfile.TemporaryDirectory() as folder:
                wrong = run_case(case, folder)
            published += path in PUBLISHED
            failed += wrong is not None
            name = "%s: %s" % (os.path.basename(path)[:-5] + (" (published)" if path in PUBLISHED else ""), case["name"])
            print("%s %d - %s" % ("not ok" if wrong else "ok", number, name.replace("#", "\\#")))
            if wrong:
                print("# " + wrong)
    if not PUBLISHED:
        number += 1
        failed += 1
        print("not ok %d - the published suite is not in %s; tests/deps.sh check fetches it" % (number, SPEC))
    print("# %d of the cases are the published suite's" % published)
    print("1..%d" % number)
    return 1 if failed else 0


sys.exit(main())

#!/usr/bin/python3
"""phonecfg explain: what the rows and the words say, and which parameters carry a word, as the vendors' facts have it."""
import re
import subprocess
import sys

sys.path.insert(0, "tests/lib")
from tap import done, is_, ok, program  # noqa: E402

TOOL = program("phonecfg")


def run(*args):
    return subprocess.run([TOOL, "explain", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def says(name, *want, options=()):
    r = run(name, *options)
    missing = [w for w in want if w not in r.stdout]
    ok(r.returncode == 0 and not missing, "explain " + " ".join((name,) + tuple(options)), r.stdout + r.stderr + "missing: %r" % missing)
    return r.stdout


says("reg.3.server.1.port", "reg.{}.server.{}.port (Polycom)", "a number from 0 to 65535", "1 to 34, 1 to 4")
says("reg.{}.server.{}.port", "(Polycom)")
says("reg.35.address", "number 35 in its name, which must be 1 to 34")
says("device.prov.serverName", 'device.prov.serverName.set="1"', "restarts the phone")
says("P271", "P271 (Grandstream)", "account.1.enable", "may not be empty")
says("P34", "secret")
both = says("account.1.enable", "(Yealink)", "(Grandstream)", "P271 = account.1.enable")
only = says("account.1.enable", "(Yealink)", options=("--vendor", "yealink"))
ok("Grandstream" in both and "Grandstream" not in only, "--vendor leaves the others out")
says("account.2.enable", "P401 = account.2.enable")

# A word with what carries it: the parameters that the facts name for it.
for word, carriers in {
    "srtp": ("account.{}.srtp_encryption", "sec.srtp.require", "account.{}.audio.srtpMode", "P183"),
    "timezone": ("local_time.time_zone", "tcpIpApp.sntp.gmtOffset", "sip/" if False else "tcpIpApp.sntp.daylightSavings.enable"),
    "ntp": ("local_time.ntp_server1", "tcpIpApp.sntp.address"),
    "transport": ("account.{}.sip_server.{}.transport_type", "reg.{}.server.{}.transport", "account.{}.sip.transport", "P130"),
    "expires": ("reg.{}.server.{}.expires", "P32"),
    "codecs": ("account.{}.codec.pcmu.enable", "voice.codecPref.G722", "account.{}.codec.choice.{}"),
    "language": ("lang.gui", "lcl.ml.lang"),
}.items():
    out = says(word, "meaning:", "value:", "default:", *carriers)
    ok("label" not in out and "password" not in out, word + " is carried by nothing else")

r = run("--words")
words = re.findall(r"^([a-z-]+)$", r.stdout, re.M)
ok(r.returncode == 0 and words == sorted(words) and len(words) >= 20 and {"codecs", "poll-window", "keep-logs"} <= set(words), "--words lists them all",
   repr(words))
carried = [w for w in words if len(run(w).stdout.splitlines()) > 4]
is_(sorted(set(words) - set(carried)), [], "every word is carried by something")

for name, near in (("srpt", "srtp"), ("acount.1.enable", "account.{}.enable"), ("reg.1.adress", "reg.{}.address")):
    r = run(name)
    ok(r.returncode == 1 and near in r.stderr and not r.stdout, "%s is not known; near is %s" % (name, near), r.stderr)
is_(run("zzzz.qqqq.xxxx.vvvv").returncode, 1, "what nothing is near to")
is_(run("").returncode, 1, "no name at all")
ok(run("a" * 5000).returncode == 1, "a name without end")
is_(run("srtp", "--vendor", "siemens").returncode, 2, "a vendor that is none")
is_(run().returncode, 2, "nothing asked")
done()

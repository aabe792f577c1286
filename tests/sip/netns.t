#!/usr/bin/python3
"""A phone in a network namespace of its own: its contact cannot be reached from outside, it opened one TCP connection, and
check-sync reaches it on that. Kamailio listens on loopback and on the near end of the veth."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, is_, ok, program

OUTSIDE, FAR, INSIDE = "10.222.0.1", "10.222.0.2", "192.168.77.7"
UNSHARE = ["unshare", "-n"] if os.getuid() == 0 else ["unshare", "-Urn"]


def command(*argv):
    subprocess.run(argv, check=True, capture_output=True, text=True)


# The whole test moves into a network of its own, so that the machine's stays as it is; a user namespace lets anybody do it.
if "REKEY_OWN_NETWORK" not in os.environ:
    if subprocess.run(UNSHARE + ["true"], capture_output=True).returncode:
        ok(True, "a phone behind NAT # SKIP this machine gives no network namespace")
        done()
    os.execvpe(UNSHARE[0], UNSHARE + [sys.executable, os.path.abspath(__file__)], dict(os.environ, REKEY_OWN_NETWORK="1"))
k = ua = None
# A process that does nothing holds the phone's network.
holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
try:
    holder.stdout.readline()
    there = ["nsenter", "-t", str(holder.pid), "-n"]
    command("ip", "link", "set", "lo", "up")
    command("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(holder.pid))
    command("ip", "addr", "add", OUTSIDE + "/30", "dev", "near")
    command("ip", "link", "set", "near", "up")
    command(*there, "ip", "addr", "add", FAR + "/30", "dev", "far")
    command(*there, "ip", "addr", "add", INSIDE + "/32", "dev", "lo")
    command(*there, "ip", "link", "set", "lo", "up")
    command(*there, "ip", "link", "set", "far", "up")
    k = sip.Kamailio(address2=OUTSIDE, timer_ms=2000)
    k.set("1001", "old", 1)
    ua = subprocess.Popen(there + [program("ua_phone"), INSIDE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = sip.Lines(ua.stdout)

    def say(text):
        ua.stdin.write(text + "\n")
        ua.stdin.flush()

    say("line 1 tcp %s %d 1001 example.test old" % (OUTSIDE, k.port))
    is_(lines.next(), "registered 1 200 600", "it registers over the veth")
    b = k.bindings("1001")[0]
    ok(b[0].startswith("sip:1001@%s:" % INSIDE), "its contact is an address that nobody outside can reach", b)
    is_(b[2], FAR, "the registrar saw where it came from")
    probe = subprocess.run(["timeout", "1", sys.executable, "-c", "import socket; socket.create_connection(('%s', %s), 0.5)"
                            % (INSIDE, b[0].split(":")[2].split(";")[0])], capture_output=True)
    ok(probe.returncode != 0, "indeed, a connection to it fails")
    say("answer 401")
    rows, _, _ = sip.notify_once("proxy", "sip:127.0.0.1:%d" % k.port, "to", "sip:1001@example.test", "proxy-user", sip.NOTIFY_USER,
                                 "proxy-secret", sip.NOTIFY_SECRET, "secret", "old", "event", "resync", b[0])
    is_(rows[0][1:4], ["200", "401", "0"], "check-sync reaches it, and its challenge is answered")
    is_([lines.next() for _ in range(2)], ["notify 1 resync plain", "notify 1 resync authorized"], "the phone says so too")
finally:
    if ua:
        ua.stdin.close()
        ua.wait(10)
    if k:
        k.stop()
    holder.kill()
    holder.wait()
done()

#!/usr/bin/python3
"""A phone in a network namespace of its own: its contact cannot be reached from outside, it opened one TCP connection, and
check-sync reaches it on that. Kamailio listens on loopback and on the near end of the veth."""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, is_, ok, program

tag = "%04x" % random.getrandbits(16)
ns, near, far, net = "rkt" + tag, "rka" + tag, "rkb" + tag, "10.%d.%d" % (random.randrange(200, 250), random.randrange(250))
INSIDE = "192.168.77.7"


def ip(*args, check=True):
    return subprocess.run(["ip"] + list(args), check=check, capture_output=True, text=True)


if os.getuid() != 0 or ip("netns", "add", ns, check=False).returncode != 0:
    ok(os.getuid() != 0, "a phone behind NAT%s" % ("" if os.getuid() == 0 else " # SKIP only root may join two namespaces"))
    done()
k = ua = None
try:
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", ns)
    ip("addr", "add", net + ".1/30", "dev", near)
    ip("link", "set", near, "up")
    ip("-n", ns, "addr", "add", net + ".2/30", "dev", far)
    ip("-n", ns, "addr", "add", INSIDE + "/32", "dev", "lo")
    ip("-n", ns, "link", "set", "lo", "up")
    ip("-n", ns, "link", "set", far, "up")
    k = sip.Kamailio(address2=net + ".1", timer_ms=2000)
    k.set("1001", "old", 1)
    ua = subprocess.Popen(["ip", "netns", "exec", ns, program("ua_phone"), INSIDE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = sip.Lines(ua.stdout)

    def say(text):
        ua.stdin.write(text + "\n")
        ua.stdin.flush()

    say("line 1 tcp %s.1 %d 1001 example.test old" % (net, k.port))
    is_(lines.next(), "registered 1 200 600", "it registers over the veth")
    b = k.bindings("1001")[0]
    ok(b[0].startswith("sip:1001@%s:" % INSIDE), "its contact is an address that nobody outside can reach", b)
    is_(b[2], net + ".2", "the registrar saw where it came from")
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
    ip("netns", "del", ns, check=False)
    ip("link", "del", near, check=False)
done()

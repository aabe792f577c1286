#!/usr/bin/python3
"""Programs of other people as phones: baresip registers and refuses check-sync with 481; linphone registers and takes it
with 200 (and does nothing, so a 200 proves receipt only)."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import baresip
import sip
from tap import done, free_port, is_, ok, temp_dir

k = sip.Kamailio(timer_ms=3000)
folder = temp_dir("peers")
procs = []


def start(args, **kw):
    p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)
    procs.append(p)
    return p


def outside_address():
    """baresip refuses loopback as its only interface."""
    out = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    return bool(out)


try:
    for user in ("1001", "1002"):
        k.set(user, "secret-" + user, 1)

    if shutil.which("baresip") and outside_address():
        soft = baresip.Baresip(k.address(), "example.test", "1001", "secret-1001", 300)
        procs.append(soft.p)
        b = sip.wait_for(lambda: k.bindings("1001"), 20)
        if ok(b, "baresip registers with our secret"):
            rows, _, _ = sip.notify_once("proxy", "sip:127.0.0.1:%d" % k.port, "to", "sip:1001@example.test", "proxy-user", sip.NOTIFY_USER,
                                         "proxy-secret", sip.NOTIFY_SECRET, b[0][0])
            is_(rows[0][1], "481", "and answers check-sync with 481")
            rows, _, _ = sip.notify_once("direct", "to", "sip:1001@example.test", b[0][0])
            is_(rows[0][1], "481", "on the direct way too")
    else:
        ok(False, "baresip is installed (tests/deps.sh check), and the machine has an address beside loopback, which it wants")

    if shutil.which("linphonec"):
        home = os.path.join(folder, "home")
        os.makedirs(home + "/.local/share/linphone")
        os.makedirs(home + "/.config/linphone")
        rc = home + "/linphonerc"
        with open(rc, "w") as f:
            f.write("[sip]\nsip_port=%d\nsip_tcp_port=-1\nsip_tls_port=-1\ndefault_proxy=0\n"
                    "[proxy_0]\nreg_proxy=<sip:127.0.0.1:%d;transport=udp>\nreg_route=<sip:127.0.0.1:%d;transport=udp;lr>\n"
                    "reg_identity=sip:1002@example.test\nreg_expires=300\nreg_sendregister=1\n"
                    "[auth_info_0]\nusername=1002\npasswd=secret-1002\nrealm=example.test\n" % (free_port(), k.port, k.port))
        start(["linphonec", "-c", rc], env=dict(os.environ, HOME=home, XDG_CONFIG_HOME=home + "/.config", XDG_DATA_HOME=home + "/.local/share"))
        b = sip.wait_for(lambda: k.bindings("1002"), 20)
        if ok(b, "linphone registers with our secret"):
            rows, _, _ = sip.notify_once("proxy", "sip:127.0.0.1:%d" % k.port, "to", "sip:1002@example.test", "proxy-user", sip.NOTIFY_USER,
                                         "proxy-secret", sip.NOTIFY_SECRET, "event", "check-sync;reboot=false", b[0][0])
            is_(rows[0][1], "200", "and takes check-sync with 200")
    else:
        ok(False, "linphone is installed (tests/deps.sh check)")
finally:
    for p in procs:
        p.kill()
        p.wait()
    k.stop()
done()

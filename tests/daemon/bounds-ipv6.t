#!/usr/bin/python3
"""The limit of connections by address, from a listener of both families: an IPv6 /64 counts as one address, an IPv4 address by itself."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib  # noqa: E402
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

UNSHARE = ["unshare", "-n"] if os.getuid() == 0 else ["unshare", "-Urn"]
ONE, SAME, OTHER = "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"

# A network of its own has these addresses; a user namespace lets anybody have one.
if "REKEY_OWN_NETWORK" not in os.environ:
    if subprocess.run(UNSHARE + ["true"], capture_output=True).returncode:
        ok(True, "one IPv6 network is one address # SKIP this machine gives no network namespace")
        done()
    os.execvpe(UNSHARE[0], UNSHARE + [sys.executable, os.path.abspath(__file__)], dict(os.environ, REKEY_OWN_NETWORK="1"))
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for address in (ONE, SAME, OTHER):
    if subprocess.run(["ip", "addr", "add", address + "/128", "dev", "lo", "nodad"], capture_output=True).returncode:
        ok(True, "one IPv6 network is one address # SKIP this machine has no IPv6")
        done()
r = rekeylib.Rekeyd(phones__address="::", limits__connections_per_address=2)


def held(source):
    """Is a connection from there let in?"""
    s = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
    s.settimeout(10)
    s.bind((source, 0))
    s.connect((source, r.phones_port))
    connections.append(s)
    return edgelib.ends(s, 0.5) is None


connections = []
is_([held(a) for a in (ONE, SAME)], [True, True], "two addresses of one IPv6 /64 have the connections of one address")
is_([held(a) for a in (ONE, SAME)], [False, False], "and with these neither has another")
is_([held(a) for a in (OTHER, OTHER, OTHER)], [True, True, False], "another /64 has its own")
is_([held(a) for a in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2")], [True, True, False, True], "so has each IPv4 address")
is_(r.metric("connections_refused_by_address_total", listener="phones"), 4, "those that were turned away are told in the metrics")
done()

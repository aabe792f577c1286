#!/usr/bin/python3
"""What a device says of its registration is what Kamailio says; without an answer nothing is claimed and nobody waits twice."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import nsfields  # noqa: E402
from office import DOMAIN, Office  # noqa: E402
from tap import done, is_, ok  # noqa: E402

o = Office()
o.user("1001", "Anna", "Berg")
U = "/domains/%s/users/1001/devices" % DOMAIN
h = o.handset("001565aabb01", "yealink-t46u", ["1001"], "yealink")
h.pull()
is_(o.must("GET", U + "/1001")["device-sip-registration-state"], "unregistered", "before it registers")
is_(h.register(expires=300), {1: 200}, "a phone registers")
o.must("POST", U, {"device": "1001b"})
d = o.api("GET", U + "/1001", prefix="/ns-api/v2").json
is_((d["device-sip-registration-state"], [d["device-sip-registration-contact"]], d["device-sip-registration-ip-address"]),
    ("registered", o.registrar.contacts("1001"), "127.0.0.1"), "the contact is Kamailio's")
ok("T46U" in d["device-sip-registration-user-agent"] and 200 < d["device-sip-registration-expiry-seconds"] <= 300
   and d["device-sip-registration-datetime"] < d["device-sip-registration-expires-datetime"], "with its name and times", d)
is_(nsfields.complaints("device", d), [], "types and words are the description's")
both = o.must("GET", U)
is_([(x["device"], x["device-sip-registration-state"]) for x in both], [("1001", "registered"), ("1001b", "unregistered")], "a list says it of each")
is_((d["device-provisioning-mac-address"], d["device-provisioning-line"], d["device-provisioning-registration-core-server"]), ("001565aabb01", 1, DOMAIN), "and where it stands")
h.register(expires=0)
h.sip[1][1].register(0)
ok(o.until(lambda: o.must("GET", U + "/1001")["device-sip-registration-state"] == "unregistered"), "gone: unregistered")
p = o.must("GET", "/domains/%s/phones/001565aabb01" % DOMAIN)
is_(nsfields.complaints("phone", p), [], "the phone's own fields are the description's too")
o.registrar.stop()
silent = socket.create_server(("127.0.0.1", o.registrar.rpc_port))  # takes a call and never answers
begin = time.monotonic()
first = o.must("GET", U)
once = time.monotonic() - begin
ok("device-sip-registration-state" not in str(first), "no answer, no claim", first)
begin = time.monotonic()
for _ in range(10):
    o.must("GET", U)
ok(time.monotonic() - begin < 2 * once + 2, "and it is left alone for a while", (once, time.monotonic() - begin))
silent.close()
o.close()
is_(o.stop(), 0, "ends cleanly")
done()

"""Many phones of a real rekeyd with Kamailio: imported by CSV, each has pulled its file once and registers from an address of its own
in 127/8. They are one socket (fleet.Fleet); what they are told is counted there."""
import re
import struct
import socket
import time

import digest
import fleet
from office import DOMAIN, Office
from rekeylib import ua

MODEL, VENDOR = "yealink-t46u", "yealink"


def mac_of(i):
    return "001565%06x" % (i + 1)


class Registering(fleet.Fleet):
    """A fleet that registers too: every address speaks for itself."""

    def __init__(self):
        self.open, self.done = {}, {}
        super().__init__()

    def handle(self, m, src):
        """An answer to a REGISTER; True when it was one."""
        if not m.status:
            return False
        call = m.get("call-id")
        line = self.open.get(call)
        if line and m.status == 401:
            line["auth"] = digest.answer(m.get("www-authenticate"), "REGISTER", "sip:" + DOMAIN, line["user"], line["secret"])
            line["cseq"] += 1
            self.send(line)
        elif line:
            self.done[call] = m.status
            del self.open[call]
        return True

    def send(self, line):
        head = ["REGISTER sip:%s SIP/2.0" % DOMAIN, "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s%d;rport" % (line["at"], self.port, line["call"], line["cseq"]),
                "Max-Forwards: 70", "From: <sip:%s@%s>;tag=t%s" % (line["user"], DOMAIN, line["call"]), "To: <sip:%s@%s>" % (line["user"], DOMAIN),
                "Call-ID: " + line["call"], "CSeq: %d REGISTER" % line["cseq"], "Contact: <sip:%s@%s:%d>" % (line["user"], line["at"], self.port),
                "User-Agent: Yealink SIP-T46U 108.86.0.90 " + line["mac"], "Expires: 3600"]
        if line["auth"]:
            head.append("Authorization: " + line["auth"])
        info = struct.pack("=I4s4s", 0, socket.inet_aton(line["at"]), b"\0" * 4)
        self.sock.sendmsg(["\r\n".join(head + ["Content-Length: 0", "", ""]).encode()], [(socket.IPPROTO_IP, fleet.IP_PKTINFO, info)], 0, self.proxy)

    def register(self, proxy, lines, at_once=100):
        """lines: (user, secret, address, mac). The final statuses by how many had each."""
        self.proxy = proxy
        waiting = [dict(user=u, secret=s, at=a, mac=m, call="r%s" % u, cseq=1, auth=None) for u, s, a, m in lines]
        end = time.monotonic() + 300
        sent = 0
        while (waiting or self.open) and time.monotonic() < end:
            while waiting and len(self.open) < at_once:
                line = waiting.pop()
                self.open[line["call"]] = line
                line["sent"] = time.monotonic()
                self.send(line)
                sent += 1
            for line in list(self.open.values()):
                if line["sent"] + 2 < time.monotonic():
                    line["sent"] = time.monotonic()
                    self.send(line)
            time.sleep(0.002)
        out = {}
        for status in self.done.values():
            out[status] = out.get(status, 0) + 1
        return out


class Many(Office):
    """n users, each with a phone that is registered; plan: {address: how many of them}."""

    def __init__(self, plan, **settings):
        settings.setdefault("sip__route", "direct")
        super().__init__(**settings)
        self.plan, self.n = plan, sum(plan.values())
        self.exts = [str(100000 + i) for i in range(self.n)]
        self.addresses = [a for a, n in plan.items() for _ in range(n)]
        self.fleet = Registering()
        self.import_csv("user,name-first-name,name-last-name\n" + "".join("%s,Nora,Vale%s\n" % (e, e) for e in self.exts))
        self.import_csv("mac,model,line,device\n" + "".join("%s,%s,1,%s\n" % (mac_of(i), MODEL, e) for i, e in enumerate(self.exts)))
        self.pull_all()
        self.registered = self.fleet.register(self.registrar.address(), [(e, self.secrets[i], self.addresses[i], mac_of(i)) for i, e in enumerate(self.exts)])

    def import_csv(self, text):
        for start in range(1, text.count("\n"), 2000):
            lines = text.splitlines()
            part = "\n".join([lines[0]] + lines[start:start + 2000]) + "\n"
            self.must("POST", "/domains/%s/import" % DOMAIN, part, Content_Type="text/csv")

    def pull_all(self):
        """Each phone's first pull, by its first-access address; over a few connections, because nobody looks at them here."""
        api, phones = self.connect(self.admin_port), self.connect(self.phones_port)
        head = {"Authorization": "Bearer " + self.key}
        self.secrets = []
        for i in range(self.n):
            mac = mac_of(i)
            got = self.ask("POST", "/api/v1/domains/%s/phones/%s/token" % (DOMAIN, mac), "{}", dict(head, **{"Content-Type": "application/json"}), conn=api)
            path = re.sub(r"^https://[^/]*", "", got.json["url"])
            text = self.ask("GET", path + mac + ".cfg", headers={"User-Agent": ua(VENDOR, mac)}, conn=phones).text
            self.secrets.append(re.search(r"account\.1\.password = (\S+)", text).group(1))

    def close(self):
        if self.fleet and not self.fleet.stopped:
            self.fleet.stop()
        super().close()

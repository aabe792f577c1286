"""An office: a real rekeyd with Kamailio as its registrar, and phones that pull by HTTPS and register by SIP."""
import atexit
import os
import re
import subprocess

import rekeylib
import sip
import tap
from rekeylib import header, password_in, ua

DOMAIN = sip.DOMAIN


class Registrar(sip.Kamailio):
    """Kamailio on the database file that rekeyd keeps for it."""

    def __init__(self, office, base, timer_ms=1000, realm=None):
        self.dir = tap.temp_dir("kamailio")
        self.port, self.rpc_port, self.tls_port = base, base + 1, 0
        self.rpc_url = "http://127.0.0.1:%d/RPC" % self.rpc_port
        self.tool = tap.program("registrar_tool")
        self.db = os.path.join(office.data, "subscriber.db")
        self.key = open(os.path.join(office.data, "registrar.key")).read().strip()
        self.proc = None
        conf = dict(address="127.0.0.1", port=self.port, rpc_port=self.rpc_port, db=self.db, events_address="127.0.0.1",
                    events_port=base + 2, events_key=self.key, rpc_key=self.key, notify_user="rekey",
                    notify_realm="rekey.invalid", timer_ms=timer_ms)
        if realm:
            conf["realm"] = realm
        out = self.call("conf", self.dir, *["%s=%s" % kv for kv in conf.items()])
        if out.startswith("!"):
            raise SystemExit("Bail out! registrar_tool conf: " + out)
        self.log = open(os.path.join(self.dir, "log"), "w")
        self.start()

    def rpc(self, method, args, key=None):
        return super().rpc(method, args, key or self.key)

    def answers(self):
        return self.proc.poll() is None and self.rpc("core.version", []) is not None

    def contacts(self, user, domain=DOMAIN):
        """What Kamailio itself says: the contacts of user@domain."""
        a = self.rpc("ul.lookup", ["location", "%s@%s" % (user, domain)])
        return [c["Contact"]["Address"] for c in (a or {}).get("result", {}).get("Contacts", [])]

    def ha1(self, user):
        out = subprocess.run(["sqlite3", "-cmd", ".timeout 3000", self.db,
                              "SELECT ha1 FROM subscriber WHERE username='%s'" % user], capture_output=True, text=True)
        return out.stdout.strip()

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
        self.log.close()


class Office(rekeylib.Rekeyd):
    """T1 is 50 ms, grace and sweep are short; settings as for Rekeyd. proxy_ms: after so long Kamailio itself says 408. realm: of
    every domain, else each has its own."""

    def __init__(self, proxy_ms=1000, realm=None, **settings):
        base = tap.free_port(4)
        self.base = base
        made = dict(registrar__kind="kamailio", registrar__rpc="http://127.0.0.1:%d/RPC" % (base + 1),
                    registrar__events="127.0.0.1:%d" % (base + 2), sip__proxy="127.0.0.1:%d;transport=udp" % base, sip__t1_ms=50,
                    reset__grace_ms=400, reset__sweep_ms=100, reset__longest_wait_ms=20000, reset__retell_ms=2000,
                    reset__silence_ms=1000)
        made.update(settings)
        self.registrar = None
        self.phones = []
        super().__init__(**made)
        self.registrar = Registrar(self, base, proxy_ms, realm)
        atexit.register(self.close)
        self.must("POST", "/domains", {"domain": DOMAIN, "sip-server": DOMAIN, "sip-proxy": "127.0.0.1:%d" % base})

    def close(self):
        for p in self.phones:
            p.close()
        self.phones = []
        if self.registrar:
            self.registrar.stop()
            self.registrar = None

    def records(self, job=None, **query):
        path = "/domains/%s/handovers?%s" % (DOMAIN, "&".join("%s=%s" % kv for kv in query.items()))
        return self.must("GET", path)

    def record(self, mac, **query):
        """The newest record of a phone."""
        got = self.records(mac=mac, **query)
        return got[0] if got else None

    def reset(self, users, seconds=10, **more):
        """A job, carried out: its id. What it causes goes on by itself."""
        body = dict({"users": list(users)}, **more)
        id = self.must("POST", "/domains/%s/resets" % DOMAIN, body)["reset"]
        if not self.until(lambda: self.state_of(id).startswith("done"), seconds):
            raise RuntimeError("the job is not done: %.2000r" % self.job(id))
        return id

    def recycle(self, ext, first, last, mac):
        """The next person, carried out."""
        self.must("POST", "/domains/%s/users/%s/recycle" % (DOMAIN, ext), {"name-first-name": first, "name-last-name": last, "phone": mac})
        if not self.until(lambda: self.must("GET", "/domains/%s/users/%s" % (DOMAIN, ext))["name-last-name"] == last):
            raise RuntimeError("the recycle is not done")

    def state_of(self, id):
        """Of the list, which comes without users and records."""
        return [j["state"] for j in self.must("GET", "/domains/%s/resets?limit=50" % DOMAIN) if j["reset"] == id][0]

    def job(self, id):
        return self.must("GET", "/domains/%s/resets/%s" % (DOMAIN, id))

    def handset(self, mac, model, lines, vendor, **more):
        p = Handset(self, mac, model, lines, vendor, **more)
        self.phones.append(p)
        return p


class Handset:
    """A phone: curl for its files, a SIP socket for its lines. It knows what its files said and nothing else."""
    FILES = {"yealink": ["%s.boot", "y000000000108.cfg", "%s.cfg", "%s-local.cfg"],
             "polycom": ["%s.cfg", "%s-lines.cfg", "%s-phone.cfg", "%s-web.cfg", "%s-directory.xml", "%s-calls.xml"],
             "grandstream": ["cfg%s.xml"]}
    SECRET = {"yealink": r"account\.%d\.(user_name|password) = (\S+)",
              "polycom": r'reg\.%d\.(?:auth\.)?(userId|password)="([^"]*)"',
              "grandstream": r'<item name="account\.%d\.sip\.(?:subscriber\.)?(userid|password)">([^<]*)<'}

    def __init__(self, office, mac, model, lines, vendor, transport="udp", path=None):
        self.office, self.mac, self.model, self.vendor, self.transport = office, mac, model, vendor, transport
        self.agent, self.domain = ua(vendor, mac), DOMAIN
        self.path = office.phone(mac, model, lines, domain=DOMAIN) if path is None else path
        self.login = None
        self.files = {}
        self.sip = {}

    def get(self, name, *args):
        """One file, with the password that the phone has, or by its first-access address."""
        if self.login:
            status, head, body = self.office.curl("/cfg/" + name, "--digest", "-u", "%s:%s" % self.login, *args, agent=self.agent)
        else:
            status, head, body = self.office.curl(self.path + name, *args, agent=self.agent)
        if status == 200:
            self.files[name] = body.decode()
        return status, head, body

    def pull(self, only=None):
        """All of its files, or the ones named; takes over login and lines. The statuses."""
        got = [self.get(f % self.mac if "%s" in f else f)[0] for f in only or self.FILES[self.vendor]]
        password = password_in("\n".join(self.files.values()))
        if password:
            self.login = (self.mac, password)
        return got

    def lines(self):
        """{slot: (user, secret)} of the accounts that the files fill."""
        text = "\n".join(self.files.values())
        got = {}
        for slot in range(1, 17):
            d = {k.lower(): v for k, v in re.findall(self.SECRET[self.vendor] % slot, text)}
            user, secret = d.get("user_name") or d.get("userid"), d.get("password")
            if user and secret and "%NULL%" not in (user, secret) and self.enabled(text, slot):
                got[slot] = (user, secret)
        return got

    def enabled(self, text, slot):
        if self.vendor == "yealink":
            return "account.%d.enable = 1" % slot in text
        if self.vendor == "grandstream":
            return re.search(r'<item name="account\.%d\.enable">(Yes|1)<' % slot, text) is not None
        return re.search(r'reg\.%d\.address="[^"]+"' % slot, text) is not None

    def register(self, expires=600):
        """Every line of its files; {slot: status}. A line that the files took away is un-registered as a phone does."""
        now, result = self.lines(), {}
        for slot, (user, phone) in list(self.sip.items()):
            if slot not in now or now[slot][0] != user or phone.domain != self.domain:
                phone.register(0)
                phone.close()
                del self.sip[slot]
        for slot, (user, secret) in now.items():
            if slot not in self.sip:
                self.sip[slot] = (user, sip.Phone(self.office.registrar.address(), user, secret, self.transport, domain=self.domain))
            phone = self.sip[slot][1]
            phone.password = secret
            result[slot] = phone.register(expires, extra=("User-Agent: " + self.sip_agent(),))
        return result

    def sip_agent(self):
        """The phone's name in SIP: model and firmware, and the MAC when its file asks for that."""
        text = "\n".join(self.files.values())
        if self.vendor == "polycom" and 'sec.tagSerialNo="1"' in text:
            return "Polycom%s-UA/5.9.1.0615_%s" % (self.model.replace("polycom-vvx", "VVX-VVX_"), self.mac)
        if self.vendor == "yealink" and "sip.mac_in_ua = 1" in text:
            return "Yealink SIP-%s 108.86.0.90 %s" % (self.model.split("-")[1].upper(), self.mac)
        return {"yealink": "Yealink SIP-%s 108.86.0.90", "polycom": "Polycom%s-UA/5.9.1.0615", "grandstream": "Grandstream %s 1.0.11.79"}[
            self.vendor] % {"polycom": self.model.replace("polycom-vvx", "VVX-VVX_")}.get(self.vendor, self.model.split("-")[1].upper())

    def told(self, slot=1, status=200, timeout=20):
        """Waits for a NOTIFY on that line and answers it; the message, or None."""
        m = self.sip[slot][1].recv(timeout)
        if m is not None and status:
            self.sip[slot][1].reply(m, status)
        return m

    def close(self):
        for _, p in self.sip.values():
            p.close()
        self.sip = {}


__all__ = ["Office", "Handset", "DOMAIN", "header"]

#!/usr/bin/python3
"""`rekeyd init` with the operator's certificates: RSA or ECDSA, for phones and for the portal, as openssl then sees them on the wire;
what is wrong with one is said before anything is made."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402
import x509  # noqa: E402
from tap import done, is_, ok  # noqa: E402

D = tap.temp_dir("own-cert")
REKEYD = tap.program("rekeyd")


def p(name):
    return os.path.join(D, name)


def cert(name, new=x509.EC, host="DNS:localhost", days=30, chain=True):
    x509.request(p(name), "/CN=" + name, new)
    x509.signed(p(name), p("ca"), "subjectAltName=%s\n" % host, days)
    shutil.copy(p(name + ".pem"), p(name + ".leaf"))
    if chain:
        x509.chain(p(name), p("ca"))


x509.own(p("ca"), "/CN=Operator CA")
cert("rsa", x509.RSA)
cert("ec")
cert("other", host="DNS:prov.example.com,DNS:phones.example.com")
cert("wild", host="DNS:*.example.com")
cert("address", host="IP:192.0.2.7")
cert("alone", chain=False)
cert("small", ("rsa:1024",))
cert("ed", ("ed25519",))
cert("old", days=-1)
x509.openssl("pkey", "-in", p("ec.key"), "-aes256", "-passout", "pass:x", "-out", p("locked.key"))
n = [0]


def init(*args):
    n[0] += 1
    data = p("data%d" % n[0])
    out = subprocess.run([REKEYD, "init", "--dir", data, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=D)
    return data, out


def setting(data, section, key):
    part = re.search(r"(?ms)^\[%s\](.*?)(?=^\[|\Z)" % section, open(os.path.join(data, "rekeyd.conf")).read()).group(1)
    return re.search(r"(?m)^%s = ?(.*)$" % key, part).group(1)


# ---- refused, with nothing made ----
cut = p("cut.pem")
open(cut, "w").write(open(p("ec.leaf")).read()[:300])
open(p("key-first.pem"), "w").write(open(p("ca.pem")).read() + open(p("ec.leaf")).read())
for what, args, says in (
        ("a file that is not there", (p("none.pem"), p("ec.key")), ["cannot read " + p("none.pem"), "No such file"]),
        ("a key that is not there", (p("ec.pem"), p("none.key")), ["cannot read " + p("none.key")]),
        ("a folder", (D, p("ec.key")), [D, "no certificate in PEM"]),
        ("a key in place of the certificate", (p("ec.key"), p("ec.key")), ["no certificate in PEM"]),
        ("a certificate that is cut off", (cut, p("ec.key")), ["no certificate in PEM"]),
        ("a certificate in place of the key", (p("ec.pem"), p("ec.pem")), ["no private key in PEM"]),
        ("another certificate's key", (p("ec.pem"), p("other.key")), [p("other.key"), "not the key of the certificate", p("ec.pem")]),
        ("a key of another kind", (p("ec.pem"), p("rsa.key")), ["not the key of the certificate"]),
        ("the issuer's first", (p("key-first.pem"), p("ec.key")), ["not the key", "first in its file"]),
        ("a locked key", (p("ec.pem"), p("locked.key")), ["locked by a password", "openssl pkey"]),
        ("one that has expired", (p("old.pem"), p("old.key")), ["expired on 20", "renew"]),
        ("a short RSA key", (p("small.pem"), p("small.key")), ["1024 bits", "2048"]),
        ("Ed25519", (p("ed.pem"), p("ed.key")), ["neither RSA nor ECDSA"])):
    for pre in ("", "admin-"):
        data, out = init("--%scertificate" % pre, args[0], "--%skey" % pre, args[1])
        ok(out.returncode == 1 and all(s in out.stderr for s in says) and out.stderr.count("\n") == 1 and not os.path.exists(data), "refused: %s%s" % (pre, what), out.stderr)
for args in (("--certificate", p("ec.pem")), ("--key", p("ec.key")), ("--admin-certificate", p("ec.pem")), ("--admin-key", p("ec.key"))):
    data, out = init(*args)
    ok(out.returncode == 1 and "give both" in out.stderr and not os.path.exists(data), "refused: %s alone" % args[0], out.stderr)

# ---- notes ----
for what, name, says in (("another name", "other", "names prov.example.com, phones.example.com, and not localhost"), ("a wildcard", "wild", "names *.example.com, and not localhost"),
                         ("an address", "address", "names other hosts, and not localhost"), ("no chain", "alone", "certificate alone")):
    data, out = init("--certificate", p(name + ".pem"), "--key", p(name + ".key"), "--admin-certificate", p("ec.pem"), "--admin-key", p("ec.key"))
    ok(out.returncode == 0 and says in out.stdout, "said: " + what, out.stdout + out.stderr)

# ---- on the wire ----
ports = (tap.free_port(), tap.free_port())


def on_wire(data):
    """What a client of each kind sees of each listener."""
    conf = os.path.join(data, "rekeyd.conf")
    text = re.sub(r"(?m)^port = 8443$", "port = %d" % ports[0], re.sub(r"(?m)^port = 9443$", "port = %d" % ports[1], open(conf).read()))
    open(conf, "w").write(re.sub(r"(?m)^address = ::$", "address = 127.0.0.1", text))
    log = open(p("log"), "w+")
    d = subprocess.Popen([REKEYD, "run", "--conf", conf], stdout=log, stderr=log)
    try:
        seen = []
        for port in ports:
            for sigalgs in ("RSA-PSS+SHA256:RSA+SHA256", "ECDSA+SHA256"):
                for _ in range(200):
                    c = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", "localhost", "-sigalgs", sigalgs, "-tls1_2"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    if "Connection refused" not in c.stderr and "errno=111" not in c.stderr:
                        break
                    time.sleep(0.05)
                m = re.search(r"(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", c.stdout)
                seen.append(m.group(0) if m else None)
        return seen, (d.poll(), open(p("log")).read()[-500:])
    finally:
        d.terminate()
        d.wait(20)


leaf = {x: open(p(x + ".leaf")).read() for x in ("rsa", "ec")}
data, out = init("--certificate", p("rsa.pem"), "--key", "rsa.key", "--admin-certificate", p("rsa.pem"), "--admin-key", p("rsa.key"))
is_((out.returncode, "note" in out.stdout), (0, False), "RSA for both; nothing to remark")
is_([setting(data, "phones", k) for k in ("certificate", "key", "ecdsa-certificate", "ecdsa-key")], [p("rsa.pem"), p("rsa.key"), "", ""], "an RSA certificate: named where it stands, by its whole path")
is_([f for f in os.listdir(data) if f.endswith(".crt") or f == "ca.key"], [], "none is made")
got, state = on_wire(data)
is_(got, [leaf["rsa"], None, leaf["rsa"], None], "an RSA certificate on both listeners")
data, out = init("--certificate", p("ec.pem"), "--key", p("ec.key"))
is_([setting(data, "phones", k) for k in ("certificate", "key", "ecdsa-certificate", "ecdsa-key")], ["", "", p("ec.pem"), p("ec.key")], "an ECDSA certificate goes to the setting for these")
is_(sorted(f for f in os.listdir(data) if f.endswith(".crt")), ["admin.crt", "ca.crt"], "the portal's is made")
got, state = on_wire(data)
is_(got[:3], [None, leaf["ec"], None], "an ECDSA certificate for phones, and no other beside it")
ok(got[3] and got[3] not in leaf.values(), "the portal has its own", state)
data, out = init("--admin-certificate", p("ec.pem"), "--admin-key", p("ec.key"))
is_([setting(data, "admin", "certificate"), sorted(f for f in os.listdir(data) if f.endswith(".crt"))], [p("ec.pem"), ["ca.crt", "phones-ecdsa.crt", "phones.crt"]], "for the portal alone")
done()

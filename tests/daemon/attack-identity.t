#!/usr/bin/python3
"""Whoever tries to pass for another phone: answers of Digest that were seen, addresses, User-Agents, and certificates of every wrong kind. Each
line is about one defence, and the refusal is that of any stranger, to the byte."""
import contextlib
import datetime
import os
import sqlite3
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import digest  # noqa: E402
import edgelib as e  # noqa: E402
import rekeylib  # noqa: E402
import x509  # noqa: E402
from rekeylib import ua  # noqa: E402
from tap import done, is_, ok  # noqa: E402

D, P = "/domains/example.test", "/domains/example.test/phones/"
ONE, TWO, POLY, GRAND, THERE, FRESH, NEXT = "001565aabb01", "001565aabb02", "0004f2aabb03", "000b82aabb04", "001565aabb05", "001565aabb06", "0004f2aabb07"

# ---- certificates: a root per vendor, Yealink's with a CA between, as the real one ----
LEAF = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n"
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"


def sign_until(name, ca, extensions, end):
    """One that ends at a second of our choice, which takes the whole of openssl's authority."""
    open(e.path("ext"), "w").write("[all]\n" + extensions)
    open(e.path("index"), "w").close()
    open(e.path("ca.conf"), "w").write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n"
                                       % (e.path("index"), e.DIR))
    x509.openssl("ca", "-batch", "-notext", "-config", e.path("ca.conf"), "-cert", e.path(ca + ".pem"), "-keyfile", e.path(ca + ".key"), "-enddate", end,
                  "-in", e.path(name + ".csr"), "-out", e.path(name + ".pem"), "-extfile", e.path("ext"), "-extensions", "all")


def phone(name, mac, ca="issuing", subject=None, san=None, extensions=LEAF, days=2, end=None, chain=True):
    """What the phone shows: its certificate, and those between it and the root."""
    extensions += "subjectAltName=%s\n" % san if san else ""
    x509.request(e.path(name), subject or "/CN=" + mac)
    if end:
        sign_until(name, ca, extensions, end)
    else:
        x509.signed(e.path(name), e.path(ca), extensions, days)
    if ca not in ROOTS and chain:
        x509.chain(e.path(name), e.path(ca))
    return name


ROOTS = ("yealink", "polycom", "grandstream", "stranger", "over")
for name in ROOTS:
    x509.own(e.path(name), "/CN=" + name, extension="keyUsage=keyCertSign")
x509.openssl("x509", "-in", e.path("over.pem"), "-signkey", e.path("over.key"), "-days", "-1", "-out", e.path("over.new"))
os.rename(e.path("over.new"), e.path("over.pem"))
for name, days in (("issuing", 2), ("issuing-over", -1)):
    x509.request(e.path(name), "/CN=Yealink Equipment Issuing CA")
    x509.signed(e.path(name), e.path("yealink"), CA, days)
open(e.path("yealinks.pem"), "w").close()
x509.chain(e.path("yealinks"), e.path("yealink"), e.path("over"))
soon = (datetime.datetime.utcnow() + datetime.timedelta(minutes=20)).strftime("%Y%m%d%H%M%SZ")

r = rekeylib.Rekeyd(phones__yealink_ca=e.path("yealinks.pem"), phones__polycom_ca=e.path("polycom.pem"), phones__grandstream_ca=e.path("grandstream.pem"), phones__failures_per_address=500,
                    phones__failures_per_network=800)
r.domain()
r.domain("other.test")
for ext, first in (("1001", "Anna"), ("1002", "Emil"), ("1003", "Ida"), ("1004", "Uwe")):
    r.user(ext, first, "Berg")
r.user("2001", "Eva", "There", domain="other.test")
MODELS = {ONE: ("yealink-t46u", "1001"), TWO: ("yealink-t46u", "1002"), POLY: ("polycom-vvx450", "1003"), GRAND: ("grandstream-gxp2170", "1004"), FRESH: ("yealink-t46u", "1001"), NEXT: ("polycom-vvx450", "1004")}
token = {m: r.phone(m, model, [u]) for m, (model, u) in MODELS.items()}
token[THERE] = r.phone(THERE, "yealink-t46u", ["2001"], domain="other.test")
FILE = {ONE: ONE + ".cfg", TWO: TWO + ".cfg", POLY: POLY + "-lines.cfg", GRAND: "cfg%s.xml" % GRAND, THERE: THERE + ".cfg", FRESH: FRESH + ".cfg", NEXT: NEXT + "-lines.cfg"}


seen = r.seen


def shown(name):
    return x509.curl(e.path(name))


def pull(mac, cert, *args):
    return seen("/cfg/" + FILE[mac], *shown(cert), *args)


def status(mac, cert, *args):
    return pull(mac, cert, *args)[0]


password = {m: rekeylib.password_in(r.curl(token[m] + FILE[m])[2]) for m in (ONE, TWO, THERE, POLY, NEXT)}
none = seen("/cfg/0015650ffffe.cfg")
lost = seen("/cfg/no-such-token/0015650ffffe.cfg")
unput = seen("/cfg/0015650ffffe-phone.cfg", "-T", "-", data=b"x")
is_((none[0], lost[0], unput[0]), (401, 404, 401), "what a stranger gets")


def login(mac):
    return ("--digest", "-u", "%s:%s" % (mac, password[mac]))


# ---- Digest ----
def challenge():
    return digest.challenge(r.curl("/cfg/" + FILE[TWO])[1])


def answer(ch, mac, uri):
    return "Authorization: " + digest.answer(ch, "GET", uri, mac, password[mac])


ch = challenge()
header = answer(ch, TWO, "/cfg/" + FILE[TWO])
is_(seen("/cfg/" + FILE[TWO], "-H", header)[0], 200, "an answer of Digest, for its own file")
is_(seen("/cfg/" + FILE[ONE], "-H", header), none, "replayed for another MAC")
is_(seen("/cfg/" + FILE[ONE], "-H", answer(ch, TWO, "/cfg/" + FILE[ONE])), none, "made anew for another MAC's file, by a phone that has been broken into")
is_(seen("/cfg/%s.boot" % TWO, "-H", header), none, "replayed for another path of the same phone")
is_(seen("/cfg/%s?x" % FILE[TWO], "-H", header), none, "and with a query behind it")
is_(seen("/cfg/%s-local.cfg" % TWO, "-H", answer(ch, TWO, "/cfg/%s-local.cfg" % TWO), "-T", "-", data=b"x"), unput, "one for GET, replayed for PUT")
is_(seen("/cfg/" + FILE[THERE], "-H", answer(ch, TWO, "/cfg/" + FILE[THERE])), none, "for a file of another domain")

# ---- addresses ----
is_(r.curl(token[FRESH] + FILE[FRESH])[0], 200, "a first-access address, for its own file")
is_(seen(token[FRESH] + FILE[ONE]), lost, "for another phone's")
is_(seen(token[THERE] + FILE[ONE]), lost, "one of another domain's phone")
is_(seen(token[FRESH] + "%s-phone.cfg" % POLY, "-T", "-", data=b"x")[0], 404, "an upload to another phone's file")
is_(seen("/cfg/" + FILE[FRESH], "-u", "%s:%s" % (FRESH, token[FRESH].split("/")[2])), none, "as a password it is none")

# ---- User-Agent ----
is_(seen("/cfg/" + FILE[ONE], agent=ua("yealink", ONE)), none, "a phone's own User-Agent proves nothing")
books = [seen("/cfg/phonebook.xml", *login(m), agent=ua("yealink", a)) for m, a in ((TWO, TWO), (TWO, THERE), (THERE, THERE))]
ok(books[0][0] == books[2][0] == 200 and b"Emil" in books[0][2] and b"Emil" not in books[2][2] and books[1] == books[0],
   "a file without a MAC in its name, asked for with the User-Agent of another domain's phone, is that of who proved himself", books)
r.must("POST", P + FRESH + "/pair")
is_(seen("/cfg/" + FILE[FRESH], agent=ua("yealink", ONE)), none, "a pairing window is not opened by the User-Agent of another phone of that model")
is_(seen("/cfg/" + FILE[FRESH], agent=ua("polycom", FRESH)), none, "nor by another vendor's")
r.must("POST", P + FRESH + "/pair", {"open": False})

# ---- certificates that are good ----
phone("one", ONE)
phone("two", TWO)
phone("poly", POLY, "polycom")
phone("grand", GRAND, "grandstream")
phone("next", NEXT, "polycom")
is_([status(m, c) for m, c in ((ONE, "one"), (POLY, "poly"), (GRAND, "grand"))], [200, 200, 200], "factory certificates of three vendors")
for n, (what, subject, san) in enumerate((("CN in capitals with colons", "/CN=00:15:65:AA:BB:01", None), ("CN with dashes", "/CN=00-15-65-aa-bb-01", None),
                                         ("the subject's serial number", "/CN=SIP-T46U/serialNumber=001565AABB01", None), ("a DNS name", "/CN=SIP-T46U", "DNS:" + ONE),
                                         ("a URI", "/CN=SIP-T46U", "URI:urn:dev:mac:001565fffeaabb01"), ("another name", "/CN=SIP-T46U", "otherName:1.3.6.1.4.1.99999.1;UTF8:00-15-65-AA-BB-01"))):
    is_(status(ONE, phone("way%d" % n, ONE, subject=subject, san=san)), 200, "the MAC as " + what)

# ---- and those that are not ----
is_(pull(TWO, "one"), none, "one's certificate, another's file")
is_(pull(THERE, "one"), none, "a file of another domain")
is_(pull(ONE, phone("otherca", ONE, "polycom")), none, "another vendor's CA speaks for a Yealink's MAC")
is_(pull(POLY, phone("otherca2", POLY)), none, "and Yealink's for a Polycom's")
is_(pull(GRAND, phone("otherca3", GRAND, "polycom")), none, "and Polycom's for a Grandstream's")
is_(pull(ONE, phone("forged", ONE, "stranger")), none, "nobody's CA")
is_(pull(ONE, phone("alone", ONE, chain=False)), none, "without the CA between")
is_(pull(ONE, phone("past", ONE, days=-1)), none, "expired")
is_(pull(ONE, phone("chainpast", ONE, "issuing-over")), none, "a CA between that has expired")
is_(pull(ONE, phone("rootpast", ONE, "over")), none, "a root that has expired")
is_(pull(ONE, phone("server", ONE, extensions=LEAF.replace("clientAuth", "serverAuth"))), none, "for servers only")
is_(pull(ONE, phone("mail", ONE, extensions=LEAF.replace("clientAuth", "emailProtection"))), none, "for mail only")
is_(status(ONE, phone("both", ONE, extensions=LEAF.replace("clientAuth", "clientAuth,serverAuth"))), 200, "for servers and clients: good")
is_(status(ONE, phone("plain", ONE, extensions="basicConstraints=CA:FALSE\n")), 200, "without a purpose, as old ones are: good")
phone("child", ONE, "two", extensions=LEAF)
x509.chain(e.path("child"), e.path("issuing"))
is_(pull(ONE, "child"), none, "signed by another phone")
is_(pull(ONE, phone("generic", ONE, subject="/CN=Yealink")), none, "one that a whole model shares")
is_(pull(GRAND, phone("gxe", GRAND, "grandstream", subject="/O=Grandstream Networks/CN=GXE50XX", san="DNS:" + GRAND)), none, "a known shared one, with a MAC beside it")
is_(pull(ONE, phone("twice", ONE, san="DNS:" + TWO)), none, "two MACs in it: for the first")
is_(pull(TWO, "twice"), none, "and for the second")
is_(pull(ONE, phone("part", ONE, subject="/CN=SEP001565aabb01")), none, "a MAC with something around it")
is_(seen("/cfg/000000000000.cfg", *shown("otherca")), none, "a common file for one that another vendor's CA made")
is_(status(ONE, "past", *login(ONE)), 200, "beside a bad certificate the phone's own password is what it is")
is_(pull(TWO, "one", *login(TWO)), none, "beside one of another phone it is not")

# ---- uploads to another phone's file ----
def uploads(mac):
    with contextlib.closing(sqlite3.connect(os.path.join(r.data, "rekey.db"))) as db:
        return db.execute("SELECT COUNT(*) FROM uploads WHERE phone_id = (SELECT id FROM phones WHERE mac = ?)", (mac,)).fetchone()[0]


for what, args in (("the certificate of one beside it", shown("poly")), ("that one's password", login(POLY)), ("another vendor's phone's", login(TWO)),
                   ("a forged certificate", shown(phone("otherca4", NEXT))), ("its own password, beside that one's certificate", shown("poly") + login(NEXT))):
    for suffix in ("-phone.cfg", "-app.log", "-directory.xml"):
        is_(seen("/cfg/%s%s" % (NEXT, suffix), *args, "-T", "-", data=b"<x/>"), unput, "an upload to another phone's %s, by %s" % (suffix, what))
        is_(seen("/cfg/0004f2aabbff" + suffix, *args, "-T", "-", data=b"<x/>"), unput, "and to nobody's")
is_(uploads(NEXT), 0, "nothing of it is kept")
for args in (shown("next"), login(NEXT)):
    is_(r.curl("/cfg/%s-phone.cfg" % NEXT, *args, "-T", "-", data=b"<PHONE_CONFIG/>")[0], 200, "to its own it may")
is_(uploads(NEXT) > 0, True, "and that is kept")

# ---- a way that is off ----
r.must("PATCH", D, {"first-access-ways": []})
is_(pull(ONE, "one"), none, "certificates are off: a good one")
is_(seen(token[FRESH] + FILE[FRESH]), lost, "addresses are off")
r.must("PATCH", D, {"first-access-ways": ["pairing"]})
r.must("POST", P + FRESH + "/pair")
r.must("PATCH", D, {"first-access-ways": []})
is_(seen("/cfg/" + FILE[FRESH], agent=ua("yealink", FRESH)), none, "windows are off")
is_(seen("/cfg/" + FILE[ONE], *login(ONE))[0], 200, "its own password never is")
r.must("PATCH", D, {"first-access-ways": ["certificate", "token", "pairing"]})

# ---- time goes by: the daemon's clock is put forward ----
shim = e.path("clock.so")
open(e.path("clock.c"), "w").write("""
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static time_t later(void)
{
	char text[16] = "";
	int fd = open(getenv("LATER"), O_RDONLY);
	if (fd >= 0) { if (read(fd, text, 15) < 0) text[0] = 0; close(fd); }
	return atoi(text);
}
int clock_gettime(clockid_t c, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, c, t);
	if (c == CLOCK_REALTIME) t->tv_sec += later();
	return rc;
}
time_t time(time_t *out)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (out) *out = t.tv_sec;
	return t.tv_sec;
}
""")
e.sh("cc", "-shared", "-fPIC", "-o", shim, e.path("clock.c"))


def later(seconds):
    open(e.path("later"), "w").write(str(seconds))


later(0)
phone("soon", ONE, end=soon)
r.stop()
os.environ.update(LATER=e.path("later"), LD_PRELOAD=shim, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
r.start()
del os.environ["LD_PRELOAD"]

ch = challenge()
header = answer(ch, TWO, "/cfg/" + FILE[TWO])
later(299)
is_(seen("/cfg/" + FILE[TWO], "-H", header)[0], 200, "a nonce of 299 seconds ago")
later(302)
status_, head, body = r.curl("/cfg/" + FILE[TWO], "-H", header)
ok(status_ == 401 and "stale=true" in head, "a stale nonce: a new challenge, and nothing else", (status_, head))
later(0)

# ---- a pairing window that nobody closes ----
LATE, agent = "001565aabb08", ua("yealink", "001565aabb08")
WAY = ["/cfg/" + n for n in (LATE + ".boot", "y000000000108.cfg", LATE + ".cfg")]
r.phone(LATE, "yealink-t46u", ["1001"])
strange = [seen(p, agent=agent) for p in WAY]
is_({x[0] for x in strange}, {401}, "a new phone without a login is a stranger, up to its first file")
r.must("POST", P + LATE + "/pair")
later(301)
is_([seen(p, agent=agent) for p in WAY], strange, "and after 300 seconds of an open window again")
later(0)
r.must("POST", P + LATE + "/pair")
later(295)
is_([r.curl(p, agent=agent)[0] for p in WAY], [200] * 3, "five seconds before it is let in")
later(0)


def session(cert, path, version, old=None):
    """(status, was it resumed, the session)"""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.load_verify_locations(r.ca)
    ctx.minimum_version = ctx.maximum_version = version
    ctx.load_cert_chain(e.path(cert + ".pem"), e.path(cert + ".key"))
    if old:
        ctx = old[1]
    with ctx.wrap_socket(__import__("socket").create_connection(("127.0.0.1", r.phones_port)), server_hostname="localhost", session=old and old[0]) as c:
        c.sendall(e.get(path))
        return e.read_answer(c)[0], c.session_reused, (c.session, ctx)


for version, name in ((ssl.TLSVersion.TLSv1_2, "TLS 1.2"), (ssl.TLSVersion.TLSv1_3, "TLS 1.3")):
    for cert, mac, want, what in (("one", ONE, 200, "its own certificate"), ("one", TWO, 401, "another phone's file"), ("otherca", ONE, 401, "another vendor's CA"),
                                  ("past", ONE, 401, "an expired one"), ("server", ONE, 401, "one for servers"), ("forged", ONE, 401, "nobody's CA")):
        first = session(cert, "/cfg/" + FILE[mac], version)
        second = session(cert, "/cfg/" + FILE[mac], version, first[2])
        is_((first[0], second[:2]), (want, (want, True)), "%s, a resumed session: %s" % (name, what))
    later(0)
    first = session("soon", "/cfg/" + FILE[ONE], version)
    later(1000)
    second = session("soon", "/cfg/" + FILE[ONE], version, first[2])
    later(1500)
    third = session("soon", "/cfg/" + FILE[ONE], version, first[2])
    is_((first[0], second[:2], third[:2]), (200, (200, True), (401, True)), name + ", a session outlasts its certificate: it proves nothing any more")
later(0)
is_(r.stop(), 0, "ends cleanly")
done()

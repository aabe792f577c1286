"""Digest (RFC 7616) as a client makes it and as a peer checks it, for HTTP and SIP."""
import hashlib
import random
import re

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def hashed(text, algorithm="MD5"):
    return HASHES[algorithm](text.encode()).hexdigest()


def params(value):
    """The parameters of a header's value."""
    return {k.lower(): a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', value)}


def challenge(head, algorithm="MD5"):
    """That of one algorithm in an answer's head; None where it is not offered."""
    offered = [params(x) for x in re.findall(r"(?mi)^WWW-Authenticate: Digest (.*)$", head)]
    return next((p for p in offered if p.get("algorithm") == algorithm), None)


def answer(ch, method, uri, user, password, realm=None, qop=True, algorithm="MD5"):
    """The value of Authorization. ch: the challenge, as text or as its parameters. qop False: as before RFC 2617, whatever it offers."""
    ch = params(ch) if isinstance(ch, str) else ch
    realm, cnonce = realm or ch["realm"], "%08x" % random.getrandbits(32)
    middle = ["00000001", cnonce, "auth"] if qop and "qop" in ch else []
    response = hashed(":".join([hashed("%s:%s:%s" % (user, realm, password), algorithm), ch["nonce"], *middle, hashed("%s:%s" % (method, uri), algorithm)]),
                      algorithm)
    return 'Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=%s%s' % (
        user, realm, ch["nonce"], uri, response, algorithm, ', qop=auth, nc=00000001, cnonce="%s"' % cnonce if middle else "")


def proves(value, method, user, password):
    """Does an Authorization header prove this password?"""
    p = params(value)
    middle = [p["nc"], p["cnonce"], p["qop"]] if "qop" in p else []
    want = hashed(":".join([hashed("%s:%s:%s" % (user, p["realm"], password)), p["nonce"], *middle, hashed("%s:%s" % (method, p["uri"]))]))
    return p["username"] == user and p["response"] == want

"""Keys and certificates by openssl, for two days. A certificate is named by its path without an ending: its key is .key, its request .csr,
itself .pem."""
import subprocess

EC, RSA = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("rsa:2048",)
KINDS = {"ec": EC, "rsa": RSA}


def openssl(*args):
    out = subprocess.run(["openssl", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if out.returncode:
        raise RuntimeError("openssl %s: %s" % (" ".join(args), out.stderr.decode()))
    return out.stdout


def own(at, subject, new=EC, extension=None):
    """A certificate that its own key signed: an authority, or a server's that nobody vouches for."""
    openssl("req", "-x509", "-newkey", *new, "-nodes", "-keyout", at + ".key", "-out", at + ".pem", "-days", "2", "-subj", subject,
            *(("-addext", extension) if extension else ()))


def request(at, subject, new=EC):
    openssl("req", "-newkey", *new, "-nodes", "-keyout", at + ".key", "-out", at + ".csr", "-subj", subject)


def signed(at, ca, extensions="", days=2, *more):
    """What the authority makes of a request. extensions: lines as in openssl's files."""
    open(at + ".ext", "w").write(extensions)
    openssl("x509", "-req", "-in", at + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial", "-days", str(days), "-out", at + ".pem",
            "-extfile", at + ".ext", *more)


def chain(at, *above):
    """Puts those that stand above a certificate behind it in its file."""
    with open(at + ".pem", "a") as out:
        for name in above:
            out.write(open(name + ".pem").read())


def curl(at):
    """How curl shows it."""
    return ("--cert", at + ".pem", "--key", at + ".key")

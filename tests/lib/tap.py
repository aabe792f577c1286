"""TAP from Python tests: ok(), is_(), within(), done(); and what every test needs. Standard library only."""
import atexit
import os
import random
import shutil
import socket
import sys
import tempfile
import traceback

# kamailio stands where an ordinary user's PATH does not look.
os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"

_count = 0
_bad = 0
_done = False
_late = False


def late_failure():
    """Something went wrong after the plan was printed (a server that leaked, say): the exit code says so."""
    global _late
    _late = True


def _last():
    if _late:
        sys.stdout.flush()
        os._exit(1)


atexit.register(_last)  # registered first, so it runs last


def ok(good, name, detail=""):
    """One test line; detail is printed as a comment when it failed. Returns good."""
    global _count, _bad
    _count += 1
    if not good:
        _bad += 1
    print("%s %d - %s" % ("ok" if good else "not ok", _count, str(name).replace("#", "\\#").replace("\n", " ")), flush=True)
    if not good and detail != "":
        for line in str(detail).splitlines():
            print("# " + line, flush=True)
    return bool(good)


def is_(got, want, name):
    return ok(got == want, name, "got:  %r\nwant: %r" % (got, want))


def within(value, low, high, name):
    return ok(value is not None and low <= value <= high, name, "%r, want %r to %r" % (value, low, high))


def done():
    """The plan, and the exit code. Without it a test that ended early would look whole."""
    global _done
    _done = True
    print("1..%d" % _count, flush=True)
    sys.stdout.flush()
    sys.exit(1 if _bad or _count == 0 else 0)


def top():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def kind():
    return os.environ.get("REKEY_KIND", "dev")


def program(name):
    """Path of a program of the build that this ring tests."""
    for folder in ("bin", "peers"):
        p = os.path.join(top(), "build", kind(), folder, name)
        if os.path.exists(p):
            return p
    raise SystemExit("Bail out! %s is not built for %s" % (name, kind()))


def temp_dir(prefix):
    """A new folder, removed when the test ends; KEEP=1 leaves it there."""
    path = tempfile.mkdtemp(prefix="rekey-%s-" % prefix)
    if not os.environ.get("KEEP"):
        atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def free_port(n=1):
    """The first of n neighbouring ports that are free for UDP and TCP now, from a random base, below those that the kernel gives to
    whoever connects: such a one could be gone before its program has it."""
    for _ in range(200):
        base = random.randrange(10000, 32000)
        socks = []
        try:
            for i in range(n):
                for sort in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    s = socket.socket(socket.AF_INET, sort)
                    socks.append(s)
                    s.bind(("127.0.0.1", base + i))
            return base
        except OSError:
            continue
        finally:
            for s in socks:
                s.close()
    raise SystemExit("Bail out! no free ports")


def _hook(t, v, tb):
    traceback.print_exception(t, v, tb)
    ok(False, "uncaught %s: %s" % (t.__name__, v))


sys.excepthook = _hook

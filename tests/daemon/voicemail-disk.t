#!/usr/bin/python3
"""Voicemail on disks that are not as they should be: mounts within the spool, read-only, full, another's. Nothing outside of the
spool changes, and when the fault is mended the same call ends what was begun. In a mount namespace of its own."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import spool  # noqa: E402
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

UNSHARE = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-Urm"]
if "REKEY_OWN_MOUNTS" not in os.environ:
    if subprocess.run(UNSHARE + ["true"], capture_output=True).returncode:
        ok(True, "mounts within a spool # SKIP this machine gives no mount namespace")
        done()
    os.execvpe(UNSHARE[0], UNSHARE + [sys.executable, os.path.abspath(__file__)], dict(os.environ, REKEY_OWN_MOUNTS="1"))

C = "example.test"
top = tap.temp_dir("spool")


def mount(*args):
    subprocess.run(["mount", *args], check=True, capture_output=True)


def umount(path):
    subprocess.run(["umount", path], check=True, capture_output=True)


def tool(*args, user=None):
    """(good, what it printed). user: run as that id."""
    def become():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    p = subprocess.run([tap.program("voicemail_tool"), s.root, *map(str, args)], capture_output=True, text=True, timeout=60,
                       preexec_fn=become if user else None, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    out = p.stdout.strip().splitlines()
    return p.returncode == 0, out[-1] if out else p.stderr


mount("--make-rprivate", "/")
s = spool.Spool(os.path.join(top, "voicemail"))
os.makedirs(os.path.join(top, "elsewhere"))
open(os.path.join(top, "elsewhere", "keep"), "w").write("precious")


def elsewhere():
    return open(os.path.join(top, "elsewhere", "keep")).read() == "precious" and os.listdir(os.path.join(top, "elsewhere")) == ["keep"]


# ---- a mount in the place of a context, a mailbox, a folder, and within what is deleted ----
for i, (at, how) in enumerate(((C, "tmpfs"), (C + "/1001", "tmpfs"), (C + "/1001", "bind"), (C + "/1001/INBOX", "tmpfs"), (C + "/1001/INBOX", "bind"))):
    s.mailbox(C, "1001")
    os.makedirs(s.path(at), exist_ok=True)
    if how == "bind":
        mount("--bind", os.path.join(top, "elsewhere"), s.path(at))
    else:
        mount("-t", "tmpfs", "tmpfs", s.path(at))
        s.message(C, "1001")
    what = "%s mounted at %s" % (how, at)
    good, said = tool("take", C, "1001", 100 + i)
    ok(not good and "file system" in said, what + ": refused with a sentence", said)
    ok(s.has(at) and elsewhere(), what + ": nothing is moved, nothing elsewhere is touched")
    umount(s.path(at))
    is_(tool("take", C, "1001", 100 + i)[0], True, what + ": without it the same call is done")
    is_(tool("delete", "1001", 100 + i)[0], True, what + ": and the deletion")
    ok(not s.has(C, "1001") and s.names(".rekey") == [], what + ": all of it is gone")
for how in ("tmpfs", "bind"):
    s.mailbox(C, "1001")
    tool("take", C, "1001", 200)
    os.makedirs(s.path(".rekey/200/1001/Cust1"))
    mount(*(("-t", "tmpfs", "tmpfs") if how == "tmpfs" else ("--bind", os.path.join(top, "elsewhere"))), s.path(".rekey/200/1001/Cust1"))
    good, said = tool("delete", "1001", 200)
    ok(not good and ("file system" in said or "busy" in said.lower()) and elsewhere(), "%s within what is deleted: not entered" % how, said)
    ok(not s.has(".rekey/200/1001/INBOX"), "the rest of it is deleted")
    umount(s.path(".rekey/200/1001/Cust1"))
    is_(tool("delete", "1001", 200)[0], True, "and this one when the mount is gone")

# ---- read-only ----
s.mailbox(C, "1001")
before = s.picture(C)
mount("--bind", s.root, s.root)
mount("-o", "remount,bind,ro", s.root)
good, said = tool("take", C, "1001", 300)
ok(not good and "Read-only file system" in said, "a spool that may only be read: refused", said)
is_(tool("count", C, "1001"), (True, "ok"), "but read")
is_(tool("delete", "1001", 300)[0], True, "nothing was taken, nothing is there to delete")
umount(s.root)
is_(s.picture(C), before, "and nothing was changed")

# ---- a full disk ----
os.rename(s.root, s.root + ".kept")
os.makedirs(s.root)
mount("-t", "tmpfs", "-o", "size=1m,nr_inodes=64", "tmpfs", s.root)
s.mailbox(C, "1001", new=1, saved=1, trash=0, urgent=0, greetings=("unavail",))
n = 0
try:
    while True:
        s.write("x", "filler", str(n))
        n += 1
except OSError:
    pass
good, said = tool("take", C, "1001", 400)
ok(not good and "No space left on device" in said, "a full disk: refused", said)
ok(s.has(C, "1001", "INBOX", "msg0000.txt"), "and nothing is moved")
for i in range(8):
    os.unlink(s.path("filler", str(i)))
is_(tool("take", C, "1001", 400)[0], True, "room again: the same call is done")
is_((tool("delete", "1001", 400)[0], s.has(C, "1001"), s.names(".rekey")), (True, False, []), "and the deletion")
umount(s.root)
os.rmdir(s.root)
os.rename(s.root + ".kept", s.root)

# ---- another's ----
os.chmod(top, 0o755)
for d, _, _ in os.walk(s.root):
    os.chmod(d, 0o755)
before = s.picture(C)
if os.getuid() == 0 and open("/proc/self/uid_map").read().split()[2] != "1":
    good, said = tool("take", C, "1001", 500, user=65534)
    ok(not good and "Permission denied" in said and "group" in said, "a spool of another owner: refused, with what rekeyd needs", said)
else:
    os.chmod(s.root, 0o555)
    good, said = tool("take", C, "1001", 500)
    os.chmod(s.root, 0o755)
    ok(good or "Permission denied" in said, "a spool that may not be written: refused", said)
is_(good or s.picture(C) == before, True, "nothing was changed")

# ---- a file that is in use ----
s.mailbox(C, "1002")
held = open(s.path(C, "1002", "INBOX", "msg0000.wav"), "rb")
where = os.open(s.path(C, "1002", "tmp"), os.O_RDONLY)
is_((tool("take", C, "1002", 600)[0], tool("delete", "1002", 600)[0]), (True, True), "files that the PBX holds open go all the same")
ok(len(held.read()) > 1000, "and it goes on with what it holds")
os.close(where)
ok(elsewhere(), "in all of this nothing outside of the spool was touched")
done()

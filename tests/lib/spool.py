#!/usr/bin/python3
"""A voicemail spool as Asterisk's app_voicemail documents and writes it: <root>/<context>/<mailbox>/INBOX|Old|Deleted|…, messages
msgNNNN.txt beside their sounds, greetings unavail, busy, temp and greet, tmp for recordings that are being made.
By hand: spool.py ROOT CONTEXT MAILBOX…"""
import os
import struct
import sys
import time

FOLDERS = ("INBOX", "Old", "Work", "Family", "Friends", "Cust1", "Cust2", "Cust3", "Cust4", "Cust5", "Deleted", "Urgent")


def wav(seconds=1.0, rate=8000, bits=16, channels=1, tag=1, fill=b"\0"):
    """RIFF/WAVE."""
    frame = channels * bits // 8
    data = fill * (int(seconds * rate) * frame)
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, tag, channels, rate, rate * frame, frame, bits)
            + b"data" + struct.pack("<I", len(data)) + data)


class Spool:
    def __init__(self, root):
        self.root = root
        self.serial = 0
        os.makedirs(root, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, data, *parts):
        p = self.path(*parts)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        with open(p, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return p

    def message(self, context, box, folder="INBOX", number=None, callerid='"Cal Ler" <2001>', seconds=2, msg_id=None, flag="", formats=("wav", "WAV", "gsm")):
        """One message, as the next of its folder; gives its msg_id."""
        d = self.path(context, box, folder)
        os.makedirs(d, exist_ok=True)
        if number is None:
            number = len([n for n in os.listdir(d) if n.endswith(".txt")])
        self.serial += 1
        at = 1795456800 + self.serial
        msg_id = msg_id or "%d-%08x" % (at, self.serial)
        name = "msg%04d" % number
        text = (";\n; Message Information file\n;\n[message]\norigmailbox=%s\ncontext=from-trunk\nmacrocontext=\nexten=%s\nrdnis=unknown\n"
                "priority=2\ncallerchan=PJSIP/trunk-%08x\ncallerid=%s\norigdate=%s\norigtime=%d\ncategory=\nmsg_id=%s\nflag=%s\nduration=%d\n"
                % (box, box, self.serial, callerid, time.strftime("%a %b %e %r UTC %Y", time.gmtime(at)), at, msg_id, flag, seconds))
        self.write(text, context, box, folder, name + ".txt")
        sounds = {"wav": wav(seconds), "WAV": wav(seconds, bits=8, tag=0x31), "gsm": b"\xd5" * int(1650 * seconds), "ulaw": b"\xff" * int(8000 * seconds)}
        for f in formats:
            self.write(sounds[f] + msg_id.encode(), context, box, folder, name + "." + f)
        return msg_id

    def greeting(self, context, box, name, formats=("wav", "gsm")):
        for f in formats:
            self.write(wav(1.5) if f == "wav" else b"\xd5" * 2475, context, box, "%s.%s" % (name, f))

    def mailbox(self, context, box, new=3, saved=2, trash=1, urgent=1, greetings=("unavail", "busy", "greet"), secret=True):
        """A mailbox that has been in use; gives the ids of its new messages."""
        ids = [self.message(context, box) for _ in range(new)]
        for _ in range(saved):
            self.message(context, box, "Old")
        for _ in range(trash):
            self.message(context, box, "Deleted")
        for _ in range(urgent):
            self.message(context, box, "Urgent", flag="Urgent")
        self.message(context, box, "Family")
        for g in greetings:
            self.greeting(context, box, g)
        os.makedirs(self.path(context, box, "tmp"), exist_ok=True)
        if secret:
            self.write("[general]\npassword=4711\n", context, box, "secret.conf")
        return ids

    def has(self, *parts):
        return os.path.lexists(self.path(*parts))

    def names(self, *parts):
        p = self.path(*parts)
        return sorted(os.listdir(p)) if os.path.isdir(p) else []

    def picture(self, *parts):
        """Every file below, with mode and bytes: two pictures are equal when nothing was touched."""
        out = {}
        for d, dirs, files in os.walk(self.path(*parts)):
            for n in dirs + files:
                p = os.path.join(d, n)
                st = os.lstat(p)
                out[os.path.relpath(p, self.root)] = (st.st_mode, st.st_ino, os.readlink(p) if os.path.islink(p) else open(p, "rb").read()
                                                     if os.path.isfile(p) else None)
        return out


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: spool.py ROOT CONTEXT MAILBOX...")
    made = Spool(sys.argv[1])
    for b in sys.argv[3:]:
        made.mailbox(sys.argv[2], b)

#!/usr/bin/python3
"""Mails of random texts, read back by Python's email package: what was given comes out, and nothing else."""
import email
import email.policy
import os
import random
import re
import subprocess
import sys
from email.header import decode_header, make_header

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402
from tap import done, is_, ok  # noqa: E402

seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
print("# SEED=%d" % seed)
rnd = random.Random(seed)
PIECES = ["a", "Zoë", " ", "  ", "\t", "\r\n", "\n", "\r", "=", "=?UTF-8?B?QQ==?=", "?=", "\"", "\\", "<", ">", "@", ",", ";", ":", "(", ")", ".", "..", "From ", "\u202e",
          "\u05d0\u05e0\u05d4", "\u0639\u0628\u062f", "\U0001f469\u200d\U0001f680", "\U0001f3f3\ufe0f\u200d\U0001f308", "ß" * 40, "x" * 90, "Bcc: all@example.com", "\u2028", "\u0085",
          "\x01", "\x7f", "--=_id", "漢字" * 20, "e\u0301", "\ufeff", "<img src=x onerror=alert(1)>", "&amp;"]


def text(most):
    return "".join(rnd.choice(PIECES) for _ in range(rnd.randrange(most)))


def control(c):
    return c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029\ufffe\uffff"


def tidy(s):
    """What a header makes of it: controls and blanks are one blank, none at the ends."""
    return re.sub(" +", " ", "".join(" " if control(c) else c for c in s)).strip(" ")


def lines(s):
    """A body: line ends of any kind; the last one is the boundary's (RFC 2046 §5.1.1)."""
    return s.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


records = [dict(zip(("from_name", "to_name", "to", "subject", "text", "html", "id"),
                    (text(8), text(8), rnd.choice(["a@b.example", "x" * 64 + "@" + "y" * 60 + ".example"]), text(12), text(40), text(40), "id.%d" % i))) for i in range(400)]
raw = b"".join(v.encode() + b"\0" for rec in records for v in rec.values())
out = subprocess.run([tap.program("mail_tool")], input=raw, stdout=subprocess.PIPE)
is_(out.returncode, 0, "every mail was made")
got, at = [], 0
while at < len(out.stdout):
    end = out.stdout.index(b"\n", at)
    n = int(out.stdout[at:end])
    got.append(out.stdout[end + 1:end + 1 + n])
    at = end + 1 + n
is_(len(got), len(records), "all of them")


def decoded(value):
    """RFC 2047 §6.2."""
    return str(make_header(decode_header(value))) if value else ""


def mailbox(value, name):
    m = re.match(r"(?s)(.*?) *<([^<>]*)>$", value)
    if not m:
        return "", value
    if m.group(1).startswith('"'):
        return re.sub(r"\\(.)", r"\1", m.group(1)[1:-1]), m.group(2)
    return decoded(m.group(1)), m.group(2)


faults = {"headers": 0, "parts": 0, "lines": 0, "defects": 0}
first = {}


def fault(kind, i, what):
    faults[kind] += 1
    first.setdefault(kind, (records[i], what, got[i]))


KEYS = ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
for i, (rec, raw) in enumerate(zip(records, got)):
    head, body = raw.split(b"\r\n\r\n", 1)
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    fields = {k: re.sub(r"\r\n(?=[ \t])", "", v) for k, v in plain.items()}
    want = {"Subject": tidy(rec["subject"]), "From": (tidy(rec["from_name"]), "phones@example.com"), "To": (tidy(rec["to_name"]), rec["to"])}
    have = {"Subject": decoded(fields["Subject"]), "From": mailbox(fields["From"], "From"), "To": mailbox(fields["To"], "To")}
    if list(plain.keys()) != KEYS or want != have:
        fault("headers", i, (list(plain.keys()), want, have))
    if not raw.isascii() or b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b"") or max(map(len, body.split(b"\r\n"))) > 76 or \
            max(len(x) for x in head.split(b"\r\n") if b"@" not in x) > 76 or max(map(len, head.split(b"\r\n"))) > 300 or b"\r\n." in body:
        fault("lines", i, None)
    m = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(m.iter_parts())
    if [p.get_content_type() for p in parts] != ["text/plain", "text/html"] or \
            [p.get_payload(decode=True).decode().replace("\r\n", "\n") for p in parts] != [lines(rec["text"]), lines(rec["html"])]:
        fault("parts", i, [p.get_payload(decode=True) for p in parts])
    if m.defects or any(p.defects for p in m.walk()):
        fault("defects", i, m.defects)
for kind, n in faults.items():
    ok(n == 0, "%s of %d mails" % (kind, len(records)), "%d; the first: %r" % (n, first.get(kind)))
done()

#!/usr/bin/python3
"""sipp as the phone: what it answers is what is reported, over UDP and TCP; challenges are answered in the order of the
secrets; silence and late answers are told as such."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sip
from tap import done, free_port, is_, ok, temp_dir

ANSWER = """  <send>
    <![CDATA[
      SIP/2.0 %s
      [last_Via:]
      [last_From:]
      [last_To:];tag=phone[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      %sContent-Length: 0

    ]]>
  </send>
"""
CHALLENGE = 'WWW-Authenticate: Digest realm="grandstream.com", nonce="n%d", qop="auth", algorithm=MD5\n      '
PROXY = 'Proxy-Authenticate: Digest realm="branch", nonce="p%d", algorithm=MD5\n      '
RECV = '  <recv request="NOTIFY"/>\n'
# sipp checks the digest and answers by what it found.
VERIFY = """  <recv request="NOTIFY" crlf="true"><action>
    <verifyauth assign_to="good" username="1001" password="%s"/>
  </action></recv>
  <nop hide="true" test="good" next="right"/>
"""


def scenario(body):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="phone">\n' + body +
            '  <timewait milliseconds="1500"/>\n</scenario>\n')


def verified(password):
    return scenario(RECV + ANSWER % ("401 Unauthorized", CHALLENGE % 1) + VERIFY % password +
                    ANSWER % ("403 Wrong", "") + '  <nop next="end"/>\n  <label id="right"/>\n' + ANSWER % ("200 OK", "") +
                    '  <label id="end"/>\n')


def bound(port, transport):
    want = ":%04X " % port
    with open("/proc/net/" + transport) as f:
        return any(want in line.split(" rem")[0] and want in line[:30] for line in f)


class Sipp:
    """sipp with one scenario on a free port."""

    def __init__(self, text, transport):
        self.dir = temp_dir("sipp")
        self.port = free_port()
        path = os.path.join(self.dir, "s.xml")
        with open(path, "w") as f:
            f.write(text)
        self.proc = subprocess.Popen(["sipp", "-sf", path, "-i", "127.0.0.1", "-p", str(self.port), "-t", transport[0] + "1",
                                      "-nostdin", "-timeout", "60", "-max_socket", "100"], cwd=self.dir, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not sip.wait_for(lambda: bound(self.port, transport)):
            raise SystemExit("Bail out! sipp does not listen")

    def uri(self, transport):
        return "sip:1001@127.0.0.1:%d;transport=%s" % (self.port, transport)

    def stop(self):
        self.proc.kill()
        self.proc.wait()
        subprocess.run(["rm", "-rf", self.dir])


def notify(*args):
    """One NOTIFY; its result lines as lists."""
    return sip.notify_once("direct", "to", "sip:1001@example.test", *args)[0]


def short(row):
    """status, challenged, secret, rounds"""
    return [int(x) for x in row[1:5]]


PLAIN = [("200 OK", 200), ("404 Not Found", 404), ("480 Temporarily Unavailable", 480),
         ("481 Subscription Does Not Exist", 481), ("489 Bad Event", 489), ("600 Busy Everywhere", 600)]

for transport in ("udp", "tcp"):
    for words, status in PLAIN:
        s = Sipp(scenario(RECV + ANSWER % (words, "")), transport)
        rows = notify("secret", "s1", s.uri(transport))
        is_([short(r) for r in rows], [[status, 0, -1, 1]], "%s: %d is reported, once, without a digest" % (transport, status))
        ok(rows and words.split(" ", 1)[1] in rows[0][8], "%s: %d comes with its phrase" % (transport, status), rows)
        s.stop()

    s = Sipp(verified("old-secret"), transport)
    is_([short(r) for r in notify("secret", "old-secret", s.uri(transport))], [[200, 401, 0, 2]],
        "%s: 401 is answered with the phone's secret, and sipp finds it right" % transport)
    s.stop()
    s = Sipp(verified("old-secret"), transport)
    is_([short(r) for r in notify("secret", "wrong", s.uri(transport))], [[403, 401, 0, 2]],
        "%s: sipp finds a wrong one wrong" % transport)
    s.stop()

    twice = scenario(RECV + ANSWER % ("401 Unauthorized", CHALLENGE % 1) + RECV + ANSWER % ("401 Unauthorized", CHALLENGE % 2) +
                     RECV + ANSWER % ("200 OK", ""))
    s = Sipp(twice, transport)
    is_([short(r) for r in notify("secret", "acked", "secret", "served", s.uri(transport))], [[200, 401, 1, 3]],
        "%s: a second 401 gets the next secret" % transport)
    s.stop()
    s = Sipp(twice, transport)
    is_([short(r) for r in notify("secret", "acked", s.uri(transport))], [[401, 401, 0, 2]],
        "%s: when no secret is left, 401 is the result" % transport)
    s.stop()
    s = Sipp(twice, transport)
    is_([short(r) for r in notify(s.uri(transport))], [[401, 401, -1, 1]], "%s: without secrets the first 401 is the result" % transport)
    s.stop()
    s = Sipp(scenario(RECV + ANSWER % ("407 Proxy Authentication Required", PROXY % 1) + RECV + ANSWER % ("200 OK", "")), transport)
    is_([short(r) for r in notify("secret", "s1", s.uri(transport))], [[200, 407, 0, 2]],
        "%s: 407 on the direct way is answered with the phone's secret" % transport)
    s.stop()
    stale = (CHALLENGE % 2).replace("algorithm", "stale=true, algorithm")
    s = Sipp(scenario(RECV + ANSWER % ("401 Unauthorized", CHALLENGE % 1) + RECV + ANSWER % ("401 Unauthorized", stale) + RECV +
                      ANSWER % ("200 OK", "")), transport)
    is_([short(r) for r in notify("secret", "s1", s.uri(transport))], [[200, 401, 0, 3]],
        "%s: stale=true is answered with the same secret again" % transport)
    s.stop()
    s = Sipp(scenario(RECV + ANSWER % ("401 Unauthorized", 'WWW-Authenticate: Digest realm="a", nonce="b", algorithm=SHA-512-256\n      ')),
             transport)
    is_([short(r) for r in notify("secret", "s1", s.uri(transport))], [[401, 401, -1, 1]],
        "%s: a challenge of a kind that we do not know is the result" % transport)
    s.stop()

    s = Sipp(scenario(RECV + '  <pause milliseconds="30000"/>\n'), transport)
    rows = notify("t1", 20, s.uri(transport))
    is_([[r[1], r[7]] for r in rows], [["0", "timed-out"]], "%s: silence is a time-out, status 0" % transport)
    ok(rows and 1270 <= int(rows[0][6]) <= 2500, "%s: after 64 T1 (T1 = 20 ms)" % transport, rows)
    is_(rows and int(rows[0][5]), 11 if transport == "udp" else 1, "%s: with the requests of timer E" % transport)
    s.stop()
    s = Sipp(scenario(RECV + '  <pause milliseconds="600"/>\n' + ANSWER % ("200 OK", "")), transport)
    rows = notify("deadline", 200, "linger", 1500, s.uri(transport))
    is_([[r[1], r[7]] for r in rows], [["0", "timed-out"], ["200", "late"]],
        "%s: an answer after the deadline is told as late, after the time-out" % transport)
    ok(rows and 190 <= int(rows[0][6]) <= 600, "%s: the deadline of the job was kept" % transport, rows)
    s.stop()

s = Sipp(scenario(RECV + ANSWER % ("100 Trying", "") + '  <pause milliseconds="700"/>\n' + ANSWER % ("200 OK", "")), "udp")
rows = notify("t1", 50, s.uri("udp"))
is_([short(r) for r in rows], [[200, 0, -1, 1]], "udp: a provisional answer is not the result")
ok(rows and int(rows[0][5]) <= 4, "udp: after it timer E runs at T2 only", rows)
s.stop()
done()

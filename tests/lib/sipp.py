"""sipp (Debian's 3.6.1) as a phone's line: it registers with its digest, then answers what comes on that flow; and as
somebody who calls."""
import os
import re
import subprocess

import tap

REGISTER = """  <send retrans="500">
    <![CDATA[
      REGISTER sip:%(domain)s SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      Max-Forwards: 70
      From: <sip:%(user)s@%(domain)s>;tag=[pid]SIPpTag00[call_number]
      To: <sip:%(user)s@%(domain)s>
      Call-ID: [call_id]
      CSeq: %(cseq)d REGISTER
      Contact: <sip:%(user)s@[local_ip]:[local_port];transport=%(transport)s>
      User-Agent: %(agent)s
      Expires: 600
      %(auth)sContent-Length: 0

    ]]>
  </send>
"""
ANSWER = """  <send>
    <![CDATA[
      SIP/2.0 %s
      [last_Via:]
      [last_From:]
      [last_To:];tag=phone[pid]
      [last_Call-ID:]
      [last_CSeq:]
      %sContent-Length: 0

    ]]>
  </send>
"""
RECV = '  <recv request="NOTIFY"/>\n'
# The digest is checked by sipp, and the answer says what it found.
VERIFY = """  <recv request="NOTIFY"><action>
    <verifyauth assign_to="good" username="%s" password="%s"/>
  </action></recv>
  <nop hide="true" test="good" next="right"/>
"""


def scenario(body):
    return '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="phone">\n' + body + "</scenario>\n"


def answers(*statuses):
    """A NOTIFY, and its answer: "404 Not Found"."""
    return scenario("".join(RECV + ANSWER % (s, "") for s in statuses))


def late(ms, status="200 OK"):
    return scenario(RECV + '  <pause milliseconds="%d"/>\n' % ms + ANSWER % (status, ""))


def silent():
    return scenario(RECV + '  <pause milliseconds="60000"/>\n')


def challenges(user, password):
    """401, then 200 to a digest that proves the password, 403 to any other."""
    return scenario(RECV + ANSWER % ("401 Unauthorized", 'WWW-Authenticate: Digest realm="phone", nonce="n1", qop="auth", algorithm=MD5\n      ') +
                    VERIFY % (user, password) + ANSWER % ("403 Wrong", "") + '  <nop next="end"/>\n  <label id="right"/>\n' +
                    ANSWER % ("200 OK", "") + '  <label id="end"/>\n')


def picks_up(name, told="200 OK"):
    """A phone in use: it answers a NOTIFY with told, and a call with 180 and 200, from a Contact that says its name."""
    return scenario('  <recv request="NOTIFY" optional="true" next="notify"/>\n  <recv request="INVITE"/>\n' + ANSWER % ("180 Ringing", "") +
                    ANSWER.replace("Content-Length", "[last_Record-Route:]\n      Contact: <sip:%s@[local_ip]:[local_port];transport=[transport]>\n      Content-Length" % name)
                    % ("200 OK", "") +
                    '  <recv request="ACK"/>\n  <recv request="BYE"/>\n' + ANSWER % ("200 OK", "") + '  <nop next="end"/>\n  <label id="notify"/>\n' +
                    ANSWER % (told, "") + '  <label id="end"/>\n')


INVITE = """  <send retrans="500">
    <![CDATA[
      INVITE sip:%(target)s SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      Max-Forwards: 70
      From: <sip:%(user)s@%(domain)s>;tag=[pid]SIPpTag00[call_number]
      To: <sip:%(target)s>
      Call-ID: [call_id]
      CSeq: %(cseq)d INVITE
      Contact: <sip:%(user)s@[local_ip]:[local_port];transport=[transport]>
      %(auth)sContent-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [local_ip]
      t=0 0
      m=audio 9 RTP/AVP 0
      a=rtpmap:0 PCMU/8000

    ]]>
  </send>
  <recv response="100" optional="true"/>
"""
WITHIN = """  <send%(retrans)s>
    <![CDATA[
      %(method)s [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      [routes]
      Max-Forwards: 70
      From: <sip:%(user)s@%(domain)s>;tag=[pid]SIPpTag00[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: %(cseq)d %(method)s
      Content-Length: 0

    ]]>
  </send>
"""
REFUSED = """  <send>
    <![CDATA[
      ACK sip:%(target)s SIP/2.0
      [last_Via:]
      Max-Forwards: 70
      From: <sip:%(user)s@%(domain)s>;tag=[pid]SIPpTag00[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: %(cseq)d ACK
      Content-Length: 0

    ]]>
  </send>
"""
FINALS = (302, 403, 404, 408, 480, 486, 487, 500, 503, 600, 603)


def call(proxy, domain, user, password, target, local="127.0.0.1", transport="udp"):
    """sipp calls target ("1001@example.test") as user, or without a digest when password is None, and hangs up when somebody
    answers. (final status, the user part of the Contact that answered): (0, None) when there was no final answer."""
    folder = tap.temp_dir("sipp")
    about = dict(domain=domain, user=user, target=target)
    body, cseq = "", 1
    if password is not None:
        body = INVITE % dict(about, cseq=1, auth="") + '  <recv response="407" auth="true"/>\n' + REFUSED % dict(about, cseq=1)
        cseq = 2
    auth = "[authentication username=%s password=%s]\n      " % (user, password) if password is not None else ""
    body += INVITE % dict(about, cseq=cseq, auth=auth) + '  <recv response="180" optional="true"/>\n  <recv response="183" optional="true"/>\n'
    body += "".join('  <recv response="%d" optional="true" next="refused"/>\n' % n for n in FINALS) + '  <recv response="200" rrs="true"/>\n'
    body += WITHIN % dict(about, method="ACK", cseq=cseq, retrans="") + WITHIN % dict(about, method="BYE", cseq=cseq + 1, retrans=' retrans="500"')
    body += '  <recv response="200"/>\n  <nop next="end"/>\n  <label id="refused"/>\n' + REFUSED % dict(about, cseq=cseq) + '  <label id="end"/>\n'
    with open(folder + "/call.xml", "w") as f:
        f.write(scenario(body))
    subprocess.run(["sipp", "%s:%d" % proxy, "-sf", folder + "/call.xml", "-i", local, "-m", "1", "-p", str(tap.free_port()), "-t", transport[0] + "1",
                    "-nostdin", "-timeout", "30", "-trace_msg", "-message_file", folder + "/messages"], cwd=folder,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(folder + "/messages", errors="replace") as f:
        got = re.findall(r"\nSIP/2\.0 ([2-6]\d\d) [^\n]*\n((?:[^\n]+\n)*)", f.read().replace("\r", ""))
    for status, head in reversed(got):
        if re.search(r"(?mi)^CSeq: %d INVITE" % cseq, head):
            who = re.search(r"(?mi)^Contact: *<sip:([^@>]+)@", head)
            return int(status), who.group(1) if who and status == "200" else None
    return 0, None


class Line:
    """One sipp that registers a line and answers by a scenario; without one it registers and ends."""

    def __init__(self, proxy, domain, user, password, transport="udp", agent="sipp", reacts=None):
        self.dir = tap.temp_dir("sipp")
        about = dict(domain=domain, user=user, transport=transport, agent=agent)
        auth = "[authentication username=%s password=%s]\n      " % (user, password)
        stay = '  <pause milliseconds="60000"/>\n' if reacts else ""
        self.write("line.xml", scenario(REGISTER % dict(about, cseq=1, auth="") + '  <recv response="100" optional="true"/>\n' +
                                        '  <recv response="401" auth="true"/>\n' + REGISTER % dict(about, cseq=2, auth=auth) +
                                        '  <recv response="100" optional="true"/>\n  <recv response="200"/>\n' + stay))
        more = ["-oocsf", self.write("reacts.xml", reacts), "-trace_msg", "-message_file", self.dir + "/messages"] if reacts else []
        self.proc = subprocess.Popen(["sipp", "%s:%d" % proxy, "-sf", self.dir + "/line.xml", "-i", "127.0.0.1", "-m", "1",
                                      "-p", str(tap.free_port()), "-t", transport[0] + "1", "-nostdin", "-timeout", "60", *more], cwd=self.dir,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def ended(self, seconds=15):
        """The exit code: 0, all went as the scenario says."""
        try:
            return self.proc.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def heard(self, method="NOTIFY"):
        """How many requests came, repeats among them."""
        try:
            with open(self.dir + "/messages", errors="replace") as f:
                return f.read().count("\n%s sip:" % method)
        except OSError:
            return 0

    def stop(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()

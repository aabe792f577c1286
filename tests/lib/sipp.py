"""sipp (Debian's 3.6.1) as a phone's line: it registers with its digest, then answers what comes on that flow."""
import os
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

    def heard(self):
        """How many NOTIFY requests came, repeats among them."""
        try:
            with open(self.dir + "/messages", errors="replace") as f:
                return f.read().count("\nNOTIFY sip:")
        except OSError:
            return 0

    def stop(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()

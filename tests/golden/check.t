#!/usr/bin/python3
"""phonecfg check on files that others wrote, good and hostile. What must be found stands here by hand, from the vendors'
rules: one (line, level, part of the sentence) for each finding, no more and no fewer."""
import os
import random
import subprocess
import sys

sys.path.insert(0, "tests/lib")
from tap import done, is_, ok, program, temp_dir  # noqa: E402

D = temp_dir("check")
TOOL = program("phonecfg")
W, E = "warning", "error"


def run(name, text, *options):
    path = os.path.join(D, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return subprocess.run([TOOL, "check", name, *options], cwd=D, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env={**os.environ})


def found(r, name):
    out = []
    for line in r.stdout.decode("utf-8", "replace").splitlines()[:-1]:
        file, number, level, text = line.split(":", 3)
        assert file == name, line
        out.append((int(number), level.strip(), text.strip()))
    return out


def expect(what, name, text, want, *options):
    r = run(name, text, "--profiles", PROFILES, *options)
    got = found(r, name)
    fits = len(got) == len(want) and all(g[0] == w[0] and g[1] == w[1] and w[2] in g[2] for g, w in zip(got, want))
    ok(fits, what, "\n".join(map(str, got)) + "\nwanted:\n" + "\n".join(map(str, want)) + r.stderr.decode())
    is_(r.returncode, 1 if any(w[1] == E for w in want) else 0, what + ": exit code")


PROFILES = os.path.abspath("firmware-profiles")
Y = "#!version:1.0.0.1\n"

# ---- Yealink ----
expect("Yealink: a file as public template sets have them", "001565aabbcc.cfg", Y + """# a comment
account.1.enable = 1
account.1.label=Front desk
account.1.display_name = Front desk
account.1.auth_name = 1001
account.1.user_name = 1001
account.1.sip_server.1.address = pbx.example
account.1.sip_server.1.port = 5060
linekey.1.type = 15
linekey.1.line = 1
account.2.enable = 0
account.2.label = %NULL%
""", [])
expect("Yealink: the same with Windows line ends", "001565aabbcc.cfg", (Y + "account.1.enable = 1\n").replace("\n", "\r\n"), [])
expect("Yealink: the last of two wins, so that the earlier is dead", "001565aabbcc.cfg",
       Y + "account.1.enable = 0\naccount.2.enable = 1\naccount.1.enable = 1\n",
       [(2, W, "account.1.enable is dead: line 4")])
expect("Yealink: the passwords of several roles may repeat", "001565aabbcc.cfg",
       Y + "static.security.user_password = user:abc\nstatic.security.user_password = admin:def\n", [])
expect("Yealink: slips of the hand, with the nearest", "001565aabbcc.cfg",
       Y + "acount.1.enable = 1\naccount.1.lable = x\nzzz.qqq.vvv.www = 1\n",
       [(2, W, "the nearest is account.{}.enable"), (3, W, "the nearest is account.{}.label"), (4, W, "zzz.qqq.vvv.www is not known")])
expect("Yealink: limits", "001565aabbcc.cfg",
       Y + "account.0.enable = 1\naccount.16.enable = 1\naccount.17.enable = 1\naccount.1.enable = 2\nlinekey.1.type = x\n",
       [(2, E, "number 0 in its name"), (4, E, "number 17 in its name, which must be 1 to 16"), (5, E, "account.1.enable"), (6, E, "linekey.1.type")])
expect("Yealink: lines that are none", "001565aabbcc.cfg", Y + "account.1.enable\n= 1\n[section]\naccount.1.enable = 1\n",
       [(2, E, "no '='"), (3, E, "no name"), (4, E, "no '='")])
expect("Yealink: no first line", "001565aabbcc.cfg", "account.1.enable = 1\n", [(1, E, "#!version:1.0.0.1")])
expect("Yealink: the first line with a byte order mark", "001565aabbcc.cfg", b"\xef\xbb\xbf" + Y.encode() + b"account.1.enable = 1\n",
       [(1, E, "byte order mark")])
expect("Yealink: the first line second", "001565aabbcc.cfg", "# hello\n" + Y, [(1, E, "#!version:1.0.0.1")])
expect("Yealink: a zero byte, a tab, bytes that are no UTF-8", "001565aabbcc.cfg",
       Y.encode() + b"account.1.label = a\0b\naccount.1.display_name = a\tb\naccount.2.label = \xff\xfe\n",
       [(2, E, "zero byte"), (3, E, "control character"), (4, E, "UTF-8")])
expect("Yealink: an empty value is no clear", "001565aabbcc.cfg", Y + "account.1.enable = 0\naccount.1.label =\naccount.1.user_name =\n",
       [(3, W, "%NULL% clears")])
expect("Yealink: overwrite_mode outside of a boot file", "001565aabbcc.cfg", Y + "overwrite_mode = 1\n", [(2, W, "boot file only")])
expect("Yealink: a boot file", "001565aabbcc.boot",
       Y + 'include:config <y000000000108.cfg>\ninclude:config "001565aabbcc.cfg"\n[T46U,T48U]include:config <big.cfg>\noverwrite_mode = 1\n', [])
expect("Yealink: a boot file with slips", "001565aabbcc.boot",
       Y + "include:config y000000000108.cfg\ninclude:config <001565aabbcc.txt>\n[]include:config <a.cfg>\ninclude <a.cfg>\noverwrite_mode = 3\n",
       [(2, E, "include:config <name.cfg>"), (3, E, ".cfg"), (4, E, "list of models"), (5, E, "no '='"), (6, E, "overwrite_mode")])
expect("Yealink: names with static. for a phone before them", "001565aabbcc.cfg", Y + "static.auto_provision.repeat.enable = 1\n",
       [(2, W, "since firmware 0.81")], "--model", "yealink-t28p")
expect("Yealink: the same for one that has them", "001565aabbcc.cfg", Y + "static.auto_provision.repeat.enable = 1\n", [], "--model", "yealink-t46u")
expect("Yealink: firmware from both sides", "001565aabbcc.cfg", Y + "static.auto_provision.repeat.enable = 1\n",
       [(2, W, "this one is 66.80.0.130")], "--model", "yealink-t46g", "--firmware", "66.80.0.130")
expect("Yealink: firmware from the other side", "001565aabbcc.cfg", Y + "static.auto_provision.repeat.enable = 1\n",
       [], "--model", "yealink-t46g", "--firmware", "66.81.0.25")
expect("Yealink: for a phone of another vendor", "001565aabbcc.cfg", Y + "account.1.enable = 1\n", [(1, E, "yealink")], "--model", "polycom-vvx450")

# ---- Polycom ----
P = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
expect("Polycom: a flat file as public sets have them", "reg.cfg", P + """<polycomConfig
	reg.1.address="1001"
	reg.1.auth.userId="1001"
	reg.1.auth.password="x"
	reg.1.server.1.address="pbx.example"
	reg.1.server.1.port="5060"
	reg.2.address=""
/>
""", [])
expect("Polycom: elements of any name; true and false", "x.cfg", P + '<PHONE>\n<A reg.1.address="1"/>\n<B call.rejectBusyOnDnd="true"/>\n</PHONE>\n', [])
expect("Polycom: an attribute twice in one element", "x.cfg", P + '<PHONE>\n<A reg.1.server.1.port="5060"\n reg.1.server.1.port="5061"/>\n</PHONE>\n',
       [(4, E, "redefined")])
expect("Polycom: in two elements the first wins", "x.cfg", P + '<PHONE>\n<A reg.1.address="1"/>\n<B reg.1.address="2"/>\n</PHONE>\n',
       [(4, W, "line 3 sets it already")])
expect("Polycom: device values need their twin and the switch", "x.cfg",
       P + '<PHONE>\n<A device.sntp.serverName="t.example"/>\n</PHONE>\n', [(3, W, 'device.sntp.serverName.set="1" is missing')])
expect("Polycom: the twin needs the switch", "x.cfg",
       P + '<PHONE>\n<A device.sntp.serverName="t.example"\n device.sntp.serverName.set="1"/>\n</PHONE>\n', [(4, W, 'device.set="1" is missing')])
expect("Polycom: the switch is off", "x.cfg",
       P + '<PHONE>\n<A device.set="0" device.sntp.serverName="t.example"\n device.sntp.serverName.set="1"/>\n</PHONE>\n',
       [(4, W, 'device.set="1" is needed and is not 1')])
expect("Polycom: all three", "x.cfg",
       P + '<PHONE>\n<A device.set="1" device.sntp.serverName="t.example" device.sntp.serverName.set="1"/>\n</PHONE>\n', [])
expect("Polycom: numbers, ranges, words, slips", "x.cfg", P + """<PHONE>
<A reg.34.address="a"
   reg.35.address="a"
   reg.1.server.4.port="65535"
   reg.1.server.5.port="1"
   reg.1.server.1.port="65536"
   reg.1.server.1.transport="SCTP"
   call.rejectBusyOnDnd="2"
   reg.1.adress="1"/>
</PHONE>
""", [(4, E, "35"), (6, E, "number 5"), (7, E, "65535"), (8, E, "one of"), (9, E, "0 or 1"), (10, W, "reg.{}.address")])
expect("Polycom: a line break in a value", "x.cfg", P + '<PHONE>\n<A reg.1.label="a&#10;b"/>\n</PHONE>\n', [(3, E, "line break")])
expect("Polycom: a master file", "000000000000.cfg",
       P + '<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-lines.cfg, site.cfg" OVERRIDES_DIRECTORY="">\n'
       '<APPLICATION_VVX300 APP_FILE_PATH_VVX300="v.ld" CONFIG_FILES_VVX300="a.cfg"/>\n</APPLICATION>\n', [])
expect("Polycom: a master file with slips", "000000000000.cfg",
       P + '<APPLICATION CONFIG_FILE="a.cfg"\n CONFIG_FILES="0004f2000000-phone.cfg, b.cfg,,%s"\n/>\n' % ("c" * 256),
       [(2, W, "CONFIG_FILE is none"), (3, E, "its own changes"), (3, W, "empty place"), (3, E, "255")])
expect("Polycom: a list at its limit", "000000000000.cfg", P + '<APPLICATION CONFIG_FILES="%s"/>\n' % ",".join(["c" * 255] * 8)[:2047], [])
expect("Polycom: a list beyond it", "000000000000.cfg", P + '<APPLICATION CONFIG_FILES="%s"/>\n' % ",".join(["c" * 255] * 9)[:2048], [(2, E, "2047")])
expect("Polycom: what a phone uploads", "0004f2000000-phone.cfg", P + '<PHONE_CONFIG>\n\t<OVERRIDES reg.1.label="Desk"/>\n</PHONE_CONFIG>\n', [])
expect("Polycom: a directory", "0004f2000000-directory.xml",
       P + "<directory><item_list><item><ln>Doe</ln><fn>Jo</fn><ct>1001</ct><sd>1</sd></item></item_list></directory>\n", [])
expect("Polycom: cut off", "x.cfg", P + '<PHONE>\n<A reg.1.address="1"', [(3, E, "XML")])
expect("Polycom: a web page instead", "x.cfg", "<html><body>404</body></html>", [(1, E, "web page")])
expect("Polycom: entities of its own", "x.cfg", '<!DOCTYPE a [<!ENTITY b "cc">]>\n<a reg.1.label="&b;"/>\n', [(1, E, "document type")])
expect("Polycom: a file of items for it", "x.xml", '<?xml version="1.0"?>\n<gs_provision version="1"><config version="2"/></gs_provision>\n',
       [(1, E, "grandstream")], "--model", "polycom-vvx450")

# ---- Grandstream ----
G = '<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
expect("Grandstream: numbers", "cfg000b82aabbcc.xml", G + """<mac>000b82AABBCC</mac>
<config version="1">
<P271>1</P271>
<P47>pbx.example</P47>
</config>
</gs_provision>
""", [])
expect("Grandstream: the first of two wins", "x.xml", G + "<config version=\"1\">\n<P271>1</P271>\n<P271>0</P271>\n<P47>a</P47>\n<P47>a</P47>\n</config></gs_provision>\n",
       [(5, E, "line 4 already with another value"), (7, W, "line 6 already")])
expect("Grandstream: a P-value and its name", "x.xml",
       G + '<config version="2">\n<item name="account.1.enable">Yes</item>\n<P271>0</P271>\n</config></gs_provision>\n',
       [(5, E, "the same setting as account.1.enable in line 4")])
expect("Grandstream: the name and the P-value the other way round, equal", "x.xml",
       G + '<config version="2">\n<P47>a.example</P47>\n<item name="account.1.sip.server.1.address">a.example</item>\n</config></gs_provision>\n',
       [(5, W, "the same setting as P47 in line 4")])
expect("Grandstream: items in a file of numbers", "x.xml", G + '<config version="1">\n<item name="account.1.enable">Yes</item>\n</config></gs_provision>\n',
       [(4, E, 'ignores items in <config version="1">')])
expect("Grandstream: items for a model that reads numbers only", "x.xml",
       G + '<config version="2">\n<item name="account.1.enable">Yes</item>\n</config></gs_provision>\n', [(1, E, "P-values only")], "--model", "grandstream-ht802")
expect("Grandstream: the mac", "x.xml", G + '<mac>00:0b:82:aa:bb:cc</mac>\n<config version="1"><P271>1</P271></config></gs_provision>\n', [(3, E, "12 digits")])
expect("Grandstream: the mac twice, and behind", "x.xml",
       G + '<mac>000b82aabbcc</mac>\n<config version="1"><P271>1</P271></config>\n<mac>000b82aabbcc</mac>\n</gs_provision>\n',
       [(5, E, "twice"), (5, W, "behind")])
expect("Grandstream: without a declaration", "x.xml", '<gs_provision version="1"><config version="1"><P271>1</P271></config></gs_provision>\n', [(1, E, "<?xml")])
expect("Grandstream: another encoding", "x.xml", '<?xml version="1.0" encoding="ISO-8859-1"?>\n<gs_provision version="1"><config version="1"/></gs_provision>\n',
       [(1, E, "UTF-8")])
expect("Grandstream: no version, no config", "x.xml", '<?xml version="1.0"?>\n<gs_provision>\n</gs_provision>\n', [(2, E, "version"), (2, E, "no <config>")])
expect("Grandstream: a second config", "x.xml", G + '<config version="1"><P271>1</P271></config>\n<config version="1"><P3>a</P3></config>\n</gs_provision>\n',
       [(4, E, "first only")])
expect("Grandstream: CDATA, zeros, other elements", "x.xml",
       G + '<config version="1">\n<P3><![CDATA[a&b]]></P3>\n<P0271>1</P0271>\n<p35>1</p35>\n</config></gs_provision>\n',
       [(4, E, "CDATA"), (5, W, "is not P271"), (5, W, "P0271 is not known"), (6, W, "neither an item nor a P-value")])
expect("Grandstream: a line break makes settings", "x.xml", G + '<config version="1">\n<P3>a&#10;35=9999</P3>\n</config></gs_provision>\n', [(4, E, "line break")])
expect("Grandstream: a password that may not be empty, by number and by name", "x.xml",
       G + '<config version="2">\n<P34></P34>\n<item name="account.2.sip.subscriber.password"/>\n</config></gs_provision>\n',
       [(4, E, "may not be empty"), (5, E, "may not be empty")])
expect("Grandstream: text for the web page", "x.txt", "P271=1\nP47=a\n", [(1, E, "web page")])

# ---- softphones ----
L = '<?xml version="1.0" encoding="UTF-8"?>\n<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">\n'
expect("Linphone: a good file", "l.xml",
       L + '<section name="auth_info_0">\n<entry name="algorithm" overwrite="true"></entry>\n<entry name="domain">a.example</entry>\n</section>\n</config>\n', [])
expect("Linphone: blanks that blank nothing, no names, twice", "l.xml",
       L + '<section name="auth_info_0">\n<entry name="algorithm"></entry>\n<entry name="domain">1</entry>\n<entry name="domain">2</entry>\n</section>\n<section/>\n</config>\n',
       [(4, W, "overwrite"), (6, W, "line 5"), (8, E, "without a name")])

# ---- hostile ----
r = run("none.cfg", b"")
ok(r.returncode == 1 and b"empty" in r.stdout, "an empty file", r.stdout)
r = run("esc.cfg", Y + "\x1b[31mred = 1\n")
ok(b"\x1b" not in r.stdout + r.stderr, "no terminal sequence of a file reaches the terminal")
r = run("many.cfg", Y + "".join("unknown.%s.name = 1\n" % "".join(chr(97 + (i // 26**k) % 26) for k in range(4)) for i in range(50000)), "--profiles", PROFILES)
ok(r.returncode == 0 and b"48000 more are not shown" in r.stdout and b"50000 warnings" in r.stdout, "50000 unknown names, in good time", r.stdout[-200:])
r = run("deep.cfg", "<a>" * 10000)
ok(r.returncode == 1 and b"error" in r.stdout, "10000 elements inside one another", r.stdout[-200:])
r = run("bomb.cfg", '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join('<!ENTITY %s "%s">' % (chr(98 + i), ("&%s;" % chr(97 + i)) * 10) for i in range(9)) +
        ']>\n<a x="&j;"/>')
ok(r.returncode == 1 and len(r.stdout) < 2000, "entities that would fill the memory", r.stdout[:300])
rnd = random.Random(4)
bad = 0
for i in range(60):
    body = bytes(rnd.choice(b'<>="\'&;#P0123456789 \n\tabc.gs_provision\xff\x00') for _ in range(rnd.randrange(400)))
    r = run("noise", rnd.choice([b"", Y.encode(), G.encode(), P.encode(), b"<"]) + body)
    bad += r.returncode not in (0, 1)
is_(bad, 0, "noise never ends it otherwise than with 0 or 1")
r = run("x.cfg", Y, "--model", "yealink-t9999")
ok(r.returncode == 1 and b"no model" in r.stderr, "a model that is not there", r.stderr)
done()

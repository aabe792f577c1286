#!/usr/bin/python3
"""A QR code is read again by a program that is not ours (zbarimg): the PNG as it is, the SVG drawn by rsvg-convert. Then the command
itself: what it says and how it exits."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from tap import done, is_, ok, program  # noqa: E402

D = tempfile.mkdtemp(prefix="qr-")
SVG = "{http://www.w3.org/2000/svg}"


def qr(*args, **more):
	return subprocess.run([program("phonecfg"), "qr", *args], capture_output=True, **more)


def read(path):
	got = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True, text=True)
	return got.stdout[:-1] if got.stdout.endswith("\n") else got.stdout


TEXTS = ["https://rekey.demo.example:8443/soft/Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTBhYmNkZWY",
         "linphone-config:https://rekey.demo.example:8443/soft/Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTBhYmNkZWY",
         "csc:Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTBhYmNkZWY@ACME*", "1", "a & b < c > \"d\" 'e' %41", "x" * 500]
try:
	for i, text in enumerate(TEXTS):
		png, svg, drawn = ("%s/%d%s" % (D, i, e) for e in (".png", ".svg", "-svg.png"))
		r = qr(text, "-o", png)
		is_(r.returncode, 0, "PNG of %r" % text[:40])
		is_(read(png), text, "and it is read back")
		is_(qr(text, "-o", svg).returncode, 0, "SVG of it")
		subprocess.run(["rsvg-convert", svg, "-o", drawn], check=True, stderr=subprocess.DEVNULL)
		is_(read(drawn), text, "and it is read back")
	root = ET.parse(D + "/0.svg").getroot()
	is_([e.tag for e in root], [SVG + "title", SVG + "path", SVG + "path"], "the SVG is a title and two paths")
	side = int(root.get("viewBox").split()[2])
	width, height, depth, colour = struct.unpack(">IIBB", open(D + "/0.png", "rb").read()[16:26])
	is_((width, height, depth, colour), (side * 8, side * 8, 1, 0), "the PNG has eight pixels a module, black and white")
	is_(qr(TEXTS[0]).stdout, open(D + "/0.svg", "rb").read(), "without -o the SVG goes to standard output")
	is_(qr("-", input=TEXTS[0].encode() + b"\n").stdout, open(D + "/0.svg", "rb").read(), "- reads the text, so that it stands in no list of processes")

	for args, code, says in (((), 2, "give one text"), (("a", "b"), 2, "give one text"), (("a", "-o", D + "/a.gif"), 2, ".svg or .png"),
	                         (("",), 1, "empty"), (("s" * 1025,), 1, "1024"), (("Söhne",), 1, "plain ASCII"), (("a", "-o", D + "/none/a.png"), 1, "a.png cannot be written")):
		r = qr(*args)
		ok(r.returncode == code and says in r.stderr.decode() and r.stderr.count(b"\n") == 1, "wrong use: %s" % (says,), r.stderr.decode())
finally:
	shutil.rmtree(D)
done()

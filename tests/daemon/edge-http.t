#!/usr/bin/python3
"""What a handler gets and what an answer looks like: headers, cookies, ranges, JSON, problems, methods; never a thread's duty broken."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import edgelib as e  # noqa: E402
from tap import is_, kind, ok  # noqa: E402

e.certs()
s = e.Server("threads=1", "browser=1")


def head(target, *args):
    out = s.curl(target, "-i", *args).stdout.decode().replace("\r", "")
    h, body = out.split("\n\n", 1)
    return h, body


h, body = head("/hello")
for line in ("Strict-Transport-Security: max-age=", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
             "Content-Security-Policy: default-src 'self'", "Cache-Control: no-store"):
    ok(line in h, "the admin plane says " + line, h)
ok("\nServer:" not in h, "and nothing about the server")
h, body = head("/nope")
p = json.loads(body)
is_((h.split()[1], p["type"], p["status"], p["code"], p["message"] == p["detail"]), ("404", "urn:rekey:problem:not-found", 404, 404, True), "404 as a problem, with NetSapiens' members")
ok("Content-Type: application/problem+json" in h, "and its type")
h, body = head("/hello", "-X", "DELETE")
is_((h.split()[1], "Allow: GET, HEAD" in h), ("405", True), "405 with Allow")
h, body = head("/hello", "-X", "BREW")
is_(h.split()[1], "405", "an unknown method is 405")
h = s.curl("/hello", "-I").stdout.decode()
ok("200" in h and "Content-Length: 15" in h and "hello" not in h, "HEAD has the length and no body", h)
is_(s.curl("//hello/").stdout, b"hello tls GET\n", "superfluous slashes do not count")
for target in ("/%68ello", "/bytes/%00", "/bytes/%zz", "/bytes/%ff", "/rest/a/../b", "/rest/a%2fb", "/bytes/1/2"):
    want = "200" if target == "/x" else "404"
    is_(s.code(target, "--path-as-is"), want, target + " is nothing")
is_(s.code("/rest/a/b/c.js"), "200", "the rest of a path")

out = s.curl("/whoami", "-H", "Authorization: bearer abc.def", "-b", "a=1; session=xyz; b=2", "-i").stdout.decode()
ok("bearer=abc.def basic=/ cookie=xyz" in out, "Bearer and cookie", out)
ok("Set-Cookie: session=abc; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict" in out, "Set-Cookie", out)
ok(b"basic=u/p:w cookie=-" in s.curl("/whoami", "-u", "u:p:w").stdout, "Basic")

for rng, status, span, n in (("bytes=0-99", "206", "bytes 0-99/65536", 100), ("bytes=65000-", "206", "bytes 65000-65535/65536", 536),
                             ("bytes=-10", "206", "bytes 65526-65535/65536", 10), ("bytes=5-999999", "206", "bytes 5-65535/65536", 65531),
                             ("bytes=65536-", "416", None, None), ("bytes=9-5", "200", None, 65536), ("bytes=0-1,3-4", "200", None, 65536),
                             ("lines=1-2", "200", None, 65536)):
    h, body = head("/part", "-H", "Range: " + rng)
    ok(h.split()[1] == status and (span is None or span in h) and (n is None or len(body) == n), "Range: " + rng, h)

for match, status in (('"v1"', "304"), ('W/"v1"', "304"), ('"v0", "v1"', "304"), ("*", "304"), ('"v2"', "200"), ("v1", "200")):
    h, body = head("/tagged", "-H", "If-None-Match: " + match)
    is_((h.split()[1], 'ETag: "v1"' in h), (status, True), "If-None-Match: " + match)

is_(s.curl("/echo", "-d", '{"a":[1,{"b":"ü"}]}').stdout.decode(), '{"a":[1,{"b":"ü"}]}\n', "JSON in and out")
is_(s.curl("/echo", "-X", "POST").stdout, b"{}\n", "an empty body is an empty object")
for body, word in (('{"a":1,"a":2}', "duplicate"), ("[1]", "must be a JSON object"), ('{"a":', "line 1"), ("{}x", "line 1"), ('{"a":"\\u0000"}', "line 1"),
                   ('{"a":' + "[" * 20 + "]" * 20 + "}", "nested deeper")):
    p = json.loads(s.curl("/echo", "-d", body).stdout)
    ok(p["status"] == 400 and word in p["detail"], "refused: " + body[:30], p)
is_(s.code("/echo", "-d", "x" * 70000), "413", "more than the route takes")
out = s.curl("/hello", "-H", "X-Long: " + "x" * 20000)
ok(b"hello" not in out.stdout, "a head that is larger than the pool is refused")
is_(s.code("/hello"), "200", "and nothing else happens")
s.stop()

s = e.Server("plain=1")
answers = {head(t, *a)[1] for t, a in (("/nope", []), ("/hello", ["-X", "DELETE"]), ("/small", ["-T", e.path("rsa.pem"), "-H", "Content-Length: 99999"]))}
is_(answers, {"Not found\n"}, "a plane that tells nothing says one and the same")
s.stop()

# An edge thread that writes or waits: builds with assertions say so.
if kind() in ("asan", "tsan"):
    s = e.Server()
    s.curl("/forbidden")
    s.p.wait(10)
    s.err.seek(0)
    ok("the edge thread must not write to the store" in s.err.read(), "an edge thread that writes aborts with a sentence")
e.done()

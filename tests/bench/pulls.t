#!/usr/bin/python3
"""A phone's pull beside nginx's static file: the same certificates, the same bytes, two threads and two workers. README.md says how to
read the table. PHONES=1000,100000 SECONDS=1.5 and MODES, TLS, CERTS, AUTHS choose less."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pulls  # noqa: E402
from tap import done, is_, ok  # noqa: E402


def chosen(name, default):
    return os.environ.get(name, default).split(",")


COUNTS = [int(x) for x in chosen("PHONES", "1000,100000")]
SECONDS = float(os.environ.get("SECONDS", "1.5"))
MODES, VERSIONS, CERTS, AUTHS = chosen("MODES", "full,resumed,keep"), chosen("TLS", "1.2,1.3"), chosen("CERTS", "ecdsa,rsa"), chosen("AUTHS", "digest,basic")
AIM = {"full": 0.9, "resumed": 0.9, "keep": 1.4}
MEMORY_AIM, FLAT_AIM = 200, 1.2

r = pulls.seeded(COUNTS[0])
seen = {}
rival = None
for n in COUNTS:
    if n > r.seeded:
        began = time.monotonic()
        r.stop()
        pulls.more(r, n)
        print("# %d phones made in %.0f s" % (n, time.monotonic() - began), flush=True)
    began = time.monotonic()
    if r.p.poll() is not None:
        r.start()
    mine = pulls.rekeyd(r)
    print("# started in %.1f s, %.0f MB" % (time.monotonic() - began, mine.memory()), flush=True)
    body = pulls.file_of(r, 0)
    rival = rival or pulls.nginx(r, max(COUNTS), body)
    first = mine.load(mode="keep", phones=n, count=n, seconds=1200)
    is_((first["errors"], first["pulls"]), (0, n), "%d phones pull for the first time" % n)
    print("# the first pull of each: %.0f us of the processor, %.0f pulls/s, %d bytes, %.0f MB" % (first["us"], first["rate"], len(body), mine.memory()), flush=True)
    print("# %-7s %-3s %-5s %-6s %6s | %9s %9s %8s %8s | %9s %9s %8s %8s | %5s" % (
        "mode", "tls", "cert", "login", "phones", "rekeyd us", "pulls/s", "p50 ms", "p99 ms", "nginx us", "pulls/s", "p50 ms", "p99 ms", "ratio"))
    for mode in MODES:
        for version in VERSIONS:
            for cert in CERTS:
                for auth in AUTHS:
                    got = {mine: [], rival: []}
                    for server in (mine, rival, mine, rival):
                        g = server.load(mode=mode, tls=version, cert=cert, auth=auth, phones=n, seconds=SECONDS)
                        if g["errors"]:
                            ok(False, "%s %s %s %s %d: errors of %s" % (mode, version, cert, auth, n, server.name), g["said"])
                        got[server].append(g)

                    def mean(server, what):
                        v = got[server]
                        return sum(x[what] * x["pulls"] for x in v) / sum(x["pulls"] for x in v)

                    ratio = mean(mine, "us") / mean(rival, "us")
                    seen[mode, version, cert, auth, n] = (mean(mine, "us"), ratio)
                    print("# %-7s %-3s %-5s %-6s %6d | %9.0f %9.0f %8.2f %8.2f | %9.0f %9.0f %8.2f %8.2f | %5.2f" % (
                        (mode, version, cert, auth, n) + tuple(mean(s, w) for s in (mine, rival) for w in ("us", "rate", "p50", "p99")) + (ratio,)), flush=True)
    print("# peak memory with %d phones: rekeyd %.0f MB, nginx %.0f MB" % (n, mine.memory(), rival.memory()), flush=True)
    ok(mine.memory() < MEMORY_AIM, "aim: peak memory below %d MB with %d phones" % (MEMORY_AIM, n), "%.0f MB" % mine.memory())

for mode in MODES:
    worst = max(v[1] for k, v in seen.items() if k[0] == mode and k[3] == "digest" or k[0] == mode and "digest" not in AUTHS)
    ok(worst <= AIM[mode], "aim: %s: at most %.1f times nginx's processor time per pull" % (mode, AIM[mode]), "the worst row has %.2f" % worst)
if len(COUNTS) > 1:
    few, many = min(COUNTS), max(COUNTS)
    steep = {k: seen[k[:4] + (many,)][0] / v[0] for k, v in seen.items() if k[4] == few}
    k = max(steep, key=steep.get)
    ok(steep[k] <= FLAT_AIM, "aim: flat within 20%% from %d to %d phones" % (few, many), "%s: %.2f times" % (" ".join(map(str, k[:4])), steep[k]))
r.stop()
done()

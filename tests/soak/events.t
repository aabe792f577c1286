#!/usr/bin/python3
"""Twenty people watch a job of three thousand users to its end, through two restarts: each is told of every user and every record, and
the server's memory stays where it was. Without news an answer waits 25 seconds and ends."""
import http.client
import json
import os
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import company  # noqa: E402
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

N, WATCHERS = 3000, 20
D = company.D
r = rekeylib.Rekeyd(server__changes_per_commit=20)
company.build(r, N, keys=0, shared=0, soft=0)
r.stop()
r.start()


class Watcher(threading.Thread):
    def __init__(self, id):
        super().__init__()
        self.id, self.last, self.users, self.records, self.answers, self.longest = id, None, {}, set(), 0, 0

    def ask(self):
        head = {"Authorization": "Bearer " + r.key}
        if self.last:
            head["Last-Event-ID"] = self.last
        began = time.monotonic()
        c = r.connect(r.admin_port)
        c.timeout = 60
        try:
            a = r.ask("GET", "/api/v1%s/resets/%s/events" % (D, self.id), headers=head, conn=c)
        finally:
            c.close()
        self.longest = max(self.longest, time.monotonic() - began)
        return a.text

    def run(self):
        end = time.monotonic() + 300
        while time.monotonic() < end:
            try:
                text = self.ask()
            except (OSError, http.client.HTTPException):  # an event that was cut off does not count, as in a browser
                time.sleep(0.2)
                continue
            self.answers += 1
            for at, data in zip(re.findall(r"(?m)^id: ?(\d+)$", text), re.findall(r"(?m)^data: ?(.*)$", text)):
                j = json.loads(data)
                self.last = at
                self.users.update({u["user"]: u["state"] for u in j["users"]})
                self.records |= {h["handover"] for h in j["handovers"]}
                if j["ended-datetime"] and len(self.users) == N and set(self.users.values()) == {"done"} and len(self.records) == j["handovers-total"]:
                    return


w = company.Wire(r)
id = r.must("POST", D + "/resets", company.order(w, N))["reset"]
w.close()
watchers = [Watcher(id) for _ in range(WATCHERS)]
for t in watchers:
    t.start()
for _ in range(2):
    had = r.must("GET", D + "/resets/%s?limit=1" % id)["users-done"]
    r.until(lambda: r.must("GET", D + "/resets/%s?limit=1" % id)["users-done"] > had + N // 6, 60)
    r.stop(signal.SIGKILL)
    r.start()
for t in watchers:
    t.join()
is_({len(t.users) for t in watchers}, {N}, "each watcher was told of every user")
total = r.must("GET", D + "/resets/%s?limit=1" % id)["handovers-total"]
is_({len(t.records) for t in watchers}, {total}, "and of every record")
print("# answers to each: %s" % sorted(t.answers for t in watchers))
peak = [int(line.split()[1]) for line in open("/proc/%d/status" % r.p.pid) if line.startswith("VmHWM")][0] // 1024
ok(peak < 130, "the server's peak memory is %d MB" % peak)
late = Watcher(id)
late.last = str(2 ** 60)
text = late.ask()
ok(24 < late.longest < 30 and "data:" not in text and "retry:" in text, "without news it waits 25 s and ends: %.1f s" % late.longest, text)
done()

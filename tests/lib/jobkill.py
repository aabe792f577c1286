"""kill -9 at random moments of one job with every option, restart, finish; then everything is compared with the same job that nobody
interrupted."""
import os
import random
import shutil
import signal
import subprocess
import time

import company
import rekeylib
import tap
from tap import is_, ok

D = company.D
# Without phones nobody answers: what follows the commit comes to its end soon, by itself.
SETTINGS = dict(reset__longest_wait_ms=200, reset__grace_ms=50, reset__retell_ms=20, reset__sweep_ms=10, reset__silence_ms=50)


class Lab:
    def __init__(self, users, **settings):
        self.users = users
        self.r = rekeylib.Rekeyd(**dict(SETTINGS, **settings))
        company.build(self.r, users)
        ok(company.quiet(self.r), "the company stands, and is at rest")
        w = company.Wire(self.r)
        self.body = company.order(w, users)
        w.close()
        tap.is_(sorted(o for o in self.body["options"]), sorted(company.options(self.r)), "the order has every option that this version does: " + ", ".join(sorted(self.body["options"])))
        self.r.stop()
        self.kept = os.path.join(self.r.dir, "kept")
        shutil.copytree(self.r.data, self.kept)
        db = company.database(self.r)
        self.before = company.of_users(db)
        db.close()

    def again(self):
        """The company as it was before any order."""
        shutil.rmtree(self.r.data)
        shutil.copytree(self.kept, self.r.data)

    def order(self):
        return self.r.must("POST", D + "/resets", self.body)["reset"]

    def undisturbed(self):
        """The job that nobody interrupts: what it leaves."""
        self.r.start()
        id = self.order()
        ok(self.r.until(lambda: self.r.must("GET", D + "/resets/" + id)["ended-datetime"], 300), "the job that nobody interrupts ends")
        ok(company.quiet(self.r, 300), "and what follows it")
        self.r.stop()
        db = company.database(self.r)
        self.after, self.want = company.of_users(db), company.says(db)
        db.close()

    def spawn(self):
        self.r.log = open(os.path.join(self.r.dir, "log"), "a+")
        self.r.p = subprocess.Popen([tap.program("rekeyd"), "run", "--conf", self.r.conf], stdout=self.r.log, stderr=self.r.log)

    def done_now(self, id):
        db = company.database(self.r)
        n = db.execute("SELECT COUNT(*) FROM job_users WHERE job_id = ? AND ended_ms > 0", (int(id),)).fetchone()[0]
        db.close()
        return n

    def check_halves(self, id):
        """A user is untouched or reset, never between, and the job knows which. What is wrong, or None."""
        db = company.database(self.r)
        states, now = company.turns(db, id), company.of_users(db)
        db.close()
        for e, state in states.items():
            want = {"waiting": self.before, "done": self.after}.get(state)
            if want is None or now.get(e) != want.get(e):
                return "%s is %s\nnow:  %s\nwant: %s" % (e, state, now.get(e), want.get(e) if want else None)
        return None

    def kill_once(self, id, step, rng):
        """One life of the server: killed a random while after a random number of further users."""
        had = self.done_now(id)
        target = had + rng.randint(0, step)
        self.spawn()
        end = time.monotonic() + 30
        # With nobody to wait for: anywhere between the start and a while later.
        while target > had and self.done_now(id) < target and time.monotonic() < end and self.r.p.poll() is None:
            if target >= self.users and self.done_now(id) >= self.users:
                break
        time.sleep(rng.uniform(0, 0.02) if target > had else rng.uniform(0, 0.4))
        dead = self.r.p.poll()
        self.r.p.send_signal(signal.SIGKILL)
        self.r.p.wait()
        return dead

    def disturbed(self, kills, seed):
        rng = random.Random(seed)
        self.again()
        self.r.start()
        id = self.order()
        self.r.stop(signal.SIGKILL)
        step = max(1, self.users // kills)
        within, crashed, wrong = 0, [], None
        for i in range(kills - 1):
            dead = self.kill_once(id, step, rng)
            if dead is not None:
                crashed.append(dead)
            within += self.done_now(id) < self.users
            wrong = wrong or self.check_halves(id)
        is_(crashed, [], "no life of the server ended by itself")
        ok(wrong is None, "after each of %d kills every user was untouched or reset, and the job said which" % kills, wrong)
        ok(within >= kills // 3, "%d of the kills fell within the job" % (within + 1), within)
        self.r.start()
        ok(self.r.until(lambda: self.r.must("GET", D + "/resets/" + id)["ended-datetime"], 300), "then it finishes by itself")
        ok(company.quiet(self.r, 300), "and what follows it too")
        self.r.stop()
        db = company.database(self.r)
        got, now = company.says(db), company.of_users(db)
        db.close()
        is_(sorted(e for e in now if now[e] != self.after.get(e)), [], "every user is as after the job that nobody interrupted")
        for what in sorted(self.want):
            if what.startswith("rows of "):
                continue
            a, b = self.want[what], got.get(what)
            ok(a == b, "every effect once: " + what, "missing: %s\nmore: %s" % ([x for x in a if x not in b][:3], [x for x in b if x not in a][:3]))
        is_({k: v for k, v in got.items() if k.startswith("rows of ")}, {k: v for k, v in self.want.items() if k.startswith("rows of ")}, "every table has as many rows")

"""kill -9 at random moments of one job with every option, every tenth user recycled with a welcome mail; restart, finish; then everything
is compared with the same job that nobody interrupted: rows, files, mails."""
import os
import random
import shutil
import signal
import time

import company
import smtp
import tap
from tap import is_, ok

D = company.D
# Without phones nobody answers: what follows the commit comes to its end soon, by itself.
SETTINGS = dict(reset__longest_wait_ms=200, reset__grace_ms=50, reset__retell_ms=20, reset__sweep_ms=10, reset__silence_ms=50)


class Lab:
    def __init__(self, users, **settings):
        self.users = users
        self.server = smtp.Server(tls="none", user="")
        self.r = company.server(mail__server="localhost", mail__port=self.server.port, mail__tls="none", mail__from="phones@example.test",
                                mail__retry_ms=50, mail__retry_most_ms=50, **dict(SETTINGS, **settings))
        company.build(self.r, users)
        ok(company.quiet(self.r), "the company stands, and is at rest")
        w = company.Wire(self.r)
        self.body = company.order(w, users)
        w.close()
        tap.is_(sorted(o for o in self.body["options"]), sorted(company.options(self.r)), "the order has every option that this version does: " + ", ".join(sorted(self.body["options"])))
        self.body["recycle"] = company.next_people(users)
        self.r.stop()
        self.kept = os.path.join(self.r.dir, "kept")
        shutil.copytree(self.r.data, os.path.join(self.kept, "data"))
        shutil.copytree(self.r.spool.root, os.path.join(self.kept, "spool"))
        self.files_before = company.files_below(self.r.spool.root)
        self.before, _ = self.look()

    def look(self):
        db = company.database(self.r)
        got = company.of_users(db), company.says(db)
        db.close()
        return got

    def again(self):
        """The company as it was before any order."""
        for name, at in (("data", self.r.data), ("spool", self.r.spool.root)):
            shutil.rmtree(at)
            shutil.copytree(os.path.join(self.kept, name), at)

    def order(self, **more):
        return self.r.must("POST", D + "/resets", dict(self.body, **more))["reset"]

    def to_the_end(self, id, what):
        ok(self.r.until(lambda: self.r.must("GET", D + "/resets/" + id)["ended-datetime"], 300), what)
        ok(company.quiet(self.r, 300), "and what follows it")
        self.r.stop()
        return self.look()

    def undisturbed(self):
        """The job that nobody interrupts: what it leaves. A user who waits for the next person is as after a reset alone."""
        self.r.start()
        self.between, _ = self.to_the_end(self.order(recycle=[]), "a reset of all alone ends")
        self.again()
        self.r.start()
        had = len(self.server.mails())
        self.after, self.want = self.to_the_end(self.order(), "the job that nobody interrupts ends")
        self.files = company.files_below(self.r.spool.root)
        is_([f for f in self.files if not f.endswith("secret.conf")], [], "of the voicemail nothing is left")
        self.letters = sorted(m.envelope["to"][0] for m in self.server.mails()[had:])
        is_(len(self.letters), len(self.body["recycle"]), "each next person has got a mail")

    def done_now(self, id):
        db = company.database(self.r)
        n = db.execute("SELECT COUNT(*) FROM job_users WHERE job_id = ? AND ended_ms > 0", (int(id),)).fetchone()[0]
        db.close()
        return n

    def check_halves(self, id):
        """A user is untouched, reset, or recycled, never between, and the job knows which. What is wrong, or None."""
        db = company.database(self.r)
        states, now = company.turns(db, id), company.of_users(db)
        db.close()
        files = company.files_below(self.r.spool.root)
        for e, state in states.items():
            want = {"waiting": self.before, "moving": self.between, "running": self.between, "done": self.after}.get(state)
            if want is None or now.get(e) != want.get(e):
                return "%s is %s\nnow:  %s\nwant: %s" % (e, state, now.get(e), want.get(e) if want else None)
            box = os.path.join(company.C, e) + os.sep
            missing = [f for f in self.files_before if f.startswith(box) and files.get(f) != self.files_before[f]]
            if state == "waiting" and missing:
                return "%s is waiting, and without %s" % (e, missing)
        return None

    def kill_once(self, id, step, rng):
        """One life of the server: killed a random while after a random number of further users."""
        had = self.done_now(id)
        target = had + rng.randint(0, step)
        self.r.spawn()
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
        had = len(self.server.mails())
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
        now, got = self.to_the_end(id, "then it finishes by itself")
        is_(sorted(e for e in now if now[e] != self.after.get(e)), [], "every user is as after the job that nobody interrupted")
        for what in sorted(self.want):
            if what.startswith("rows of "):
                continue
            a, b = self.want[what], got.get(what)
            ok(a == b, "every effect once: " + what, "missing: %s\nmore: %s" % ([x for x in a if x not in b][:3], [x for x in b if x not in a][:3]))
        is_({k: v for k, v in got.items() if k.startswith("rows of ")}, {k: v for k, v in self.want.items() if k.startswith("rows of ")}, "every table has as many rows")
        is_(company.files_below(self.r.spool.root), self.files, "every file that was to go has gone, and no other")
        # A server that has taken a mail over cannot be asked about it after a crash: that mail may come twice, and is then the same.
        letters = {}
        for m in self.server.mails()[had:]:
            letters.setdefault(m.envelope["to"][0], set()).add(m.link)
        is_(sorted(letters), self.letters, "each next person has got the mail")
        is_([t for t in letters if len(letters[t]) != 1], [], "and one link")

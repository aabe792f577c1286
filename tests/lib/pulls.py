"""Phones that pull from a rekeyd, and nginx with the same certificates and the same bytes beside it: for the benchmarks."""
import atexit
import os
import re
import shutil
import subprocess
import time

import rekeylib
import tap

TICK = os.sysconf("SC_CLK_TCK")
PASSWORD = "0123456789abcdef"
BRANDS = {  # what they call themselves, how their MACs begin, the file that carries the line
    "yealink": ("Yealink SIP-T46U 108.86.0.20 00:15:00:00:00:00", "0015", "/cfg/%s.cfg"),
    "polycom": ("FileTransport PolycomVVX-VVX_450-UA/5.9.0.0615 Type/Application", "0004", "/cfg/%s-lines.cfg"),
}


def mac(brand, n):
    return "%s%08x" % (BRANDS[brand][1], n)


def seeded(brand, n, **settings):
    """A rekeyd with n phones whose login is PASSWORD. It is stopped."""
    r = rekeylib.Rekeyd(**settings)
    r.stop()
    subprocess.run([tap.program("pull_seed"), r.data, str(n), brand], check=True)
    return r


def file_of(r, brand, n=0):
    agent, _, name = BRANDS[brand]
    status, head, body = r.curl(name % mac(brand, n), "-u", "%s:%s" % (mac(brand, n), PASSWORD), agent=agent)
    if status != 200:
        raise SystemExit("Bail out! phone %d: %d %s" % (n, status, head))
    return body


def children(pid):
    return [int(x) for t in os.listdir("/proc/%d/task" % pid) for x in open("/proc/%d/task/%s/children" % (pid, t)).read().split()]


class Server:
    """What is measured of it: processor's time and memory."""

    def __init__(self, name, port, pid):
        self.name, self.port, self.pid = name, port, pid

    def pids(self):
        return [self.pid] + children(self.pid)

    def cpu(self):
        """Seconds, over all its processes; schedstat counts nanoseconds, where stat counts ticks."""
        return sum(int(open("/proc/%d/task/%s/schedstat" % (p, t)).read().split()[0]) for p in self.pids() for t in os.listdir("/proc/%d/task" % p)) / 1e9

    def memory(self, what="VmHWM"):
        """MB, summed over its processes."""
        return sum(int(re.search(what + r":\s+(\d+)", open("/proc/%d/status" % p).read()).group(1)) for p in self.pids()) / 1024

    def load(self, **settings):
        return self.storm([], **settings)

    def storm(self, more, **settings):
        """One run of the load program; its numbers, and the server's time per pull in microseconds."""
        before = self.cpu()
        out = subprocess.run([tap.program("pull_load"), str(self.port)] + ["%s=%s" % (k.replace("_", "-"), v) for k, v in settings.items()] + more,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.settle:
            time.sleep(self.settle)
        used = self.cpu() - before
        words = out.stdout.split()
        got = dict(zip(words[::2], map(float, words[1::2])))
        if "pulls" not in got:
            raise SystemExit("Bail out! pull_load: " + out.stderr)
        got["us"] = used * 1e6 / max(got["pulls"], 1)
        got["rate"] = got["pulls"] / max(got["seconds"], 1e-9)
        got["said"] = out.stderr
        return got

    settle = 0.3  # what is written after the last answer belongs to it


def rekeyd(r):
    return Server("rekeyd", r.phones_port, r.p.pid)


NGINX = """worker_processes 2;
daemon off;
pid %(dir)s/pid;
error_log %(dir)s/error.log;
worker_rlimit_nofile 65536;
events { worker_connections 30000; multi_accept on; }
http {
  access_log off;
  default_type text/plain;
  keepalive_timeout 300s;
  keepalive_requests 1000000;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=200000 inactive=300s;
  open_file_cache_valid 300s;
  client_body_temp_path %(dir)s/t1; proxy_temp_path %(dir)s/t2; fastcgi_temp_path %(dir)s/t3; uwsgi_temp_path %(dir)s/t4; scgi_temp_path %(dir)s/t5;
  server {
    listen 127.0.0.1:%(port)d ssl backlog=4096;
    server_name localhost;
    ssl_certificate %(data)s/phones.crt; ssl_certificate_key %(data)s/phones.key;
    ssl_certificate %(data)s/phones-ecdsa.crt; ssl_certificate_key %(data)s/phones-ecdsa.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets on;
    root %(dir)s/root;
  }
}
"""


def nginx(r, brand, phones, body):
    """nginx with rekeyd's certificates; body for each phone. The names are links to a thousand files: 100,000 copies would only fill
    a disk, and the page cache is all that is asked."""
    d = tap.temp_dir("nginx")
    root = os.path.join(d, "root", "cfg")
    os.makedirs(root)
    for n in range(phones):
        path = os.path.join(d, "root") + BRANDS[brand][2] % mac(brand, n)
        if n < 1000:
            open(path, "wb").write(body)
        else:
            os.link(os.path.join(d, "root") + BRANDS[brand][2] % mac(brand, n % 1000), path)
    port = tap.free_port()
    conf = os.path.join(d, "nginx.conf")
    open(conf, "w").write(NGINX % {"dir": d, "port": port, "data": r.data})
    os.chmod(d, 0o755)
    log = open(os.path.join(d, "log"), "w")
    p = subprocess.Popen(["nginx", "-c", conf], stdout=log, stderr=log)

    def end():
        p.terminate()
        p.wait()

    atexit.register(end)
    server = Server("nginx", port, p.pid)
    server.end = end
    for _ in range(200):
        time.sleep(0.05)
        if subprocess.run(["curl", "-sk", "-o", "/dev/null", "https://localhost:%d%s" % (port, BRANDS[brand][2] % mac(brand, 0))]).returncode == 0:
            return server
    raise SystemExit("Bail out! nginx did not start: " + open(os.path.join(d, "log")).read())

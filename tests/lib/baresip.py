"""baresip (Debian's 1.0.0, no sound card) as a softphone: it registers, answers every call by itself, and refuses check-sync."""
import os
import subprocess

import tap

MODULES = "/usr/lib/baresip/modules"


class Baresip:
    def __init__(self, proxy, domain, user, password, regint=60):
        self.user, self.dir = user, tap.temp_dir("baresip")
        with open(self.dir + "/config", "w") as f:
            f.write("sip_listen 127.0.0.1:%d\nmodule_path %s\nmodule stdio.so\nmodule g711.so\nmodule uuid.so\nmodule aubridge.so\n"
                    "module_tmp account.so\nmodule_app menu.so\naudio_player aubridge,nil\naudio_source aubridge,nil\naudio_alert aubridge,nil\n"
                    % (tap.free_port(), MODULES))
        with open(self.dir + "/accounts", "w") as f:
            f.write('<sip:%s@%s>;auth_pass=%s;outbound="sip:%s:%d";regint=%d;answermode=auto\n' % ((user, domain, password) + tuple(proxy) + (regint,)))
        open(self.dir + "/contacts", "w").close()
        with open(self.dir + "/log", "w") as log:
            self.p = subprocess.Popen(["baresip", "-f", self.dir, "-s"], stdin=subprocess.PIPE, stdout=log, stderr=log)

    def log(self):
        with open(self.dir + "/log", errors="replace") as f:
            return f.read()

    def heard(self, method):
        """How many requests came, repeats among them."""
        return self.log().count("\n%s sip:" % method)

    def stop(self):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()

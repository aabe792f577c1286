#!/usr/bin/python3
"""Tokens of programs: the password grant and its refresh, in JSON and as a form; what ends them; what they are not good for."""
import json
import os
import sqlite3
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import rekeylib  # noqa: E402
from tap import done, is_, ok  # noqa: E402

r = rekeylib.Rekeyd()
for d in ("example.test", "other.test"):
    r.domain(d)
D = "/domains/example.test"
r.user("1001", "Anna", "Berg", **{"user-scope": "Office Manager", "department": "Einkauf", "email-address": "anna@example.test"})
r.user("1002", "Emil", "Koch", **{"user-scope": "No Portal"})
r.user("1003", "Ida", "Lang")


def sql(*statement):
    with sqlite3.connect(os.path.join(r.data, "rekey.db"), timeout=5) as db:
        return db.execute(*statement).fetchall()


hash_ = sql("SELECT password_hash FROM users WHERE password_hash <> ''")[0][0]
sql("UPDATE users SET password_hash = ? WHERE ext IN ('1001', '1002', '1003')", (hash_,))
JSON = {"Content-Type": "application/json"}
client = r.must("POST", "/apikeys", {"name": "crm", "user-scope": "Super User"})
bound = r.must("POST", "/domains/other.test/apikeys", {"name": "theirs", "user-scope": "Office Manager"})
here = r.must("POST", D + "/apikeys", {"name": "ours", "user-scope": "Office Manager"})


def ask(body, sort="application/json", prefix="/ns-api/v2"):
    """No Authorization: the client and the password stand in the body."""
    return r.ask("POST", prefix + "/tokens", json.dumps(body) if sort == "application/json" else body, {"Content-Type": sort, "Idempotency-Key": "once"})


def grant(of=None, **more):
    of = of or client
    return dict({"grant_type": "password", "client_id": str(of["apikey"]), "client_secret": of["key"], "username": "1001@example.test", "password": r.password}, **more)


def status(token, path=D + "/users", method="GET", body=None):
    return r.api(method, path, body, key=token).status


# ---- a token ----
a = ask(grant())
t = a.json
is_((a.status, a.get("Cache-Control"), t["token_type"], t["expires_in"]), (200, "no-store", "Bearer", 3600), "a token, not to be kept by anybody between")
is_({k: t[k] for k in ("username", "user", "domain", "uid", "login", "scope", "department", "user_email", "displayName", "client_id")},
    {"username": "1001@example.test", "user": "1001", "domain": "example.test", "uid": "1001@example.test", "login": "1001@example.test", "scope": "Office Manager",
     "department": "Einkauf", "user_email": "anna@example.test", "displayName": "Anna Berg", "client_id": str(client["apikey"])}, "and whose it is")
is_((status(t["access_token"]), status(t["access_token"], "/domains/other.test/users"), status(t["access_token"], "/apikeys")), (200, 403, 403), "it may what its user may, whatever the client's key may")
is_(ask(grant(), prefix="/api/v1").status, 200, "under /api/v1 too")
a = ask(urllib.parse.urlencode(grant(scope="")), "application/x-www-form-urlencoded")
is_((a.status, a.json["user"]), (200, "1001"), "as a form, as RFC 6749 has it")
is_(ask(urllib.parse.urlencode(grant(password="no")), "application/x-www-form-urlencoded; charset=utf-8").status, 401, "a wrong password in one")

# ---- what is refused; one answer for a wrong client, one for a wrong login ----
wrong = [ask(grant(**x)) for x in ({"client_id": "999"}, {"client_id": "x"}, {"client_secret": "nonsense"}, {"client_secret": bound["key"]})]
ok(len({(w.status, w.body) for w in wrong}) == 1 and wrong[0].status == 401, "no such client, a wrong secret, another's secret: one answer", wrong)
wrong = [ask(grant(**x)) for x in ({"password": "wrong"}, {"username": "nobody@example.test"}, {"username": "1002@example.test"})]
ok(len({(w.status, w.body) for w in wrong}) == 1 and wrong[0].status == 401, "a wrong password, nobody, one without a portal: one answer", wrong)
ok(wrong[0].get("Content-Type").startswith("application/problem+json") and wrong[0].json["code"] == 401, "problem+json with code and message", wrong[0])
for body in (grant(grant_type="mfa"), grant(grant_type="client_credentials"), {k: v for k, v in grant().items() if k != "username"}, {k: v for k, v in grant().items() if k != "client_id"},
             grant(colour="red"), grant(grant_type="refresh_token"), [], grant(username="x" * 256)):
    ok(ask(body).status == 400, "400: " + str(list(body))[:60], ask(body))
is_(ask("a" * 5000, "text/plain").status in (400, 413), True, "no form and no JSON")
is_(ask(grant(bound)).status, 401, "a client of another domain gives no token for this one")
ours = ask(grant(here)).json["access_token"]
is_(status(ours), 200, "a client of this one does")
is_([x["by-client"] for x in r.must("GET", "/auditlog?action-type=token&limit=1")], ["ours"], "and it is in the log")

# ---- refresh: each one once ----
a = ask(dict(grant(), grant_type="refresh_token", refresh_token=t["refresh_token"]))
n = a.json
ok(a.status == 200 and n["user"] == "1001" and n["access_token"] != t["access_token"] and n["refresh_token"] != t["refresh_token"], "a refresh gives new ones", a)
is_(status(n["access_token"]), 200, "which are good")
is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=t["refresh_token"])).status, 401, "the old one was used up")
is_(ask(dict(grant(here), grant_type="refresh_token", refresh_token=n["refresh_token"])).status, 401, "another client's is none")
is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=n["access_token"])).status, 401, "an access token is none")
is_(status(n["refresh_token"]), 401, "and a refresh token opens nothing")
is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=n["refresh_token"])).status, 200, "it is good still")

k = ask(grant()).json
for other in ("", "another"):
    sql("UPDATE users SET password_hash = ? WHERE ext = '1001'", (other and hash_[:-16] + "x" * 16,))
    is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=k["refresh_token"])).status, 401, "nor with %s password" % (other or "no"))
sql("UPDATE users SET password_hash = ? WHERE ext = '1001'", (hash_,))
is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=k["refresh_token"])).status, 200, "with the one that it was given for")
ok(r.until(lambda: [x for x in r.must("GET", "/apikeys") if x["apikey"] == client["apikey"]][0]["last-used-datetime"]), "the client's key was used")

# ---- a browser's cookie and a program's token are not each other ----
b = r.ask("POST", "/api/v1/login", json.dumps({"login": "1001@example.test", "password": r.password}), JSON)
cookie = b.get("Set-Cookie").split(";")[0]
is_(r.ask("GET", "/api/v1/session", headers={"Authorization": "Bearer " + cookie.split("=", 1)[1]}).json, {}, "a cookie is no Bearer token")
is_(r.ask("GET", "/api/v1/session", headers={"Cookie": "rekey=" + n["access_token"]}).json, {}, "nor the other way round")

# ---- what ends a token ----
k = ask(grant()).json
is_(r.ask("POST", "/api/v1/logout", "{}", dict(JSON, Authorization="Bearer " + k["access_token"])).status, 200, "logout")
is_(status(k["access_token"]), 401, "ends it")
k = ask(grant()).json
sql("UPDATE sessions SET expires_ms = 1 WHERE client <> '' AND id = (SELECT MAX(id) FROM sessions)")
is_(status(k["access_token"]), 401, "its time")
sql("UPDATE links SET expires_ms = 1 WHERE purpose LIKE 'refresh:%'")
is_(ask(dict(grant(), grant_type="refresh_token", refresh_token=k["refresh_token"])).status, 401, "the refresh token's time")
k = ask(grant()).json
is_(sql("SELECT COUNT(*) FROM links WHERE purpose = 'refresh:%d'" % client["apikey"])[0][0], 1, "what has expired is not kept")
r.must("DELETE", D + "/apikeys/%d" % here["apikey"])
is_((status(ours), ask(grant(here)).status, status(k["access_token"])), (401, 401, 200), "its client's key revoked: the client's tokens, nobody else's")
sql("UPDATE apikeys SET expires_ms = 1 WHERE id = ?", (client["apikey"],))
is_(status(k["access_token"]), 401, "the key's time")
sql("UPDATE apikeys SET expires_ms = 0 WHERE id = ?", (client["apikey"],))
is_(status(k["access_token"]), 200, "(good again)")
job = r.must("POST", D + "/resets", {"users": ["1001"]})["reset"]
ok(r.until(lambda: r.must("GET", D + "/resets/" + job)["state"] == "done"), "a reset of the person")
is_((status(k["access_token"]), ask(dict(grant(), grant_type="refresh_token", refresh_token=k["refresh_token"])).status, ask(grant()).status), (401, 401, 401), "ends token, refresh and password")
text = r.log_text()
is_([w for w in (r.password, client["key"], t["access_token"], n["refresh_token"]) if w in text], [], "no secret in the log")
is_([w for w in (t["access_token"], n["refresh_token"]) if w in json.dumps(r.must("GET", "/auditlog?limit=1000"))], [], "nor in the audit log")
is_(sql("SELECT COUNT(*) FROM idempotency")[0][0], 0, "nor kept for a repeated request")
is_(r.stop(), 0, "ends cleanly")
done()

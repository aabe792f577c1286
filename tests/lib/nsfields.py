"""The fields of NetSapiens' API v2, as tests/daemon/netsapiens/*.tsv holds them, and a client that checks every answer against them."""
import json
import os
import urllib.parse

import tap

DIR = os.path.join(tap.top(), "tests", "daemon", "netsapiens")
TYPES = {"string": lambda v: isinstance(v, str), "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
         "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool), "boolean": lambda v: isinstance(v, bool),
         "object": lambda v: isinstance(v, dict), "array": lambda v: isinstance(v, list), "null": lambda v: v is None, "?": lambda v: True}


def rows(name):
    with open(os.path.join(DIR, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line[0] != "#"]


class Field:
    def __init__(self, name, sort, required, words):
        self.name, self.types, self.required = name, sort.split("/"), required == "yes"
        self.words = [] if words == "-" else [w for w in words.split("|") if w != "+"]
        self.more = words.endswith("|+")

    def wrong(self, v):
        """Why v is no value of this field, or None. One description writes some words with a capital, another without."""
        if not any(TYPES[t](v) for t in self.types):
            return "%s is %r, not %s" % (self.name, v, "/".join(self.types))
        if self.words and not self.more and isinstance(v, str) and v.lower() not in [w.lower() for w in self.words]:
            return "%s is %r, not one of %s" % (self.name, v, self.words)
        return None


SHAPES = {}
for _shape, *_rest in rows("shapes.tsv"):
    _f = Field(*_rest)
    SHAPES.setdefault(_shape, {})[_f.name] = _f
PATHS = {}  # (method, pattern) -> {part: (object or list, shape)}
for _method, _pattern, _part, _kind, _shape in rows("paths.tsv"):
    PATHS.setdefault((_method, _pattern), {})[_part] = (_kind, _shape)


def takes(method, pattern):
    """{name: Field} of a body."""
    return SHAPES[PATHS[method, pattern]["takes"][1]]


def complaints(shape, v):
    """What is wrong with one object."""
    if not isinstance(v, dict):
        return ["%r is no object" % (v,)]
    if shape == "-":
        return []
    bad = ["%s is missing" % f.name for f in SHAPES[shape].values() if f.required and f.name not in v]
    return bad + [w for w in (SHAPES[shape][n].wrong(x) for n, x in v.items() if n in SHAPES[shape]) if w]


class Client:
    """Calls by method and pattern, as the description names them; remembers which were walked, and what was wrong."""

    def __init__(self, rekeyd, key=None):
        self.r, self.key, self.conn = rekeyd, key, None
        self.walked, self.bad = set(), []

    def ask(self, method, path, body=None, key=None, **headers):
        """On one connection: hundreds of calls."""
        if self.r.key is None:
            self.r.login_now()
        h = {"Authorization": "Bearer " + (key or self.key or self.r.key)}
        h.update({k.replace("_", "-"): v for k, v in headers.items()})
        if body is not None:
            h.setdefault("Content-Type", "application/json")
        for again in (True, False):
            try:
                self.conn = self.conn or self.r.connect(self.r.admin_port)
                return self.r.ask(method, "/ns-api/v2" + path, json.dumps(body).encode() if body is not None else None, h, conn=self.conn)
            except OSError:
                self.conn = None
                if not again:
                    raise

    def call(self, method, pattern, body=None, query="", key=None, **params):
        """The answer, checked against the description of its status. Beside it every refusal must be NetSapiens' code and message."""
        path = pattern
        for name, value in params.items():
            path = path.replace("{%s}" % name, urllib.parse.quote(value, safe="~*"))
        a = self.ask(method, path + query, body, key)
        self.walked.add((method, pattern))
        parts = PATHS.get((method, pattern), {})
        kind, shape = parts.get(str(a.status), ("object", "message" if a.status >= 400 else None))
        if shape is None and a.status == 200 and (body or {}).get("synchronous") == "yes":  # waited for: the row, as a GET gives it
            shape = PATHS["GET", pattern]["200"][1]
        if shape is None:
            self.bad.append("%s %s answers %d, which the description does not have: %r" % (method, path, a.status, a))
            return a
        many = a.json if kind == "list" else [a.json]
        if kind == "list" and not isinstance(many, list):
            many = ["no list: %r" % (many,)]
        for v in many:
            self.bad += ["%s %s: %s" % (method, path, w) for w in complaints(shape, v)]
        return a

    def complaints(self):
        """Since the last time."""
        bad, self.bad = self.bad, []
        return bad

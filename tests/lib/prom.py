"""A strict reader of Prometheus' text exposition format 0.0.4, by its published rules."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"


class Bad(Exception):
    pass


def labels(text):
    """'a="b",c="d"' -> {}; escapes \\\\, \\" and \\n."""
    out, at = {}, 0
    while at < len(text):
        m = re.compile(r'(%s)="((?:[^"\\\n]|\\["\\n])*)"(,|$)' % LABEL).match(text, at)
        if not m:
            raise Bad("labels: " + text)
        if m.group(1) in out or m.group(1).startswith("__"):
            raise Bad("label %s" % m.group(1))
        out[m.group(1)] = re.sub(r'\\(.)', lambda x: "\n" if x.group(1) == "n" else x.group(1), m.group(2))
        at = m.end()
    return out


def read(text):
    """{family: (type, help, {(labels): value})}. Raises Bad with the line."""
    if not text.endswith("\n"):
        raise Bad("the last line has no line end")
    families, now, closed = {}, None, set()
    for line in text[:-1].split("\n"):
        if line.strip() == "":
            raise Bad("an empty line")
        m = re.fullmatch(r"# (HELP|TYPE) (%s) (.*)" % NAME, line)
        if m:
            kind, name, rest = m.groups()
            if name != now:
                if name in families:
                    raise Bad("family %s in two places" % name)
                closed.add(now)
                now = name
                families[name] = [None, None, {}]
            f = families[name]
            if f[2]:
                raise Bad("%s after the samples of %s" % (kind, name))
            slot = 1 if kind == "HELP" else 0
            if f[slot] is not None:
                raise Bad("%s of %s twice" % (kind, name))
            if kind == "TYPE" and rest not in ("counter", "gauge", "histogram", "summary", "untyped"):
                raise Bad("type " + rest)
            if kind == "HELP" and not rest:
                raise Bad("empty help of " + name)
            f[slot] = rest
            continue
        if line.startswith("#"):
            raise Bad("comment: " + line)
        m = re.fullmatch(r"(%s)(?:\{(.*)\})? (\S+)(?: (-?\d+))?" % NAME, line)
        if not m:
            raise Bad("line: " + line)
        name, lab, value, _ = m.groups()
        if name != now or families[now][0] is None or families[now][1] is None:
            raise Bad("sample of %s outside of its family" % name)
        key = tuple(sorted(labels(lab or "").items()))
        if key in families[now][2]:
            raise Bad("sample twice: " + line)
        if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN", value):
            raise Bad("value: " + line)
        families[now][2][key] = float(value)
    return {n: tuple(f) for n, f in families.items()}


def value(families, name, **lab):
    """The sum over the samples that have these labels; None when there is none."""
    if name not in families:
        return None
    got = [v for k, v in families[name][2].items() if all((n, str(x)) in k for n, x in lab.items())]
    return sum(got) if got else None

"""Compare the output that a page shows with the output that came out.

What differs from run to run (ids, times, ports, …) is not compared; everything else is, line by line.
A line `...` stands for any number of lines.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# A part of a line that matches one of these stands for any text that matches it.
MASKS = [
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: [+-]\d{4})?",  # a log's time
    r"\d\d/[A-Z][a-z]{2}/\d{4}[ :]\d\d:\d\d:\d\d(?: [+-]\d{4})?",  # an access log's time
    r"\[\d+\](?= \[[A-Z]+\] )|(?<=:[58]000 )\(\d+\)",  # gunicorn's process ids
    r"curl/[\d.]+",
    r"(?<=Retry in )\d+s",  # with jitter
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",  # HTTP
    r"\d+(?:\.\d+)?e-\d\ds|\d+\.(?:\d{3,}s?|\d+s)",  # a duration
    r"0x[0-9a-f]{6,}",
    r"ForkPoolWorker-\d+",
    r"celery@[\w.-]+",
    r"\bpid[ :=]+\d+",
    r"Python[/ ]3\.\d+\.\d+",
    r"platform \w+ -- ",
    r"(?<=rootdir: )\S+",
]
_TOKENS = re.compile(
    "|".join(f"(?P<m{i}>{mask})" for i, mask in enumerate(MASKS)) + f"|(?P<id>{UUID})"
)
# The ports that the frameworks listen on unless told otherwise; Django's command need not name it.
PORT = re.compile(r"((?:127\.0\.0\.1|localhost):|--port[ =])([58]000)\b")
RUNSERVER = re.compile(r"manage\.py runserver(?: --[a-z]\S*)*$")
# The virtual host that the live lane has made stands for RabbitMQ's own one.
VIRTUAL_HOST = re.compile(r"\bcelery_web_\d+_\d+\b")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Under which words a traceback puts carets differs between versions of Python.
_CARETS = re.compile(r"\s+[~^]+")
# Which names it suggests does, too.
_SUGGESTION = re.compile(r"\. Did you mean: '[^']*'\?$")
# Celery warns root; a reader is not root.
_ROOT_WARNING = re.compile(
    r"[^\n]*SecurityWarning: You're running the worker with superuser privileges.*?"
    r"_warn_or_raise_security_error\([^\n]*\n",
    re.DOTALL,
)


class Mismatch(Exception):
    """The output is not what the page shows; the message is for the writer of the page."""


@dataclass
class Stand:
    """What the page's ids and port stand for in this run."""

    ids: dict[str, str] = field(default_factory=dict)
    port: int = 5000
    shown_port: str = "5000"  # 8000 once a command names it

    def command(self, text: str) -> str:
        """Return a command of the page with the ids, the port and the worker of this run."""
        text = text.replace("celery@laptop", f"celery@{socket.gethostname()}")
        text = RUNSERVER.sub(r"\g<0> 127.0.0.1:8000", text)
        if found := PORT.search(text):
            self.shown_port = found[2]
        text = PORT.sub(rf"\g<1>{self.port}", text)
        return re.sub(UUID, lambda m: self.ids.get(m[0], m[0]), text)

    def output(self, text: str) -> str:
        """Return output of this run with the port of the page, and without colours and noise."""
        text = VIRTUAL_HOST.sub("/", _COLOUR.sub("", text))
        text = re.sub(rf"(127\.0\.0\.1|localhost):{self.port}\b", rf"\g<1>:{self.shown_port}", text)
        return _ROOT_WARNING.sub("", text)


def _regex(line: str, ids: dict[str, str]) -> tuple[re.Pattern[str], list[str]]:
    """Return what a line of output must match, and the page's ids that it names for the first time."""
    parts: list[str] = []
    new: list[str] = []
    end = 0
    for found in _TOKENS.finditer(line):
        parts.append(re.escape(line[end : found.start()]))
        end = found.end()
        if found["id"] is None:
            parts.append(f"(?:{MASKS[int((found.lastgroup or 'm0')[1:])]})")
        elif found["id"] in ids:
            parts.append(re.escape(ids[found["id"]]))
        elif found["id"] in new:
            parts.append(rf"\{new.index(found['id']) + 1}")
        else:
            new.append(found["id"])
            parts.append(f"({UUID})")
    return re.compile("".join(parts) + re.escape(line[end:])), new


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    lines = [_SUGGESTION.sub("", line) for line in lines]
    lines = [line for line in lines if not _CARETS.fullmatch(line)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def _match_run(shown: list[str], actual: list[str], stand: Stand) -> dict[str, str] | None:
    """Match lines one to one; return the ids learnt, or None."""
    ids = dict(stand.ids)
    for want, got in zip(shown, actual, strict=True):
        regex, new = _regex(want, ids)
        found = regex.fullmatch(got)
        if not found:
            return None
        ids.update(zip(new, found.groups(), strict=False))
    return ids


def compare(shown: str, actual: str, stand: Stand, *, excerpt: bool = False) -> None:
    """Compare output with what the page shows, and learn what its ids stand for.

    Args:
        shown: as on the page.
        actual: as it came out.
        stand: what the page's ids stand for; ids met for the first time are added.
        excerpt: whether more output may come before and after.

    Raises:
        Mismatch: if they differ.

    """
    want, got = _lines(shown), _lines(stand.output(actual))
    if excerpt:
        want = ["...", *want, "..."]
    runs: list[list[str]] = [[]]
    for line in want:
        if line.strip() == "...":
            runs.append([])
        else:
            runs[-1].append(line)
    position = 0
    for number, run in enumerate(runs):
        first, last = number == 0, number == len(runs) - 1
        latest = len(got) - len(run)
        starts = range(position, latest + 1)
        if first:
            starts = range(min(1, latest + 1))
        if last and run:
            starts = range(max(position, latest), latest + 1)
        if first and last and len(got) != len(run):
            starts = range(0)
        for start in starts:
            ids = _match_run(run, got[start : start + len(run)], stand)
            if ids is not None:
                stand.ids, position = ids, start + len(run)
                break
        else:
            raise Mismatch(_explain(run, got))


def _explain(run: list[str], got: list[str], most: int = 60) -> str:
    shown = "\n".join(f"    {line}" for line in run)
    actual = "\n".join(f"    {line}" for line in got[-most:]) or "    (nothing)"
    return f"the page shows:\n{shown}\nwhat came out:\n{actual}"

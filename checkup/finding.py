"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from checkup.project import Project

FRAMEWORKS = ("flask", "django", "fastapi")
# An error loses tasks or ends in an exception; a warning does so under conditions; a note is worth a look.
SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Place:
    """What one check of a rule has found: a sentence, and where, if it is in a file."""

    message: str
    path: Path | None = None
    line: int = 0  # from 1


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong in a project."""

    code: str  # CK and three digits
    severity: str
    name: str  # in words with hyphens, for the anchor of its section on the site
    summary: str  # one sentence
    page: str  # of the site, without suffix: the one that explains it
    check: Callable[[Project], Iterable[Place]]
    frameworks: tuple[str, ...] = FRAMEWORKS
    needs_app: bool = False  # the Celery app must have been loaded


@dataclass(frozen=True)
class Finding:
    """A rule that is broken at a place."""

    rule: Rule
    place: Place


RULES: dict[str, Rule] = {}


def rule(  # noqa: PLR0913 - what a rule is, on one line each
    code: str,
    severity: str,
    name: str,
    summary: str,
    page: str,
    *,
    frameworks: tuple[str, ...] = FRAMEWORKS,
    needs_app: bool = False,
) -> Callable[[Callable[[Project], Iterable[Place]]], Callable[[Project], Iterable[Place]]]:
    """Add a function that looks at a project as a rule.

    Raises:
        ValueError: if the code is taken, or the severity is none.

    """
    if code in RULES:
        raise ValueError(f"{code} is {RULES[code].name} already")
    if severity not in SEVERITIES:
        raise ValueError(f"{severity!r} is none of {SEVERITIES}")

    def add(check: Callable[[Project], Iterable[Place]]) -> Callable[[Project], Iterable[Place]]:
        RULES[code] = Rule(code, severity, name, summary, page, check, frameworks, needs_app)
        return check

    return add

"""What earlier runs found out, so that a run of single pages repeats only what has changed.

A whole run (`nox -s doctest`) runs everything, remembers what was good, and never looks here. A run of
single pages takes over a result if nothing that it depends on differs by a byte, and says so.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from typing import TYPE_CHECKING, Any

from verify.downloads import made_from
from verify.projects import ProjectRun
from verify.record import EVERYWHERE, ROOT, digest_of, versions

if TYPE_CHECKING:
    from pathlib import Path

    from verify.blocks import Page

FOLDER = ROOT / "build" / "verify" / "memory"


def place_of(key: tuple[str, ...], page: Page) -> Path | None:
    """Return where the result of a job is kept, by all that it depends on; None for quick jobs."""
    if key[0] == "project":
        files, texts = [key[1].removeprefix(f"{ROOT}/")], ""
    elif key[0] == "session":
        sandbox = page.marks.get("sandbox", "empty")
        files = [] if sandbox == "empty" else [sandbox]
        files += made_from(page)
        texts = repr([page.marks, *((b.language, b.text, b.caption, b.marks) for b in page.blocks)])
    else:
        return None
    what = (key, digest_of([*files, *EVERYWHERE]), texts, versions(), sys.version)
    return FOLDER / hashlib.sha256(repr(what).encode()).hexdigest()


def recall(place: Path | None) -> tuple[Any] | None:
    """Return the result kept in a place, in a tuple, or None."""
    if place is None or not place.exists():
        return None
    return (pickle.loads(place.read_bytes()),)  # noqa: S301 - written by `keep`, in our own folder


def keep(place: Path | None, result: Any) -> None:  # noqa: ANN401
    """Keep a result if all was well: checks that passed, a session without a failure."""
    good = result.passed if isinstance(result, ProjectRun) else not result
    if place and good:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(result))

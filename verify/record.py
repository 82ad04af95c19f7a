"""The record of a run: what the badges and the page `reference/verified` are made from.

One JSON file, `build/verify/record.json`. An entry for a page carries a digest of everything that
its verdicts depend on; when the digest no longer fits, the page has no verdict at all.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "build" / "verify" / "record.json"
SCHEMA = 1
PACKAGES = (
    "Celery",
    "kombu",
    "Django",
    "django-celery-beat",
    "django-celery-results",
    "FastAPI",
    "Flask",
    "Flask-SQLAlchemy",
    "SQLAlchemy",
    "redis",
    "uvicorn",
    "pytest",
)
EVERYWHERE = ("conftest.py", "constraints.txt", "verify")  # what every verdict depends on
SKIPPED_FOLDERS = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", "instance"}


@dataclass
class BlockRecord:
    """What happened to one block."""

    line: int  # of the page, 1-based
    language: str
    digest: str  # of the text shown
    heading: str
    verdict: str  # ran, covered, fails as shown, session, checked, shown only
    lanes: list[str] = field(default_factory=list)
    reason: str = ""  # from the ledger, only for "shown only"


@dataclass
class Record:
    """What happened in a run: pages by docname, and with which versions."""

    commit: str
    date: str  # ISO, UTC
    versions: dict[str, str]
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def blocks(self, docname: str) -> list[BlockRecord] | None:
        """Return the page's blocks in order, or None if there is no fresh verdict."""
        page = self.pages.get(docname)
        if page is None or page["digest"] != digest_of(page["files"]):
            return None
        return [BlockRecord(**block) for block in page["blocks"]]

    def put(self, docname: str, files: Iterable[str], blocks: Iterable[BlockRecord]) -> None:
        """Replace the entry of one page; `files` are the paths its verdicts depend on."""
        files = sorted({*files, *EVERYWHERE})
        self.pages[docname] = {
            "digest": digest_of(files),
            "files": files,
            "blocks": [asdict(block) for block in blocks],
        }

    def save(self, path: Path = RECORD) -> None:
        """Write the record as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {"schema": SCHEMA, **asdict(self)}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def load(path: Path = RECORD) -> Record | None:
    """Return the record of the last run, or None if there is none that this code can read."""
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.pop("schema", None) != SCHEMA:
        return None
    return Record(**data)


def text_digest(text: str) -> str:
    """Return what identifies the text of a block; trailing newlines do not count."""
    return hashlib.sha256(text.rstrip("\n").encode()).hexdigest()[:16]


@cache
def _file_digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def digest_of(files: Iterable[str]) -> str:
    """Digest the contents of files and folders, given relative to the root."""
    digest = hashlib.sha256()
    for name in files:
        path = ROOT / name
        members = sorted(path.rglob("*")) if path.is_dir() else [path]
        for member in members:
            skipped = SKIPPED_FOLDERS.intersection(member.relative_to(path).parts)
            if member.is_file() and not skipped:
                digest.update(str(member.relative_to(ROOT)).encode() + _file_digest(member))
            elif member == path and not path.exists():
                digest.update(f"{name} is missing".encode())
    return digest.hexdigest()


def commit() -> str:
    """Return the commit that is checked out, with `+` when files differ from it."""
    run = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or "not in a git repository"


@cache
def versions() -> dict[str, str]:
    """Return the versions that the pages speak of, as installed."""
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}

"""What a block needs that a run may not have: a service, or a newer package or Python.

The mark `needs` names it, for a block or for a page. A run without it leaves the block out, and says so in its
verdict; `pytest --live` provides the services.
"""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from pathlib import Path

    from verify.blocks import Block, Page


@dataclass(frozen=True)
class Service:
    """A server that the live lane provides: it finds one at a URL, or starts one of its own."""

    name: str
    variable: str  # of the environment, with its URL
    url: str = ""  # where it usually answers; empty: the lane starts its own
    start: str = ""  # the command that starts it


SERVICES = {
    "postgresql": Service(
        "PostgreSQL",
        "DATABASE_URL",
        "postgresql://postgres@127.0.0.1:5432/postgres",
        "docker run --rm -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres",
    ),
    "postgresql-tls": Service("PostgreSQL with TLS", "DATABASE_TLS_URL"),
    "rabbitmq": Service(
        "RabbitMQ",
        "AMQP_URL",
        "amqp://guest:guest@127.0.0.1:5672//",
        "docker run --rm -p 127.0.0.1:5672:5672 rabbitmq",
    ),
    "redis": Service(
        "Redis",
        "REDIS_URL",
        "redis://127.0.0.1:6379/0",
        "docker run --rm -p 127.0.0.1:6379:6379 redis",
    ),
    "redis-16-clients": Service("Redis with a limit of 16 clients", "REDIS_URL"),
}
NAMES = {"django": "Django", "python": "Python"}


def needs_of(page: Page, block: Block) -> list[str]:
    """Return what a block needs, by its own mark or its page's."""
    marks = (page.marks.get("needs", ""), block.marks.get("needs", ""))
    return [need for mark in marks for need in mark.split(",") if need]


def services_of(page: Page, block: Block) -> set[str]:
    """Return the services that a block needs."""
    return SERVICES.keys() & set(needs_of(page, block))


def services_of_page(page: Page) -> set[str]:
    """Return the services that some block of a page needs."""
    return set().union(*(services_of(page, block) for block in page.blocks))


def known(need: str) -> bool:
    """Say whether a run can have what the mark names: a service, or `django>=6.0`, `python>=3.12`."""
    if need in SERVICES:
        return True
    try:
        requirement = Requirement(need)
    except InvalidRequirement:
        return False
    return requirement.name in NAMES and bool(requirement.specifier)


def unmet(page: Page, block: Block, *, live: bool) -> str:
    """Say what a block needs and this run has not, or return nothing; a live run has all services."""
    for need in needs_of(page, block):
        if need in SERVICES:
            if not live:
                return f"needs {SERVICES[need].name}: nox -s live runs it"
            continue
        requirement = Requirement(need)
        if found := _too_old(requirement.name, requirement.specifier):
            return found
    return ""


def python_too_old(project: Path) -> str:
    """Say that a project's `requires-python` excludes this Python, or return nothing."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = settings.get("project", {}).get("requires-python", "")
    return _too_old("python", SpecifierSet(wanted))


def _too_old(name: str, wanted: SpecifierSet) -> str:
    have = platform.python_version() if name == "python" else version(name)
    if wanted.contains(have, prereleases=True):
        return ""
    return f"needs {NAMES[name]} {wanted}; this run has {have}"

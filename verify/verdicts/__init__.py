"""The verdicts: one module each, with the same few names.

A module has `NAME`, `claims(block)`, `jobs(page, context)`, which gives the work to do,
and `judge(block, page, context)`, which returns the lanes in which the block holds, or raises `Wrong`.
To add a verdict, add a module and name it in `verdict_of`; to check a new language, see `checked.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from verify.needs import unmet

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from verify.blocks import Block, Page
    from verify.jobs import Jobs
    from verify.ledger import Ledger


Job = tuple[tuple[str, ...], Callable[[], Any]]  # a key, which begins with the kind of the job


class Wrong(Exception):
    """A block is not what happens; the message is for the writer of the page."""


@dataclass
class Context:
    """What all verdicts need."""

    root: Path
    jobs: Jobs
    config: pytest.Config
    eager: dict[str, Any]  # Celery settings of the eager lane
    ledger: Ledger
    # For each page, the variables that name its services; None: not the live lane.
    services: dict[str, dict[str, str]] | None = None

    def left_out(self, page: Page, block: Block) -> str:
        """Say why a block is only shown, by the ledger or for want of what it needs, or return nothing."""
        reason = self.ledger.reason(page.docname, block)
        return reason or unmet(page, block, live=self.services is not None)

    def variables(self, page: Page) -> dict[str, str]:
        """Return the variables that name the services that a page needs."""
        return (self.services or {}).get(page.docname, {})


class Verdict(Protocol):
    """The names that a verdict's module has."""

    NAME: str

    def claims(self, block: Block) -> bool:
        """Say whether this verdict is for the block."""

    def jobs(self, page: Page, context: Context) -> Iterable[Job]:
        """Give the work that the page's blocks need."""

    def judge(self, block: Block, page: Page, context: Context) -> list[str]:
        """Return the lanes in which the block holds.

        Raises:
            Wrong: if it does not hold.

        """


def verdict_of(block: Block) -> Verdict | None:
    """Return the verdict that a block can have, or None."""
    from verify.verdicts import checked, covered, fails, found, ran, session

    order: tuple[Verdict, ...] = (found, fails, session, ran, covered, checked)
    return next((verdict for verdict in order if verdict.claims(block)), None)

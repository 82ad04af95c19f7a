"""`ran`: Python in the page, executed in the eager and in the worker lane."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from verify.projects import LANES
from verify.snippets import run_page
from verify.verdicts import Context, Job, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verify.blocks import Block, Page

NAME = "ran"


def claims(block: Block) -> bool:
    """Python that is written in the page."""
    return block.language == "python" and block.include is None


def jobs(page: Page, context: Context) -> Iterable[Job]:
    """Run the page's blocks, a process for each lane."""
    numbers = {b.number for b in page.blocks if claims(b) and not context.left_out(page, b)}
    if numbers:
        for lane in LANES:
            yield ("ran", page.docname, lane), partial(run_page, page, lane, context, numbers)


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Say what happened in both lanes."""
    for lane in LANES:
        failures, updates = context.jobs.result(("ran", page.docname, lane))
        if block.number in failures:
            hint = (
                "\nTo accept it: add --update-examples to the command."
                if block.number in updates
                else ""
            )
            raise Wrong(f"in the {lane} lane: {failures[block.number]}{hint}")
    return list(LANES)

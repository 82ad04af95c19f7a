"""What the copy buttons copy is what the verifier verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from verify.blocks import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from verify.blocks import Block
    from verify.blocks import Page as Checked

ROOT = Path(__file__).parents[2]
SITE = Site(ROOT / "docs", ROOT)
PAGES = [page for page in map(SITE.page, SITE.pages()) if page.blocks]


def expected(block: Block) -> str:
    """Return the commands of a console block, the whole text of any other."""
    if block.language != "console":
        return block.text
    commands, more = [], False
    for line in block.text.splitlines():
        if line.startswith("$ ") or more:
            commands.append(line.removeprefix("$ "))
            more = line.endswith("\\")
    return "\n".join(commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.docname)
def test_copies_what_was_verified(
    base: str,
    visit: Callable[..., tuple[Page, Any]],
    page: Checked,
) -> None:
    """Each button of a page copies its block: commands without prompt and output, code as it is."""
    shown, _ = visit(
        f"{base}{page.docname}.html", permissions=["clipboard-read", "clipboard-write"]
    )
    buttons = shown.locator("button.copybtn")
    assert buttons.count() == len(page.blocks), "the site is older than the page: `nox -s docs`"
    for index, block in enumerate(page.blocks):
        buttons.nth(index).dispatch_event("click")
        copied = shown.evaluate("navigator.clipboard.readText()")
        assert copied.rstrip("\n") == expected(block), block.where


def test_every_block_has_a_badge(site: Path) -> None:
    """Below each block stands what the record says about it."""
    for page in PAGES:
        html = (site / f"{page.docname}.html").read_text(encoding="utf-8")
        assert html.count('<p class="verdict ') == len(page.blocks), page.docname

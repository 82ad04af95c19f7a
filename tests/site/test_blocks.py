"""Each block of a page has its badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify.blocks import Site

if TYPE_CHECKING:
    from pathlib import Path

from conftest import ROOT


def test_every_block_has_a_badge(site: Path) -> None:
    """Below each block stands what the record says about it."""
    source = Site(ROOT / "docs", ROOT)
    for page in map(source.page, source.pages()):
        if page.blocks:
            html = (site / f"{page.docname}.html").read_text(encoding="utf-8")
            assert html.count('<p class="verdict ') == len(page.blocks), page.docname

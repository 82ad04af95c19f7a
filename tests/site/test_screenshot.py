"""The picture in the README is taken from the site: `pytest tests/site --screenshot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SIZE = {"width": 1280, "height": 800}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_screen_proves_its_claim(
    base: str,
    visit: Callable[..., tuple[Page, Any]],
    pytestconfig: pytest.Config,
    scheme: str,
) -> None:
    """A block, its badge and the numbers of the run are seen without scrolling."""
    page, _ = visit(base, viewport=SIZE, color_scheme=scheme)
    for part in ("article .highlight", "p.verdict", ".verified-numbers, .admonition-not-verified"):
        box = page.locator(part).first.bounding_box()
        assert box, part
        assert box["y"] + box["height"] <= SIZE["height"], part
    if pytestconfig.getoption("--screenshot"):
        verified, _ = visit(f"{base}reference/verified.html")
        tables = " ".join(verified.locator("table.verified").all_inner_texts())
        assert "not verified in this build" not in tables, "first `nox -s doctest docs`"
        page.screenshot(path=ROOT / "docs" / "_static" / f"screenshot-{scheme}.png")

"""Pictures of other programs' pages, taken from running examples: `pytest tests/site --screenshot`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Page

    from verify.shell import Terminal

FOLDER = Path(__file__).parents[2] / "docs" / "_static"
COLOURS = 16  # of a picture; pages of forms and tables have few
LARGEST = 120_000  # bytes of a picture


def run(terminal: Terminal, command: str) -> None:
    """Run a command to its end."""
    code, output = terminal.run(command)
    assert code == 0, output


def log_in(page: Page, password: str) -> None:
    """Log in to Django's admin as the user `ada`."""
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def keep(  # noqa: PLR0913 - what, which, from where to where, and how
    page: Page,
    request: pytest.FixtureRequest,
    name: str,
    first: str,
    last: str,
    *,
    colours: int = COLOURS,
) -> None:
    """Take the picture from one element (a selector) to another, if asked for.

    The parameter of the fixture `page` says whether it is the light or the dark one.
    """
    if not request.config.getoption("--screenshot"):
        return
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    top, bottom = page.locator(first).bounding_box(), page.locator(last).bounding_box()
    assert top
    assert bottom
    box = {**top, "height": bottom["y"] + bottom["height"] - top["y"]}
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=box))).convert("RGB")
    picture = picture.quantize(colours, dither=Image.Dither.NONE).convert("RGB")
    file = FOLDER / f"{name}-{request.node.callspec.params['page']}.webp"
    picture.save(file, lossless=True, quality=100, method=6)
    assert file.stat().st_size < LARGEST

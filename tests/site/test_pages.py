"""Each page in a browser: no errors, readable by everybody, light."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from playwright.sync_api import Browser, BrowserContext, Page

MAX_BYTES = 60 * 1024  # of a page with all that it loads, compressed
MAX_REQUESTS = 6
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 740}
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

NEXT_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

# Furo hides what is too wide for the page, and lets its content scroll as a whole.
TOO_WIDE = """[...document.querySelectorAll("html, body, .content")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => `${element.tagName}.${element.className}: ${element.scrollWidth}`)"""
HIDDEN_TABLES = """[...document.querySelectorAll(".table-wrapper")]
  .filter((table) => getComputedStyle(table).visibility !== "visible").length"""
TEXT = """(article) => {
  const copy = article.cloneNode(true);
  copy.querySelectorAll("button.copybtn, noscript").forEach((element) => element.remove());
  return copy.textContent.replaceAll(/\\s+/g, " ").trim();
}"""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Share one context between the pages, and measure how much they move while they load."""
    shared = browser.new_context(viewport=WIDE)
    shared.add_init_script(SHIFTS)
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[BrowserContext]:
    """Share one context without JavaScript."""
    shared = browser.new_context(java_script_enabled=False)
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def opened(base: str, context: BrowserContext, address: str) -> Iterator[Page]:
    """Open a page once for the tests that only look at it."""
    page = context.new_page()
    page.goto(base + address)
    yield page
    page.close()


def test_nothing_moves(opened: Page) -> None:
    """The layout does not shift while a page loads, and then all of it is shown."""
    opened.wait_for_timeout(100)  # for what moves after the load
    assert opened.evaluate("window.shifts") == 0
    assert opened.evaluate(HIDDEN_TABLES) == 0


def test_readable_without_javascript(
    base: str, opened: Page, bare: BrowserContext, address: str
) -> None:
    """Without JavaScript a page has the same text, and no button that would do nothing."""
    page = bare.new_page()
    page.goto(base + address)
    assert page.locator("article").is_visible()
    assert page.locator("article button.copybtn").count() == 0
    text = page.eval_on_selector("article", TEXT)
    page.close()
    assert text == opened.eval_on_selector("article", TEXT) != ""


def test_axe_finds_nothing(opened: Page) -> None:
    """No rule of axe is violated, in light on a wide screen and in dark on a phone."""
    axe = Axe()
    for scheme, size in (("light", WIDE), ("dark", PHONE)):
        opened.emulate_media(color_scheme=scheme)
        opened.set_viewport_size(size)
        opened.evaluate(NEXT_FRAME)  # by then the page has handled the resize
        # Not which elements pass: to list those takes longer than all rules.
        results = axe.run(opened, options={"resultTypes": ["violations"]})
        assert results.response["violations"] == [], f"{scheme}: {results.generate_report()}"


def test_loads_cleanly_and_fits(
    base: str, visit: Callable[..., tuple[Page, Any]], address: str
) -> None:
    """No error, no request to anybody else, no sideways scrolling, within the budget."""
    sizes: dict[str, int] = {}
    page, watched = visit("about:blank", viewport=PHONE)
    page.on(
        "response",
        lambda response: sizes.update({response.url: len(gzip.compress(response.body()))}),
    )
    page.goto(base + address, wait_until="networkidle" if address == "search.html" else "load")
    assert page.evaluate(TOO_WIDE) == []
    if address != "search.html":  # which also loads the search
        assert len(watched.requests) <= MAX_REQUESTS, watched.requests
        assert sum(sizes.values()) <= MAX_BYTES, sizes

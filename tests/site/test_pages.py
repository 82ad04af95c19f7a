"""Each page in a browser: no errors, readable by everybody, light."""

from __future__ import annotations

import gzip
from functools import cache
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults

from verify.blocks import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Response

    from verify.blocks import Block

from conftest import ROOT, Visit

MAX_BYTES = 60 * 1024  # of a page with all that it loads, compressed
MAX_REQUESTS = 6
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 740}
CLIPBOARD = ["clipboard-read", "clipboard-write"]
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
# The clipboard is emptied before each click, as two blocks can have the same text.
COPIED = """async (buttons) => {
  const copied = [];
  for (const button of buttons) {
    await navigator.clipboard.writeText("");
    button.click();
    copied.push(await navigator.clipboard.readText());
  }
  return copied;
}"""
# Most of the time of axe is the contrast of each word. What has the same colours on the same grounds has the same
# contrast: of the elements with a text of their own that look the same, the first is asked.
AXE = """async () => {
  const grounds = new Map([[null, ""]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
      const clear = own === "rgba(0, 0, 0, 0) none 1";
      grounds.set(element, ground(element.parentElement) + (clear ? "" : own));
    }
    return grounds.get(element);
  };
  const looks = new Set();
  for (const element of document.querySelectorAll("body *")) {
    element.removeAttribute("data-first");
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own && !element.matches("a") || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight, textShadow, textDecorationLine } = getComputedStyle(element);
    const around = element.matches("a") && getComputedStyle(element.parentElement).color;
    const look = [around, color, fontSize, fontWeight, textShadow, textDecorationLine, ground(element)].join("|");
    if (!looks.has(look)) element.setAttribute("data-first", "");
    looks.add(look);
  }
  axe.configure({ rules: [
    { id: "color-contrast", selector: "[data-first]" },
    { id: "link-in-text-block", selector: "a[href][data-first]" },
  ] });
  // Not which elements pass: to list those takes longer than all rules.
  return await axe.run({ resultTypes: ["violations"] });
}"""


@cache
def docs() -> Site:
    """Return the sources of the pages."""
    return Site(ROOT / "docs", ROOT)


class Tab(Visit):
    """A tab that opens one page after the other; as it is watched, it takes nothing from a cache."""

    def __init__(self, browser: Browser) -> None:
        """Open a tab, which measures how much its pages move while they load."""
        super().__init__(browser.new_context(viewport=WIDE, permissions=CLIPBOARD))
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(SHIFTS)
        self.page = self.context.new_page()  # another for each page would cost a process each
        self.responses: list[Response] = []
        self.page.on("response", lambda response: self.responses.append(response))  # noqa: PLW0108 - Playwright takes no builtin

    def open(self, address: str) -> None:
        """Open a page on a wide screen, in light."""
        self.page.goto("about:blank")
        self.problems.clear()
        self.requests.clear()
        self.responses.clear()
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(WIDE)
        idle = "search.html" in address  # which loads the search when it is open
        self.page.goto(address, wait_until="networkidle" if idle else "load")


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Tab]:
    """Share one tab between the pages."""
    shared = Tab(browser)
    yield shared
    shared.context.close()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """Share one tab without JavaScript."""
    shared = browser.new_context(java_script_enabled=False)
    yield shared.new_page()
    shared.close()


@pytest.fixture(scope="module")
def loaded(base: str, tab: Tab, address: str) -> Page:
    """Open a page once for all of its tests."""
    tab.open(base + address)
    return tab.page


@pytest.fixture
def opened(loaded: Page, tab: Tab) -> Iterator[Page]:
    """Give the open page; fail if it had a problem, from its loading to the end of the test."""
    yield loaded
    problems = tab.problems.copy()
    tab.problems.clear()
    assert problems == []


def resize(page: Page, size: dict[str, int]) -> None:
    """Change the size of the window, and wait until the page has handled it."""
    page.set_viewport_size(size)
    page.evaluate(NEXT_FRAME)


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


def test_loads_cleanly(opened: Page, tab: Tab, address: str) -> None:
    """No error, no request to anybody else, within the budget."""
    assert opened.url.endswith(address)
    if address != "search.html":  # which also loads the search
        assert len(tab.requests) <= MAX_REQUESTS, tab.requests
        sizes = {response.url: len(gzip.compress(response.body())) for response in tab.responses}
        assert sum(sizes.values()) <= MAX_BYTES, sizes


def test_nothing_moves(opened: Page) -> None:
    """The layout does not shift while a page loads, and then all of it is shown."""
    opened.wait_for_timeout(100)  # for what moves after the load
    assert opened.evaluate("window.shifts") == 0
    assert opened.evaluate(HIDDEN_TABLES) == 0


def test_fits_a_phone(opened: Page) -> None:
    """Nothing makes a page scroll sideways."""
    resize(opened, PHONE)
    assert opened.evaluate(TOO_WIDE) == []


def test_readable_without_javascript(base: str, opened: Page, bare: Page, address: str) -> None:
    """Without JavaScript a page has the same text, and no button that would do nothing."""
    bare.goto(base + address)
    assert bare.locator("article").is_visible()
    assert bare.locator("article button.copybtn").count() == 0
    text = bare.eval_on_selector("article", TEXT)
    assert text == opened.eval_on_selector("article", TEXT) != ""


def test_copies_what_was_verified(opened: Page, address: str) -> None:
    """Each button of a page copies its block: commands without prompt and output, code as it is."""
    source = docs().docs / f"{address.removesuffix('.html')}.md"
    blocks = docs().page(source).blocks if source.exists() else []  # the index has no source
    copied = opened.eval_on_selector_all("button.copybtn", COPIED)
    assert len(copied) == len(blocks), "the site is older than the page: `nox -s docs`"
    for text, block in zip(copied, blocks, strict=True):
        assert text.rstrip("\n") == expected(block), block.where


def test_axe_finds_nothing(opened: Page) -> None:
    """No rule of axe is violated, in light on a wide screen and in dark on a phone."""
    opened.evaluate(AXE_SCRIPT)
    for scheme, size in (("light", WIDE), ("dark", PHONE)):
        opened.emulate_media(color_scheme=scheme)
        resize(opened, size)
        found = opened.evaluate(AXE)
        assert found["violations"] == [], f"{scheme}: {AxeResults(found).generate_report()}"


def test_axe_finds_one_faint_word(base: str, tab: Tab) -> None:
    """One word of the last paragraph that is hard to read is found among all others."""
    tab.open(f"{base}reference/glossary.html")
    tab.page.evaluate("""() => {
      const last = [...document.querySelectorAll("article p")].at(-1);
      last.insertAdjacentHTML("beforeend", ' <em style="color: #aaa">faint</em>');
    }""")
    tab.page.evaluate(AXE_SCRIPT)
    (violation,) = tab.page.evaluate(AXE)["violations"]
    assert violation["id"] == "color-contrast"
    assert [node["html"] for node in violation["nodes"]] == [
        '<em style="color: #aaa" data-first="">faint</em>'
    ]

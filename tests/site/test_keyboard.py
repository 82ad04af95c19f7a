"""Everything can be reached and used with the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PHONE = {"width": 375, "height": 740}
FAR = 100  # stops of the Tab key
WHERE = "() => document.activeElement.id || document.activeElement.className"


def stops(page: Page) -> list[str]:
    """Press Tab through the page; return the id or class of each stop."""
    seen = []
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        seen.append(page.evaluate(WHERE))
    return seen


def test_menu_of_a_phone(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """The menu opens with Space, and its links are no stops while it is closed."""
    page, _ = visit(f"{base}reference/verified.html", viewport=PHONE)
    search = page.locator("input.sidebar-search")
    expect(search).not_to_be_visible()
    assert not [stop for stop in stops(page) if "sidebar-search" in stop]
    page.locator("#__navigation").focus()
    page.keyboard.press("Space")
    expect(search).to_be_in_viewport()
    assert [stop for stop in stops(page) if "sidebar-search" in stop]


def test_focus_is_seen_on_the_menu_button(
    base: str, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """The button that stands for the invisible box has an outline."""
    page, _ = visit(f"{base}reference/verified.html", viewport=PHONE)
    button = page.locator(".nav-overlay-icon")
    outline = "(element) => getComputedStyle(element).outlineStyle"
    assert button.evaluate(outline) == "none"
    page.keyboard.press("Tab")
    assert page.evaluate(WHERE) == "__navigation"
    assert button.evaluate(outline) == "solid"


def test_stops_of_a_page(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """Skip link, theme, search, menu and copy button are stops."""
    page, _ = visit(base)
    seen = stops(page)
    for name in (
        "skip-to-content",
        "sidebar-search",
        "toctree-checkbox",
        "theme-toggle",
        "copybtn",
    ):
        assert any(name in stop for stop in seen), f"{name} is not among {seen}"


def test_copy_button_is_seen_when_focused(
    base: str, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """It is not only there under a mouse."""
    page, _ = visit(base)
    button = page.locator("button.copybtn").first
    button.focus()
    page.keyboard.press("Shift+Tab")
    expect(button).to_have_css("opacity", "0")
    page.keyboard.press("Tab")
    expect(button).to_have_css("opacity", "1")


def test_parts_of_the_menu(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """The front page shows none of them, so that its text is near; Space opens and closes one."""
    page, _ = visit(base)
    parts = page.locator(".sidebar-tree li.has-children")
    assert parts.count()
    for part in parts.all():
        expect(part.locator("ul").first).not_to_be_visible()
    pages = parts.first.locator("ul").first
    expect(pages).not_to_be_visible()
    parts.first.locator("input.toctree-checkbox").first.focus()
    page.keyboard.press("Space")
    expect(pages).to_be_visible()
    page.keyboard.press("Space")
    expect(pages).not_to_be_visible()

"""Tabs: by mouse, by keyboard, by address, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

NAMES = ["Flask", "Django", "FastAPI"]


def selected(page: Page) -> list[str]:
    """Return the label of the open tab of each set."""
    return page.locator("[role=tab][aria-selected=true]").all_inner_texts()


def panels(page: Page) -> list[str]:
    """Return the label of each panel that is seen."""
    seen = page.locator("[role=tabpanel]:visible")
    return seen.evaluate_all("all => all.map((panel) => panel.dataset.tab)")


def test_a_click_switches_all_sets(built: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """Sets with the same label follow; what was clicked stays where it is."""
    page, _ = visit(built)
    assert selected(page) == panels(page) == ["Flask", "Flask"]
    tab = page.get_by_role("tab", name="Django").last
    tab.scroll_into_view_if_needed()
    before = tab.bounding_box()
    tab.click()
    after = tab.bounding_box()
    assert selected(page) == panels(page) == ["Django", "Django"]
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=1)


def test_a_set_without_the_choice_keeps_its_own(
    built: str, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """The second set has no FastAPI."""
    page, _ = visit(built)
    page.get_by_role("tab", name="FastAPI").click()
    assert selected(page) == panels(page) == ["FastAPI", "Flask"]


def test_the_choice_is_kept(built: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """A new page of the same browser opens with it, without moving."""
    page, watched = visit(built)
    page.get_by_role("tab", name="Django").first.click()
    another = watched.context.new_page()
    another.goto(built)
    assert selected(another) == panels(another) == ["Django", "Django"]


def test_keys(built: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """Arrows, Home and End select; only the open tab is a stop of the Tab key."""
    page, _ = visit(built)
    tabs = page.locator("[role=tablist]").first.get_by_role("tab")
    tabs.first.focus()
    for key, name in [
        *(("ArrowRight", "Django"), ("End", "FastAPI"), ("ArrowRight", "Flask")),
        *(("ArrowLeft", "FastAPI"), ("Home", "Flask"), ("ArrowRight", "Django")),
    ]:
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_text(name)
        assert selected(page)[0] == name
    stops = tabs.evaluate_all("all => all.map((tab) => tab.tabIndex)")
    assert stops == [-1, 0, -1]


@pytest.mark.parametrize("name", NAMES)
def test_the_address_names_a_framework(
    built: str, visit: Callable[..., tuple[Page, Any]], name: str
) -> None:
    """`?framework=` opens its tabs."""
    page, _ = visit(f"{built}?framework={name.lower()}")
    assert selected(page)[0] == name


def test_a_fragment_opens_its_tab(built: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """A link into a hidden panel shows it, also from the same page."""
    page, _ = visit(f"{built}#only-in-django")
    expect(page.get_by_text("Only in Django")).to_be_in_viewport()
    page.get_by_role("tab", name="Flask").first.click()
    page.evaluate("location.hash = ''; location.hash = 'only-in-django'")
    expect(page.get_by_text("Only in Django")).to_be_in_viewport()


def test_without_javascript_all_panels_are_shown(
    built: str, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """No panel is out of reach, and each says which it is."""
    page, _ = visit(built, java_script_enabled=False)
    expect(page.locator("[role=tabpanel]:visible")).to_have_count(5)
    expect(page.locator("[role=tablist]:visible")).to_have_count(0)


def test_on_paper_all_panels_are_shown(built: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """Also after a choice was made."""
    page, _ = visit(built)
    page.get_by_role("tab", name="Django").first.click()
    page.emulate_media(media="print")
    expect(page.locator("[role=tabpanel]:visible")).to_have_count(5)
    labels = page.locator("[role=tabpanel]").evaluate_all(
        "all => all.map((panel) => getComputedStyle(panel, '::before').content)"
    )
    assert labels == ['"Flask"', '"Django"', '"FastAPI"', '"Flask"', '"Django"']

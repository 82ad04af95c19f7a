"""The search finds an error by the text that a reader pastes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

ERROR = "'Flask' object has no attribute 'user_options'"
# The pages of the index, and the headings that are errors there.
INDEX = {"errors": "h3", "errors-django": "h2", "errors-fastapi": "h2"}


@pytest.mark.parametrize("name", INDEX)
def test_every_error_is_found_by_its_text(
    base: str, visit: Callable[..., tuple[Page, Any]], name: str
) -> None:
    """The heading of each error, typed exactly, leads to its place in the index."""
    index, _ = visit(f"{base}reference/{name}.html")
    headings = index.locator(f"article {INDEX[name]}").all_inner_texts()
    errors = [heading.removesuffix("#").strip() for heading in headings]
    assert len(errors) > 20
    page, _ = visit(f"{base}search.html")
    for error in errors:
        page.get_by_role("searchbox", name="An error message").fill(error)
        found = page.locator(f'#search-results a[href*="/reference/{name}.html#"]')
        expect(found.filter(has_text=error)).to_be_visible()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "Unable to load celery application.\nThe module my_app.tasks was not found.",
            "unable-to-load",
        ),
        ("Received unregistered task of type 'app.jobs.clean'.", "received-unregistered-task"),
        (
            "kombu.exceptions.EncodeError: Object of type Invoice is not JSON serializable",
            "kombu-exceptions-encodeerror",
        ),
    ],
    ids=["dotted", "quoted", "word"],
)
def test_an_error_with_other_names_is_found(
    base: str, visit: Callable[..., tuple[Page, Any]], text: str, place: str
) -> None:
    """A reader's message has the names of the reader's own modules and classes."""
    page, _ = visit(f"{base}search.html?q={quote(text)}")
    links = page.locator(f'#search-results a[href*="/reference/errors.html#{place}"]')
    expect(links.first).to_be_visible()


def test_search_box_of_the_front_page(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """A pasted error goes from the front page to its place, by keyboard alone."""
    page, _ = visit(base)
    page.get_by_label("Paste the message").fill(ERROR)
    page.keyboard.press("Enter")
    first = page.locator("#search-results a").first
    expect(first).to_contain_text("user_options")
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "search.html" not in url)
    assert ERROR in page.locator("article").inner_text()


def test_search_box_of_the_menu(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """The box in the menu of a page leads to the results."""
    page, _ = visit(f"{base}reference/verified.html")
    page.locator("input.sidebar-search").fill("task_always_eager")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results a").first).to_be_visible()
    assert "search.html?q=task_always_eager" in page.url


def test_finds_nothing_and_says_so(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """A word that is nowhere has an answer too, and so has an empty box."""
    page, _ = visit(f"{base}search.html?q={quote('jjjkkklllqqq')}")
    status = page.locator("#search-status")
    expect(status).to_have_text("No page has this. Try fewer words.")
    page.get_by_role("searchbox", name="An error message").fill("")
    expect(status).to_have_text("")


def test_verdicts_are_not_searched(base: str, visit: Callable[..., tuple[Page, Any]]) -> None:
    """The lines below the blocks are no search results."""
    page, _ = visit(f"{base}search.html?q={quote('not verified in this build')}")
    expect(page.locator("#search-status")).not_to_be_empty()
    hits = page.locator("#search-results a").evaluate_all("links => links.map((a) => a.pathname)")
    assert hits[:1] == ["/reference/verified.html"]


def test_says_what_to_do_when_opened_as_a_file(
    site: Path, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """From file:// a browser loads no index; the page says how to serve it."""
    page, watched = visit("about:blank")
    watched.context.unroute_all()
    page.goto((site / "search.html").as_uri())
    expect(page.locator("#search-status")).to_contain_text("python3 -m http.server")
    watched.problems.clear()  # the browser's own complaint about the module

"""The shop's page in a real browser, with a real worker: what its script is for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from verify.shell import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

from conftest import ROOT

YEAR = dt.datetime.now(dt.UTC).year


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the shop with one order, its web server and its worker; give its address."""
    place: Path = tmp_path_factory.mktemp("shop")
    with Terminal(place, ROOT / "examples" / "flask") as terminal:
        for command in ("flask --app shop init-db", "flask --app shop add-user ada@example.org"):
            code, output = terminal.run(command)
            assert code == 0, output
        web = terminal.start("web", "flask --app shop run")
        web.expect("Press CTRL+C to quit", terminal.stand)
        worker = terminal.start("worker", "celery -A make_celery worker --loglevel INFO")
        worker.expect(
            "[2026-11-21 06:14:47,853: INFO/MainProcess] celery@laptop ready.", terminal.stand
        )
        address = f"http://127.0.0.1:{terminal.stand.port}"
        order = """-H 'Content-Type: application/json' -d '{"user_id": 1, "total_cents": 1905}'"""
        code, output = terminal.run(f"curl -sS {order} {address}/orders")
        assert code == 0, output
        yield address


@pytest.fixture
def page(browser: Browser, shop: str) -> Iterator[Page]:
    """Open the page; no script may fail, and nothing may break the Content-Security-Policy."""
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(shop)
    yield page
    page.close()
    assert problems == []


def test_a_report_is_shown(page: Page) -> None:
    page.get_by_label("Year").fill(str(YEAR))
    page.get_by_role("button").click()
    expect(page.locator("#message")).to_have_text("1 orders, 19.05 in total")
    expect(page.locator("#progress")).to_be_hidden()


def test_a_failed_report_is_said_to_have_failed(page: Page) -> None:
    page.get_by_label("Year").fill("2000")
    page.get_by_role("button").click()
    expect(page.locator("#message")).to_have_text("The report failed: no orders in 2000")
    expect(page.get_by_role("button")).to_be_enabled()


def test_the_bar_is_seen_while_the_report_is_made(page: Page) -> None:
    answer = {"state": "PROGRESS", "progress": 58, "result": None, "error": None}
    page.route("**/tasks/*", lambda route: route.fulfill(json=answer))
    page.add_init_script("delete window.EventSource")
    page.reload()
    page.get_by_label("Year").fill(str(YEAR))
    page.get_by_role("button").click()
    expect(page.locator("#message")).to_have_text("58 %")
    page.unroute("**/tasks/*")
    expect(page.locator("#message")).to_have_text("1 orders, 19.05 in total")


def test_an_event_moves_the_bar(page: Page) -> None:
    event = 'data: {"state": "PROGRESS", "progress": 58, "result": null, "error": null}\n\n'
    page.route(
        "**/tasks/*/events",
        lambda route: route.fulfill(body=event, content_type="text/event-stream"),
    )
    page.route("**/tasks/*", lambda _: None)  # asked when the events break off; never answers
    page.get_by_label("Year").fill(str(YEAR))
    page.get_by_role("button").click()
    expect(page.locator("#message")).to_have_text("58 %")
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("#progress")).to_have_js_property("value", 58)
    expect(page.get_by_role("button")).to_be_disabled()

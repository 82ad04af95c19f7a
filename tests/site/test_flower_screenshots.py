"""The pictures of Flower are taken from the running example: `pytest tests/site --screenshot`."""

from __future__ import annotations

import base64
import json
import secrets
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from verify.shell import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

from pictures import keep, run

from conftest import ROOT

PROJECT = ROOT / "examples" / "howto" / "fastapi-flower"
STATES = ["FAILURE", "RECEIVED", "SUCCESS", "SUCCESS"]  # the newest first
COLOURS = 96  # with fewer, red and grey labels become one
FIRST_ROW = ".task-details-card .detail-row >> nth=0"
TRACEBACK_ROW = ".task-details-card .detail-row:has-text('Traceback (most recent call last)')"
PASSWORD = secrets.token_urlsafe()
READY = "[2026-11-21 06:14:47,853: INFO/MainProcess] celery@shop ready."
FLOWER = "celery -A shop.celery_app flower --conf=flowerconfig.py --port=8000"
WORKER = (
    "celery -A shop.celery_app worker -E --concurrency 1 --loglevel INFO --hostname celery@shop"
)
# One after the other, as the order of messages in a folder is not certain.
SEND = """
from celery.exceptions import TimeoutError
from shop.main import NewOrder, create_order
from shop.tasks import ask_bank, make_report
from shop.celery_app import celery_app
def wait(id, seconds=30):
    try:
        celery_app.AsyncResult(id).get(timeout=seconds, interval=0.05, propagate=False)
    except TimeoutError:
        pass
wait(create_order(NewOrder(email='ada@example.com')).task_id)
wait(make_report.delay(2026).id)
wait(ask_bank.delay(7).id, 1)
wait(create_order(NewOrder(email='nobody')).task_id)
"""


def ask(terminal: Terminal, path: str) -> str:
    """Ask Flower, with its password."""
    address = f"http://127.0.0.1:{terminal.stand.port}{path}"
    word = base64.b64encode(f"shop:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {word}"})
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the address above
        return answer.read().decode()


def wait_for(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds; say whether it does in time."""
    until = time.monotonic() + 10
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def states(terminal: Terminal) -> list[str]:
    """Return the states that Flower knows, in the order of the alphabet."""
    return sorted(task["state"] for task in json.loads(ask(terminal, "/api/tasks")).values())


def send(terminal: Terminal) -> bool:
    """Start Flower and a worker, and send the tasks; say whether Flower has seen them."""
    terminal.env["SHOP_FLOWER_PASSWORD"] = PASSWORD
    flower = terminal.start("flower", FLOWER)
    flower.expect("     'shop.tasks.send_receipt']", terminal.stand)
    terminal.start("worker", WORKER).expect(READY, terminal.stand)
    online = 'flower_worker_online{worker="celery@shop"} 1.0'
    wait_for(lambda: online in ask(terminal, "/metrics"))
    run(terminal, f'python -c "{SEND}"')
    return wait_for(lambda: states(terminal) == STATES)


@pytest.fixture(scope="module")
def flower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Flower that has seen the tasks; in a folder, an event can get lost."""
    for _ in range(3):
        with Terminal(tmp_path_factory.mktemp("flower"), PROJECT) as terminal:
            if send(terminal):
                yield f"http://127.0.0.1:{terminal.stand.port}"
                return
    pytest.fail("Flower has not seen all tasks, three times")


@pytest.fixture(params=["light", "dark"])
def page(
    request: pytest.FixtureRequest, flower: str, visit: Callable[..., tuple[Page, Any]]
) -> Page:
    """Open the list of tasks, in a light and in a dark browser; `visit` allows this machine only."""
    options = {
        "viewport": {"width": 1290, "height": 1500},
        "color_scheme": request.param,
        "http_credentials": {"username": "shop", "password": PASSWORD, "send": "always"},
    }
    return visit(f"{flower}/tasks", **options)[0]


def test_the_list_of_tasks(page: Page, request: pytest.FixtureRequest) -> None:
    """The newest is first; a task that waits for its next try has been received again."""
    rows = page.locator("#tasks-table tbody tr")
    expect(rows).to_have_count(len(STATES))
    names = ["shop.tasks.send_receipt", "shop.tasks.ask_bank", "shop.tasks.make_report"]
    for row, (name, state) in enumerate(zip([*names, names[0]], STATES, strict=True)):
        expect(rows.nth(row)).to_contain_text(name)
        expect(rows.nth(row)).to_contain_text(state)
    keep(page, request, "flower-tasks", ".task-state-filters", ".tasks-table-card", colours=COLOURS)


def test_a_failed_task(page: Page, request: pytest.FixtureRequest) -> None:
    """The page of a failure has its traceback, and not the address that its call hides."""
    failed = page.locator("#tasks-table tbody tr").filter(has_text="FAILURE")
    failed.locator("a[href^='/task/']").click()
    details = page.locator(".task-details-card")
    expect(details).to_contain_text("(<email>,)")
    expect(details).to_contain_text("ValueError: not an e-mail address")
    expect(details).not_to_contain_text("nobody")
    # The paths of this machine are nobody's business.
    page.locator(TRACEBACK_ROW).locator("code").evaluate(
        r"it => it.textContent = it.textContent.replace(/\/\S*\/(?=site-packages\/|shop\/)/g, '…/')"
    )
    keep(page, request, "flower-failure", FIRST_ROW, TRACEBACK_ROW, colours=COLOURS)


def test_the_field_finds_an_id(page: Page) -> None:
    """The list has the one task whose id is typed."""
    rows = page.locator("#tasks-table tbody tr")
    expect(rows).to_have_count(len(STATES))
    task_id = rows.nth(2).get_attribute("id") or ""
    page.locator("input[type=search]").fill(task_id)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(task_id)


@pytest.mark.parametrize("path", ["/workers", "/worker/celery@shop"])
def test_no_page_asks_another_host(
    path: str, flower: str, visit: Callable[..., tuple[Page, Any]]
) -> None:
    """`visit` fails if a page asks anybody else than this machine."""
    credentials = {"username": "shop", "password": PASSWORD, "send": "always"}
    page, _ = visit(f"{flower}{path}", http_credentials=credentials)
    expect(page.locator("main")).to_contain_text("celery@shop")

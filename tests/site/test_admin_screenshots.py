"""The pictures of Django's admin are taken from the running example: `pytest tests/site --screenshot`."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from verify.shell import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

from pictures import keep, log_in, run

from conftest import ROOT

PROJECT = ROOT / "examples" / "howto" / "django-results"
PASSWORD = secrets.token_urlsafe()
READY = "[2026-11-21 06:14:47,853: INFO/MainProcess] celery@shop ready."
# A project as many are: without the setting, and with the admin pages of the package.
PLAIN = "from config.settings import *\n\nCELERY_RESULT_EXTENDED = False\n"
ADD_STAFF = f"""
from django.contrib.auth.models import Permission, User
user = User.objects.create_user('ada', password='{PASSWORD}', is_staff=True)
user.user_permissions.add(Permission.objects.get(codename='view_taskresult'))
Order.objects.create(email='ada@example.com', year=2026, total_cents=1905)
"""
# One after the other: the order of messages that come within a millisecond is not certain.
WAIT = """
def wait(id):
    celery_app.AsyncResult(id).get(timeout=30, interval=0.1, propagate=False)
"""
SEND_SOME = f"""
from config import celery_app
from shop.tasks import make_report
{WAIT}
for year in (2000, 2026):
    wait(make_report.delay(year).id)
"""
SEND_MORE = f"""
from config import celery_app
from shop.customers import order_newsletter
from shop.tasks import make_report, send_receipt
{WAIT}
Subscriber.objects.create(email='ada@example.com')
for year in (2025, 2026):
    wait(make_report.delay(year).id)
wait(send_receipt.delay(7).id)
wait(order_newsletter('ada@example.com'))
wait(make_report.delay(2000).id)
"""


def work(terminal: Terminal, name: str, code: str) -> None:
    """Let a worker run what some code sends, and stop it."""
    command = "celery -A config worker --concurrency 1 --loglevel INFO --hostname celery@shop"
    terminal.start(name, command).expect(READY, terminal.stand)
    run(terminal, f'python manage.py shell -v 0 -c "{code}"')
    terminal.stop(name)


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the example with rows of two workers; give the address of its admin."""
    place: Path = tmp_path_factory.mktemp("admin")
    with Terminal(place, PROJECT) as terminal:
        (terminal.folder / "shop" / "admin.py").unlink()
        (terminal.folder / "config" / "plain.py").write_text(PLAIN, encoding="utf-8")
        run(terminal, f"export DJANGO_DEBUG=1 DJANGO_SECRET_KEY={secrets.token_urlsafe()}")
        run(terminal, "unset CELERY_RESULT_BACKEND")
        run(terminal, "python manage.py migrate")
        run(terminal, f'python manage.py shell -v 0 -c "{ADD_STAFF}"')
        run(terminal, "export DJANGO_SETTINGS_MODULE=config.plain")
        work(terminal, "plain", SEND_SOME)
        run(terminal, "unset DJANGO_SETTINGS_MODULE")
        work(terminal, "extended", SEND_MORE)
        web = terminal.start("web", "python manage.py runserver --noreload")
        web.expect("Quit the server with CONTROL-C.", terminal.stand)
        yield f"http://127.0.0.1:{terminal.stand.port}/admin/"


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, admin: str) -> Iterator[Page]:
    """Log in, in a light and in a dark browser, and open the list of results."""
    scheme = request.param
    page = browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme=scheme)
    page.goto(f"{admin}django_celery_results/taskresult/")
    log_in(page, PASSWORD)
    yield page
    page.close()


def test_the_list_of_results(page: Page, request: pytest.FixtureRequest) -> None:
    """Rows of a worker without `result_extended` have no name."""
    expect(page.locator("td.field-task_name")).to_have_text(
        [
            *("shop.tasks.make_report", "shop.tasks.subscribe", "shop.tasks.send_receipt"),
            *("shop.tasks.make_report", "shop.tasks.make_report", "-", "-"),
        ]
    )
    expect(page.get_by_role("link", name="Add task result")).to_have_count(0)
    page.get_by_role("button", name="Toggle navigation").click()
    table = page.locator(".results")
    assert table.evaluate("it => it.scrollWidth <= it.clientWidth"), "a part is not in the picture"
    keep(page, request, "django-results-list", ".changelist-form-container", ".results")


def test_a_failed_task(page: Page, request: pytest.FixtureRequest) -> None:
    """The page of a failure has its traceback, and not the address that its call hides."""
    page.get_by_role("row", name="shop.tasks.subscribe").get_by_role("link").click()
    expect(page.locator(".field-task_args .readonly")).to_have_text('"(<email>,)"')
    expect(page.locator(".field-traceback .readonly")).to_contain_text("IntegrityError")
    expect(page.locator("#content")).not_to_contain_text("ada@example.com")
    keep(page, request, "django-results-failure", ".field-status", ".field-result")

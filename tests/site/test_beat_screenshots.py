"""The picture of django-celery-beat's form is taken from the running example: `pytest tests/site --screenshot`."""

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

PROJECT = ROOT / "examples" / "howto" / "django-beat"
PASSWORD = secrets.token_urlsafe()
ADD_STAFF = f"""
from django.contrib.auth.models import Permission, User
user = User.objects.create_user('ada', password='{PASSWORD}', is_staff=True)
names = ('add_periodictask', 'change_periodictask', 'view_periodictask', 'view_crontabschedule')
user.user_permissions.set(Permission.objects.filter(codename__in=names))
"""


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the example, as its migrations leave it; give the address of its admin."""
    place: Path = tmp_path_factory.mktemp("beat")
    with Terminal(place, PROJECT) as terminal:
        run(terminal, f"export DJANGO_DEBUG=1 DJANGO_SECRET_KEY={secrets.token_urlsafe()}")
        run(terminal, "python manage.py migrate")
        run(terminal, f'python manage.py shell -v 0 -c "{ADD_STAFF}"')
        web = terminal.start("web", "python manage.py runserver --noreload")
        web.expect("Quit the server with CONTROL-C.", terminal.stand)
        yield f"http://127.0.0.1:{terminal.stand.port}/admin/"


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, admin: str) -> Iterator[Page]:
    """Log in, in a light and in a dark browser, and open the nightly report."""
    page = browser.new_page(
        viewport={"width": 1080, "height": 900}, color_scheme=request.param, locale="en-GB"
    )
    page.goto(f"{admin}django_celery_beat/periodictask/")
    log_in(page, PASSWORD)
    page.get_by_role("link", name="nightly report").click()
    yield page
    page.close()


def test_the_form_of_a_schedule(page: Page, request: pytest.FixtureRequest) -> None:
    """The form has what the migration has saved, and offers the tasks of the shop."""
    expect(page.get_by_label("Name:", exact=True)).to_have_value("nightly report")
    expect(page.get_by_label("Task (custom)")).to_have_value("shop.tasks.make_report")
    expect(page.get_by_label("Task (registered)").locator("option")).to_have_text(
        ["", "shop.tasks.make_report"]
    )
    crontab = page.get_by_label("Crontab Schedule").locator("option:checked")
    expect(crontab).to_have_text("30 2 * * * (m/h/dM/MY/d) Europe/Berlin")
    page.get_by_label("Description").evaluate("it => it.style.height = '2.5em'")
    keep(page, request, "django-beat-form", ".form-row.field-name", ".form-row.field-one_off")

"""Links and languages in the view and in tasks."""

from collections.abc import Iterator
from datetime import date

import mistakes
import pytest
from celery import Task
from django.core import signing
from django.test import Client, RequestFactory
from django.utils import translation
from kombu.exceptions import EncodeError
from shop import tasks
from shop.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """Begin and end with the language of the settings."""
    with translation.override("en"):
        yield


@pytest.fixture
def customer() -> Customer:
    """Return a customer who reads German."""
    customer = Customer.objects.create(email="ada@example.com", language="de")
    Customer.objects.update(since=date(2026, 3, 7))
    return customer


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Collect what the view sends."""
    messages = []
    monkeypatch.setattr(tasks.send_welcome, "apply_async", lambda args, _: messages.append(args))
    return messages


def run(task: Task, *arguments: object) -> str:
    """Send a task and wait for it."""
    return task.delay(*arguments).get(timeout=5, interval=0.01)


def test_the_view_passes_the_url_and_the_language(
    client: Client, sent: list[tuple[object, ...]]
) -> None:
    headers = {"Accept-Language": "de", "Host": "localhost"}
    answer = client.post("/customers", {"email": "ada@example.com"}, headers=headers)
    assert sent == [(answer.json()["id"], "http://localhost/de/account", "de")]
    assert Customer.objects.get().language == "de"


def test_a_stranger_s_host_is_refused(client: Client, sent: list[tuple[object, ...]]) -> None:
    headers = {"Host": "shop.example.net"}
    answer = client.post("/customers", {"email": "ada@example.com"}, headers=headers)
    assert (answer.status_code, sent) == (400, [])


@pytest.mark.usefixtures("worker")
def test_a_letter_in_the_language_of_the_customer(customer: Customer) -> None:
    letter = run(tasks.send_welcome, customer.pk, "https://shop.example.com/de/account", "de")
    assert letter == "ada@example.com, 7. März 2026: https://shop.example.com/de/account"


@pytest.mark.usefixtures("worker")
def test_a_reminder_has_the_host_of_the_settings(customer: Customer, settings: object) -> None:
    settings.SITE_URL = "https://shop.example.com"
    letter = run(tasks.remind, customer.pk)
    assert letter == "ada@example.com, 7. März 2026: https://shop.example.com/de/account"
    assert run(mistakes.count) == "en"


@pytest.mark.usefixtures("worker")
def test_a_language_that_stays(customer: Customer) -> None:
    assert run(mistakes.remind_and_leave, customer.pk) == "7. März 2026"
    assert run(mistakes.count) == "de"


def test_a_request_is_no_argument() -> None:
    with pytest.raises(EncodeError, match="Object of type WSGIRequest is not JSON serializable"):
        mistakes.answer.delay(RequestFactory().get("/"))


def test_the_account_is_a_page(client: Client) -> None:
    assert client.get("/de/account").content == b"Your account"


def test_a_link_needs_the_same_key_on_both_sides() -> None:
    signed = signing.dumps(7, key="of-the-worker")
    assert signing.loads(signed, key="of-the-worker") == 7
    with pytest.raises(signing.BadSignature):
        signing.loads(signed, key="of-the-web-server")

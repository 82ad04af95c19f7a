"""Links and languages in the endpoint and in tasks."""

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from kombu.exceptions import EncodeError
from shop import tasks
from shop.config import settings
from shop.customers import CUSTOMERS
from shop.main import app

CLIENT = TestClient(app, base_url="http://localhost")
NEW = {"email": "bob@example.com", "language": "de"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Collect what the endpoint sends."""
    messages = []
    monkeypatch.setattr(tasks.send_welcome, "apply_async", lambda args, _: messages.append(args))
    return messages


def test_the_endpoint_passes_the_url_and_the_language(sent: list[tuple[object, ...]]) -> None:
    assert CLIENT.post("/customers", json=NEW).json() == {"id": 1}
    assert sent == [("bob@example.com", "http://localhost/de/account", "de")]
    assert CUSTOMERS[1].language == "de"


def test_a_stranger_s_host_is_refused(sent: list[tuple[object, ...]]) -> None:
    answer = CLIENT.post("/customers", json=NEW, headers={"Host": "shop.example.net"})
    assert (answer.status_code, sent) == (400, [])


def test_a_language_without_letters_is_refused(sent: list[tuple[object, ...]]) -> None:
    answer = CLIENT.post("/customers", json=NEW | {"language": "xx"})
    assert (answer.status_code, sent) == (422, [])


@pytest.mark.usefixtures("worker")
def test_a_letter_in_the_language_of_the_customer() -> None:
    letter = tasks.send_welcome.delay("bob@example.com", "http://localhost/de/account", "de")
    said = "bob@example.com: Willkommen! Ihr Konto: http://localhost/de/account"
    assert letter.get(timeout=5, interval=0.01) == said


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("site", ["https://shop.example.com", "https://example.com/shop/"])
def test_a_reminder_has_the_host_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    monkeypatch.setattr(settings, "site_url", site)
    letter = tasks.remind.delay(0).get(timeout=5, interval=0.01)
    url = f"{site.rstrip('/')}/de/account"
    assert letter == f"ada@example.com: Willkommen! Ihr Konto: {url}"


def test_a_request_is_no_argument() -> None:
    request = Request({"type": "http", "headers": []})
    with pytest.raises(EncodeError, match="Object of type Request is not JSON serializable"):
        tasks.send_welcome.delay("ada@example.com", request, "de")


def test_the_account_is_a_page() -> None:
    assert CLIENT.get("/de/account").json() == {"language": "de"}

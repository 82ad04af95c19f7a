"""Who may do what, and what they learn."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from shop import tasks
from shop.config import Settings
from shop.database import Job, new_session, now
from shop.main import create_app
from sqlalchemy import func, select, update

from conftest import ADA, BOB, KEYS


def start(client: TestClient, year: int = 2026, user: dict[str, str] = ADA) -> str:
    """Start a report and return its path."""
    answer = client.post("/reports", json={"year": year}, headers=user)
    assert answer.status_code == 202
    return f"/reports/{answer.json()['id']}"


def ended(client: TestClient, path: str) -> dict[str, Any]:
    """Wait for the end of a report."""
    deadline = time.monotonic() + 20
    while (state := client.get(path, headers=ADA).json())["state"] == "PENDING":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return state


def count_jobs() -> int:
    """Return how many jobs there are."""
    with new_session() as session:
        return session.scalar(select(func.count()).select_from(Job))


def test_a_task_is_shown_to_its_owner_only(client: TestClient, worker: None) -> None:
    path = start(client, user=ADA)
    result = {"year": 2026, "orders": 240}
    assert ended(client, path) == {"state": "SUCCESS", "result": result, "error": None}

    somebody_else = client.get(path, headers=BOB)
    unknown = client.get(f"/reports/{uuid4()}", headers=BOB)
    assert somebody_else.status_code == unknown.status_code == 404
    assert somebody_else.json() == unknown.json() == {"detail": "no such task"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {'c' * 32}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {KEYS['ada']}"},
        {"Authorization": b"Bearer \xe9"},
    ],
)
def test_without_a_key_there_is_nothing(client: TestClient, headers: dict[str, Any]) -> None:
    start_one = client.post("/reports", json={"year": 2026}, headers=headers)
    show_one = client.get(f"/reports/{uuid4()}", headers=headers)
    assert start_one.status_code == show_one.status_code == 401
    assert start_one.headers["WWW-Authenticate"] == "Bearer"
    assert start_one.json() == {"detail": "Not authenticated"}
    assert count_jobs() == 0


def test_without_keys_nobody_gets_in(client: TestClient, settings: Settings) -> None:
    settings.api_keys = {}
    assert client.get(f"/reports/{uuid4()}", headers=ADA).status_code == 401


def test_a_user_starts_ten_reports_an_hour(client: TestClient) -> None:
    for _ in range(10):
        start(client)
    answer = client.post("/reports", json={"year": 2026}, headers=ADA)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert count_jobs() == 10
    start(client, user=BOB)


def test_after_an_hour_there_are_ten_more(client: TestClient) -> None:
    for _ in range(10):
        start(client)
    with new_session.begin() as session:
        session.execute(update(Job).values(started_at=now() - timedelta(minutes=59)))
    assert client.post("/reports", json={"year": 2026}, headers=ADA).status_code == 429
    with new_session.begin() as session:
        session.execute(update(Job).values(started_at=now() - timedelta(minutes=61)))
    start(client)


@pytest.mark.parametrize(
    "body", [{}, {"year": "2026"}, {"year": 1999}, {"year": 2101}, {"year": 2026, "shop": 1}]
)
def test_what_does_not_fit_starts_nothing(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/reports", json=body, headers=ADA).status_code == 422
    assert count_jobs() == 0


@pytest.mark.parametrize("year", [2000, 2100])
def test_the_first_and_the_last_year_are_taken(client: TestClient, year: int) -> None:
    start(client, year=year)
    assert count_jobs() == 1


def test_a_form_or_a_plain_text_starts_nothing(client: TestClient) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {**ADA, "Content-Type": content_type}
        answer = client.post("/reports", content='{"year": 2026}', headers=headers)
        assert answer.status_code == 422
    without = client.post("/reports", content='{"year": 2026}', headers=ADA)
    assert without.status_code == 422
    assert count_jobs() == 0


def test_other_sites_are_not_let_in(client: TestClient) -> None:
    method = {"Access-Control-Request-Method": "POST"}
    answer = client.options("/reports", headers={"Origin": "https://a.example", **method})
    assert answer.status_code == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


def in_pieces() -> Iterator[bytes]:
    """Send a body that does not say how large it is."""
    for _ in range(11):
        yield b" " * 1000


@pytest.mark.parametrize("body", [lambda: b" " * 11_000, in_pieces])
def test_a_large_body_is_refused(client: TestClient, body: Callable[[], Any]) -> None:
    headers = {**ADA, "Content-Type": "application/json"}
    assert client.post("/reports", content=body(), headers=headers).status_code == 413
    del headers["Authorization"]  # the body is read before anybody looks for a key
    assert client.post("/reports", content=body(), headers=headers).status_code == 413
    assert count_jobs() == 0


def test_the_setting_says_how_large(settings: Settings, client: TestClient) -> None:
    settings.max_body_size = 12_000
    client = TestClient(create_app(settings))
    headers = {**ADA, "Content-Type": "application/json"}
    assert client.post("/reports", content=b" " * 11_000, headers=headers).status_code == 422
    assert client.post("/reports", content=b" " * 12_001, headers=headers).status_code == 413


def test_an_error_that_is_meant_for_the_client_is_shown(client: TestClient, worker: None) -> None:
    state = ended(client, start(client, year=2000))
    assert state == {"state": "FAILURE", "result": None, "error": "no orders in 2000"}


def test_other_errors_are_not(
    client: TestClient, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(year: int) -> int:
        message = "connection to db.internal failed for user shop"
        raise RuntimeError(message)

    monkeypatch.setattr(tasks, "count_orders", fail)
    state = ended(client, start(client))
    assert state == {"state": "FAILURE", "result": None, "error": "it has failed"}


def test_a_report_that_waits_has_no_result(client: TestClient, settings: Settings) -> None:
    with new_session.begin() as session:
        session.add(job := Job(owner="ada"))
        session.flush()
        path = f"/reports/{job.id}"
    assert client.get(path, headers=ADA).json() == {
        "state": "PENDING",
        "result": None,
        "error": None,
    }


def test_the_documentation_is_closed(settings: Settings) -> None:
    paths = ("/docs", "/redoc", "/openapi.json")
    client = TestClient(create_app(settings))
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    settings.docs = True
    client = TestClient(create_app(settings))
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]


def test_a_key_is_not_part_of_a_message(settings: Settings) -> None:
    assert KEYS["ada"] not in repr(settings)
    assert settings.api_keys["ada"] == SecretStr(KEYS["ada"])

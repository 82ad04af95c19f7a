"""The routes of the quotes."""

import pytest
from fastapi.testclient import TestClient
from shop.celery_app import celery_app
from shop.schemas import Parcel
from shop.tasks import make_quote

PARCEL = {"weight_kg": "1.5", "country": "DE", "ship_on": "2026-11-21"}


def test_a_quote(client: TestClient) -> None:
    answer = client.post("/quotes", json=PARCEL)
    assert answer.status_code == 202
    task_id = answer.json()["task_id"]
    celery_app.AsyncResult(task_id).get(timeout=30, interval=0.01)
    assert client.get(f"/quotes/{task_id}").json() == {
        "state": "SUCCESS",
        "quote": {"price": "3.75", "valid_until": "2026-11-21"},
    }


@pytest.mark.parametrize(
    "wrong", [{"weight_kg": "30.01"}, {"weight_kg": "0"}, {"country": "Germany"}]
)
def test_a_parcel_that_does_not_fit(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    monkeypatch.setattr(make_quote, "delay", None)
    answer = client.post("/quotes", json=PARCEL | wrong)
    assert answer.status_code == 422


def test_no_quote_yet(client: TestClient) -> None:
    answer = client.get("/quotes/92275814-b856-4f88-80ff-cf40a8220fa2")
    assert answer.json() == {"state": "PENDING", "quote": None}


def test_the_heaviest_parcel() -> None:
    assert Parcel.model_validate(PARCEL | {"weight_kg": "30"}).weight_kg == 30


def test_a_quote_that_failed(client: TestClient) -> None:
    task_id = "2faf384f-916b-4f36-b245-b0adb11e1696"
    celery_app.backend.mark_as_failure(task_id, ValueError("no such country"))
    answer = client.get(f"/quotes/{task_id}")
    assert answer.json() == {"state": "FAILURE", "quote": None}


def test_what_is_no_id(client: TestClient) -> None:
    assert client.get("/quotes/latest").status_code == 422

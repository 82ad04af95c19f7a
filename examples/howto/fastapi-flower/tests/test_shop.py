"""The endpoint, the settings and Flower's options."""

import runpy
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from fastapi import status
from fastapi.testclient import TestClient
from flower.options import default_options
from pydantic import ValidationError
from shop.celery_app import celery_app
from shop.config import Settings, settings
from shop.main import app
from shop.tasks import ask_bank, send_receipt

FLOWER = "flowerconfig.py"


def options() -> dict[str, Any]:
    """Run Flower's file, and return what it says."""
    names = runpy.run_path(FLOWER)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def test_a_misspelt_option_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FLOWER_PASSWORD", "correct horse, battery")
    helpers = {"FlowerSettings", "who"}
    assert options().keys() - helpers <= set(default_options)


def test_that_test_finds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.options", lambda: {"basic_atuh": [], "who": None})
    with pytest.raises(AssertionError, match="basic_atuh"):
        test_a_misspelt_option_is_found(monkeypatch)


def test_twelve_characters_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FLOWER_PASSWORD", "twelve chars")
    assert options()["basic_auth"] == ["shop:twelve chars"]


def test_flower_has_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FLOWER_PASSWORD", "correct horse, battery")
    found = options()
    assert found["address"] == "127.0.0.1"
    assert found["basic_auth"] == ["shop:correct horse, battery"]
    assert (found["max_tasks"], found["purge_offline_workers"]) == (10_000, 3600)
    assert found["read_only"] is True


@pytest.mark.parametrize("password", [None, "", "short", "eleven char"])
def test_flower_does_not_start_without_one(
    monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    monkeypatch.delenv("SHOP_FLOWER_PASSWORD", raising=False)
    if password is not None:
        monkeypatch.setenv("SHOP_FLOWER_PASSWORD", password)
    with pytest.raises(ValidationError) as error:
        options()
    assert f"input_value='{password}'" not in str(error.value)


@pytest.fixture
def shown() -> Iterator[list[str]]:
    """Note what each message shows of its arguments."""
    shown: list[str] = []

    def note(headers: dict[str, Any], **_: object) -> None:
        shown.append(headers["argsrepr"])

    before_task_publish.connect(note)
    yield shown
    before_task_publish.disconnect(note)


@pytest.mark.usefixtures("worker")
def test_the_message_hides_the_address_from_whoever_looks(lane: str, shown: list[str]) -> None:
    with TestClient(app) as client:
        answer = client.post("/orders", json={"email": "ada@example.com"})
    assert answer.status_code == status.HTTP_201_CREATED
    result = celery_app.AsyncResult(answer.json()["task_id"])
    assert result.get(timeout=5) == "sent"
    assert shown == {"eager": [], "worker": ["(<email>,)"]}[lane]


def test_a_retry_shows_it_again(lane: str, worker: str, shown: list[str]) -> None:
    if lane == "eager":
        pytest.skip("an eager task has no message")
    ask_bank.apply_async([1], argsrepr="(<order>,)")
    until = time.monotonic() + 5
    while len(shown) < len(("sent", "sent again")):
        assert time.monotonic() < until
        time.sleep(0.005)
    assert shown == ["(<order>,)", "(1,)"]


def test_a_worker_shows_what_waits_in_it(lane: str, worker: str) -> None:
    if lane == "eager":
        pytest.skip("an eager task does not wait")
    result = send_receipt.apply_async(["ada@example.com"], countdown=600, argsrepr="(<email>,)")
    inspect = celery_app.control.inspect(destination=[worker], timeout=5)
    until = time.monotonic() + 5
    while result.id not in str(waiting := inspect.scheduled()):
        assert time.monotonic() < until
    requests = {it["request"]["id"]: it["request"] for it in waiting[worker]}
    assert requests[result.id]["args"] == ["ada@example.com"]


def test_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER_URL", "BROKER_TRANSPORT_OPTIONS", "RESULT_BACKEND"):
        monkeypatch.setenv(f"SHOP_{name}", "")
    assert Settings().model_dump() == {
        "mail_seconds": 0,
        "month_seconds": 0,
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": {},
        "result_backend": "redis://127.0.0.1:6379/0",
    }
    assert "shop.tasks" in celery_app.conf.include
    assert app.title == "Shop"


def test_celery_takes_its_settings_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "broker_url", "memory://elsewhere")
    monkeypatch.setattr(settings, "broker_transport_options", {"polling_interval": 2})
    monkeypatch.setattr(settings, "result_backend", "cache+memory://elsewhere")
    conf = runpy.run_path("shop/celery_app.py")["celery_app"].conf
    celery_app.set_default()
    assert (conf.broker_url, conf.result_backend) == (
        "memory://elsewhere",
        "cache+memory://elsewhere",
    )
    assert conf.broker_transport_options == {"polling_interval": 2}
    assert conf.task_track_started is True

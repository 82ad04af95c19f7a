"""The tasks, and Flower's options."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from flower.options import default_options
from shop.tasks import make_report, send_receipt

FLOWER = str(Path(__file__).parents[1] / "flowerconfig.py")


@pytest.mark.usefixtures("worker")
def test_the_tasks() -> None:
    assert send_receipt.delay(1).get(timeout=5, interval=0.01) == "sent receipt 1"
    assert make_report.delay(0).get(timeout=5, interval=0.01) is None


def test_events_are_sent(celery_app: Celery) -> None:
    assert celery_app.conf.worker_send_task_events is True
    assert celery_app.conf.task_send_sent_event is True


@pytest.mark.parametrize("password", [None, "", "eleven char", "pässword, a long one"])
def test_flower_does_not_start(monkeypatch: pytest.MonkeyPatch, password: str | None) -> None:
    monkeypatch.delenv("SHOP_FLOWER_PASSWORD", raising=False)
    if password is not None:
        monkeypatch.setenv("SHOP_FLOWER_PASSWORD", password)
    with pytest.raises(SystemExit, match="12 ASCII characters"):
        runpy.run_path(FLOWER)


def test_flower_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FLOWER_PASSWORD", "twelve chars")
    names: dict[str, Any] = runpy.run_path(FLOWER)
    options = {name: value for name, value in names.items() if not name.startswith("__")}
    del options["os"], options["password"], options["SHORTEST"]
    assert options.keys() <= set(default_options)  # Flower ignores what is misspelt
    assert options == {
        "address": "127.0.0.1",
        "basic_auth": ["shop:twelve chars"],
        "max_tasks": 10_000,
        "purge_offline_workers": 3600,
        "read_only": True,
    }

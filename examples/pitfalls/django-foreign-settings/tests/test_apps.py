"""Several Celery apps in one process, each with its own messages."""

import json
import runpy
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
import scraper
import scraper_alone
import send_receipt
from celery import Celery
from celery.contrib.django.task import DjangoTask
from pytest_django import Settings
from shop import partner, tasks

PROJECT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def current(celery_app: Celery) -> None:
    """Make the shop's app the current one again: a module of the tests has changed that."""
    celery_app.set_current()


def waiting(url: str, queue: str) -> list[tuple[str, Any]]:
    """Take the messages of a queue: the name of each task and its arguments."""
    found = []
    with Celery("reader", set_as_current=False, fixups=[]).connection_for_read(url) as connection:
        simple = connection.SimpleQueue(queue)
        while len(simple):
            message = simple.get_nowait()
            message.ack()
            assert message.headers["ignore_result"]
            found.append((message.headers["task"], json.loads(message.body)[0]))
        simple.close()
    return found


def test_a_message_goes_to_the_warehouse(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis.example.org/0")  # must not matter
    settings.PARTNER_BROKER_URL = "memory://partner"
    assert partner.reserve(7)
    assert waiting("memory://partner", "warehouse") == [("warehouse.tasks.reserve", [7])]


def test_the_apps_keep_out_of_the_way(celery_app: Celery) -> None:
    assert tasks.send_receipt.app is celery_app
    assert not issubclass(partner.app.Task, DjangoTask)
    assert not issubclass(scraper_alone.app.Task, DjangoTask)
    assert issubclass(scraper.app.Task, DjangoTask)
    assert partner.app.conf.result_backend is None


def test_a_program_without_django_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_receipt.app.conf, "broker_url", "memory://")
    send_receipt.main()
    assert waiting("memory://", "shop") == [("shop.tasks.send_receipt", ["ada@example.com"])]


VARIABLES = ("CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS")


@pytest.mark.parametrize(
    ("values", "options"),
    [(("memory://", '{"polling_interval": 0.5}'), {"polling_interval": 0.5}), ((), {})],
)
def test_the_program_reads_the_environment(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...], options: dict[str, float]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in zip(VARIABLES, values, strict=False):
        monkeypatch.setenv(name, value)
    with patch("celery.Celery.send_task") as send_task:
        conf = runpy.run_path(str(PROJECT / "send_receipt.py"), run_name="__main__")["app"].conf
    assert conf.broker_url == (values[0] if values else "redis://127.0.0.1:6379/0")
    assert conf.broker_transport_options == options
    send_task.assert_called_once()


def test_the_defaults_are_those_of_the_shop() -> None:
    assert send_receipt.app.main == "sender"
    assert send_receipt.app.conf.broker_transport_options == {}
    assert partner.app.main == "warehouse"


@pytest.mark.parametrize("module", [scraper, scraper_alone])
def test_the_scraper_scrapes(module: ModuleType) -> None:
    assert module.fetch("https://example.com") == "fetched https://example.com"
    assert module.app.main == "scraper"


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent() -> None:
    result = tasks.send_receipt.delay("ada@example.com")
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_the_shop_has_a_queue_of_its_own(celery_app: Celery) -> None:
    assert celery_app.conf.task_default_queue == "shop"

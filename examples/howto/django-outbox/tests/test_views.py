"""The routes, with a broker and without."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from queue import Queue
from unittest.mock import Mock

import pytest
from celery.result import AsyncResult
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from shop import tasks
from shop.models import Message, Order

BrokerDown = Callable[[], AbstractContextManager[None]]
SECONDS = 5


@pytest.mark.usefixtures("worker")
def test_an_order(client: Client, done: Queue[object]) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert answer.json()["id"] == Order.objects.get().pk
    assert done.get(timeout=SECONDS) == "sent to ada@example.com"
    result = AsyncResult(answer.json()["receipt"])
    assert result.get(timeout=SECONDS, interval=0.01) == "sent to ada@example.com"
    assert not Message.objects.exists()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("url", ["/orders", "/swept-orders"])
def test_a_broker_that_is_down_is_no_failed_order(
    client: Client, broker_down: BrokerDown, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with broker_down(), caplog.at_level(logging.ERROR):
        answer = client.post(url, {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert answer.json()["id"] == Order.objects.get().pk
    [record] = caplog.records
    assert record.name == "django.db.backends.base"
    message = "Error calling Signature.delay in on_commit() during transaction (refused)."
    assert record.getMessage() == message


@pytest.mark.usefixtures("worker")
def test_the_command_sends_what_the_broker_has_refused(
    client: Client,
    broker_down: BrokerDown,
    capsys: pytest.CaptureFixture[str],
    done: Queue[object],
) -> None:
    with broker_down():
        receipt = client.post("/orders", {"email": "ada@example.com"}).json()["receipt"]
        with pytest.raises(CommandError, match="the broker refuses: refused"):
            call_command("relay")
    assert str(Message.objects.get().task_id) == receipt
    call_command("relay")
    assert capsys.readouterr().out == "1 sent\n"
    assert done.get(timeout=SECONDS) == "sent to ada@example.com"
    assert not Message.objects.exists()


@pytest.mark.usefixtures("worker")
def test_the_sweep_sends_what_the_broker_has_refused(
    client: Client, broker_down: BrokerDown, done: Queue[object]
) -> None:
    with broker_down():
        client.post("/swept-orders", {"email": "ada@example.com"})
    assert tasks.sweep() == 0
    Order.objects.update(created_at=timezone.now() - tasks.LATE)
    assert tasks.sweep() == 1
    assert done.get(timeout=SECONDS) == "sent to ada@example.com"


@pytest.mark.usefixtures("worker")
def test_a_receipt_is_sent_without_a_sweep(client: Client, done: Queue[object]) -> None:
    client.post("/swept-orders", {"email": "ada@example.com"})
    assert done.get(timeout=SECONDS) == "sent to ada@example.com"


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/orders", "/swept-orders"])
def test_an_order_that_is_rolled_back_sends_nothing(
    client: Client,
    url: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        client.post(url, {"email": "ada@example.com"})
    assert len(callbacks) == 1
    Order.objects.all().delete()
    Message.objects.all().delete()
    monkeypatch.setattr(transaction, "on_commit", Mock(side_effect=RuntimeError))
    with pytest.raises(RuntimeError):
        client.post(url, {"email": "ada@example.com"})
    assert not Order.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("url", ["/orders", "/swept-orders"])
def test_only_a_post_makes_an_order(client: Client, url: str) -> None:
    assert client.get(url).status_code == 405

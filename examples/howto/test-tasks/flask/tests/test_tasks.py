"""The task of the shop: its body, its failure, and the way through Celery."""

from unittest.mock import Mock

import pytest
from celery import Celery
from celery.exceptions import NotRegistered
from flask import Flask
from shop import mail
from shop.tasks import send_receipt
from sqlalchemy.exc import NoResultFound

from conftest import by_delay


def test_body(app: Flask, mails: list[str]) -> None:
    assert send_receipt(1) == "ada@example.org"
    assert mails == ["ada@example.org"]


def test_body_fails(app: Flask, mails: list[str]) -> None:
    with pytest.raises(NoResultFound):
        send_receipt(2)
    assert mails == []


def test_the_way(worker: None, mails: list[str]) -> None:
    assert by_delay(send_receipt, 1) == "ada@example.org"
    assert mails == ["ada@example.org"]


def test_the_way_fails(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "send", Mock(side_effect=OSError("no mail server")))
    with pytest.raises(OSError, match="no mail server"):
        by_delay(send_receipt, 1)


def test_eager_mode_keeps_a_failure_to_itself(
    celery_app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", False)
    assert send_receipt.delay(2).state == "FAILURE"  # and nothing was raised


def test_eager_mode_is_set_up_to_raise(app: Flask, lane: str) -> None:
    if lane == "eager":
        with pytest.raises(NoResultFound):
            send_receipt.delay(2)


def test_a_worker_without_ping(celery_app: Celery, worker: None, lane: str) -> None:
    if lane == "worker":
        with pytest.raises(NotRegistered, match=r"^'celery\.ping'$"):
            celery_app.send_task("celery.ping").get(timeout=5, interval=0.01)

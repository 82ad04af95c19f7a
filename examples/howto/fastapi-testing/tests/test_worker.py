"""What a worker thread does to the tests."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from celery import Celery
from celery.app import app_or_default
from celery.contrib.testing.worker import start_worker
from forgotten import clean_up
from places import where
from shop.celery_app import celery_app
from shop.config import get_settings
from shop.tasks import count_orders


def app_of_an_endpoint() -> Celery:
    """Return the app that a thread finds."""
    with ThreadPoolExecutor() as threads:
        return threads.submit(app_or_default).result()


def test_each_thread_finds_the_app() -> None:
    assert app_of_an_endpoint() is celery_app


@pytest.fixture
def forgetful() -> Iterator[Celery]:
    """Return an app without ``set_default()``, as a shop may forget it."""
    yield Celery("forgetful", broker="memory://", backend="cache+memory://")
    celery_app.set_current()
    celery_app.set_default()


def test_start_worker_hides_a_missing_default(forgetful: Celery) -> None:
    assert app_of_an_endpoint() is not forgetful
    forgetful.conf.broker_transport_options = {"polling_interval": 0.01}
    with start_worker(forgetful, perform_ping_check=False) as worker:
        assert app_of_an_endpoint() is forgetful
        forgetful.control.shutdown(destination=[worker.hostname])
    assert app_of_an_endpoint() is forgetful


def test_a_thread_shows_none_of_this(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "sender", "test@example.org")
    assert clean_up.delay().get(timeout=30, interval=0.01) == "cleaned up"
    process_id, sender = where.delay().get(timeout=30, interval=0.01)
    assert process_id == os.getpid()
    assert sender == "test@example.org"


def test_the_worker_loses_no_time(order_id: int, worker: None) -> None:
    begin = monotonic()
    for _ in range(5):
        count_orders.delay().get(timeout=30, interval=0.01)
    assert monotonic() - begin < 3

"""What waits for Django, when Django is ready."""

import runpy
from pathlib import Path
from unittest.mock import patch

import clean_up_right
import lost_schedule
import pytest
from celery import Celery
from celery.signals import worker_ready
from django.db import connection
from shop.models import Order
from shop.tasks import count_orders, delete_orders

PROJECT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def orders(transactional_db: None) -> None:
    """Save three orders, of which one has its receipt."""
    for sent in (True, False, False):
        Order.objects.create(email="ada@example.com", receipt_sent=sent)


@pytest.mark.usefixtures("worker")
def test_a_worker_counts_the_orders() -> None:
    assert count_orders.delay().get(timeout=5, interval=0.01) == 2


def test_a_worker_says_what_waits() -> None:
    with patch("config.celery.logger") as logger:
        worker_ready.send(sender=None)
    logger.info.assert_called_once_with("%d orders wait", 2)
    assert connection.connection is None


def test_the_program_deletes_and_counts() -> None:
    with patch("shop.tasks.count_orders.delay") as delay:
        clean_up_right.clean_up()
    assert Order.objects.count() == 2
    delay.assert_called_once_with()


def test_the_program_sets_django_up() -> None:
    with patch("django.setup") as setup, patch("shop.tasks.count_orders.delay") as delay:
        runpy.run_path(str(PROJECT / "clean_up_right.py"), run_name="__main__")
    setup.assert_called_once_with()
    delay.assert_called_once_with()


def test_the_schedule_is_there_when_django_is_ready(celery_app: Celery) -> None:
    app = Celery("demo", set_as_current=False)
    responses = celery_app.on_after_configure.send(sender=app)
    assert responses == [(lost_schedule.set_up_schedule, None)]
    [entry] = app.conf.beat_schedule.values()
    assert (entry["task"], entry["schedule"]) == ("shop.tasks.delete_orders", 3600)


def test_every_entry_of_the_schedule_names_a_task(celery_app: Celery) -> None:
    entries = celery_app.conf.beat_schedule
    assert entries["count-orders"]["schedule"] == 60
    assert {entry["task"] for entry in entries.values()} <= celery_app.tasks.keys()


def test_the_task_deletes() -> None:
    delete_orders()
    assert Order.objects.count() == 2

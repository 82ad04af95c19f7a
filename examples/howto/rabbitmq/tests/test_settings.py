"""The queue that Celery makes of the settings."""

import os

import pytest
from celery import Celery
from shop import tasks
from shop.celery_app import SETTINGS, celery_app


@pytest.mark.usefixtures("worker")
def test_a_receipt() -> None:
    result = tasks.send_receipt.apply_async((7,), ignore_result=False)
    assert result.get(timeout=5, interval=0.01) == "receipt 7"


def test_the_queue() -> None:
    app = Celery("test", set_as_current=False)
    assert "shop.tasks" in celery_app.conf.include
    assert SETTINGS.keys() <= set(app.conf.keys())
    app.conf.update(SETTINGS)
    (queue,) = app.amqp.queues.values()
    assert (queue.name, queue.exchange.name, queue.exchange.type) == (
        "shop-orders",
        "shop-orders",
        "topic",
    )
    assert queue.queue_arguments == {"x-queue-type": "quorum"}
    assert app.conf.broker_transport_options == {
        "confirm_publish": True,
        "read_timeout": 5,
        "write_timeout": 5,
    }
    assert app.conf.task_acks_late
    assert app.conf.task_ignore_result
    assert app.conf.broker_url == os.environ.get("SHOP_BROKER_URL", "amqp://127.0.0.1:5672//")

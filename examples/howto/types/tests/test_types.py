"""What Celery itself says of wrong calls, which is little, and of types at run time."""

from concurrent.futures import ThreadPoolExecutor

import mistakes
import pytest
from celery import Celery, Signature, Task
from celery.contrib.django.task import DjangoTask
from celery.result import AsyncResult
from shop.tasks import send_receipt


def test_other_threads_find_the_app() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: send_receipt.app.main).result() == "shop"


def results_of(sent: list[AsyncResult[str]]) -> list[str]:
    """Wait for all results."""
    return [result.get(timeout=5, interval=0.01) for result in sent]


@pytest.mark.usefixtures("worker")
def test_celery_runs_what_mypy_finds() -> None:
    receipt = "receipt of order 7"
    assert results_of(mistakes.found()) == [receipt, "order 7, attempt 1", receipt]


@pytest.mark.usefixtures("worker")
def test_celery_runs_what_mypy_misses() -> None:
    receipt = "receipt of order 7"
    expected = [receipt, receipt, "shop.tasks.ship:7", "older than 7 days"]
    assert results_of(mistakes.missed()) == expected


@pytest.mark.usefixtures("worker")
def test_a_wrong_use_of_a_result() -> None:
    with pytest.raises(AttributeError, match="uper"):
        mistakes.found_in_the_result()


def test_celery_counts_the_arguments() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'order_id'"):
        send_receipt.delay()


@pytest.mark.parametrize("kind", [AsyncResult, Celery, DjangoTask, Signature, Task])
def test_the_classes_take_parameters(kind: type) -> None:
    assert kind[int].__origin__ is kind

"""The task, and that it runs where the lane says."""

from queue import Queue

import pytest
from celery.signals import task_postrun
from flask import current_app
from shop import celery_app, print_catalog


@pytest.fixture
def ended() -> Queue[object]:
    """Collect what tasks return as they end."""
    returned: Queue[object] = Queue()
    # The signal holds its receivers weakly.
    returned.receiver = lambda retval, **_: returned.put(retval)  # type: ignore[attr-defined]
    task_postrun.connect(returned.receiver)  # type: ignore[attr-defined]
    return returned


def test_each_page_takes_a_tenth_of_a_second(
    ended: Queue[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("shop.sleep", slept.append)
    print_catalog.delay(2)
    assert ended.get(timeout=30) == "2 pages"
    assert slept == [0.1, 0.1]


def test_the_task_is_registered() -> None:
    assert print_catalog.name == "shop.print_catalog"
    assert celery_app.conf.task_ignore_result is True


def test_a_task_runs_in_the_application_context(ended: Queue[object]) -> None:
    @celery_app.task
    def name() -> str:
        return current_app.name

    assert name() == "shop"
    assert not current_app
    assert ended.empty()

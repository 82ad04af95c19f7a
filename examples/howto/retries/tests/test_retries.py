"""What Celery does with a retry."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from celery import Celery, Task
from celery.exceptions import Retry
from celery.signals import before_task_publish
from kombu.exceptions import OperationalError

Messages = list[dict[str, Any]]


@pytest.fixture
def messages() -> Iterator[Messages]:
    """Collect the headers of every message that is sent."""
    seen: Messages = []

    def note(headers: dict[str, Any], **_: object) -> None:
        seen.append(dict(headers))

    before_task_publish.connect(note)
    yield seen
    before_task_publish.disconnect(note)


@pytest.fixture
def always_fails(celery_app: Celery, request: pytest.FixtureRequest) -> Iterator[Task]:
    """Return a task that fails twice; it must be known before the worker starts."""

    @celery_app.task(name="shop.tasks.always_fails", autoretry_for=(OSError,), max_retries=1)
    def always_fails(password: str) -> None:
        raise OSError

    request.getfixturevalue("worker")
    yield always_fails
    del celery_app.tasks[always_fails.name]


def test_what_a_retry_keeps_and_loses(
    always_fails: Task, waits: list[float], messages: Messages
) -> None:
    result = always_fails.apply_async(
        ["secret"],
        argsrepr="(***)",
        expires=60,
        headers={"tenant": "north"},
    )
    assert isinstance(result.get(timeout=5, interval=0.01, propagate=False), OSError)
    if not messages:
        return  # eager mode sends none
    first, second = messages
    assert first["id"] == second["id"]
    assert (first["retries"], second["retries"]) == (0, 1)
    assert first["expires"] == second["expires"]
    assert second["tenant"] == "north"
    assert (first["argsrepr"], second["argsrepr"]) == ("(***)", "('secret',)")


def test_except_exception_swallows_a_retry(celery_app: Celery, waits: list[float]) -> None:
    @celery_app.task(bind=True, shared=False)
    def careless(self: Task) -> str:
        try:
            self.retry()
        except Exception:  # noqa: BLE001
            return "done"

    @celery_app.task(bind=True, shared=False)
    def careful(self: Task) -> str:
        try:
            self.retry()
        except Retry:
            raise
        except Exception:  # noqa: BLE001
            return "gave up"

    assert careless.apply().get() == "done"
    assert waits == [180]
    assert careful.apply().get() == "gave up"
    assert waits == [180] * 5


def test_a_retry_that_cannot_be_sent_is_the_end(
    always_fails: Task, monkeypatch: pytest.MonkeyPatch, celery_app: Celery
) -> None:
    if celery_app.conf.task_always_eager:
        return  # it sends none
    no_broker = Mock(side_effect=OperationalError("no broker"))
    monkeypatch.setattr("celery.canvas.Signature.apply_async", no_broker)
    result = always_fails.delay("secret")
    end = result.get(timeout=5, interval=0.01, propagate=False)
    assert result.state == "FAILURE"
    assert repr(end) == "reject requeue=False: OperationalError('no broker')"

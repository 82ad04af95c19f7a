"""What Celery does with errors."""

import time

import bank
import pytest
from celery import Celery, Task
from celery.exceptions import MaxRetriesExceededError, Retry
from celery.utils.time import get_exponential_backoff_interval
from fastapi.testclient import TestClient
from shop import alerts, tasks


def seconds(monkeypatch: pytest.MonkeyPatch, celery_app: Celery, **options: object) -> list[float]:
    """Return the longest pauses between the attempts of a task with these options."""
    pauses: list[float] = []

    @celery_app.task(name="shop.tasks.always_fails", autoretry_for=(OSError,), **options)
    def always_fails() -> None:
        raise OSError

    for retries in range(always_fails.max_retries):
        always_fails.push_request(retries=retries, is_eager=True, called_directly=False)
        with pytest.raises(Retry) as raised:
            always_fails.run()
        pauses.append(raised.value.when)
        always_fails.pop_request()
    del celery_app.tasks["shop.tasks.always_fails"]
    return pauses


@pytest.mark.parametrize(
    ("options", "pauses"),
    [
        ({}, [180, 180, 180]),
        ({"default_retry_delay": 5}, [5, 5, 5]),
        ({"retry_backoff": True, "max_retries": 6}, [1, 2, 4, 8, 16, 32]),
        ({"retry_backoff": 2, "max_retries": 6}, [2, 4, 8, 16, 32, 64]),
        ({"retry_backoff": 30, "max_retries": 6}, [30, 60, 120, 240, 480, 600]),
        (
            {"retry_backoff": 30, "retry_backoff_max": 100, "max_retries": 6},
            [30, 60, 100, 100, 100, 100],
        ),
        ({"retry_backoff": 0.5}, [1, 2, 4]),
        ({"retry_kwargs": {"countdown": 5}}, [5, 5, 5]),
    ],
)
def test_pauses(
    celery_app: Celery,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, object],
    pauses: list[float],
) -> None:
    # Jitter takes a random number up to the pause: this takes the largest one.
    monkeypatch.setattr("random.randrange", lambda stop: stop - 1)
    assert seconds(monkeypatch, celery_app, **options) == pauses
    assert seconds(monkeypatch, celery_app, **options, retry_jitter=False) == pauses
    monkeypatch.setattr("random.randrange", lambda _: 0)
    shortest = [0] * len(pauses) if "retry_backoff" in options else pauses
    assert seconds(monkeypatch, celery_app, **options) == shortest


def test_self_retry_ignores_backoff(celery_app: Celery, waits: list[float]) -> None:
    @celery_app.task(bind=True, retry_backoff=2, max_retries=2, shared=False)
    def wrong(self: Task) -> None:
        raise self.retry()

    @celery_app.task(bind=True, max_retries=6, shared=False)
    def right(self: Task) -> None:
        pause = get_exponential_backoff_interval(2, self.request.retries, 60)
        raise self.retry(countdown=pause)

    wrong.apply()
    assert waits == [180, 180, 180]
    waits.clear()
    right.apply()
    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_the_error_at_the_end(celery_app: Celery, waits: list[float]) -> None:
    @celery_app.task(bind=True, shared=False)
    def without_exc(self: Task) -> None:
        self.retry()

    @celery_app.task(bind=True, shared=False)
    def with_exc(self: Task) -> None:
        self.retry(exc=OSError("the printer is gone"))

    @celery_app.task(autoretry_for=(OSError,), shared=False)
    def automatic() -> None:
        raise OSError("the printer is gone")

    error = without_exc.apply().result
    assert isinstance(error, MaxRetriesExceededError)
    assert str(error).startswith("Can't retry ")
    assert repr(with_exc.apply().result) == "OSError('the printer is gone')"
    assert repr(automatic.apply().result) == "OSError('the printer is gone')"
    assert waits == [180] * 12


def test_eager_mode_does_not_wait() -> None:
    bank.trouble += [503] * 8  # with pauses, this takes eight minutes
    assert tasks.charge.apply((1, 1905)).get() == "receipt of order-1"
    assert len(bank.keys) == 9


def test_eager_mode_that_propagates_does_not_try_again() -> None:
    bank.trouble += [503]
    with pytest.raises(Retry, match=r"^Retry in \d+s: BankUnavailableError"):
        tasks.charge.apply((1, 1905), throw=True)
    assert bank.keys == ["order-1"]


def test_people_hear_of_failures_only(
    client: TestClient, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    bank.trouble += [503, 402]
    result = tasks.charge.delay(1, 1905)
    deadline = time.monotonic() + 30
    while "has failed" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    records = [record for record in caplog.records if record.name == alerts.__name__]
    told = [record.getMessage() for record in records]
    assert records[0].levelname == "CRITICAL"
    error = "PaymentRefusedError('the bank answered 402')"
    assert told == [f"shop.tasks.charge {result.id} has failed: {error}"]
    assert len(waits) == 1

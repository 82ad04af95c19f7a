"""What the shop makes of the bank's answers."""

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
import remote
import requests
from celery import Celery
from shop import rates, tasks

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.mark.usefixtures("bank", "worker")
def test_the_bank_says_when(waits: list[float]) -> None:
    result = tasks.fetch_rate.delay("usd")
    assert result.get(timeout=5, interval=0.01) == 1.17
    assert remote.asked == ["/usd", "/usd"]
    assert waits == [1]


@pytest.mark.usefixtures("worker")
def test_no_answer(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    get = Mock(side_effect=requests.ConnectionError("refused"))
    monkeypatch.setattr("requests.get", get)
    monkeypatch.setattr("random.randrange", lambda stop: stop - 1)
    result = tasks.fetch_rate.delay("usd")
    with pytest.raises(requests.ConnectionError, match="refused"):
        result.get(timeout=5, interval=0.01)
    assert get.call_count == 11
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("status", [404, 500])
def test_what_is_not_tried_again(
    waits: list[float], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    answer = requests.Response()
    answer.status_code = status
    monkeypatch.setattr("requests.get", lambda *_, **__: answer)
    result = tasks.fetch_rate.delay("usd")
    assert "HTTPError" in repr(result.get(timeout=5, interval=0.01, propagate=False))
    assert waits == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("86400", 600),
        ("Sat, 21 Nov 2026 09:30:20 GMT", 20),
        ("Sat, 21 Nov 2026 09:30:20", 20),
        ("Sat, 21 Nov 2026 09:29:00 GMT", 1),
        ("Sun, 22 Nov 2026 09:30:00 GMT", 600),
        ("soon", 60),
        ("²", 60),
    ],
)
def test_retry_after(header: str, seconds: int) -> None:
    assert rates.seconds_until(header, NOW) == seconds


def test_the_options(celery_app: Celery) -> None:
    assert tasks.fetch_rate.retry_backoff_max == 600

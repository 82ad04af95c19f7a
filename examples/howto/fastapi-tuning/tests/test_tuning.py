"""What a setting changes, counted."""

import json
import time

import pytest
from celery import Celery
from celery.backends.redis import RedisBackend
from celery.concurrency.asynpool import SCHED_STRATEGIES
from celery.events.dispatcher import EventDispatcher
from fastapi.testclient import TestClient
from shop import tasks
from shop.main import app
from shop.tasks import index_text, make_film, send_receipt, send_receipts

from conftest import Box, Work


@pytest.fixture
def films(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    """Send twenty films that go on until ``box.go_on`` is set."""
    monkeypatch.setattr(make_film, "run", lambda _: box.go_on.wait(30))
    monkeypatch.setattr(make_film, "acks_late", True)  # a test may change it until its end
    for film_id in range(20):
        make_film.delay(film_id)
    return box


# Two threads, twenty films: how many are in the worker, and not in the queue?
@pytest.mark.parametrize(
    ("multiplier", "acks_late", "taken"),
    [(4, False, 10), (4, True, 8), (1, False, 4), (1, True, 2)],
)
def test_how_many_tasks_a_worker_takes(
    work: Work, films: Box, multiplier: int, *, acks_late: bool, taken: int
) -> None:
    make_film.acks_late = acks_late
    with work(prefetch_multiplier=multiplier):
        wait_for(films, 20 - taken)
        time.sleep(0.05)
        assert 20 - len(films) == taken
        films.go_on.set()
        wait_for(films, 0)


def wait_for(box: Box, left: int) -> None:
    """Wait until a worker has taken what it wants."""
    deadline = time.monotonic() + 10
    while len(box) > left and time.monotonic() < deadline:
        time.sleep(0.01)


def test_fair_is_the_default() -> None:
    assert SCHED_STRATEGIES["default"] == SCHED_STRATEGIES["fair"]


@pytest.mark.parametrize("ignore", [True, False])
def test_a_result_that_is_ignored_is_not_written(
    celery_app: Celery, work: Work, box: Box, *, ignore: bool
) -> None:
    result = send_receipt.apply_async([1], ignore_result=ignore)
    with work():
        wait_for(box, 0)
    key = celery_app.backend.get_key_for_task(result.id)
    assert (celery_app.backend.get(key) is None) == ignore


def test_results_stay_for_an_hour(celery_app: Celery) -> None:
    assert celery_app.conf.result_expires == 3600
    assert celery_app.conf.task_ignore_result is True
    assert RedisBackend(app=celery_app, url="redis://127.0.0.1:1/0").expires == 3600
    other = Celery(set_as_current=False)
    assert RedisBackend(app=other, url="redis://127.0.0.1:1/0").expires == 86400


@pytest.mark.parametrize(("text", "ratio"), [("a receipt for ada; " * 1000, 0.08), ("ada", 1)])
def test_compression(box: Box, text: str, ratio: float) -> None:
    index_text.delay(text)
    index_text.apply_async([text], compression=None)
    compressed, plain = (len(json.dumps(message)) for message in box.empty())
    assert compressed / plain == pytest.approx(ratio, rel=0.1)


def test_a_thousand_receipts_in_ten_messages(box: Box) -> None:
    send_receipt.chunks(((order_id,) for order_id in range(1000)), 100).apply_async()
    assert len(box) == 10


def test_an_error_ends_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def send(order_id: int) -> None:
        sent.append(order_id)
        if order_id < 0:
            raise ValueError

    monkeypatch.setattr(send_receipt, "run", send)
    chunk = send_receipt.chunks([(1,), (-2,), (3,)], 3).group().tasks[0]
    assert isinstance(chunk.apply().result, ValueError)
    assert sent == [1, -2]


def test_a_task_for_many_goes_on(monkeypatch: pytest.MonkeyPatch, box: Box) -> None:
    sent: list[int] = []
    run = send_receipt.run
    monkeypatch.setattr(send_receipt, "run", lambda n: sent.append(n) or run(n))
    send_receipts([1, -2, 3])
    assert sent == [1, -2, 3]
    assert [message["headers"]["argsrepr"] for message in box.empty()] == ["(-2,)"]


def test_the_endpoint(box: Box, monkeypatch: pytest.MonkeyPatch, *, eager: bool) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(send_receipts, "run", lambda ids: sizes.append(len(ids)))
    answer = TestClient(app).post("/receipts", json=list(range(201)))
    assert answer.status_code == 202
    if eager:
        assert sizes == [100, 100, 1]
    else:
        assert len(box) == 3


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the types of the events that a worker sends."""
    types: list[str] = []
    monkeypatch.setattr(
        EventDispatcher, "_publish", lambda _, event, *__, **___: types.append(event["type"])
    )
    return types


# Nobody listens to the events.
@pytest.mark.parametrize(
    ("on", "sent"),
    [(False, []), (True, ["task-received", "task-started", "task-succeeded"])],
)
def test_three_events_for_a_task(
    work: Work, box: Box, events: list[str], *, on: bool, sent: list[str]
) -> None:
    send_receipt.delay(1)
    with work(task_events=on):
        wait_for(box, 0)
    assert [name for name in events if name.startswith("task-")] == sent


def test_the_tasks(celery_app: Celery) -> None:
    assert make_film(1) == "cut film 1"
    assert make_film.acks_late
    assert make_film.time_limit == 1800
    assert index_text("to be or not to be") == 6
    with pytest.raises(ValueError, match=r"^no such order: -1$"):
        send_receipt(-1)
    assert "shop.tasks" in celery_app.conf.include
    assert tasks.celery_app is celery_app

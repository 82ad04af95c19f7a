"""Which release understands the messages of which: the table of the page."""

import csv
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from celery import Celery

from conftest import release

TABLE = Path(__file__).parents[1] / "data" / "matrix.csv"
RELEASES = {name: release(name) for name in ("before", "during", "after")}


def message_of(release: ModuleType, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """Return the name and the arguments that its web server sends."""
    sent: list[tuple[str, dict[str, Any]]] = []
    for task in release.celery_app.tasks.values():
        if task.name.startswith("shop."):
            monkeypatch.setattr(
                task, "delay", lambda task=task, **kwargs: sent.append((task.name, kwargs))
            )
    release.place_order(7)
    (message,) = sent
    return message


def fate(worker: ModuleType, name: str, kwargs: dict[str, Any]) -> str:
    """Run a message as a worker does, and say what becomes of it."""
    task = worker.celery_app.tasks.get(name)
    if task is None:
        return "dropped"
    result = task.apply(kwargs=kwargs)
    return "runs" if result.successful() else f"fails, `{type(result.result).__name__}`"


def test_which_release_understands_which(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = {name: message_of(release, monkeypatch) for name, release in RELEASES.items()}
    assert messages == {
        "before": ("shop.tasks.send_receipt", {"order_id": 7, "urgent": True}),
        "during": ("shop.tasks.mail_receipt", {"order_id": 7, "language": "de"}),
        "after": ("shop.tasks.mail_receipt", {"order_id": 7, "language": "de"}),
    }
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"a message of": sender}
        | {f"worker {name}": fate(worker, *message) for name, worker in RELEASES.items()}
        for sender, message in messages.items()
    ]


def test_what_the_first_and_the_last_release_do() -> None:
    tasks = {name: module.celery_app.tasks for name, module in RELEASES.items()}
    old = tasks["before"]["shop.tasks.send_receipt"]
    assert old(7, urgent=True) == "receipt 7, urgent: True"
    assert tasks["after"]["shop.tasks.mail_receipt"](7) == "receipt 7 in en"


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("name", "kwargs", "expected"),
    [
        ("send_receipt", {"order_id": 7, "urgent": True}, "receipt 7 in en"),
        ("mail_receipt", {"order_id": 7, "language": "de"}, "receipt 7 in de"),
        ("mail_receipt", {"order_id": 7}, "receipt 7 in en"),
    ],
)
def test_the_release_in_between_runs_old_and_new_messages(
    celery_app: Celery, name: str, kwargs: dict[str, Any], expected: str
) -> None:
    task = celery_app.tasks[f"shop.tasks.{name}"]
    assert task.delay(**kwargs).get(timeout=10, interval=0.01) == expected

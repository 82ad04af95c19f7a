"""The programs without Redis: the tasks, the log, and the diagram that is drawn from it."""

import threading
from pathlib import Path

import pytest
from celery import Celery
from draw import DRAWING, LOG, diagram, events
from shop import slow
from shop.tasks import print_receipt, print_receipt_late
from visibility import seen, told, wait_for
from watch import line_for

ORDER = [
    ("web", "sends a message"),
    ("worker 1", "takes it"),
    ("worker 1", "begins"),
    ("worker 2", "takes it again"),
    ("worker 2", "begins"),
    ("worker 1", "has shipped"),
    ("worker 2", "has shipped"),
]


@pytest.mark.parametrize("worker", ["shop"], indirect=True)
def test_a_receipt_waits_for_paper(folder: Path, worker: Celery) -> None:
    (folder / "paper").unlink()
    threading.Timer(0.1, (folder / "paper").touch).start()
    assert print_receipt.delay(7).get(timeout=30) == "receipt 7"
    assert print_receipt_late.delay(8).get(timeout=30) == "receipt 8"


@pytest.mark.parametrize("worker", ["slow"], indirect=True)
def test_a_worker_notes_what_it_does(folder: Path, worker: Celery) -> None:
    slow.ship.delay(0.01)
    wait_for(folder / "log", "has shipped", 1)
    noted = [what for _, _, what in events("\n".join(told((folder / "log").read_text())))]
    received = [] if worker.conf.task_always_eager else ["takes it"]
    assert noted == [*received, "begins", "has shipped"]


def test_workers_are_named_in_order_of_appearance() -> None:
    log = (
        "100.250 south@a begins\n100.000 web sends\n101.500 north@a begins\n102.000 south@a ends\n"
    )
    assert told(log) == [
        "0.000s web: sends",
        "0.250s worker 1: begins",
        "1.500s worker 2: begins",
        "2.000s worker 1: ends",
    ]


def test_waiting_ends(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visibility.PATIENCE", 0)
    with pytest.raises(TimeoutError, match="no 'has shipped' in log"):
        wait_for(folder / "log", "has shipped", 1)


def test_the_message_comes_again_after_its_time() -> None:
    found = events(LOG.read_text(encoding="utf-8"))
    assert [(who, what) for _, who, what in found] == ORDER
    times = [time for time, _, _ in found]
    assert times == sorted(times)
    assert times[3] > times[1] + 2
    assert times[3] < times[5]


def test_the_log_says_with_what_it_was_seen() -> None:
    words = seen().split()
    kept = LOG.read_text(encoding="utf-8").splitlines()[0].split()
    assert words[:3] == kept[:3] == ["#", "Seen", "on"]
    assert words[4:12:2] == kept[4:12:2]  # the names; the versions are those of a day


def test_the_diagram_is_drawn_from_the_log() -> None:
    assert DRAWING.read_text(encoding="utf-8") == diagram(LOG.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ('LPUSH life:celery {"body": ""}', "LPUSH life:celery"),
        ("SETEX life:celery-task-meta-1 86400 {}", "SETEX life:celery-task-meta-1"),
        ("BRPOP life:celery 1", None),
        ("LPUSH celery {}", None),
        ("SADD life:_kombu.binding.celery celery", None),
        ("MULTI", None),
    ],
)
def test_only_messages_and_results_are_watched(command: str, line: str | None) -> None:
    assert line_for(command) == line

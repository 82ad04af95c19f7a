"""The cases in this process; ``cases.py`` does them with two, and compares."""

import re
import signal

import cases
import pytest
from cases import KNOWN, left, order, wait_for
from draw import CASE, DRAWING, LOG, diagram
from often import PAUSES, TABLE_FILE, TASKS, written
from shop import accidents, database, log, orders
from shop.celery_app import celery_app

IN_PROCESS = [case for case in cases.CASES if case[1] != "process_is_killed"]


def known(case: str) -> list[tuple[str, str]]:
    """Return the events of a case, as the committed file has them; an eager task has no message."""
    eager = celery_app.conf.task_always_eager
    found = [line[1:] for line in order(KNOWN.read_text(encoding="utf-8")) if line[0] == case]
    return [line for line in found if not (eager and line[1] == "message")]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("view", "accident"), IN_PROCESS)
def test_the_events_come_in_the_order_of_the_file(view: str, accident: str) -> None:
    cases.respond(view, accident)
    accidents.worker_is_faster()
    happened = [(line["process"], line["event"]) for line in log.events()]
    assert happened == known(f"{view}, {accident}")
    assert database.count() == (accident != "view_fails")


def test_a_process_that_is_killed_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    def kill(_pid: int, number: int) -> None:
        sent.append(number)
        raise SystemExit  # nothing after this line happens, either

    monkeypatch.setattr(accidents.os, "kill", kill)
    with pytest.raises(SystemExit):
        orders.commit_first(accidents.process_is_killed)
    assert sent == [signal.SIGKILL]
    happened = [(line["process"], line["event"]) for line in log.events()]
    assert [*happened, ("web", "killed")] == known("commit_first, process_is_killed")
    assert database.count() == 1


def test_waiting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accidents, "PATIENCE", 0)
    monkeypatch.setattr(cases, "PATIENCE", 0)
    with pytest.raises(TimeoutError, match="has not looked"):
        accidents.worker_is_faster()
    with pytest.raises(TimeoutError, match=r"no 'ready' in log\.jsonl"):
        wait_for(log.LOG, "ready")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (["message", "found"], "rows: 1, messages: 1, receipt sent"),
        (["message", "not found"], "rows: 1, messages: 1, receipt not sent: no row"),
        (["killed"], "rows: 1, messages: 0, receipt not sent: no message"),
    ],
)
def test_what_is_left_is_said(events: list[str], said: str) -> None:
    assert left([{"event": event} for event in events], rows=1) == said


def test_the_file_has_every_case() -> None:
    found = dict.fromkeys(case for case, *_ in order(KNOWN.read_text(encoding="utf-8")))
    assert list(found) == [f"{view}, {accident}" for view, accident in cases.CASES]
    assert CASE in found


def test_the_diagram_is_drawn_from_the_file() -> None:
    assert DRAWING.read_text(encoding="utf-8") == diagram(LOG.read_text(encoding="utf-8"))


def test_the_table_is_of_this_program() -> None:
    table = written(dict.fromkeys(PAUSES, 1)).splitlines()
    kept = TABLE_FILE.read_text(encoding="utf-8").splitlines()
    pattern = re.compile(rf"(\| \d+ ms \|) \d+ of {TASKS} \|")
    assert [pattern.sub(r"\1", line) for line in kept[:-1]] == [
        pattern.sub(r"\1", line) for line in table[:-1]
    ]

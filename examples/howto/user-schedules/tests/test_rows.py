"""Schedules in a table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from celery import Task
from clock import Clock
from kombu.exceptions import OperationalError
from shop import customer, rows, tasks
from shop.database import new_session
from shop.models import Report, Schedule
from shop.tasks import make_report, send, send_due
from sqlalchemy import select


def wish(customer_id: int, cron: str, zone: str = "UTC") -> None:
    """Set a schedule, as a view does."""
    with new_session.begin() as session:
        rows.set_schedule(session, customer_id, "report", cron=cron, zone=zone)


def run(clock: Clock, end: str) -> list[str]:
    """Sweep every minute until the clock shows this time; return what was sent."""
    before = len(clock.sent)
    while f"{clock.time:%m-%d %H:%M}" <= end:
        send_due()
        clock.time += timedelta(minutes=1)
    return clock.sent[before:]


def test_each_customer_has_a_time(clock: Clock) -> None:
    wish(7, "30 9 * * *")
    wish(8, "0 11 * * *", "Europe/Berlin")
    clock.set("01-14 09:29")
    assert run(clock, "01-14 10:01") == ["14 09:30 customer 7", "14 10:00 customer 8"]
    due = datetime(2027, 1, 14, 9, 30, tzinfo=UTC).timestamp()
    assert clock.arguments[0] == (7, due)


def test_a_changed_time_that_has_passed_waits_for_tomorrow(clock: Clock) -> None:
    wish(7, "30 9 * * *")
    wish(7, "50 8 * * *")
    assert run(clock, "01-14 09:31") == []
    clock.set("01-15 08:49")
    assert run(clock, "01-15 09:31") == ["15 08:50 customer 7"]


def test_four_missed_nights_are_one_run(clock: Clock) -> None:
    wish(7, "30 9 * * *")
    clock.set("01-18 12:00")
    assert run(clock, "01-18 12:05") == ["18 12:00 customer 7"]
    clock.set("01-19 09:29")
    assert run(clock, "01-19 09:31") == ["19 09:30 customer 7"]


def test_one_sweep_sends_all_that_is_due(clock: Clock) -> None:
    wish(7, "30 9 * * *")
    wish(8, "20 9 * * *")
    assert send(1, clock.time) is False  # changed since the sweep has read its id
    clock.set("01-14 09:40")
    assert send_due() == 2
    assert sorted(clock.sent) == ["14 09:40 customer 7", "14 09:40 customer 8"]


def test_deleted_is_not_sent(clock: Clock) -> None:
    wish(7, "30 9 * * *")
    with new_session.begin() as session:
        rows.delete_schedule(session, 7, "report")
    assert run(clock, "01-14 09:31") == []
    assert send(1, clock.time) is False  # deleted while a sweep was at work


def test_now_is_with_the_next_sweep(clock: Clock) -> None:
    wish(7, "30 3 * * *")
    wish(8, "30 3 * * *")
    with new_session.begin() as session:
        rows.send_now(session, 7, "report")
    assert run(clock, "01-14 09:02") == ["14 09:00 customer 7"]


def test_two_sweeps_send_it_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(7, "30 9 * * *")
    clock.set("01-14 09:30")
    second = overtake(monkeypatch, send_due)
    assert send_due() == 0
    assert second == [1]
    assert clock.sent == ["14 09:30 customer 7"]


def overtake(patch: pytest.MonkeyPatch, other: Callable[[], object]) -> list[object]:
    """Run something else when the first sweep has read the row, and before it claims it."""
    results: list[object] = []
    read = tasks.read

    def read_slowly(*wish: str) -> object:
        patch.setattr(tasks, "read", read)
        results.append(other())
        return read(*wish)

    patch.setattr(tasks, "read", read_slowly)
    return results


def test_a_change_during_the_sweep_wins(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(7, "30 9 * * *")
    clock.set("01-14 09:30")
    overtake(monkeypatch, lambda: wish(7, "40 9 * * *"))
    assert send_due() == 0
    assert run(clock, "01-14 09:41") == ["14 09:40 customer 7"]


def test_a_broker_that_is_away_loses_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(7, "30 9 * * *")
    clock.set("01-14 09:30")
    with monkeypatch.context() as patch:
        patch.setattr(Task, "apply_async", Mock(side_effect=OperationalError))
        with pytest.raises(OperationalError):
            send_due()
    assert run(clock, "01-14 09:32") == ["14 09:30 customer 7"]


def test_a_wish_of_old_stops_nobody(clock: Clock) -> None:
    with new_session.begin() as session:
        old = {"cron": "* * * * *", "zone": "UTC", "next_run": 0}
        session.add(Schedule(customer_id=6, kind="report", **old))
    wish(7, "30 9 * * *")
    clock.set("01-14 09:30")
    assert send_due() == 1
    assert clock.sent == ["14 09:30 customer 7"]


@pytest.mark.usefixtures("worker")
def test_nothing_is_due() -> None:
    assert send_due.apply_async(ignore_result=False).get(timeout=5, interval=0.01) == 0


@pytest.mark.usefixtures("worker")
def test_the_report_is_made_once() -> None:
    results = [make_report.apply_async([7, 1800000000], ignore_result=False) for _ in range(2)]
    answers = [result.get(timeout=5, interval=0.01) for result in results]
    assert answers == ["report for customer 7", "was there"]


def test_without_a_time_it_is_one_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Mock(wraps=datetime)
    monkeypatch.setattr(tasks, "datetime", clock)
    answers = []
    for minute in ("09:05", "09:55", "10:05"):
        clock.now.return_value = datetime.fromisoformat(f"2027-01-14 {minute}").replace(tzinfo=UTC)
        answers.append(make_report(7))
    assert answers == ["report for customer 7", "was there", "report for customer 7"]
    with new_session() as session:
        assert [due % 3600 for due in session.scalars(select(Report.due))] == [0, 0]


def test_the_program(clock: Clock) -> None:
    customer.main(["30 9 * * *", "UTC"])
    with pytest.raises(SystemExit, match="say when"):
        customer.main(["* * * * *", "UTC"])
    customer.main(["now"])
    assert run(clock, "01-14 09:01") == ["14 09:00 customer 7"]

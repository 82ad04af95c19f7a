"""One beat, two beats, and a beat that was away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from shop.beat import AllRows, OneBeat
from shop.models import Order, Report
from shop.schedules import run_daily
from shop.tasks import make_report
from tests.clock import Clock
from tests.conftest import StartBeat

TASK = "shop.tasks.make_report"


def test_two_beats_send_everything_twice(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    sent = clock.run("01-14 11:30", start_beat(), start_beat())
    assert sorted(sent) == ["14 10:00 report"] * 2 + ["14 11:00 report"] * 2


@pytest.mark.usefixtures("worker")
def test_the_report_is_made_once() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    Order.objects.create(total_cents=1905, placed_at=yesterday)
    results = [make_report.apply_async(ignore_result=False) for _ in range(2)]
    answers = [result.get(timeout=10) for result in results]
    assert sorted(answers) == ["1 orders", "was there"]
    (report,) = Report.objects.all()
    assert report.orders == 1
    assert str(report) == f"report of {yesterday:%Y-%m-%d}"


def test_a_missed_run_is_sent_early_and_on_time(clock: Clock, start_beat: StartBeat) -> None:
    clock.set("01-15 01:00")
    run_daily("report", TASK, time(2), "UTC")
    assert clock.run("01-15 03:00", start_beat()) == ["15 02:00 report"]
    clock.set("01-16 08:00")  # nobody was there at two
    assert clock.run("01-17 03:00", start_beat()) == ["17 00:00 report", "17 02:00 report"]


def test_all_rows_sends_a_missed_run_at_the_start(clock: Clock, start_beat: StartBeat) -> None:
    clock.set("01-15 01:00")
    run_daily("report", TASK, time(2), "UTC")
    assert clock.run("01-15 03:00", start_beat(AllRows)) == ["15 02:00 report"]
    clock.set("01-19 09:00")  # four nights
    assert clock.run("01-20 03:00", start_beat(AllRows)) == ["19 09:00 report", "20 02:00 report"]


def test_a_missed_interval_is_sent_once_at_the_start(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    assert clock.run("01-14 10:30", start_beat()) == ["14 10:00 report"]
    clock.set("01-14 15:20")
    assert clock.run("01-14 17:00", start_beat()) == ["14 15:20 report", "14 16:20 report"]


def test_a_deadline_drops_what_was_missed(
    clock: Clock, start_beat: StartBeat, configure: Callable[..., None]
) -> None:
    configure(beat_cron_starting_deadline=1800)
    clock.set("01-15 01:00")
    run_daily("report", TASK, time(2), "UTC")
    assert clock.run("01-15 03:00", start_beat()) == ["15 02:00 report"]
    clock.set("01-16 09:00")
    assert clock.run("01-17 03:00", start_beat()) == ["17 02:00 report"]


def test_a_beat_that_is_killed_sends_again_what_it_has_not_noted(
    clock: Clock,
    start_beat: StartBeat,
    configure: Callable[..., None],
    every_minute: IntervalSchedule,
) -> None:
    configure(beat_sync_every=0)  # the default
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_minute)
    sent = clock.run("01-14 09:02:20", start_beat())
    assert sent == ["14 09:01 report", "14 09:02 report"]
    assert clock.run("01-14 09:02:40", start_beat()) == ["14 09:02 report"]


def test_a_beat_that_notes_each_run_does_not(
    clock: Clock, start_beat: StartBeat, every_minute: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_minute)
    sent = clock.run("01-14 09:02:20", start_beat())
    assert sent == ["14 09:01 report", "14 09:02 report"]
    assert clock.run("01-14 09:02:40", start_beat()) == []


class Locks:
    """What PostgreSQL knows of advisory locks: which connection holds which."""

    def __init__(self) -> None:
        """Nobody holds one."""
        self.holders: dict[int, Connection] = {}


class Connection:
    """Stands for a connection of Django's, with a cursor that understands two statements."""

    def __init__(self, locks: Locks) -> None:
        """Open it."""
        self.locks = locks
        self.open = True
        self.answer: Any = None

    @contextmanager
    def cursor(self) -> Iterator["Connection"]:
        yield self

    def execute(self, sql: str, parameters: list[int] | None = None) -> None:
        if not self.open:
            raise OperationalError("the connection is closed")
        if sql == "SELECT pg_try_advisory_lock(%s)" and parameters:
            self.answer = self.locks.holders.setdefault(parameters[0], self) is self
        else:
            assert sql == "SELECT 1"

    def fetchone(self) -> tuple[Any]:
        return (self.answer,)

    def lose(self) -> None:
        """End as a connection of a process that was killed."""
        self.open = False
        self.locks.holders.clear()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Return the connections that are opened in a test, in their order."""
    made: list[Connection] = []
    locks = Locks()

    def create_connection(alias: str) -> Connection:
        assert alias == "default"
        made.append(Connection(locks))
        return made[-1]

    monkeypatch.setattr(connections, "create_connection", create_connection)
    return made


def test_only_the_beat_with_the_lock_sends(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    opened: list[Connection],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "shop.beat")
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    first, second = start_beat(OneBeat), start_beat(OneBeat)
    assert clock.run("01-14 10:30", first, second) == ["14 10:00 report"]
    assert caplog.messages == ["OneBeat: this beat has the lock."]
    opened[0].lose()
    with pytest.raises(OperationalError):
        first.tick()
    assert clock.run("01-14 11:30", second) == ["14 11:00 report"]
    assert caplog.messages == ["OneBeat: this beat has the lock."] * 2


def test_a_beat_that_waits_does_so_as_long_as_beat_may_sleep(
    start_beat: StartBeat, opened: list[Connection]
) -> None:
    start_beat(OneBeat).tick()
    assert start_beat(OneBeat, max_interval=None).tick() == 5
    assert [connection.answer for connection in opened] == [True, False]


def test_the_lock_has_its_own_number(start_beat: StartBeat, opened: list[Connection]) -> None:
    beat = start_beat(OneBeat)
    beat.tick()
    assert opened[0].locks.holders == {27: opened[0]}

"""One beat, two beats, and a beat that was away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from clock import Clock, StartBeat
from fakes import FakePostgresql
from psycopg import OperationalError
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Order, Report
from shop.one_beat import OneBeat
from shop.tasks import make_report
from sqlalchemy import select

HOUR = timedelta(hours=1)
Every = Callable[[object], None]


def test_the_schedule_names_tasks() -> None:
    for entry in celery_app.conf.beat_schedule.values():
        assert entry["task"] in celery_app.tasks


def test_two_beats_send_everything_twice(clock: Clock, start_beat: StartBeat, every: Every) -> None:
    every(HOUR)
    sent = clock.run("01-14 11:30", start_beat("one"), start_beat("two"))
    assert sent == ["14 10:00 make_report"] * 2 + ["14 11:00 make_report"] * 2


@pytest.mark.usefixtures("worker")
def test_the_report_is_made_once() -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with new_session.begin() as session:
        for days in (-1, 0, 1):
            session.add(Order(placed_on=yesterday + timedelta(days=days)))
    results = [make_report.apply_async(ignore_result=False) for _ in range(2)]
    answers = [result.get(timeout=5, interval=0.01) for result in results]
    assert answers == ["1 orders", "was there"]
    with new_session() as session:
        (report,) = session.scalars(select(Report))
        assert (report.day, report.orders) == (yesterday, 1)


def test_four_missed_nights_are_one_run(clock: Clock, start_beat: StartBeat, every: Every) -> None:
    every(crontab(minute=0, hour=3))
    assert clock.run("01-15 04:00", start_beat()) == ["15 03:00 make_report"]
    clock.set("01-19 09:00")
    sent = clock.run("01-20 04:00", start_beat())
    assert sent == ["19 09:00 make_report", "20 03:00 make_report"]


def test_missed_hours_are_one_run(clock: Clock, start_beat: StartBeat, every: Every) -> None:
    every(HOUR)
    assert clock.run("01-14 10:30", start_beat()) == ["14 10:00 make_report"]
    clock.set("01-14 15:20")
    sent = clock.run("01-14 17:00", start_beat())
    assert sent == ["14 15:20 make_report", "14 16:20 make_report"]


def test_without_its_file_beat_knows_of_no_missed_run(
    clock: Clock, start_beat: StartBeat, every: Every
) -> None:
    every(crontab(minute=0, hour=3))
    assert clock.run("01-15 04:00", start_beat("old")) == ["15 03:00 make_report"]
    clock.set("01-16 03:01")
    assert clock.run("01-17 04:00", start_beat("new")) == ["17 03:00 make_report"]


def test_a_daily_interval_never_comes_if_each_day_begins_without_the_file(
    clock: Clock, start_beat: StartBeat, every: Every
) -> None:
    every(timedelta(days=1))
    for day in range(14, 18):
        clock.set(f"01-{day} 09:00")
        assert clock.run(f"01-{day + 1} 08:00", start_beat(f"of {day}")) == []


def test_a_deadline_drops_what_was_missed(
    clock: Clock, start_beat: StartBeat, every: Every, configure: Callable[..., None]
) -> None:
    configure(beat_cron_starting_deadline=1800)
    every(crontab(minute=0, hour=3))
    assert clock.run("01-15 04:00", start_beat()) == ["15 03:00 make_report"]
    clock.set("01-16 09:00")
    assert clock.run("01-17 04:00", start_beat()) == ["17 03:00 make_report"]


def test_a_killed_beat_sends_again_what_it_has_not_noted(
    clock: Clock, start_beat: StartBeat, every: Every, configure: Callable[..., None]
) -> None:
    configure(beat_sync_every=0)  # the default
    every(timedelta(minutes=1))
    sent = clock.run("01-14 09:02:20", start_beat())
    assert sent == ["14 09:01 make_report", "14 09:02 make_report"]
    assert clock.run("01-14 09:02:40", start_beat()) == ["14 09:02 make_report"]


def test_a_beat_that_notes_each_run_does_not(
    clock: Clock, start_beat: StartBeat, every: Every
) -> None:
    every(timedelta(minutes=1))
    sent = clock.run("01-14 09:02:20", start_beat())
    assert sent == ["14 09:01 make_report", "14 09:02 make_report"]
    assert clock.run("01-14 09:02:40", start_beat()) == []


def test_one_of_two_sends(
    clock: Clock,
    start_beat: StartBeat,
    every: Every,
    postgresql: FakePostgresql,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "shop.one_beat")
    every(HOUR)
    first, second = start_beat(scheduler=OneBeat), start_beat(scheduler=OneBeat)
    assert clock.run("01-14 10:30", first, second) == ["14 10:00 make_report"]
    assert caplog.messages == ["OneBeat: this beat has the lock."]
    postgresql.connections[0].lose()
    with pytest.raises(OperationalError):
        first.tick()
    assert clock.run("01-14 11:30", second) == ["14 11:00 make_report"]
    assert caplog.messages == ["OneBeat: this beat has the lock."] * 2
    assert list(postgresql.holders) == [27]


def test_what_nobody_has_sent_the_next_one_sends(
    clock: Clock, start_beat: StartBeat, every: Every, postgresql: FakePostgresql
) -> None:
    every(crontab(minute=0, hour=3))
    clock.set("01-15 02:58")
    first, second = start_beat(scheduler=OneBeat), start_beat(scheduler=OneBeat)
    assert clock.run("01-15 03:02", first, second) == ["15 03:00 make_report"]
    postgresql.runs["of old"] = clock.time  # an entry that is no longer in the settings
    clock.set("01-16 02:59:50")
    postgresql.connections[0].lose()
    clock.set("01-16 03:00:20")
    assert clock.run("01-16 03:02", second) == ["16 03:00 make_report"]


def test_what_never_ran_counts_from_the_lock(
    clock: Clock, start_beat: StartBeat, every: Every, postgresql: FakePostgresql
) -> None:
    every(HOUR)
    first, second = start_beat(scheduler=OneBeat), start_beat(scheduler=OneBeat)
    assert clock.run("01-14 09:30", first, second) == []
    postgresql.connections[0].lose()
    assert clock.run("01-14 10:40", second) == ["14 10:30 make_report"]


def test_it_stands_by_for_five_seconds(
    start_beat: StartBeat, every: Every, postgresql: FakePostgresql
) -> None:
    every(timedelta(seconds=1))
    first, second = start_beat(scheduler=OneBeat), start_beat(scheduler=OneBeat)
    assert first.tick() < 1
    assert (second.tick(), second.leads) == (5, False)
    second.close()
    first.close()
    assert postgresql.runs == {}

"""Schedules of RedBeat."""

from collections.abc import Callable

import pytest
from celery.schedules import crontab
from clock import Clock
from fakes import FakeRedis
from redbeat import RedBeatScheduler, RedBeatSchedulerEntry
from shop import in_redis
from shop.celery_app import celery_app

StartRedBeat = Callable[[], RedBeatScheduler]


def test_it_is_sent_on_time(clock: Clock, start_redbeat: StartRedBeat) -> None:
    beat = start_redbeat()
    in_redis.set_schedule(7, "report", "30 9 * * *")
    assert clock.run("01-15 10:00", beat) == ["14 09:30 customer 7", "15 09:30 customer 7"]


def test_a_changed_time_that_has_passed_waits_for_tomorrow(
    clock: Clock, start_redbeat: StartRedBeat
) -> None:
    beat = start_redbeat()
    in_redis.set_schedule(7, "report", "30 9 * * *")
    assert clock.run("01-14 12:00", beat) == ["14 09:30 customer 7"]
    in_redis.set_schedule(7, "report", "0 11 * * *")
    assert clock.run("01-15 12:00", beat) == ["15 11:00 customer 7"]


def test_a_new_entry_with_an_old_name_is_sent_twice(
    clock: Clock, start_redbeat: StartRedBeat
) -> None:
    beat = start_redbeat()
    in_redis.set_schedule(7, "report", "30 9 * * *")
    assert clock.run("01-14 12:00", beat) == ["14 09:30 customer 7"]
    at_eleven = crontab(minute=0, hour=11)
    task = "shop.tasks.make_report"
    RedBeatSchedulerEntry("report-7", task, at_eleven, args=[7], app=celery_app).save()
    assert clock.run("01-15 12:00", beat) == ["15 10:55 customer 7", "15 11:00 customer 7"]


def test_deleted_is_not_sent(clock: Clock, start_redbeat: StartRedBeat, redis: FakeRedis) -> None:
    beat = start_redbeat()
    in_redis.set_schedule(7, "report", "30 9 * * *")
    stored = RedBeatSchedulerEntry.from_key("shop:beat:report-7", app=celery_app)
    assert stored.options == {"expires": 3600}
    in_redis.delete_schedule(7, "report")
    assert clock.run("01-14 10:00", beat) == []
    assert list(redis.hashes) == []
    with pytest.raises(KeyError):
        in_redis.delete_schedule(7, "report")


def test_what_is_not_allowed_is_not_written(redis: FakeRedis) -> None:
    for kind, cron in (("drop_tables", "30 9 * * *"), ("report", "* * * * *")):
        with pytest.raises(ValueError):  # noqa: PT011 - a message of ours, or of Celery
            in_redis.set_schedule(7, kind, cron)
    assert redis.hashes == {}

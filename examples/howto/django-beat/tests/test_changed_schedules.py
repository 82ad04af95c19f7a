"""What a running beat does when a schedule changes."""

from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)
from shop.beat import AllRows
from shop.schedules import run_daily
from tests.clock import Clock
from tests.conftest import StartBeat

TASK = "shop.tasks.make_report"


def test_save_is_noticed_within_five_seconds(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "django_celery_beat")
    beat = start_beat(max_interval=None)
    clock.run("01-14 09:00:14", beat)
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    assert caplog.messages == []
    clock.run("01-14 09:00:19", beat)
    assert caplog.messages == ["DatabaseScheduler: Schedule changed."]


def test_update_is_noticed_after_five_minutes(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    every_minute: IntervalSchedule,
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat(max_interval=60)
    clock.run("01-14 09:11", beat)
    PeriodicTask.objects.filter(name="report").update(interval=every_minute)
    assert clock.run("01-14 09:16:30", beat) == ["14 09:15 report", "14 09:16 report"]


def test_bulk_create_is_noticed_after_five_minutes(
    clock: Clock, start_beat: StartBeat, every_minute: IntervalSchedule
) -> None:
    beat = start_beat(max_interval=60)
    clock.run("01-14 09:11", beat)
    rows = [PeriodicTask(name="report", task=TASK, interval=every_minute)]
    PeriodicTask.objects.bulk_create(rows)
    assert clock.run("01-14 09:16:30", beat) == ["14 09:15 report", "14 09:16 report"]


def test_update_changed_tells_beat(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    every_minute: IntervalSchedule,
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat(max_interval=60)
    clock.run("01-14 09:11", beat)
    PeriodicTask.objects.filter(name="report").update(interval=every_minute)
    PeriodicTasks.update_changed()
    assert clock.run("01-14 09:12:30", beat) == ["14 09:11 report", "14 09:12 report"]


def test_update_does_not_stop_a_task_at_once(
    clock: Clock, start_beat: StartBeat, every_minute: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_minute)
    beat = start_beat(max_interval=60)
    clock.run("01-14 09:11", beat)
    PeriodicTask.objects.filter(name="report").update(enabled=False)
    assert clock.run("01-14 09:20", beat)[-1] == "14 09:14 report"


def test_delete_is_noticed(
    clock: Clock, start_beat: StartBeat, every_minute: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_minute)
    beat = start_beat(max_interval=60)
    clock.run("01-14 09:11", beat)
    PeriodicTask.objects.filter(name="report").delete()
    assert clock.run("01-14 09:13", beat) == []


def test_a_changed_time_that_has_passed_today_is_due_at_once(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule, eleven: CrontabSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, crontab=ten)
    beat = start_beat()
    assert clock.run("01-14 12:00", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.crontab = eleven
    report.save()
    assert clock.run("01-15 12:00", beat) == ["14 12:00 report", "15 11:00 report"]


def test_a_changed_time_is_sent_two_hours_early_and_on_time(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule, eleven: CrontabSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, crontab=ten)
    beat = start_beat()
    assert clock.run("01-14 15:00", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.crontab = eleven
    report.save()
    assert clock.run("01-15 12:00", beat) == ["15 09:00 report", "15 11:00 report"]


def test_all_rows_sends_it_at_once_and_on_time(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule, eleven: CrontabSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, crontab=ten)
    beat = start_beat(AllRows)
    assert clock.run("01-14 15:00", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.crontab = eleven
    report.save()
    assert clock.run("01-15 12:00", beat) == ["14 15:00 report", "15 11:00 report"]


@pytest.mark.parametrize("now", ["12:00", "15:00"])
def test_run_daily_sends_nothing_that_seems_missed(
    clock: Clock, start_beat: StartBeat, now: str
) -> None:
    run_daily("report", TASK, time(10), "UTC")
    beat = start_beat()
    assert clock.run(f"01-14 {now}", beat) == ["14 10:00 report"]
    run_daily("report", TASK, time(11), "UTC")
    assert clock.run("01-15 12:00", beat) == ["15 11:00 report"]


def test_update_of_last_run_at_does_not_help(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule, eleven: CrontabSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, crontab=ten)
    beat = start_beat()
    assert clock.run("01-14 12:00", beat) == ["14 10:00 report"]
    PeriodicTask.objects.update(crontab=eleven, last_run_at=None)
    PeriodicTasks.update_changed()
    assert clock.run("01-14 13:00", beat) == ["14 12:00 report"]


def test_a_deadline_drops_what_is_late(
    clock: Clock,
    start_beat: StartBeat,
    configure: Callable[..., None],
    ten: CrontabSchedule,
    eleven: CrontabSchedule,
) -> None:
    configure(beat_cron_starting_deadline=1800)
    report = PeriodicTask.objects.create(name="report", task=TASK, crontab=ten)
    beat = start_beat()
    assert clock.run("01-14 12:00", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.crontab = eleven
    report.save()
    assert clock.run("01-15 12:00", beat) == ["15 11:00 report"]


def test_a_shorter_interval_is_due_at_once(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    every_minute: IntervalSchedule,
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat(max_interval=1800)
    assert clock.run("01-14 10:30", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.interval = every_minute
    report.save()
    assert clock.run("01-14 10:32", beat) == ["14 10:30 report", "14 10:31 report"]


def test_saving_a_task_that_never_ran_starts_its_clock_anew(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat(max_interval=1800)
    assert clock.run("01-14 09:50", beat) == []
    report.description = "for the boss"
    report.save()
    assert clock.run("01-14 11:00", beat) == ["14 10:50 report"]


def test_a_start_is_no_change(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    assert clock.run("01-14 09:50", start_beat()) == []
    assert clock.run("01-14 10:30", start_beat()) == ["14 10:00 report"]


def test_an_interval_in_the_settings_that_never_ran_begins_with_each_start(
    clock: Clock, start_beat: StartBeat, configure: Callable[..., None]
) -> None:
    configure(beat_schedule={"report": {"task": TASK, "schedule": 3600.0}})
    assert clock.run("01-14 09:50", start_beat()) == []
    assert clock.run("01-14 10:40", start_beat()) == []
    assert clock.run("01-14 12:00", start_beat()) == ["14 11:40 report"]


def test_a_crontab_in_the_settings_survives_starts(
    clock: Clock, start_beat: StartBeat, configure: Callable[..., None], ten: CrontabSchedule
) -> None:
    configure(beat_schedule={"report": {"task": TASK, "schedule": ten.schedule}})
    assert clock.run("01-14 09:50", start_beat()) == []
    assert clock.run("01-14 12:00", start_beat()) == ["14 10:00 report"]


def test_a_pause_by_the_action_is_made_up_for(
    clock: Clock, start_beat: StartBeat, staff: Client, every_hour: IntervalSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat()
    assert clock.run("01-14 10:30", beat) == ["14 10:00 report"]
    changelist = reverse("admin:django_celery_beat_periodictask_changelist")
    staff.post(changelist, {"action": "disable_tasks", "_selected_action": report.pk})
    assert clock.run("01-14 15:20", beat) == []
    staff.post(changelist, {"action": "enable_tasks", "_selected_action": report.pk})
    assert clock.run("01-14 16:00", beat) == ["14 15:20 report"]


def test_a_pause_by_the_form_is_not(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    report = PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat()
    assert clock.run("01-14 10:30", beat) == ["14 10:00 report"]
    report.refresh_from_db()
    report.enabled = False
    report.save()
    assert clock.run("01-14 15:20", beat) == []
    report.enabled = True
    report.save()
    assert clock.run("01-14 17:00", beat) == ["14 16:20 report"]


def test_start_time_is_the_first_run_of_an_interval(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    start = datetime(2027, 1, 14, 11, 30, tzinfo=UTC)
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour, start_time=start)
    assert clock.run("01-14 13:00", start_beat()) == ["14 11:30 report", "14 12:30 report"]


def test_start_time_sends_a_crontab_too_early(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule
) -> None:
    start = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
    PeriodicTask.objects.create(name="report", task=TASK, crontab=ten, start_time=start)
    beat = start_beat(max_interval=1800)
    assert clock.run("01-14 12:00", beat) == ["14 09:30 report", "14 10:00 report"]


def test_last_run_at_keeps_a_crontab_on_time(
    clock: Clock, start_beat: StartBeat, ten: CrontabSchedule
) -> None:
    start = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
    PeriodicTask.objects.create(
        name="report", task=TASK, crontab=ten, start_time=start, last_run_at=start
    )
    assert clock.run("01-14 12:00", start_beat(max_interval=1800)) == ["14 10:00 report"]

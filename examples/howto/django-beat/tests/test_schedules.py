"""Schedules in the database: made by a migration, by code, by the settings and in the admin."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from typing import Any

import pytest
from celery import Celery, Task
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
)
from shop.schedules import crontab_at, run_daily, run_every
from tests.clock import Clock
from tests.conftest import StartBeat

TASK = "shop.tasks.make_report"
CHANGELIST = "admin:django_celery_beat_periodictask_changelist"


def test_the_migration_schedules_the_report(nightly_report: PeriodicTask) -> None:
    assert nightly_report.name == "nightly report"
    assert nightly_report.task == TASK
    assert json.loads(nightly_report.kwargs) == {"days_ago": 1}
    assert str(nightly_report.crontab) == "30 2 * * * (m/h/dM/MY/d) Europe/Berlin"
    assert nightly_report.enabled


def test_the_migration_can_be_taken_back(nightly_report: PeriodicTask) -> None:
    migration = import_module("shop.migrations.0002_nightly_report")
    migration.delete_schedule(apps, None)
    assert not PeriodicTask.objects.exists()
    migration.create_schedule(apps, None)
    assert PeriodicTask.objects.get().crontab == nightly_report.crontab


def test_the_migration_takes_the_first_of_equal_crontabs(db: None) -> None:
    first = crontab_at(time(2, 30), "Europe/Berlin")
    CrontabSchedule.objects.create(minute="30", hour="2", timezone="Europe/Berlin")
    import_module("shop.migrations.0002_nightly_report").create_schedule(apps, None)
    assert PeriodicTask.objects.get().crontab == first


def test_every_schedule_names_a_task(celery_app: Celery, nightly_report: PeriodicTask) -> None:
    names = PeriodicTask.objects.enabled().values_list("task", flat=True)
    assert set(names) <= celery_app.tasks.keys()


def test_run_daily_creates_and_changes(clock: Clock, start_beat: StartBeat) -> None:
    clock.set("01-15 01:00")
    run_daily("report", TASK, time(2, 30), "Europe/Berlin", days_ago=1)
    beat = start_beat()
    assert clock.run("01-15 03:00", beat) == ["15 01:30 report"]
    row = run_daily("report", TASK, time(4, 45), "UTC", days_ago=2)
    assert json.loads(row.kwargs) == {"days_ago": 2}
    assert clock.run("01-15 05:00", beat) == ["15 04:45 report"]


def test_run_every_begins_with_the_change(clock: Clock, start_beat: StartBeat) -> None:
    run_every("report", TASK, 3600, days_ago=1)
    beat = start_beat(max_interval=600)
    assert clock.run("01-14 10:30", beat) == ["14 10:00 report"]
    row = run_every("report", TASK, 1200, days_ago=2)
    assert json.loads(row.kwargs) == {"days_ago": 2}
    assert clock.run("01-14 11:00", beat) == ["14 10:50 report"]


def test_a_row_can_change_its_kind(clock: Clock, start_beat: StartBeat) -> None:
    run_every("report", TASK, 3600)
    run_daily("report", TASK, time(10, 30), "UTC")
    assert clock.run("01-14 11:00", start_beat()) == ["14 10:30 report"]
    run_every("report", TASK, 3600)
    assert clock.run("01-14 12:30", start_beat()) == ["14 12:00 report"]
    row = PeriodicTask.objects.get(name="report")
    row.crontab = crontab_at(time(3), "UTC")
    with pytest.raises(ValidationError, match="Only one of clocked, interval, crontab, or solar"):
        row.save()


def test_equal_intervals_are_no_error(db: None) -> None:
    fields = {"every": 60, "period": IntervalSchedule.SECONDS}
    first = IntervalSchedule.objects.create(**fields)
    IntervalSchedule.objects.create(**fields)
    assert run_every("report", TASK, 60).interval == first


def test_equal_crontabs_are_no_error(db: None) -> None:
    fields = {"minute": "0", "hour": "3", "timezone": "UTC"}
    first = CrontabSchedule.objects.create(**fields)
    CrontabSchedule.objects.create(**fields)
    message = "get() returned more than one CrontabSchedule -- it returned 2!"
    with pytest.raises(CrontabSchedule.MultipleObjectsReturned, match=re.escape(message)):
        CrontabSchedule.objects.get_or_create(**fields)
    assert run_daily("report", TASK, time(3), "UTC").crontab == first


def test_the_settings_win_at_each_start(
    clock: Clock,
    start_beat: StartBeat,
    configure: Callable[..., None],
    every_hour: IntervalSchedule,
    every_minute: IntervalSchedule,
) -> None:
    configure(beat_schedule={"report": {"task": TASK, "schedule": timedelta(hours=1)}})
    start_beat()
    row = PeriodicTask.objects.get(name="report")
    row.interval = every_minute
    row.kwargs = '{"days_ago": 7}'
    row.enabled = False
    row.description = "edited in the admin"
    row.save()
    start_beat()
    row.refresh_from_db()
    assert str(row.interval) == "every 3600 seconds"
    assert row.kwargs == "{}"
    assert not row.enabled
    assert row.description == "edited in the admin"


def test_what_is_taken_out_of_the_settings_stays(
    clock: Clock, start_beat: StartBeat, configure: Callable[..., None]
) -> None:
    configure(beat_schedule={"report": {"task": TASK, "schedule": timedelta(hours=1)}})
    start_beat()
    configure(beat_schedule={})
    assert clock.run("01-14 10:30", start_beat()) == ["14 10:00 report"]


def test_beat_cleans_up_results(start_beat: StartBeat, configure: Callable[..., None]) -> None:
    configure(result_expires=86400)
    start_beat()
    assert str(PeriodicTask.objects.get(name="celery.backend_cleanup").crontab).startswith("0 4 ")


def test_one_off(clock: Clock, start_beat: StartBeat, every_minute: IntervalSchedule) -> None:
    row = PeriodicTask.objects.create(name="report", task=TASK, interval=every_minute, one_off=True)
    assert clock.run("01-14 09:10", start_beat(max_interval=60)) == ["14 09:01 report"]
    row.refresh_from_db()
    assert not row.enabled


def test_clocked(clock: Clock, start_beat: StartBeat) -> None:
    at = ClockedSchedule.objects.create(clocked_time=datetime(2027, 1, 14, 10, 30, tzinfo=UTC))
    PeriodicTask.objects.create(name="report", task=TASK, clocked=at, one_off=True)
    assert clock.run("01-14 11:00", start_beat(max_interval=300)) == ["14 10:30 report"]


def test_expires(clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule) -> None:
    end = datetime(2027, 1, 14, 11, 30, tzinfo=UTC)
    row = PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour, expires=end)
    assert clock.run("01-14 15:00", start_beat()) == ["14 10:00 report", "14 11:00 report"]
    row.refresh_from_db()
    assert not row.enabled


def test_expire_seconds_is_for_each_message(
    clock: Clock, start_beat: StartBeat, every_hour: IntervalSchedule
) -> None:
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour, expire_seconds=600)
    beat = start_beat()
    assert beat.schedule["report"].options["expires"] == 600
    assert len(clock.run("01-14 15:30", beat)) == 6


def test_a_row_needs_a_schedule(db: None) -> None:
    with pytest.raises(ValidationError) as caught:
        PeriodicTask.objects.create(name="report", task=TASK)
    assert caught.value.messages == ["One of clocked, interval, crontab, or solar must be set."]


def test_arguments_that_are_not_json_disable_the_row(
    clock: Clock,
    start_beat: StartBeat,
    every_hour: IntervalSchedule,
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = PeriodicTask.objects.create(
        name="report", task=TASK, interval=every_hour, kwargs={"days_ago": 1}
    )
    start_beat()
    row.refresh_from_db()
    assert row.kwargs == "{'days_ago': 1}"
    assert not row.enabled
    message = "Removing schedule report for argument deseralization error: JSONDecodeError"
    assert message in caplog.text


def test_the_form_wants_json(staff: Client, every_hour: IntervalSchedule) -> None:
    fields = {"name": "report", "regtask": TASK, "interval": every_hour.pk}
    add = reverse("admin:django_celery_beat_periodictask_add")
    answer = staff.post(add, fields | {"args": "[]", "kwargs": "{'days_ago': 1}"})
    assert "Unable to parse JSON" in answer.content.decode()
    answer = staff.post(add, fields | {"args": "[]", "kwargs": '{"days_ago": 1}'})
    assert answer.status_code == 302
    assert PeriodicTask.objects.get(name="report").task == TASK


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Note what is sent, and send nothing."""
    calls: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        Task, "apply_async", lambda task, **options: calls.append((task.name, options))
    )
    return calls


def test_run_now(staff: Client, nightly_report: PeriodicTask, sent: list[tuple[str, Any]]) -> None:
    PeriodicTask.objects.update(enabled=False, priority=3)
    answer = staff.post(
        reverse(CHANGELIST), {"action": "run_tasks", "_selected_action": nightly_report.pk}
    )
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "1 task was successfully run"
    ]
    ((name, options),) = sent
    assert name == TASK
    assert options == {
        "args": [],
        "kwargs": {"days_ago": 1},
        "headers": {"periodic_task_name": "nightly report"},
    }
    nightly_report.refresh_from_db()
    assert nightly_report.last_run_at is None


def test_run_now_needs_a_task_of_that_name(
    staff: Client, nightly_report: PeriodicTask, sent: list[tuple[str, Any]]
) -> None:
    PeriodicTask.objects.update(task="shop.tasks.make_reprot")
    answer = staff.post(
        reverse(CHANGELIST), {"action": "run_tasks", "_selected_action": nightly_report.pk}
    )
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        'task "shop.tasks.make_reprot" not found'
    ]
    assert sent == []


@pytest.mark.parametrize(("permission", "names"), [("view", []), ("change", [TASK])])
def test_who_may_look_may_not_run(
    client: Client,
    nightly_report: PeriodicTask,
    sent: list[tuple[str, Any]],
    permission: str,
    names: list[str],
) -> None:
    user = User.objects.create_user("bob", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=f"{permission}_periodictask"))
    client.force_login(user)
    assert client.get(reverse(CHANGELIST)).status_code == 200
    client.post(reverse(CHANGELIST), {"action": "run_tasks", "_selected_action": nightly_report.pk})
    assert [name for name, _ in sent] == names

"""What the clean-up deletes."""

from datetime import timedelta

import pytest
from celery.beat import Scheduler
from config import celery_app
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_results.models import ChordCounter, GroupResult, TaskResult

pytestmark = pytest.mark.django_db


def made(task_id: str, age: timedelta, status: str = "SUCCESS") -> None:
    """Make a row that was written some time ago."""
    TaskResult.objects.create(task_id=task_id, status=status)
    TaskResult.objects.filter(task_id=task_id).update(date_done=timezone.now() - age)


def test_the_clean_up_deletes_what_is_older_than_result_expires() -> None:
    made("fresh", timedelta(days=6))
    made("old", timedelta(days=8))
    made("old and failed", timedelta(days=8), "FAILURE")
    made("old and running", timedelta(days=8), "STARTED")
    call_command("clean_results")
    assert [row.task_id for row in TaskResult.objects.all()] == ["fresh"]


def test_beats_task_does_the_same() -> None:
    made("old", timedelta(days=8))
    celery_app.tasks["celery.backend_cleanup"]()
    assert TaskResult.objects.count() == 0


def test_the_clean_up_is_one_delete_for_each_table() -> None:
    made("old", timedelta(days=8))
    with CaptureQueriesContext(connection) as captured:
        celery_app.backend.cleanup()
    assert [q["sql"].split()[2] for q in captured if q["sql"].startswith("DELETE")] == [
        '"django_celery_results_taskresult"',
        '"django_celery_results_groupresult"',
    ]


def test_groups_expire_and_chord_counters_do_not() -> None:
    GroupResult.objects.create(group_id="old")
    GroupResult.objects.update(date_done=timezone.now() - timedelta(days=8))
    ChordCounter.objects.create(group_id="broken", sub_tasks="[]", count=1)
    celery_app.backend.cleanup()
    assert GroupResult.objects.count() == 0
    assert ChordCounter.objects.count() == 1


def test_an_age_of_your_own() -> None:
    made("from today", timedelta(hours=1))
    made("from yesterday", timedelta(days=1))
    TaskResult.objects.delete_expired(timedelta(hours=2))
    assert [row.task_id for row in TaskResult.objects.all()] == ["from today"]


def test_beat_sends_the_clean_up_at_four() -> None:
    scheduler = Scheduler(celery_app, lazy=True)
    scheduler.install_default_entries({})
    entry = scheduler.schedule["celery.backend_cleanup"]
    assert (entry.schedule.hour, entry.schedule.minute) == ({4}, {0})
    assert str(celery_app.timezone) == "UTC"

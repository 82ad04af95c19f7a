"""What users may ask for."""

from datetime import UTC, datetime

import pytest
from shop.celery_app import celery_app
from shop.wishes import KINDS, read


def test_the_names_are_tasks() -> None:
    names = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert names | set(KINDS.values()) <= set(celery_app.tasks)


@pytest.mark.parametrize(
    ("kind", "cron", "zone"),
    [
        ("drop_tables", "30 8 * * *", "UTC"),
        ("report", "30 8 * * *", "Mars/Olympus"),
        ("report", "* * * * *", "UTC"),
        ("report", "*/5 * * * *", "UTC"),
        ("report", "0,30 * * * *", "UTC"),
        ("report", "0-59 8 * * *", "UTC"),
        ("report", "61 8 * * *", "UTC"),
        ("report", "30 24 * * *", "UTC"),
        ("report", "30 8 * * 7", "UTC"),
        ("report", "30 8 31 2 *", "UTC"),
        ("report", "30 8 * *", "UTC"),
        ("report", "30 8 * * *\n", "UTC"),
        ("report", "٣0 8 * * *", "UTC"),
        ("report", "", "UTC"),
    ],
)
def test_what_is_not_allowed(kind: str, cron: str, zone: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a message of ours, or of Celery
        read(kind, cron, zone)


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("30 8 * * *", "UTC", "14 08:30"),
        ("30 8 * * *", "Europe/Berlin", "14 07:30"),
        ("5 * * * *", "UTC", "14 07:05"),
        ("30 8 * * 1,5", "UTC", "15 08:30"),
        ("0 7 * * *", "UTC", "15 07:00"),
    ],
)
def test_the_next_run(cron: str, zone: str, expected: str) -> None:
    now = datetime(2027, 1, 14, 7, tzinfo=UTC)  # a Thursday
    next_run = read("report", cron, zone).next_run(now)
    assert f"{datetime.fromtimestamp(next_run, UTC):%d %H:%M}" == expected

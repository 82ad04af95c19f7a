"""Which clock a schedule follows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from celery import Celery
from celery.schedules import crontab
from celery.worker.request import Request
from django.conf import global_settings
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from pytest_django import Settings
from shop.schedules import crontab_at, run_daily
from shop.tasks import make_report
from shop.upcoming import upcoming
from tests.clock import Clock
from tests.conftest import StartBeat

TASK = "shop.tasks.make_report"


@pytest.mark.parametrize(
    ("written", "in_settings", "in_admin"),
    [
        ({"TIME_ZONE": global_settings.TIME_ZONE}, "America/Chicago", "UTC"),  # none is written
        ({"TIME_ZONE": "Europe/Berlin"}, "Europe/Berlin", "UTC"),
        ({"TIME_ZONE": "Europe/Berlin", "CELERY_TIMEZONE": "UTC"}, "UTC", "UTC"),
        (
            {"TIME_ZONE": "UTC", "CELERY_TIMEZONE": "Europe/Berlin"},
            "Europe/Berlin",
            "Europe/Berlin",
        ),
    ],
)
def test_the_zone_of_a_crontab(
    settings: Settings, written: dict[str, str], in_settings: str, in_admin: str
) -> None:
    del settings.CELERY_TIMEZONE
    for name, value in written.items():
        setattr(settings, name, value)
    app = Celery(set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    assert crontab(minute=0, hour=3, app=app).tz == ZoneInfo(in_settings)
    assert CrontabSchedule(minute="0", hour="3").timezone == ZoneInfo(in_admin)


def test_a_row_keeps_its_zone(
    start_beat: StartBeat, settings: Settings, configure: Callable[..., None]
) -> None:
    row = run_daily("report", TASK, time(3), "Europe/Berlin")
    settings.TIME_ZONE = "Asia/Tokyo"
    settings.CELERY_TIMEZONE = "Asia/Tokyo"
    configure(timezone="Asia/Tokyo")
    start_beat()
    row.refresh_from_db()
    assert row.crontab.timezone == ZoneInfo("Europe/Berlin")


def test_the_settings_bring_their_new_zone(
    start_beat: StartBeat, configure: Callable[..., None]
) -> None:
    for zone in ("UTC", "Asia/Tokyo"):
        configure(
            timezone=zone, beat_schedule={"at three": {"task": TASK, "schedule": crontab(0, 3)}}
        )
        start_beat()
        assert PeriodicTask.objects.get().crontab.timezone == ZoneInfo(zone)
    assert CrontabSchedule.objects.count() == 2


@pytest.mark.parametrize("day", ["03-28", "10-31"])
def test_upcoming_is_what_beat_does(clock: Clock, start_beat: StartBeat, day: str) -> None:
    clock.set(f"{day} 00:00")
    start = clock.time
    for hour in range(5):
        run_daily(f"at {hour}:30", TASK, time(hour, 30), "Europe/Berlin")
    run = clock.run(f"{day} 04:00", start_beat())
    foreseen = [
        f"{at.astimezone(ZoneInfo('UTC')):%d %H:%M} {row.name}"
        for row in PeriodicTask.objects.all()
        for at in upcoming(row.crontab, start, start + timedelta(hours=4))
    ]
    assert sorted(run) == sorted(foreseen)


@pytest.mark.parametrize("day", ["03-28", "10-31"])
def test_celerys_own_crontab_does_the_same(configure: Callable[..., None], day: str) -> None:
    configure(timezone="Europe/Berlin")
    start = datetime.fromisoformat(f"2027-{day} 00:00Z")
    for fields in ({"minute": "30", "hour": "2"}, {"minute": "0"}, {"minute": "*/5"}):
        row = CrontabSchedule(**fields, timezone=ZoneInfo("Europe/Berlin"))
        own = SimpleNamespace(schedule=crontab(**fields), timezone=row.timezone)
        end = start + timedelta(hours=5)
        assert upcoming(own, start, end) == upcoming(row, start, end)


def test_an_interval_does_not_look_at_the_clock_on_the_wall(
    clock: Clock, start_beat: StartBeat
) -> None:
    day = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.DAYS)
    clock.set("10-30 00:30")  # half past two in Berlin
    PeriodicTask.objects.create(name="report", task=TASK, interval=day)
    # Half past two is now half past one in UTC.
    assert clock.run("11-01 06:00", start_beat()) == ["31 00:30 report", "01 00:30 report"]


@pytest.fixture
def received(celery_app: Celery) -> Iterator[Callable[[], Request]]:
    """Return a function that takes a message from the queue, as a worker does."""
    celery_app.conf.task_always_eager, before = False, celery_app.conf.task_always_eager
    with celery_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(celery_app.conf.task_default_queue)
        queue.clear()
        yield lambda: Request(queue.get(timeout=1), app=celery_app, task=make_report)
        queue.close()
    celery_app.conf.task_always_eager = before


@pytest.mark.parametrize("utc", [True, False])
def test_a_naive_eta_is_utc(
    configure: Callable[..., None], received: Callable[[], Request], *, utc: bool
) -> None:
    configure(timezone="Europe/Berlin", enable_utc=utc)
    make_report.apply_async(eta=datetime.fromisoformat("2027-07-01 12:00"))
    assert received().eta == datetime(2027, 7, 1, 12, tzinfo=UTC)


def test_an_eta_with_a_zone_is_what_it_says(received: Callable[[], Request]) -> None:
    make_report.apply_async(eta=datetime(2027, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    assert received().eta == datetime(2027, 7, 1, 10, tzinfo=UTC)


def test_a_naive_expires_is_utc(
    configure: Callable[..., None], received: Callable[[], Request]
) -> None:
    configure(timezone="Europe/Berlin")
    make_report.apply_async(expires=datetime.fromisoformat("2027-07-01 12:00"))
    assert received().expires == datetime(2027, 7, 1, 12, tzinfo=UTC)


def test_without_use_tz_the_first_run_is_an_hour_late(
    clock: Clock, start_beat: StartBeat, settings: Settings, every_hour: IntervalSchedule
) -> None:
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    settings.DJANGO_CELERY_BEAT_TZ_AWARE = False
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    assert clock.run("01-14 12:30", start_beat()) == ["14 11:00 report", "14 12:00 report"]


def test_without_use_tz_sqlite_refuses(
    clock: Clock,
    start_beat: StartBeat,
    settings: Settings,
    every_hour: IntervalSchedule,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.USE_TZ = False
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    clock.run("01-14 10:30", start_beat())
    message = "SQLite backend does not support timezone-aware datetimes when USE_TZ is False."
    assert message in caplog.text


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_unaware_with_use_tz_sends_it_every_five_minutes(
    clock: Clock,
    start_beat: StartBeat,
    configure: Callable[..., None],
    settings: Settings,
    every_hour: IntervalSchedule,
) -> None:
    settings.DJANGO_CELERY_BEAT_TZ_AWARE = False
    settings.TIME_ZONE = "Europe/Berlin"
    configure(timezone="Europe/Berlin")
    PeriodicTask.objects.create(name="report", task=TASK, interval=every_hour)
    beat = start_beat(max_interval=60)
    minutes = [0, 5, 10, 15]
    assert clock.run("01-14 10:17", beat) == [f"14 10:{minute:02} report" for minute in minutes]


def test_the_command_says_when(nightly_report: PeriodicTask) -> None:
    run_daily("late", TASK, time(23, 30), "UTC")
    PeriodicTask.objects.create(
        name="off", task=TASK, crontab=crontab_at(time(1), "UTC"), enabled=False
    )
    out = StringIO()
    call_command("upcoming", "--first", "2027-03-27", "--days", "2", stdout=out)
    assert out.getvalue().splitlines() == [
        "2027-03-27 02:30 CET  nightly report",
        "2027-03-28 03:30 CEST  nightly report",
        "2027-03-27 23:30 UTC  late",
        "2027-03-28 23:30 UTC  late",
    ]


def test_the_command_begins_with_today(clock: Clock, db: None) -> None:
    run_daily("at midnight", TASK, time(0), "UTC")
    out = StringIO()
    call_command("upcoming", stdout=out)
    assert "2027-01-14 00:00 UTC  at midnight" in out.getvalue().splitlines()
    assert len(out.getvalue().splitlines()) == 1

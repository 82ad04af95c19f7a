"""Which clock a schedule follows."""

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab, schedule
from celery.worker.request import Request
from shop.tasks import make_report, tidy
from shop.upcoming import main, upcoming
from shop.zones import InZone

NOON = datetime(2027, 1, 14, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def next_run(schedule: crontab) -> datetime:
    """Return the first run after noon."""
    return upcoming(schedule, NOON, NOON + timedelta(days=1))[0]


@pytest.mark.usefixtures("worker")
def test_the_tasks() -> None:
    results = [
        tidy.apply_async(ignore_result=False),
        make_report.apply_async(["Berlin"], ignore_result=False),
    ]
    answers = [result.get(timeout=5, interval=0.01) for result in results]
    assert answers == ["tidy", "report for Berlin"]


def test_the_schedule_names_tasks(celery_app: Celery) -> None:
    for entry in celery_app.conf.beat_schedule.values():
        assert entry["task"] in celery_app.tasks


def test_the_settings_name_a_zone(celery_app: Celery) -> None:
    assert celery_app.conf.timezone == "UTC"


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ({}, "UTC"),
        ({"timezone": "Europe/Berlin"}, "Europe/Berlin"),
        ({"timezone": "Europe/Berlin", "enable_utc": False}, "Europe/Berlin"),
    ],
)
def test_the_zone_of_a_crontab(settings: dict[str, object], zone: str) -> None:
    app = Celery(set_as_current=False)
    app.conf.update(settings)
    at_three = crontab(minute=0, hour=3, app=app)
    assert next_run(at_three) == datetime(2027, 1, 15, 3, tzinfo=ZoneInfo(zone))


def test_without_utc_the_machine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    app = Celery(set_as_current=False)
    app.conf.enable_utc = False
    at_three = crontab(minute=0, hour=3, app=app)
    assert next_run(at_three) == datetime(2027, 1, 15, 3, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_a_crontab_with_a_zone_of_its_own() -> None:
    at_nine = InZone("Asia/Tokyo", minute=0, hour=9)
    assert next_run(at_nine) == datetime(2027, 1, 15, 0, tzinfo=UTC)


def test_nowfun_does_not_change_the_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    at_nine = crontab(minute=0, hour=9, nowfun=lambda: NOON.astimezone(tokyo))
    assert NOON + at_nine.remaining_estimate(NOON) == datetime(2027, 1, 15, 9, tzinfo=UTC)


def test_its_zone_is_in_the_file_of_beat() -> None:
    stored = pickle.dumps(InZone("Asia/Tokyo", minute=0, hour=9))
    restored = pickle.loads(stored)  # noqa: S301 - it is the line above
    assert next_run(restored) == datetime(2027, 1, 15, 0, tzinfo=UTC)


def test_a_zone_that_does_not_exist() -> None:
    with pytest.raises(ZoneInfoNotFoundError, match="No time zone found with key Europe/Berln"):
        InZone("Europe/Berln", minute=0, hour=9)


def test_an_interval_does_not_look_at_the_clock_on_the_wall() -> None:
    day = schedule(timedelta(days=1))
    noon = datetime(2027, 10, 30, 12, tzinfo=BERLIN)
    # The day on which the clock changes has 25 hours.
    (run,) = upcoming(day, noon, noon + timedelta(days=1, hours=2))
    assert f"{run.astimezone(BERLIN):%d %H:%M}" == "31 11:00"


def test_the_clock_of_the_schedule_is_given_back() -> None:
    when = crontab()
    upcoming(when, NOON, NOON)
    assert abs(when.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.fixture
def received(celery_app: Celery) -> Iterator[Callable[[], Request]]:
    """Return a function that takes a message from the queue, as a worker does."""
    celery_app.conf.task_always_eager, before = False, celery_app.conf.task_always_eager
    with celery_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(celery_app.conf.task_default_queue)
        queue.clear()
        yield lambda: Request(queue.get(timeout=1), app=celery_app, task=tidy)
        queue.close()
    celery_app.conf.task_always_eager = before


def test_a_naive_eta_is_utc(celery_app: Celery, received: Callable[[], Request]) -> None:
    celery_app.conf.timezone, before = "Europe/Berlin", celery_app.conf.timezone
    tidy.apply_async(eta=datetime.fromisoformat("2027-07-01 12:00"))
    celery_app.conf.timezone = before
    assert received().eta == datetime(2027, 7, 1, 12, tzinfo=UTC)


def test_an_eta_with_a_zone_is_what_it_says(received: Callable[[], Request]) -> None:
    tidy.apply_async(eta=datetime(2027, 7, 1, 12, tzinfo=BERLIN))
    assert received().eta == datetime(2027, 7, 1, 10, tzinfo=UTC)


def test_a_new_zone_forgets_the_last_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "celery.beat")
    for zone in ("Europe/Berlin", "UTC"):
        app = Celery(set_as_current=False)
        entry = {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)}
        app.conf.update(timezone=zone, beat_schedule={"tidy": entry})
        beat = PersistentScheduler(app, schedule_filename=str(tmp_path / "schedule"))
        stored = beat.schedule["tidy"].last_run_at
        beat.schedule["tidy"].last_run_at = datetime(2020, 1, 1, tzinfo=UTC)
        beat.close()
    assert caplog.messages[-1] == "Reset: Timezone changed from 'Europe/Berlin' to 'UTC'"
    assert stored.year > 2020


def test_the_program_says_when(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--first", "2027-03-27", "--days", "2"])
    assert capsys.readouterr().out.splitlines() == [
        "2027-03-27 03:00 UTC  clean up",
        "2027-03-28 03:00 UTC  clean up",
        "2027-03-27 02:30 CET  report for Berlin",
        "2027-03-28 03:30 CEST  report for Berlin",
    ]


def test_it_begins_with_today(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_new_zone_of_one_schedule_keeps_its_last_run(tmp_path: Path) -> None:
    for zone in ("Europe/Berlin", "Asia/Tokyo"):
        app = Celery(set_as_current=False)
        entry = {"task": "shop.tasks.tidy", "schedule": InZone(zone, minute=0, hour=9)}
        app.conf.beat_schedule = {"tidy": entry}
        beat = PersistentScheduler(app, schedule_filename=str(tmp_path / "schedule"))
        stored = beat.schedule["tidy"]
        last_run, tz = stored.last_run_at, stored.schedule.tz
        stored.last_run_at = datetime(2020, 1, 1, tzinfo=UTC)
        beat.close()
    assert last_run == datetime(2020, 1, 1, tzinfo=UTC)
    assert tz == ZoneInfo("Asia/Tokyo")

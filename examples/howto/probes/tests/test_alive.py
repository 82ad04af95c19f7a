"""The files, and that they go when they must; what a platform makes of them is on the page."""

import csv
import time
from pathlib import Path
from types import SimpleNamespace

import experiment
import pytest
from celery import Celery
from celery.worker.consumer.tasks import Tasks
from kombu.asynchronous.timer import Timer
from shop import alive, beat_alive
from shop.tasks import export

DATA = Path(__file__).parents[1] / "data"


def wait_until_there(file: Path) -> None:
    """Wait for a file, ten seconds at most."""
    end = time.monotonic() + 10
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_worker_has_a_file_until_it_stops(request: pytest.FixtureRequest) -> None:
    alive.FILE.unlink(missing_ok=True)
    worker = request.getfixturevalue("worker")
    wait_until_there(alive.FILE)
    order = [type(step) for step in worker.consumer.blueprint.order]
    assert order.index(alive.Alive) > order.index(Tasks)
    assert export.delay(0).get(timeout=10, interval=0.01) == "exported"


def test_the_file_goes_with_the_connection() -> None:
    alive.FILE.touch()
    consumer = SimpleNamespace(timer=Timer())
    assert alive.SECONDS * 10 < 60  # the probes allow a minute
    step = alive.Alive(consumer)
    assert not alive.FILE.exists()  # a killed worker had left it
    step.start(consumer)
    assert alive.FILE.exists()
    alive.FILE.unlink()
    (entry,) = [event.entry for event in consumer.timer.queue]
    entry()
    assert alive.FILE.exists()
    step.stop(consumer)
    assert entry.canceled
    assert not alive.FILE.exists()


def test_stop_before_start() -> None:
    step = alive.Alive(None)
    step.stop(None)
    assert not alive.FILE.exists()


def test_beat_touches_its_file(celery_app: Celery, tmp_path: Path) -> None:
    scheduler = beat_alive.Scheduler(app=celery_app, schedule_filename=str(tmp_path / "schedule"))
    assert not beat_alive.FILE.exists()
    assert scheduler.tick() > 0
    assert beat_alive.FILE.exists()
    scheduler.close()


@pytest.mark.parametrize(
    ("name", "states"), [("worker", experiment.STATES), ("beat", experiment.BEAT)]
)
def test_the_tables_are_those_of_the_experiment(name: str, states: dict[str, object]) -> None:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        assert [row[name] for row in csv.DictReader(file)] == list(states)

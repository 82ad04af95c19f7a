"""The task, and that it runs where the lane says."""

from pathlib import Path
from queue import Queue

import pytest
from celery.signals import task_postrun
from flask import current_app
from shop import celery_app, print_catalog


@pytest.fixture
def ended() -> Queue[object]:
    """Collect what tasks return as they end."""
    returned: Queue[object] = Queue()
    # The signal holds its receivers weakly.
    returned.receiver = lambda retval, **_: returned.put(retval)  # type: ignore[attr-defined]
    task_postrun.connect(returned.receiver)  # type: ignore[attr-defined]
    return returned


def test_the_task_waits_for_paper(
    ended: Queue[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    naps: list[float] = []

    def fetch_paper_on_the_second_nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            (tmp_path / "paper").touch()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shop.sleep", fetch_paper_on_the_second_nap)
    print_catalog.delay()
    assert ended.get(timeout=30) == "printed"
    assert naps == [0.1, 0.1]
    assert list(tmp_path.iterdir()) == []


def test_the_task_is_registered() -> None:
    assert print_catalog.name == "shop.print_catalog"
    assert celery_app.conf.task_ignore_result is True


def test_a_task_runs_in_the_application_context(ended: Queue[object]) -> None:
    @celery_app.task
    def name() -> str:
        return current_app.name

    assert name() == "shop"
    assert not current_app
    assert ended.empty()

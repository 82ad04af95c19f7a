"""The package alone, without the shop."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from celery import Celery
from celery.result import AsyncResult
from letters.reminders import remind
from letters.tasks import send

LETTER = "test@example.com writes to ada@example.com"
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


@pytest.mark.usefixtures("celery_app")
def test_a_letter() -> None:
    result = send.delay("ada@example.com")
    assert result.get(timeout=5, interval=0.01) == LETTER


@pytest.mark.usefixtures("celery_app")
def test_two_reminders() -> None:
    result = remind.delay("ada@example.com", times=2)
    ids = result.get(timeout=5, interval=0.01)
    letters = [AsyncResult(task_id).get(timeout=5, interval=0.01) for task_id in ids]
    assert letters == [LETTER, LETTER]


def test_the_names_are_part_of_the_interface(celery_app: Celery) -> None:
    names = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert names == {"letters.send", "letters.remind"}


def test_the_entry_points_lead_to_modules() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    modules = project["entry-points"]["shop.tasks"]
    assert modules == {"letters": "letters.tasks", "reminders": "letters.reminders"}
    assert [import_module(name).__name__ for name in modules.values()] == list(modules.values())

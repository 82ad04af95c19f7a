"""The shop decides which tasks it takes in."""

import re
import sys
from importlib.metadata import entry_points, version

import pytest
from flask import Flask
from shop import create_app


@pytest.fixture
def not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget that an earlier test has imported the package's modules."""
    for name in ("letters.tasks", "letters.reminders"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_the_task_runs_in_the_shop(app: Flask) -> None:
    task = app.extensions["celery"].tasks["letters.send"]
    result = task.delay("ada@example.com")
    letter = "shop@example.com writes to ada@example.com"
    assert result.get(timeout=5, interval=0.01) == letter


@pytest.mark.usefixtures("app")
def test_nothing_else_is_taken_in() -> None:
    assert "letters.tasks" in sys.modules
    assert "letters.reminders" not in sys.modules


@pytest.mark.usefixtures("not_imported")
def test_an_installed_package_is_not_taken_in_by_itself() -> None:
    create_app({"TASK_PACKAGES": []})
    assert "letters.tasks" not in sys.modules


def test_what_is_not_offered_is_an_error() -> None:
    error = "no installed package offers the tasks 'invoices', only ['letters', 'reminders']"
    with pytest.raises(RuntimeError, match=f"^{re.escape(error)}$"):
        create_app({"TASK_PACKAGES": ["letters", "invoices"]})


def test_the_package_offers_two_modules() -> None:
    offered = {entry.name: entry.value for entry in entry_points(group="shop.tasks")}
    assert offered == {"letters": "letters.tasks", "reminders": "letters.reminders"}
    assert version("letters") == "1.0.0"

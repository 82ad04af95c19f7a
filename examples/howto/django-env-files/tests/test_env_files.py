"""Who reads .env, and which value wins."""

import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured

from conftest import ENVIRONMENT

PROJECT = Path(__file__).parents[1]
Load = Callable[[str], dict[str, Any]]


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Begin with a process that has none of the variables, and put them back."""
    with patch.dict(os.environ):
        for name in ENVIRONMENT:
            del os.environ[name]
        yield


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that loads the settings, with this .env beside manage.py."""
    (tmp_path / "config").mkdir()
    settings = shutil.copy(PROJECT / "config" / "settings.py", tmp_path / "config")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    def load(text: str) -> dict[str, Any]:
        (tmp_path / ".env").write_text(text)
        return runpy.run_path(str(settings))

    return load


def test_the_settings_read_the_file(load: Load) -> None:
    text = (PROJECT / ".env.example").read_text()
    settings = load(text)
    assert text.startswith(f"DJANGO_SECRET_KEY={settings['SECRET_KEY']}\n")
    assert settings["DEBUG"] is True
    assert settings["CELERY_BROKER_URL"] == "redis://127.0.0.1:6379/0"
    assert settings["CELERY_RESULT_BACKEND"] == "redis://127.0.0.1:6379/0"
    assert settings["CELERY_TASK_IGNORE_RESULT"] is True


def test_the_process_wins_over_the_file(load: Load) -> None:
    os.environ["CELERY_BROKER_URL"] = "redis://redis.example.org/0"
    settings = load((PROJECT / ".env.example").read_text())
    assert settings["CELERY_BROKER_URL"] == "redis://redis.example.org/0"


def test_every_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dotenv.load_dotenv", lambda _: None)
    os.environ["CELERY_BROKER_URL"] = ""
    names = "DJANGO_SECRET_KEY, CELERY_BROKER_URL, CELERY_RESULT_BACKEND"
    with pytest.raises(ImproperlyConfigured, match=rf"^Set these variables: {names}$"):
        runpy.run_path(str(PROJECT / "config" / "settings.py"))


def test_only_missing_variables_are_named(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^Set these variables: CELERY_RESULT_BACKEND$"):
        load("DJANGO_SECRET_KEY=secret\nCELERY_BROKER_URL=memory://\n")


@pytest.mark.parametrize("value", ["", "0", "False", "true"])
def test_only_1_switches_the_debug_mode_on(load: Load, value: str) -> None:
    os.environ.update(ENVIRONMENT)
    os.environ["DJANGO_DEBUG"] = value
    assert load("")["DEBUG"] is False


def test_a_process_that_has_read_the_file_does_not_see_a_change(load: Load) -> None:
    text = (PROJECT / ".env.example").read_text()
    load(text)
    assert load(text.replace("6379/0", "6379/7"))["CELERY_BROKER_URL"].endswith("6379/0")


def test_the_file_with_secrets_is_not_committed() -> None:
    assert ".env" in (PROJECT / ".gitignore").read_text().splitlines()

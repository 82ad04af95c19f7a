"""Who reads .env files, and which value wins."""

import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import flask.cli
import pytest
from shop import create_app

PROJECT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder, and put the environment back."""
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ):
        yield tmp_path


def test_which_value_wins(folder: Path) -> None:
    for name in (".flaskenv", ".env", "other.env"):
        (folder / name).write_text(f"FLASK_SENDER={name}\n")

    def winner(path: str | None = None) -> str:
        with patch.dict(os.environ):
            flask.cli.load_dotenv(path)
            return os.environ["FLASK_SENDER"]

    assert winner("other.env") == "other.env"
    assert winner() == ".env"
    (folder / ".env").unlink()
    assert winner() == ".flaskenv"
    os.environ["FLASK_SENDER"] = "the environment"
    assert winner("other.env") == "the environment"


def test_without_python_dotenv(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text("FLASK_SENDER=laptop@example.com\n")
    monkeypatch.setitem(sys.modules, "dotenv", None)  # as if it were not installed
    flask.cli.load_dotenv()
    tip = " * Tip: There are .env files present. Install python-dotenv to use them.\n"
    assert capsys.readouterr().err == tip
    assert "FLASK_SENDER" not in os.environ


def test_create_app_reads_no_file(folder: Path, settings: dict[str, Any]) -> None:
    (folder / ".env").write_text("FLASK_SENDER=laptop@example.com\n")
    assert create_app(settings).config["SENDER"] == "shop@example.com"


@pytest.mark.parametrize(("module", "name"), [("make_celery.py", "flask_app"), ("wsgi.py", "app")])
def test_the_module_reads_the_file_beside_it(folder: Path, module: str, name: str) -> None:
    copy = folder / "srv"
    copy.mkdir()
    shutil.copy(PROJECT / module, copy)
    shutil.copy(PROJECT / ".env.example", copy / ".env")
    (folder / ".env").write_text("FLASK_SECRET_KEY=of-the-folder-above\n")
    os.environ |= {"FLASK_CELERY__broker_url": "redis://redis.example.org/0"}
    config = runpy.run_path(str(copy / module))[name].config
    assert (copy / ".env").read_text().startswith(f"FLASK_SECRET_KEY={config['SECRET_KEY']}\n")
    assert config["CELERY"] == {
        "broker_url": "redis://redis.example.org/0",
        "result_backend": "redis://127.0.0.1:6379/0",
        "task_ignore_result": True,
    }


def test_the_modules_work_without_a_file(settings: dict[str, Any]) -> None:
    os.environ |= {
        "FLASK_SECRET_KEY": settings["SECRET_KEY"],
        "FLASK_CELERY__broker_url": "redis://127.0.0.1:6379/0",
        "FLASK_CELERY__result_backend": "redis://127.0.0.1:6379/0",
    }
    import make_celery
    import wsgi

    assert make_celery.celery_app is make_celery.flask_app.extensions["celery"]
    assert wsgi.app.config["SECRET_KEY"] == settings["SECRET_KEY"]


def test_the_file_with_secrets_is_not_committed() -> None:
    assert ".env" in (PROJECT / ".gitignore").read_text().splitlines()

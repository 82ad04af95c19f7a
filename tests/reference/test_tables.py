"""What the reference tables say is still so."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.app.defaults import DEFAULTS
from celery.bin.celery import celery as command
from flask import Flask

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "examples" / "reference"
SECONDS = 300  # for one program, on a busy machine

sys.path.insert(0, str(ROOT / "docs" / "_ext"))
import tables  # noqa: E402 - an extension of the site


def names_on_the_page() -> Iterator[str]:
    """Yield the name of each setting that the page has."""
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for items in re.findall(r"```\{settings\}\n(.+?)```", text, re.DOTALL):
        yield from tables.settings_of(items.splitlines())


PROGRAMS = sorted(path.stem for path in (PROJECT / "data").glob("*.json"))


def unmet(program: str) -> str:
    """Say what a program needs and this machine has not, or return nothing."""
    if program != "serialisation" and not shutil.which("redis-server"):
        return "redis-server"
    packages = ("gevent", "eventlet") if program == "greenlets" else ()  # not in constraints.txt
    return ", ".join(package for package in packages if find_spec(package) is None)


@pytest.fixture(scope="module")
def measurements(request: pytest.FixtureRequest) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Start all programs of this run at once: they mostly wait for workers to end."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    asked = {call.params.get("program") for call in calls if call}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CELERY_", "DJANGO_"))}
    started = {
        program: subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"survey.{program}", "--check"],
            cwd=PROJECT,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for program in PROGRAMS
        if program in asked and not unmet(program)
    }
    yield started
    for process in started.values():
        process.terminate()  # the program ends its workers and its Redis
        process.communicate()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_new_measurement_gives_the_same_table(
    program: str, measurements: dict[str, subprocess.Popen[str]]
) -> None:
    if missing := unmet(program):
        pytest.skip(f"needs {missing}")
    printed, _ = measurements[program].communicate(timeout=SECONDS)
    assert measurements[program].returncode == 0, printed


def test_each_setting_is_on_the_page_once() -> None:
    names = list(names_on_the_page())
    assert len(names) == len(set(names))
    assert len(names) > 40


@pytest.mark.parametrize("name", sorted(set(names_on_the_page())))
def test_a_setting_arrives_in_every_spelling(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"a": 1}  # no setting has this, and the environment can say it
    monkeypatch.setenv(f"FLASK_CELERY__{name}", json.dumps(value))
    flask_app = Flask("shop")
    flask_app.config.from_prefixed_env()
    settings = SimpleNamespace(**{f"CELERY_{name.upper()}": value})
    in_flask, in_django, in_fastapi = (Celery(set_as_current=False) for _ in range(3))
    in_flask.config_from_object(flask_app.config["CELERY"])
    in_django.config_from_object(settings, namespace="CELERY")
    in_fastapi.conf.update({name: value})
    assert DEFAULTS[name] != value
    for app in (in_flask, in_django, in_fastapi):
        assert app.conf[name] == value


def test_a_default_is_written_as_a_reader_would() -> None:
    assert tables.default_of("worker_prefetch_multiplier") == "`4`"
    assert tables.default_of("result_expires") == "1 day"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["- task_ignore_results: x"], "no setting 'task_ignore_results'"),
        (["task_ignore_result"], "write `- name: what it does`"),
    ],
)
def test_a_wrong_item_is_an_error(lines: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tables.settings_of(lines)


def test_the_page_has_each_command() -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    section = text.partition("## The commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == set(command.commands)


@pytest.mark.parametrize("items", [{}, {"a": "x", "b": "y"}])
def test_a_column_needs_an_item_for_each_row_and_no_other(items: dict[str, str]) -> None:
    part = {"head": ["name"], "rows": [["`a`"]]}
    with pytest.raises(ValueError, match=r"only in the page or only in the data: [ab]"):
        tables.with_column(part, "what", items)
    assert tables.with_column(part, "what", {"a": "x"})["rows"] == [["`a`", "x"]]

"""The checker finds nothing in the projects that readers copy, and in the others only what they show on purpose."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checkup.command import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
# Where a project keeps its Celery app: the first of these files that exists.
APPS = {
    "config/celery.py": "config",
    "make_celery.py": "make_celery",
    "shop/celery_app.py": "shop.celery_app",
    "shop/worker.py": "shop.worker",
    "shop/__init__.py": "shop",
    "shop.py": "shop:celery_app",
}
# Programs whose Celery apps are made in tests, or of which a part is wrong: their own pages say why.
NO_APP = {
    "explain/apps",
    "howto/flask-reusable-tasks/letters",
    "pitfalls/fastapi-result-route",
    "pitfalls/fastapi-threads",
    "pitfalls/flask-result-route",
    "pitfalls/flask-signal-context",
    "pitfalls/flask-thread-app",
}
# What a project shows on purpose, by the codes.
SHOWN: dict[str, set[str]] = {}


def projects() -> list[str]:
    """Return the projects, below `examples`, without those of the rules themselves."""
    folders = {path.parent.relative_to(EXAMPLES) for path in EXAMPLES.rglob("pyproject.toml")}
    left_out = {folder.as_posix() for folder in folders if folder.parts[0] == "checkup"}
    return sorted({folder.as_posix() for folder in folders} - left_out - NO_APP)


def options(folder: Path) -> list[str]:
    """Return how to check a project."""
    app = next(app for name, app in APPS.items() if (folder / name).exists())
    if app == "config":
        return ["django", "-A", app, "--settings", "config.settings"]
    sources = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return ["fastapi" if any("import FastAPI" in text for text in sources) else "flask", "-A", app]


def report(folder: Path) -> dict[str, Any]:
    """Check a project in this process."""
    os.chdir(folder)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        main([*options(folder), ".", "--format", "json"])
    found: dict[str, Any] = json.loads(output.getvalue())
    return found


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Future[dict[str, Any]]]]:
    """Check all projects, each in a process of its own, that has imported Celery already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.preloaded"])
    with ProcessPoolExecutor(3, mp_context=context, max_tasks_per_child=1) as pool:
        yield {name: pool.submit(report, EXAMPLES / name) for name in projects()}


@pytest.mark.parametrize("name", projects())
def test_nothing_is_found(name: str, reports: dict[str, Future[dict[str, Any]]]) -> None:
    found = reports[name].result(60)
    wrong = [finding for finding in found["findings"] if finding["severity"] != "note"]
    unexpected = [finding for finding in wrong if finding["code"] not in SHOWN.get(name, set())]
    assert unexpected == []
    assert found["not_checked"] == []


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_what_is_shown_is_found(name: str, reports: dict[str, Future[dict[str, Any]]]) -> None:
    codes = {finding["code"] for finding in reports[name].result(60)["findings"]}
    assert SHOWN[name] <= codes

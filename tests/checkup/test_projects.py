"""The checker finds nothing in the projects that readers copy, and in the others only what they show on purpose."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import shutil
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checkup.command import main
from verify.needs import python_too_old

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
# Where the app has another name than the file says.
OTHER_APPS = {
    "howto/deploy": "shop.during:celery_app",
    "howto/fastapi-factory": "shop.worker",
    "start/break-it": "shop:app",
}
# Without an app of a Celery at the top of a module: it is made in tests, or by what a part of a page shows.
NO_APP = {
    "explain/apps",
    "howto/flask-reusable-tasks",
    "howto/flask-reusable-tasks/letters",
    "howto/test-on-commit/flask",
    "howto/test-tasks/flask",
    "pitfalls/fastapi-result-route",
    "pitfalls/fastapi-threads",
    "pitfalls/flask-result-route",
    "pitfalls/flask-signal-context",
    "pitfalls/flask-thread-app",
    "howto/signed-messages",  # its certificates are made by its tests
}
REDIS_TLS = "rediss://127.0.0.1:6380/0?ssl_cert_reqs=required"
SECRET = "x" * 50
# Some projects refuse to start without these, and without those of their `.env.example`.
ENVIRONMENT = {
    "howto/broker-tls": {"SHOP_BROKER_URL": REDIS_TLS, "SHOP_RESULT_BACKEND": REDIS_TLS},
    "howto/django-env-files": {"DJANGO_SECRET_KEY": SECRET},
    "howto/flask-configuration": {"FLASK_SECRET_KEY": SECRET},
    "howto/flask-several-apps": {"SHOP_STAGE": "production"},
    "templates/django": {"DJANGO_SECRET_KEY": SECRET},
}
# What a project shows on purpose, by the codes.
SHOWN: dict[str, set[str]] = {
    "howto/performance": {"CK702"},
    "howto/test-on-commit/django": {"CK601"},
    "pitfalls/django-before-commit": {"CK601"},
}


def projects() -> list[str]:
    """Return the projects, below `examples`, without those of the rules themselves."""
    folders = {path.parent.relative_to(EXAMPLES) for path in EXAMPLES.rglob("pyproject.toml")}
    left_out = {folder.as_posix() for folder in folders if folder.parts[0] == "checkup"}
    return sorted({folder.as_posix() for folder in folders} - left_out - NO_APP)


def options(folder: Path) -> list[str]:
    """Return how to check a project."""
    found = next(app for name, app in APPS.items() if (folder / name).exists())
    app = OTHER_APPS.get(folder.relative_to(EXAMPLES).as_posix(), found)
    if app == "config":
        return ["django", "-A", app, "--settings", "config.settings"]
    sources = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return ["fastapi" if any("import FastAPI" in text for text in sources) else "flask", "-A", app]


def environment(folder: Path) -> dict[str, str]:
    """Return the variables that a project needs."""
    example = folder / ".env.example"
    lines = example.read_text(encoding="utf-8").splitlines() if example.exists() else []
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    known = {name: value for name, equals, value in pairs if equals}
    return known | ENVIRONMENT.get(folder.relative_to(EXAMPLES).as_posix(), {})


def report(folder: Path) -> dict[str, Any]:
    """Check a copy of a project in this process; some make a database when they are imported."""
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(output):
        ignored = shutil.ignore_patterns("__pycache__", "instance", "*.sqlite3")
        os.environ.update(environment(folder))
        os.chdir(shutil.copytree(folder, Path(place) / folder.name, ignore=ignored))
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
    if reason := python_too_old(EXAMPLES / name):
        pytest.skip(reason)
    found = reports[name].result(60)
    wrong = [finding for finding in found["findings"] if finding["severity"] != "note"]
    unexpected = [finding for finding in wrong if finding["code"] not in SHOWN.get(name, set())]
    assert unexpected == []
    assert found["not_checked"] == []


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_what_is_shown_is_found(name: str, reports: dict[str, Future[dict[str, Any]]]) -> None:
    codes = {finding["code"] for finding in reports[name].result(60)["findings"]}
    assert SHOWN[name] <= codes

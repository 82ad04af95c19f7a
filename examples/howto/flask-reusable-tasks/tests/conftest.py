"""The shop with the package; `pytest --lane worker` runs the tasks on a worker thread."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask
from shop import create_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
LETTERS = Path(__file__).parents[1] / "letters" / "pyproject.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def write_metadata(pyproject: Path, site: Path) -> None:
    """Write what pip writes about a package: its version and its entry points."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n")
    groups: Mapping[str, Mapping[str, str]] = project["entry-points"]
    lines = [
        line
        for group, modules in groups.items()
        for line in (f"[{group}]", *(f"{key} = {module}" for key, module in modules.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python see the package as installed."""
    write_metadata(LETTERS, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give each test a shop with a worker at work."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    lane = request.config.getoption("--lane")
    app = create_app({"CELERY": IN_MEMORY | LANES[lane], "TASK_PACKAGES": ["letters"]})
    if lane == "eager":
        yield app
        return
    celery_app = app.extensions["celery"]
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

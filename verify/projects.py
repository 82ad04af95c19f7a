"""Run the checks of an example project, alone in an empty folder, and see what they executed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from verify.shell import IGNORED, PYTEST_PLUGINS, temporary_folder
from verify.warm import run

LANES = ("eager", "worker")
SERVICE_VARIABLES = {"AMQP_URL", "DATABASE_URL", "REDIS_URL"}  # both lanes would meet there
SECONDS = 120


@dataclass
class ProjectRun:
    """What the checks of a project did in one lane. Paths are relative to the project."""

    passed: bool
    output: str
    missing: dict[str, set[int]]  # for each file, the lines of statements that did not run
    opened: set[str]


def project_of(path: Path, root: Path) -> Path | None:
    """Return the project that a file belongs to: the nearest folder with a `pyproject.toml`."""
    for folder in path.parents:
        if folder == root:
            break
        if (folder / "pyproject.toml").exists():
            return folder
    return None


def run_checks(project: Path, lane: str) -> ProjectRun:
    """Run `pytest --lane …` in a copy of the project."""
    with temporary_folder() as place:
        copy = place / project.name
        shutil.copytree(project, copy, ignore=IGNORED)
        report = place / "report.json"
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in SERVICE_VARIABLES
            and not key.startswith(
                ("CELERY_", "COV", "DJANGO_", "FLASK_", "PYTEST_", "PYTHON", "SHOP_")
            )
        }
        environment |= PYTEST_PLUGINS
        program = Path(__file__).with_name("run_project.py")
        printed = place / "output"
        command = [sys.executable, str(program), str(report), lane]
        code = run(command, copy, environment, printed, SECONDS)
        output = printed.read_text(encoding="utf-8", errors="replace")
        if code is None:
            output += f"\nno end in {SECONDS} s"
        if not report.exists():
            return ProjectRun(False, output, {}, set())
        data = json.loads(report.read_text(encoding="utf-8"))
    return ProjectRun(
        code == 0,
        output,
        {name: set(lines) for name, lines in data["missing"].items()},
        set(data["opened"]),
    )

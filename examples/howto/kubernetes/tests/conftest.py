"""``pytest`` runs the tasks in the call; ``pytest --lane worker`` starts workers, each a process of its own."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


@pytest.fixture(scope="module", autouse=True)
def environment(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Keep every message of a module's tests in a folder, or make none; return the folder."""
    folder = tmp_path_factory.mktemp("broker")
    with pytest.MonkeyPatch.context() as patch:
        names = [name for name in os.environ if name.startswith("FLASK_")]
        for name in (*OVERRIDING_VARIABLES, *names):
            patch.delenv(name, raising=False)
        if pytestconfig.getoption("--lane") == "eager":
            patch.setenv("FLASK_CELERY__task_always_eager", "true")
        for name in ("queue", "control"):
            (folder / name).mkdir()
        options = {
            "data_folder_in": f"{folder}/queue",
            "data_folder_out": f"{folder}/queue",
            "control_folder": f"{folder}/control",
            "polling_interval": 0.05,
        }
        patch.setenv("FLASK_CELERY__broker_url", "filesystem://")
        patch.setenv("FLASK_CELERY__broker_transport_options", json.dumps(options))
        patch.setenv("WORKER_ALIVE_FILE", str(folder / "alive"))
        patch.chdir(FOLDER)
        yield folder

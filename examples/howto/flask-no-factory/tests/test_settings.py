"""Which setting wins, seen from a new process that imports the shop again for each case."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BROKER = "redis://127.0.0.1:6379/0"
RESULTS = "redis://127.0.0.1:6379/1"
OTHER = "redis://redis.example:6379/5"
PROGRAM = """
import json, os, sys

for variables in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(variables)
    from shop import celery_app
    print(json.dumps([celery_app.conf.broker_url, celery_app.conf.result_backend]))
    del sys.modules["shop"]
"""


def settings(cases: list[dict[str, str]]) -> list[list[str]]:
    """Return the broker and the result backend that the shop has with each set of variables."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env={"PATH": os.defpath},
        input=json.dumps(cases),
        capture_output=True,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_which_setting_wins() -> None:
    cases = [
        ({}, [BROKER, RESULTS]),
        ({"FLASK_CELERY__broker_url": OTHER}, [OTHER, RESULTS]),
        ({"FLASK_CELERY__BROKER_URL": OTHER}, [BROKER, RESULTS]),
        ({"CELERY_BROKER_URL": OTHER}, [OTHER, RESULTS]),
        ({"CELERY_BROKER_URL": OTHER, "FLASK_CELERY__broker_url": BROKER}, [OTHER, RESULTS]),
        ({"FLASK_CELERY__result_backend": OTHER}, [BROKER, OTHER]),
        (
            {"CELERY_RESULT_BACKEND": OTHER, "FLASK_CELERY__result_backend": RESULTS},
            [BROKER, OTHER],
        ),
    ]
    assert settings([variables for variables, _ in cases]) == [values for _, values in cases]

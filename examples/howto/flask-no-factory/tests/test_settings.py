"""Which setting wins, seen from a new process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DEFAULT = "redis://127.0.0.1:6379/0"
OTHER = "redis://redis.example:6379/5"


def setting(name: str, variables: dict[str, str]) -> str:
    """Import the shop in a new process, and return a setting of its Celery app."""
    program = f"from shop import celery_app; print(celery_app.conf.{name})"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PATH": os.defpath, **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    return run.stdout.strip()


@pytest.mark.parametrize(
    ("variables", "broker_url"),
    [
        ({}, DEFAULT),
        ({"FLASK_CELERY__broker_url": OTHER}, OTHER),
        ({"FLASK_CELERY__BROKER_URL": OTHER}, DEFAULT),
        ({"CELERY_BROKER_URL": OTHER}, OTHER),
        ({"CELERY_BROKER_URL": OTHER, "FLASK_CELERY__broker_url": DEFAULT}, OTHER),
    ],
)
def test_the_broker(variables: dict[str, str], broker_url: str) -> None:
    assert setting("broker_url", variables) == broker_url


@pytest.mark.parametrize(
    ("variables", "result_backend"),
    [
        ({}, "redis://127.0.0.1:6379/1"),
        ({"FLASK_CELERY__result_backend": OTHER}, OTHER),
        ({"CELERY_RESULT_BACKEND": OTHER, "FLASK_CELERY__result_backend": DEFAULT}, OTHER),
    ],
)
def test_the_result_backend(variables: dict[str, str], result_backend: str) -> None:
    assert setting("result_backend", variables) == result_backend

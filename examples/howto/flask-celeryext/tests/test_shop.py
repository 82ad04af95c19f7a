"""The shop with Flask-CeleryExt."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery.result import AsyncResult
from shop import price, sender

from conftest import working


@pytest.fixture(scope="module", autouse=True)
def worker() -> Iterator[None]:
    """Run a worker for the shop."""
    with working(sender.app):
        yield


def value_of(result: AsyncResult) -> object:
    return result.get(timeout=30, interval=0.01)


def test_the_environment_wins_over_the_defaults() -> None:
    names = ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "SENDER")
    program = f"from shop import app; print(*(app.config[name] for name in {names}))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env={"PATH": os.defpath, "FLASK_SENDER": "store@example.com"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout.split() == [
        "redis://127.0.0.1:6379/0",
        "redis://127.0.0.1:6379/1",
        "store@example.com",
    ]


def test_the_application_context() -> None:
    assert value_of(sender.delay()) == "shop@example.com"


def test_the_request_context() -> None:
    assert value_of(price.delay(1905)) == "19.05 EUR"

"""What the web server, the worker and the `celery` command find."""

import json
import os
import subprocess
import sys
import time
from threading import Thread

import pytest
from celery import current_app
from shop.config import Settings
from shop.main import app
from shop.tasks import send_receipt

PROGRAM = """
import json
from shop.celery_app import celery_app as app
names = ("broker_url", "broker_transport_options", "result_backend")
print(json.dumps({name: app.conf[name] for name in names} | {"main": app.main}))
app.loader.import_default_modules()
assert "shop.tasks.send_receipt" in app.tasks
"""
FOLDERS = {"data_folder_in": "queue", "data_folder_out": "queue", "polling_interval": 0.1}


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what the shop and Celery read from the environment."""
    for name in os.environ:
        if name.startswith(("SHOP_", "CELERY_")):
            monkeypatch.delenv(name)


@pytest.mark.usefixtures("no_variables")
def test_the_shop_needs_no_variable() -> None:
    assert Settings().model_dump() == {
        "mail_seconds": 2,
        "broker_url": "filesystem://",
        "broker_transport_options": FOLDERS,
        "result_backend": "file://results",
    }


@pytest.mark.usefixtures("no_variables")
def test_one_variable_moves_the_shop_to_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0")
    output = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True)
    assert json.loads(output.stdout) == {
        "main": "shop",
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": FOLDERS,
        "result_backend": "file://results",
    }


def test_another_thread_finds_the_app() -> None:
    found: list[str] = []
    thread = Thread(target=lambda: found.append(current_app.main))
    thread.start()
    thread.join()
    assert found == ["shop"]


def test_the_mail_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr("shop.tasks.settings.mail_seconds", 3)
    assert send_receipt("ada@example.com") == "sent to ada@example.com"
    assert slept == [3]


def test_the_api_has_a_title() -> None:
    assert app.title == "Shop"

"""What the web server, the worker and the `celery` command find."""

import os
import runpy
import time
from threading import Thread

import pytest
from celery import current_app
from shop.celery_app import celery_app
from shop.config import Settings
from shop.main import app
from shop.tasks import send_receipt

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
    monkeypatch.setattr("shop.config.settings", Settings())
    app = runpy.run_path("shop/celery_app.py")["celery_app"]
    celery_app.set_default()
    assert (app.main, app.conf.broker_url) == ("shop", "redis://127.0.0.1:6379/0")
    assert app.conf.broker_transport_options == FOLDERS
    assert app.conf.result_backend == "file://results"
    assert list(app.conf.include) == ["shop.tasks"]


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


def test_an_address_has_an_at_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.tasks.settings.mail_seconds", 0)
    assert send_receipt("ada@localhost") == "sent to ada@localhost"
    with pytest.raises(ValueError, match=r"^not an e-mail address: ada\.example\.com$"):
        send_receipt("ada.example.com")


def test_the_api_has_a_title() -> None:
    assert app.title == "Shop"

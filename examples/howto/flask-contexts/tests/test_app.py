"""Which setting wins."""

import os
from concurrent.futures import ThreadPoolExecutor

import celery
import pytest
from flask import Flask
from shop import create_app

BROKER = "redis://redis.example.com:6379/5"


@pytest.fixture(autouse=True)
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what a developer has set, and set what Celery would read past the configuration."""
    for name in [name for name in os.environ if name.startswith("FLASK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CELERY_BROKER_URL", BROKER)


def test_the_defaults() -> None:
    config = create_app().config
    assert config["CELERY"] == {
        "broker_url": "redis://127.0.0.1:6379/0",
        "result_backend": "redis://127.0.0.1:6379/1",
    }
    assert config["CURRENCY"] == "EUR"
    assert config["SQLALCHEMY_DATABASE_URI"] == "sqlite:///shop.db"
    assert config["TRUSTED_HOSTS"] == ["127.0.0.1", "localhost"]


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_CURRENCY", "CHF")
    monkeypatch.setenv("FLASK_CELERY__broker_url", BROKER)
    config = create_app().config
    assert (config["CURRENCY"], config["CELERY"]["broker_url"]) == ("CHF", BROKER)
    assert create_app({"CURRENCY": "NOK"}).config["CURRENCY"] == "NOK"


def test_the_tests_stay_in_memory(app: Flask) -> None:
    conf = app.extensions["celery"].conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")


def test_other_threads_find_the_celery_app(app: Flask) -> None:
    with ThreadPoolExecutor() as server:
        found = server.submit(lambda: celery.current_app.flask_app).result()
    assert found is app

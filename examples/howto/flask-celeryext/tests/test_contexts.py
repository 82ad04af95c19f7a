"""The same without Flask-CeleryExt."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import celery
import pytest
from celery import Celery, shared_task
from celery.result import AsyncResult
from contexts import RequestContextTask, create_celery_app
from flask import Flask, current_app, g, request
from flask_celeryext import FlaskCeleryExt

from conftest import working


@shared_task
def name() -> list[Any]:
    """Return the application's name and what is in ``g``."""
    return [current_app.name, g.get("currency")]


@shared_task(base=RequestContextTask)
def price(cents: int) -> str:
    """Return an amount in the currency of the request."""
    return f"{cents / 100:.2f} {g.currency} {request.url}"


@pytest.fixture
def app(settings: dict[str, Any]) -> Flask:
    """Return an application without a Celery app."""
    app = Flask("store")
    app.config["CELERY"] = settings

    @app.before_request
    def choose_currency() -> str | None:
        g.currency = "EUR"
        return app.config.get("ANSWER")

    return app


@pytest.fixture
def celery_app(app: Flask) -> Iterator[Celery]:
    """Return its Celery app, with a worker."""
    celery_app = create_celery_app(app)
    with working(celery_app):
        yield celery_app


def value_of(result: AsyncResult) -> object:
    return result.get(timeout=30, interval=0.01)


@pytest.mark.usefixtures("celery_app")
def test_the_application_context(app: Flask) -> None:
    with app.app_context():
        g.currency = "CHF"
        assert value_of(name.delay()) == ["store", None]


@pytest.mark.usefixtures("celery_app")
def test_the_request_context(app: Flask) -> None:
    assert value_of(price.delay(1905)) == "19.05 EUR http://localhost/"
    app.config["ANSWER"] = "no"
    message = "^a before_request function answered: 'no'$"
    with pytest.raises(RuntimeError, match=message):
        value_of(price.delay(1905))


def test_each_flask_app_has_a_celery_app(settings: dict[str, Any], app: Flask) -> None:
    other = Flask("other")
    other.config["CELERY"] = settings
    for flask_app in (app, other):
        celery_app = create_celery_app(flask_app)
        assert flask_app.extensions["celery"] is celery_app
        assert celery_app.main == flask_app.name
        with working(celery_app):
            assert value_of(name.delay()) == [flask_app.name, None]
        with ThreadPoolExecutor() as server:
            assert server.submit(lambda: celery.current_app.main).result() == flask_app.name


def test_the_extension_takes_it(app: Flask) -> None:
    extension = FlaskCeleryExt(app, create_celery_app=create_celery_app)
    assert extension.celery is app.extensions["celery"]
    with working(extension.celery):
        assert value_of(name.delay()) == ["store", None]

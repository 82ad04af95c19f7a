"""Who opened the connection that a process uses."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from celery.signals import worker_process_init
from celery.utils.dispatch import Signal
from flask import Flask
from shop import CELERY, create_app
from shop.database import db
from shop.tasks import check_connection
from sqlalchemy import text


def in_a_child(function: Callable[[], str], *signals: Signal) -> str:
    """Fork, send the signals in the child, and return what the function returns there."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            for signal in signals:
                signal.send(sender=None)
            os.write(writer, function().encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.wait()
    with os.fdopen(reader) as file:
        return file.read()


@pytest.mark.usefixtures("app")
def test_a_child_inherits_the_connection() -> None:
    assert in_a_child(check_connection) == "opened before the fork"


@pytest.mark.usefixtures("app")
def test_the_handler_gives_it_a_connection_of_its_own() -> None:
    assert in_a_child(check_connection, worker_process_init) == "opened by this process"


def test_an_empty_pool_cannot_be_inherited(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
    assert in_a_child(check_connection) == "opened by this process"


def test_the_handler_leaves_the_parents_connections_open(app: Flask) -> None:
    with app.app_context():
        before = {name: engine.pool for name, engine in db.engines.items()}
        worker_process_init.send(sender=None)
        assert before.keys() == {None, "reports"}
        assert all(engine.pool is not before[name] for name, engine in db.engines.items())
        # One connection in the old pool, none in the new one; the old one still works.
        assert (before[None].checkedin(), db.engine.pool.checkedin()) == (1, 0)
        connection = before[None].connect()
        assert connection.cursor().execute("SELECT 7").fetchone() == (7,)
        connection.close()
        before[None].dispose()


def test_the_pool_asks_before_it_hands_out(app: Flask) -> None:
    with app.app_context():
        entry = db.engine.raw_connection()
        entry.driver_connection.close()  # as a server does that drops idle connections
        entry.close()
        assert db.engine.pool.checkedin() == 1
        assert db.session.execute(text("SELECT 7")).scalar() == 7


def test_the_environment_changes_a_copy_of_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("FLASK_CELERY__")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_CELERY__broker_url", "memory://")
    monkeypatch.setattr(worker_process_init, "receivers", [])
    uri = f"sqlite:///{tmp_path / 'shop.db'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri})
    assert app.config["CELERY"] == CELERY | {"broker_url": "memory://"}
    assert CELERY["broker_url"] == "redis://127.0.0.1:6379/0"
    with app.app_context():
        db.engine.dispose()


def test_the_task(working_app: Flask) -> None:
    celery_app = working_app.extensions["celery"]
    result = celery_app.tasks["shop.tasks.check_connection"].delay()
    assert result.get(timeout=5, interval=0.01) == "opened by this process"

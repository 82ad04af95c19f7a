"""The database, and who opens connections to it."""

import os

from celery.signals import worker_process_init
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


def replace_pools_in_children(app: Flask) -> None:
    """Give each child of a prefork worker connection pools of its own."""

    # Without weak=False, the function is gone before the signal comes.
    @worker_process_init.connect(weak=False)
    def replace_pools(**_: object) -> None:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)


def note_process(engine: Engine) -> None:
    """Write into each new connection of an engine which process opened it."""

    @event.listens_for(engine, "connect")
    def note(_: object, entry: ConnectionPoolEntry) -> None:
        entry.info["opened_by"] = os.getpid()


def is_inherited() -> bool:
    """Tell whether another process opened the connection that the session uses."""
    return db.session.connection().info["opened_by"] != os.getpid()

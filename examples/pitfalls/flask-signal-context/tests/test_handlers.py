"""What Celery does with the handler's error."""

from queue import Queue

import pytest
from celery import shared_task
from celery.signals import task_postrun
from flask import Flask
from handlers import close_session, db


@shared_task
def tidy() -> str:
    """Tidy."""
    return "tidy"


def run_tidy() -> str:
    """Run the task, wait until every handler has run, and return the result."""
    ended: Queue[None] = Queue()

    def end(**_: object) -> None:
        ended.put(None)

    task_postrun.connect(end)
    result = tidy.delay()
    ended.get(timeout=30)
    task_postrun.disconnect(end)
    return result.get(timeout=30, interval=0.01)


@pytest.mark.usefixtures("celery_app")
def test_the_error_is_logged_and_the_task_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    assert run_tidy() == "tidy"
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    message = record.getMessage()
    assert message.startswith(
        f"Signal handler {close_session!r} raised: "
        "RuntimeError('Working outside of application context."
    )


@pytest.mark.usefixtures("celery_app")
def test_inside_the_context_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    removed: list[str] = []
    with app.app_context():
        monkeypatch.setattr(db.session, "remove", lambda: removed.append("session"))
        close_session()
        assert removed == ["session"]
    # Flask-SQLAlchemy does it at the end of every context.
    assert removed == ["session", "session"]

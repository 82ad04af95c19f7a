"""A signal handler that uses the database outside of the application context."""

from celery.signals import task_postrun
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


@task_postrun.connect
def close_session(**_: object) -> None:
    """Close the session. Do not write this: it fails, and it is not needed."""
    db.session.remove()

"""A task that asks a database."""

import os

from celery import Celery
from sqlalchemy import create_engine, text

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite://"))
connection = engine.connect()


@celery_app.task
def check_database() -> int:
    """Ask the database for a number."""
    return int(connection.scalar(text("SELECT 1")))

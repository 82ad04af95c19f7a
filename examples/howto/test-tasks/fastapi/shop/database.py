"""The database: an engine for each process, a session for each request or task."""

from celery.signals import worker_process_init
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url, pool_pre_ping=True)
new_session = sessionmaker(engine)


class Base(DeclarativeBase):
    """The base of every table."""


@worker_process_init.connect
def replace_pool(**_: object) -> None:
    """Give each process of a prefork worker a connection pool of its own."""
    engine.dispose(close=False)

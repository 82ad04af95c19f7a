"""The database: an engine for each process, a session for each request or task."""

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url, pool_pre_ping=True)
new_session = sessionmaker(engine)


class Base(DeclarativeBase):
    """The base of every table."""


def create_tables() -> None:
    """Make the tables that are missing."""
    with new_session.begin() as session:
        Base.metadata.create_all(session.connection())

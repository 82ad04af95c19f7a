"""The database: an engine for each process, a session for each request or task."""

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

from shop.config import get_settings

# It connects with the first statement, and a worker has forked by then. The ping before each use
# finds out that the database has been restarted.
engine = create_engine(get_settings().database_url, pool_pre_ping=True)
new_session = sessionmaker(engine)


class Base(DeclarativeBase):
    """The base of every table."""

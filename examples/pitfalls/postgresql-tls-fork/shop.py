"""A worker opens a connection, and its children ask over it. The database uses TLS."""

import os

from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_TLS_URL"])


def ask() -> None:
    """Ask the database something."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


ask()  # as a query in create_app() does; the connection stays in the pool

child = os.fork()
if child == 0:  # the first child of the worker
    ask()
    os._exit(0)
os.waitpid(child, 0)

ask()  # here the parent stands for the second child

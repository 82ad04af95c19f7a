"""Copies of a SQLite database."""

import sqlite3
from contextlib import closing
from pathlib import Path

from shop.errors import BackupError


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that is there; raises sqlite3.OperationalError."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)


def dump(database: str, target: Path) -> None:
    """Copy a database that others use; raises sqlite3.Error if that fails."""
    with (
        closing(connect(Path(database))) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def count_tables(restored: Path) -> int:
    """Read all of a restored database, and return the number of its tables.

    Raises sqlite3.Error or BackupError if it is damaged.
    """
    with closing(connect(restored)) as database:
        (answer,) = database.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise BackupError(answer)
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        (tables,) = database.execute(query).fetchone()
        return tables

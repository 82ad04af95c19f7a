"""The database: the PostgreSQL that ``DATABASE_URL`` names, or a file."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def sqlite(folder: Path) -> dict[str, object]:
    """Keep the tables in a file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "db.sqlite3",
        # A file, too: in memory, where it is by default, threads lock each other out.
        "TEST": {"NAME": folder / "test.sqlite3"},
    }


def postgresql(address: str) -> dict[str, object]:
    """Connect to ``postgresql://user:password@host:port/name``."""
    url = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": url.port or "",
    }


def database(folder: Path) -> dict[str, object]:
    """Return the settings of the database; `folder` is for files."""
    address = os.environ.get("DATABASE_URL")
    return postgresql(address) if address else sqlite(folder)

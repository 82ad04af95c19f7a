"""Copies of a PostgreSQL database, by PostgreSQL's own programs."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from shop.errors import BackupError

TIMEOUT = 1200
PSQL = (
    "psql",
    "--no-password",
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
)
RESTORE = ("pg_restore", "--no-password", "--exit-on-error")


def run(*argv: str) -> str:
    """Run a program and return what it prints.

    Raises BackupError if it is missing, fails or takes too long.
    """
    try:
        answer = subprocess.run(
            argv,
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
        )
    except subprocess.CalledProcessError as error:
        message = f"{argv[0]} ended with {error.returncode}: {error.stderr.strip()}"
        raise BackupError(message) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackupError(str(error)) from error
    return answer.stdout


def dump(database: str, target: Path) -> None:
    """Copy a database that others use; raises BackupError if that fails."""
    parts = urlsplit(database)
    if parts.password or "password=" in parts.query:
        message = "the password belongs into PGPASSFILE, not into the URL"
        raise BackupError(message)
    run(
        "pg_dump",
        "--no-password",
        "--format=custom",
        "--compress=0",
        f"--file={target}",
        f"--dbname={database}",
    )


def count_tables(restored: Path, database: str) -> int:
    """Restore a dump into a new database, and return the number of its tables.

    Raises BackupError if that fails.
    """
    name = f"verify_{uuid4().hex}"
    new = urlsplit(database)._replace(path=f"/{name}").geturl()
    run(*PSQL, f"--dbname={database}", f"--command=CREATE DATABASE {name}")
    try:
        run(*RESTORE, f"--dbname={new}", str(restored))
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        return int(run(*PSQL, f"--dbname={new}", f"--command={query}"))
    finally:
        run(*PSQL, f"--dbname={database}", f"--command=DROP DATABASE {name}")

"""The backups: made one at a time, restored once as a proof, and kept for a week."""

import fcntl
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from shop import postgresql, sqlite
from shop.config import get_settings
from shop.errors import BackupError, BusyError

KEEP = 7


class Backup(BaseModel):
    """One backup."""

    name: str
    size: int
    sha256: str


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep others from making a backup; raises BusyError if another process makes one.

    The lock belongs to the open file, so it ends with the process, whatever ends that.
    """
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "another process is making a backup"
            raise BusyError(message) from error
        yield


def make() -> Backup:
    """Make a backup, restore it, and delete the oldest ones.

    Raises BackupError, sqlite3.Error or OSError; the old ones then stay.
    """
    settings = get_settings()
    folder = settings.backup_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(folder):
        for left in folder.glob("tmp*"):  # by a worker that was killed
            shutil.rmtree(left)
        with TemporaryDirectory(dir=folder) as place:
            name = f"shop-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.gz"
            packed = Path(place) / name
            dumped, restored = Path(place) / "dumped", Path(place) / "restored"
            if settings.database.startswith("postgresql:"):
                postgresql.dump(settings.database, dumped)
            else:
                sqlite.dump(settings.database, dumped)
            pack(dumped, packed)
            unpack(packed, restored)
            if settings.database.startswith("postgresql:"):
                tables = postgresql.count_tables(restored, settings.database)
            else:
                tables = sqlite.count_tables(restored)
            if tables == 0:
                message = "the backup holds no table"
                raise BackupError(message)
            checksum = Path(place) / f"{name}.sha256"
            checksum.write_text(f"{sha256(packed)}  {name}\n", encoding="ascii")
            checksum.replace(folder / checksum.name)
            packed.replace(folder / name)
        prune(folder)
    return describe(folder / name)


def pack(source: Path, target: Path) -> None:
    """Compress a file, and see to it that it is on the disk."""
    with source.open("rb") as plain, target.open("xb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb") as packed:
            shutil.copyfileobj(plain, packed)
        raw.flush()
        os.fsync(raw.fileno())


def unpack(source: Path, target: Path) -> None:
    """Decompress a file; raises OSError if it is damaged."""
    with gzip.open(source) as packed, target.open("xb") as plain:
        shutil.copyfileobj(packed, plain)


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def prune(folder: Path) -> None:
    """Delete all backups but the newest; the names tell which those are."""
    for path in sorted(folder.glob("shop-*.gz"))[:-KEEP]:
        path.unlink()
        path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)


def describe(path: Path) -> Backup:
    """Describe a backup."""
    checksum = path.with_name(f"{path.name}.sha256").read_text(encoding="ascii").split()[0]
    return Backup(name=path.name, size=path.stat().st_size, sha256=checksum)


def find_all() -> list[Backup]:
    """Describe all backups, the newest first."""
    found = []
    for path in sorted(get_settings().backup_folder.glob("shop-*.gz"), reverse=True):
        with suppress(FileNotFoundError):  # deleted meanwhile
            found.append(describe(path))
    return found

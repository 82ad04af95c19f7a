"""The backups: made, restored, listed and deleted."""

import gzip
import hashlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from celery.schedules import crontab
from fastapi import status
from fastapi.testclient import TestClient
from pydantic import SecretStr
from shop import backups, postgresql, sqlite
from shop.celery_app import celery_app
from shop.config import Settings
from shop.create_tables import create_tables
from shop.errors import BackupError, BusyError
from shop.tasks import make_backup

KEY = {"X-Admin-Key": "secret"}
URL = "postgresql://shop@127.0.0.1/shop"
DIE_WITH_THE_LOCK = """
import fcntl, os, signal, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def database(settings: Settings) -> Path:
    """Make a database."""
    create_tables()
    return Path(settings.database)


def customers(database: Path) -> list[str]:
    """Return the customers in a database."""
    with closing(sqlite3.connect(database)) as connection:
        return [name for (name,) in connection.execute("SELECT customer FROM orders ORDER BY id")]


def files(settings: Settings) -> list[str]:
    """Return the names in the folder of the backups."""
    return sorted(path.name for path in settings.backup_folder.iterdir())


@pytest.mark.usefixtures("database")
def test_a_backup(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    answer = client.post("/backups", headers=KEY)
    assert answer.status_code == status.HTTP_202_ACCEPTED
    assert answer.headers["Location"] == "/backups"
    for _ in range(500):
        found = client.get("/backups", headers=KEY).json()
        if found:
            break
        time.sleep(0.01)
    (backup,) = found
    path = settings.backup_folder / backup["name"]
    assert backup["size"] == path.stat().st_size
    assert backup["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert client.get(f"/backups/{backup['name']}", headers=KEY).json() == backup
    backups.unpack(path, tmp_path / "restored.db")
    assert customers(tmp_path / "restored.db") == ["Ada", "Grace", "Mary"]
    assert stat.S_IMODE(settings.backup_folder.stat().st_mode) == 0o700
    with (settings.backup_folder / f"{backup['name']}.sha256").open() as file:
        assert file.read() == f"{backup['sha256']}  {backup['name']}\n"


@pytest.mark.parametrize("headers", [{}, {"X-Admin-Key": "wrong"}, {"X-Admin-Key": ""}])
def test_nobody_without_the_key(client: TestClient, headers: dict[str, str]) -> None:
    answers = [
        client.get("/backups", headers=headers),
        client.get("/backups/x", headers=headers),
        client.post("/backups", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == 3 * [status.HTTP_403_FORBIDDEN]


def test_no_key_is_no_open_door(client: TestClient, settings: Settings) -> None:
    settings.admin_key = SecretStr("")
    assert client.get("/backups", headers={"X-Admin-Key": ""}).status_code == 403


@pytest.mark.parametrize("name", ["shop-1.gz", "lock", "..%2Fshop.db"])
def test_an_unknown_backup_is_404(client: TestClient, settings: Settings, name: str) -> None:
    settings.backup_folder.mkdir()
    (settings.backup_folder / "lock").touch()
    assert client.get(f"/backups/{name}", headers=KEY).status_code == status.HTTP_404_NOT_FOUND


def test_a_copy_of_a_file_in_use_is_no_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as shop:
        shop.execute("INSERT INTO orders (customer) VALUES ('Zoe')")
        shop.commit()

        shutil.copy(database, tmp_path / "copied.db")
        sqlite.dump(str(database), tmp_path / "dumped.db")
    assert customers(tmp_path / "copied.db") == ["Ada", "Grace", "Mary"]
    assert customers(tmp_path / "dumped.db") == ["Ada", "Grace", "Mary", "Zoe"]


def test_no_database_is_an_error(settings: Settings) -> None:
    with pytest.raises(sqlite3.OperationalError, match=r"^unable to open database file$"):
        backups.make()
    assert files(settings) == ["lock"]
    assert not Path(settings.database).exists()


def test_an_empty_database_is_an_error(settings: Settings) -> None:
    Path(settings.database).touch()
    with pytest.raises(BackupError, match=r"^the backup holds no table$"):
        backups.make()
    assert files(settings) == ["lock"]


def test_an_index_is_no_table(database: Path) -> None:
    with closing(sqlite3.connect(database)) as shop:
        shop.execute("CREATE INDEX customers ON orders (customer)")
        shop.commit()
    assert sqlite.count_tables(database) == 1


def test_a_damaged_database_is_an_error(database: Path) -> None:
    with closing(sqlite3.connect(database)) as shop:
        shop.execute("CREATE TABLE parcels (weight INTEGER CHECK (weight > 0))")
        shop.execute("PRAGMA ignore_check_constraints = ON")
        shop.execute("INSERT INTO parcels VALUES (-1)")
        shop.commit()
    with pytest.raises(BackupError, match=r"^CHECK constraint failed in parcels$"):
        backups.make()


def test_a_damaged_backup_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "backup.gz").write_bytes(gzip.compress(bytes(9999))[:-9])
    with pytest.raises(EOFError):
        backups.unpack(tmp_path / "backup.gz", tmp_path / "restored.db")


@pytest.mark.usefixtures("database")
def test_one_at_a_time(settings: Settings) -> None:
    settings.backup_folder.mkdir()
    with (
        backups.only_one(settings.backup_folder),
        pytest.raises(BusyError, match=r"^another process is making a backup$"),
    ):
        backups.make()
    assert backups.make().name in files(settings)


@pytest.mark.usefixtures("database")
def test_a_lock_of_a_dead_process_holds_nobody_up(settings: Settings) -> None:
    settings.backup_folder.mkdir()
    subprocess.run(
        [sys.executable, "-ISc", DIE_WITH_THE_LOCK, "lock"], cwd=settings.backup_folder, check=False
    )
    (settings.backup_folder / "tmpdead").mkdir()
    (settings.backup_folder / "tmpdead" / "dumped").touch()
    name = backups.make().name
    assert files(settings) == ["lock", name, f"{name}.sha256"]


@pytest.mark.usefixtures("database")
def test_the_lock_is_held_to_the_end(settings: Settings) -> None:
    def look(folder: Path) -> None:
        assert len(files(settings)) == 3
        with pytest.raises(BusyError), backups.only_one(folder):
            pass

    with patch.object(backups, "prune", side_effect=look) as prune:
        backups.make()
    prune.assert_called_once_with(settings.backup_folder)


@pytest.mark.usefixtures("database")
def test_what_is_kept_is_what_was_restored(settings: Settings) -> None:
    def pack(_: Path, target: Path) -> None:
        target.write_bytes(gzip.compress(bytes(9999))[:-9])

    with patch.object(backups, "pack", pack), pytest.raises(EOFError):
        backups.make()
    assert files(settings) == ["lock"]


@pytest.mark.usefixtures("database")
def test_the_name_is_the_time_in_utc() -> None:
    with patch.object(backups, "datetime") as clock:
        clock.now.return_value = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
        assert backups.make().name == "shop-20260102T030405000006Z.gz"
    clock.now.assert_called_once_with(UTC)


@pytest.mark.usefixtures("database")
def test_seven_are_kept(settings: Settings) -> None:
    settings.backup_folder.mkdir()
    for day in range(1, 9):
        name = f"shop-2026010{day}T000000000000Z.gz"
        (settings.backup_folder / name).touch()
        (settings.backup_folder / f"{name}.sha256").write_text("0  x")
    (settings.backup_folder / "shop-20260109T000000000000Z.gz").touch()  # has no checksum
    new = backups.make().name
    names = [backup.name for backup in backups.find_all()]
    old = [f"shop-2026010{day}T000000000000Z.gz" for day in range(8, 3, -1)]
    assert names == [new, *old]
    assert len(files(settings)) == 14


def test_a_backup_is_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"orders")
    sizes: list[int] = []
    with patch("os.fsync", side_effect=lambda fd: sizes.append(os.fstat(fd).st_size)):
        backups.pack(tmp_path / "plain", tmp_path / "packed")
    assert sizes == [(tmp_path / "packed").stat().st_size]
    assert gzip.decompress((tmp_path / "packed").read_bytes()) == b"orders"


@pytest.mark.parametrize("function", [backups.pack, backups.unpack])
def test_no_file_is_overwritten(function: Callable[[Path, Path], None], tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(gzip.compress(b"orders"))
    (tmp_path / "target").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        function(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"precious"


@pytest.mark.usefixtures("database")
def test_a_backup_in_the_list_has_its_checksum(settings: Settings) -> None:
    settings.backup_folder /= "new"
    moved: list[str] = []
    replace = Path.replace

    def look(path: Path, target: Path) -> Path:
        moved.append(path.suffix)
        return replace(path, target)

    with patch.object(Path, "replace", look):
        backups.make()
    assert moved == [".sha256", ".gz"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put programs into the place of PostgreSQL's; return the list of their calls."""
    calls = tmp_path / "calls"
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f'#!/bin/sh\necho {name} "$@" >> {calls}\n'
            'for argument; do case $argument in --file=*) : > "${argument#--file=}";; esac; done\n'
            'case "$*" in *"SELECT count"*) echo 3;; *missing*) echo no such thing >&2; exit 2;; esac\n'
        )
        program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return calls


def test_postgresql(settings: Settings, programs: Path) -> None:
    settings.database = URL
    with patch.object(postgresql, "uuid4") as uuid4:
        uuid4.return_value.hex = "0"
        name = backups.make().name
    assert files(settings) == ["lock", name, f"{name}.sha256"]
    calls = programs.read_text().splitlines()
    place = calls[0].partition("--file=")[2].partition("/dumped")[0]
    psql = "psql --no-password --no-psqlrc --quiet --tuples-only --no-align"
    new = "postgresql://shop@127.0.0.1/verify_0"
    options = "--no-password --format=custom --compress=0"
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert calls == [
        f"pg_dump {options} --file={place}/dumped --dbname={URL}",
        f"{psql} --dbname={URL} --command=CREATE DATABASE verify_0",
        f"pg_restore --no-password --exit-on-error --dbname={new} {place}/restored",
        f"{psql} --dbname={new} --command={query}",
        f"{psql} --dbname={URL} --command=DROP DATABASE verify_0",
    ]


@pytest.mark.usefixtures("programs")
def test_a_program_that_fails(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^pg_dump ended with 2: no such thing$"):
        postgresql.dump("postgresql://shop@127.0.0.1/missing", tmp_path / "x")


def test_a_failed_restore_leaves_no_database(tmp_path: Path, programs: Path) -> None:
    with pytest.raises(BackupError, match=r"^pg_restore ended with 2"):
        postgresql.count_tables(tmp_path / "missing", URL)
    assert "DROP DATABASE" in programs.read_text().splitlines()[-1]


@pytest.mark.parametrize("url", [URL.replace("@", ":secret@"), f"{URL}?password=secret"])
def test_no_password_for_all_to_see(url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^the password belongs into PGPASSFILE"):
        postgresql.dump(url, tmp_path / "x")


def test_a_program_cannot_ask_anybody() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"yes\n")
    os.close(writer)
    before = os.dup(0)
    os.dup2(reader, 0)
    try:
        assert postgresql.run("cat") == ""
    finally:
        os.dup2(before, 0)
        for file in (reader, before):
            os.close(file)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(BackupError, match=r"No such file or directory: 'pg_nothing'$"):
        postgresql.run("pg_nothing")


def test_a_program_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "TIMEOUT", 0.01)
    with pytest.raises(BackupError, match=r"timed out after 0\.01 seconds$"):
        postgresql.run("sleep", "60")


def test_a_time_limit_ends_the_program() -> None:
    pids: list[int] = []
    communicate = subprocess.Popen.communicate

    def interrupt(*_: object) -> None:
        raise SoftTimeLimitExceeded

    def communicate_a_moment(program: subprocess.Popen[str], *args: object, **kw: object) -> object:
        pids.append(program.pid)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        return communicate(program, *args, **kw)

    before = signal.signal(signal.SIGALRM, interrupt)
    with (
        patch.object(subprocess.Popen, "communicate", communicate_a_moment),
        pytest.raises(SoftTimeLimitExceeded),
    ):
        postgresql.run("sleep", "60")
    signal.signal(signal.SIGALRM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_every_night() -> None:
    assert celery_app.conf.beat_schedule == {
        "backup": {
            "task": make_backup.name,
            "schedule": crontab(hour=3, minute=30),
            "options": {"expires": 21600},
        }
    }
    assert (make_backup.soft_time_limit, make_backup.time_limit) == (3600, 3660)
    assert postgresql.TIMEOUT == 1200

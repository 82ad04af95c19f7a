"""The users of Redis."""

import hashlib
import os
import re
from pathlib import Path

import make_users
import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the users here."""
    monkeypatch.chdir(tmp_path)
    make_users.make("localhost:6380")
    return tmp_path


def test_nobody_is_let_in_without_a_name(folder: Path) -> None:
    first, *users = (folder / "users.acl").read_text().splitlines()
    assert first == "user default off"
    assert [user.split()[1] for user in users] == ["web", "worker"]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_redis_knows_the_hash_of_the_secret(folder: Path, name: str) -> None:
    broker, backend = (folder / f"{name}.env").read_text().splitlines()
    assert broker.replace("BROKER_URL", "RESULT_BACKEND") == backend
    pattern = rf"SHOP_BROKER_URL='rediss://{name}:(.{{43}})@localhost:6380/0\?(.*)'"
    secret, query = re.fullmatch(pattern, broker).groups()
    assert query == "ssl_cert_reqs=required&ssl_ca_certs=client.pem"
    users = (folder / "users.acl").read_text()
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    rules = f"{make_users.RULES[name]} -@all {make_users.COMMANDS}"
    assert f"user {name} on #{hashed} resetchannels {rules}\n" in users
    assert secret not in users


def test_nobody_else_reads_the_files(folder: Path) -> None:
    assert {path.name: oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == dict.fromkeys(
        ["users.acl", "web.env", "worker.env"], "600"
    )


def test_each_run_makes_new_secrets(folder: Path) -> None:
    before = (folder / "web.env").read_text()
    os.chmod("web.env", 0o644)  # noqa: PTH101
    make_users.make("localhost:6380")
    assert (folder / "web.env").read_text() != before
    test_nobody_else_reads_the_files(folder)


def test_the_dangerous_commands_are_taken_away_at_last() -> None:
    *given, last = make_users.COMMANDS.split()
    assert last == "-@dangerous"
    assert "+@all" not in given
    assert "+@admin" not in given

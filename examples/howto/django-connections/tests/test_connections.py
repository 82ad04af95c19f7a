"""Which connection a task uses, and when a process opens another one."""

import runpy
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from celery import Celery, shared_task
from celery.fixups.django import DjangoWorkerFixup
from celery.result import AsyncResult
from celery.signals import task_received
from config import settings
from config.databases import POOL, postgresql, through_pgbouncer
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper
from shop.connections import opened
from shop.tasks import ask_database
from shop.threads import square, squares

URL = "postgresql://ada:p%40ss@127.0.0.1:5433/shop?sslmode=require"


@shared_task
def lose_connection(*, notice: bool) -> None:
    """Do to the connection what a restart of the server does."""
    ask_database()
    connection.connection.close()
    if notice:
        ask_database()


@shared_task
def close_connections() -> None:
    """Leave nothing open when the worker's thread ends."""
    connections.close_all()


def is_usable(wrapper: BaseDatabaseWrapper) -> bool:
    """Ask, as Django does with the connections of PostgreSQL."""
    try:
        wrapper.connection.execute("SELECT 1")
    except wrapper.Database.Error:
        return False
    return True


def wait_for(sent: AsyncResult) -> str:
    return sent.get(timeout=5, interval=0.01)


def number() -> int:
    """Run a task, and return the number of its connection."""
    return int(wait_for(ask_database.delay()).split()[1])


@pytest.fixture
def _from_zero(transactional_db: None) -> None:
    connection.close()
    opened.clear()


@pytest.fixture
def _reuse(worker: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the connection from task to task, as CELERY_DB_REUSE_MAX does."""
    monkeypatch.setattr(DjangoWorkerFixup, "close_database", lambda *_, **__: None)
    # Django believes that SQLite's connections never break.
    monkeypatch.setattr(type(connections["default"]), "is_usable", is_usable)
    yield
    wait_for(close_connections.delay())


@pytest.mark.usefixtures("_from_zero", "worker")
def test_each_task_of_a_worker_opens_a_connection(celery_app: Celery) -> None:
    assert [number(), number(), number()] == (
        [1, 1, 1] if celery_app.conf.task_always_eager else [1, 2, 3]
    )
    assert set(opened) == {"default"}


@pytest.mark.usefixtures("_from_zero", "_reuse")
def test_a_connection_that_has_failed_is_replaced(celery_app: Celery) -> None:
    assert [number(), number()] == [1, 1]
    with pytest.raises(DatabaseError, match="closed"):
        wait_for(lose_connection.delay(notice=True))
    if celery_app.conf.task_always_eager:
        # It belongs to the caller.
        with pytest.raises(DatabaseError, match="closed"):
            ask_database.delay()
        connection.close()
    assert [number(), number()] == [2, 2]


@pytest.mark.usefixtures("_from_zero", "_reuse")
def test_a_connection_is_checked_before_it_is_used_again(celery_app: Celery) -> None:
    assert number() == 1
    wait_for(lose_connection.delay(notice=False))
    if celery_app.conf.task_always_eager:
        connection.close()
    assert [number(), number()] == [2, 2]


@pytest.mark.usefixtures("_reuse", "_from_zero")
def test_the_parent_of_a_worker_gives_up_a_broken_connection() -> None:
    with pytest.raises(DatabaseError, match="closed"):
        lose_connection(notice=True)
    with pytest.raises(DatabaseError, match="closed"):
        ask_database()
    task_received.send(sender=None)
    assert ask_database() == "connection 2 of this process"


@pytest.mark.usefixtures("_from_zero")
def test_threads_close_what_they_open() -> None:
    assert squares([2, 3]) == [4, 9]
    # In this thread, too, which keeps a connection otherwise.
    before = len(opened)
    assert (square(5), connection.connection, len(opened)) == (25, None, before + 1)


@pytest.mark.parametrize(("pool", "done"), [(None, ["close"]), (POOL, ["close", "close_pool"])])
def test_a_fork_of_the_web_server_inherits_nothing(
    pool: dict[str, int] | None, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper = Mock(settings_dict={"OPTIONS": {"pool": pool}})
    everything = Mock(return_value=[wrapper])
    monkeypatch.setattr(connections, "all", everything)
    assert callable(runpy.run_module("config.wsgi")["application"])
    everything.assert_called_once_with(initialized_only=True)
    assert [name for name, *_ in wrapper.method_calls] == done


def test_the_database_of_a_url() -> None:
    database = postgresql(URL, pooled=False)
    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "ada",
        "PASSWORD": "p@ss",
        "HOST": "127.0.0.1",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    assert postgresql("postgresql:///caf%C3%A9", pooled=False)["NAME"] == "café"


def test_a_pool_is_an_option() -> None:
    database = postgresql(URL, pooled=True)
    assert database["OPTIONS"] == {"sslmode": "require", "pool": POOL}
    assert database["CONN_MAX_AGE"] == 0
    defaults = {"TIME_ZONE": None, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0}
    pool = DatabaseWrapper(defaults | database).pool
    assert pool
    assert (pool.min_size, pool.max_size, pool.timeout) == (1, 4, 10)


def test_behind_pgbouncer() -> None:
    database = through_pgbouncer(URL)
    assert database == postgresql(URL, pooled=False) | {"DISABLE_SERVER_SIDE_CURSORS": True}


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    for value, pooled in (("1", True), ("0", False)):
        monkeypatch.setenv("DATABASE_POOL", value)
        databases = runpy.run_path(settings.__file__)["DATABASES"]
        assert databases == {"default": postgresql(URL, pooled=pooled)}


def test_the_defaults_need_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    default = runpy.run_path(settings.__file__)["DATABASES"]["default"]
    assert default["ENGINE"] == "django.db.backends.sqlite3"
    assert (default["CONN_MAX_AGE"], default["CONN_HEALTH_CHECKS"]) == (60, True)

"""Who may run, and who may not."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest
from celery import Task
from celery.exceptions import Retry
from fakes import FakePostgresql, FakeRedis
from redis.exceptions import LockNotOwnedError
from shop import naive, postgresql_lock, redis_lock, stock, tasks

SKIPS = [
    tasks.compare_stock,
    tasks.compare_for_long,
    tasks.compare_too_slowly,
    naive.compare_stock,
]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[object]]:
    """Return what calls a function while the stock is compared, and collects what it returns."""

    def arrange(function: Callable[[], object]) -> list[object]:
        returned: list[object] = []
        monkeypatch.setattr(stock, "compare", lambda: returned.append(function()))
        return returned

    return arrange


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("task", SKIPS)
def test_one_after_the_other(task: Task) -> None:
    results = [task.delay().get(timeout=5, interval=0.01) for _ in range(2)]
    assert results == ["compared", "compared"]


@pytest.mark.parametrize("task", SKIPS)
def test_two_at_once(task: Task, meanwhile: Callable[[Callable[[], object]], list[object]]) -> None:
    second = meanwhile(task)
    assert task() == "compared"
    assert second == ["somebody else does it"]


@pytest.mark.parametrize("task", SKIPS)
def test_an_error_frees_the_lock(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = Mock(side_effect=[ZeroDivisionError, None])
    monkeypatch.setattr(stock, "compare", compare)
    with pytest.raises(ZeroDivisionError):
        task()
    assert task() == "compared"


def test_a_flag_stays(redis: FakeRedis) -> None:
    redis.setnx("shop:comparing", 1)  # by a process that was killed
    assert naive.compare_stock() == "somebody else does it"


def test_a_lock_that_has_ended_is_somebody_elses(redis: FakeRedis) -> None:
    lock = redis_lock.only_one("stock", 1)
    assert lock.__enter__()
    redis.delete("shop:lock:stock")  # the second is over
    assert redis.lock("shop:lock:stock", 1, blocking=False).acquire()
    with pytest.raises(LockNotOwnedError):
        lock.__exit__(None, None, None)


def test_each_supplier_has_a_lock(redis: FakeRedis) -> None:
    redis.lock("shop:lock:supplier-1", 60, blocking=False).acquire()
    tasks.compare_supplier.push_request(called_directly=False, is_eager=True)
    with pytest.raises(Retry, match=r"^Retry in 5s$"):
        tasks.compare_supplier.run(1)
    assert tasks.compare_supplier.run(2) == "compared"
    tasks.compare_supplier.pop_request()


def test_connections_have_locks(postgresql: FakePostgresql) -> None:
    with postgresql_lock.only_one("a") as first, postgresql_lock.only_one("b") as other:
        assert (first, other) == (True, True)
    assert postgresql.locks == set()

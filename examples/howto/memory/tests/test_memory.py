"""What is kept, and what a query takes; the worker that replaces a process is on the page."""

import sys
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from shop import pinned
from shop.celery_app import celery_app
from shop.rows import Base, Order, total, total_in_steps
from shop.tasks import draw
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.usefixtures("worker")
def test_drawing() -> None:
    result = draw.apply_async([3], ignore_result=False)
    assert result.get(timeout=5, interval=0.01) == 3 * 1024 * 1024


def test_the_limits() -> None:
    assert celery_app.conf.worker_max_tasks_per_child == 1000
    assert celery_app.conf.worker_max_memory_per_child == 400_000


@pytest.fixture
def kept() -> Iterator[list[str]]:
    """Forget what a test has kept."""
    yield pinned.KEPT
    pinned.KEPT.clear()


@LINUX
@pytest.mark.parametrize(("keep_one_in", "least", "most"), [(1_000_000, -20, 25), (100, 40, 90)])
def test_what_is_kept(keep_one_in: int, least: int, most: int, kept: list[str]) -> None:
    assert least <= pinned.growth(1_000_000, keep_one_in) <= most
    assert len(kept) == 1_000_000 // keep_one_in


@pytest.fixture
def session() -> Iterator[Session]:
    """Make a database with five thousand orders."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(Order), [{"pence": 100}] * 5000)
        yield session
    engine.dispose()


def peak(query: Callable[[Session], int], session: Session) -> int:
    """Return how many bytes the query had at most, in a session that holds nothing yet."""
    session.expunge_all()
    assert query(session) == 500_000  # the first time, SQLAlchemy also fills its caches
    session.expunge_all()
    tracemalloc.start()
    try:
        query(session)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_steps_take_less(session: Session) -> None:
    assert peak(total, session) > 10 * peak(total_in_steps, session)

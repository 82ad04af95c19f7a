"""Workflows that end, and those that do not."""

from unittest.mock import Mock, call

import pytest
from celery import Celery, chain, chord, group
from celery.exceptions import ChordError
from celery.exceptions import TimeoutError as NotReadyError
from celery.result import AsyncResult
from shop import reports, tasks


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Collect what is logged for people."""
    logger = Mock()
    monkeypatch.setattr(tasks, "logger", logger)
    return logger


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Collect what would be looked at later."""
    watch = Mock()
    monkeypatch.setattr(tasks.expect_end, "apply_async", watch)
    return watch


@pytest.fixture
def needs_worker(celery_app: Celery, worker: None) -> None:
    """Leave out what eager mode does in another way."""
    if celery_app.conf.task_always_eager:
        pytest.skip("eager mode raises the error in delay()")


def wait(result: AsyncResult) -> object:
    """Wait for the end of a workflow."""
    return result.get(timeout=5, interval=0.01, propagate=False)


@pytest.mark.usefixtures("worker")
def test_a_report(logger: Mock, watch: Mock) -> None:
    result = reports.start(2026)
    assert wait(result) == "2026: 7800"
    watch.assert_called_once_with((result.id, 2026), countdown=600)
    logger.error.assert_not_called()


@pytest.mark.usefixtures("worker")
def test_a_chain() -> None:
    assert wait(chain(tasks.close_books.s(2026), tasks.add_month.s(2)).delay()) == 200


@pytest.mark.usefixtures("worker")
def test_no_months() -> None:
    assert wait(chord([], tasks.add_year.s(2026)).delay()) == "2026: 0"


@pytest.mark.usefixtures("needs_worker")
def test_a_group_with_an_error() -> None:
    result = group(tasks.add_month.s(2026, month) for month in (1, 13, 2)).delay()
    assert [repr(wait(part)) for part in result] == [
        "100",
        "ValueError('no month 13 in 2026')",
        "200",
    ]
    with pytest.raises(ValueError, match="no month 13 in 2026"):
        result.get(timeout=5, interval=0.01)


@pytest.mark.usefixtures("needs_worker")
@pytest.mark.filterwarnings("ignore:task_allow_error_cb_on_chord_header")
def test_a_month_that_fails(logger: Mock) -> None:
    result = reports.report(2026, [1, 13]).delay()
    assert repr(wait(result)) == """ChordError("ValueError('no month 13 in 2026')")"""
    (said,) = logger.error.mock_calls
    assert said.args[1:3] == (2026, result.id)
    assert isinstance(said.args[3], ChordError)


@pytest.mark.usefixtures("needs_worker")
def test_a_month_that_nobody_adds_up(logger: Mock) -> None:
    nobody = tasks.add_month.si(2026, 2).set(queue="nobody")
    result = chord([tasks.add_month.si(2026, 1), nobody], tasks.add_year.s(2026)).delay()
    with pytest.raises(NotReadyError):
        result.get(timeout=1, interval=0.01)
    assert (result.state, result.parent.completed_count()) == ("PENDING", 1)
    wait(tasks.expect_end.delay(result.id, 2026))
    assert logger.error.mock_calls == [call("the report of %s has not ended", 2026)]


@pytest.mark.usefixtures("needs_worker")
def test_a_report_that_has_ended_in_time(logger: Mock) -> None:
    result = tasks.close_books.delay(2026)
    wait(result)
    wait(tasks.expect_end.delay(result.id, 2026))
    logger.error.assert_not_called()


def test_eager_mode_raises_at_once(celery_app: Celery) -> None:
    if celery_app.conf.task_always_eager:
        with pytest.raises(ValueError, match="no month 13 in 2026"):
            reports.report(2026, [1, 13]).delay()

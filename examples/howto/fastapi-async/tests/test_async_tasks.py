"""What Celery does with ``async def``."""

import asyncio
import gc
import inspect

import mistakes
import pytest
from celery import Celery, signals
from kombu.exceptions import EncodeError
from shop.tasks import make_report, send_receipt, tell_partners

from conftest import Partner

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
ANSWERS = ["bakery knows order 1", "florist knows order 1", "post knows order 1"]
NOT_JSON = "Object of type coroutine is not JSON serializable"


def test_tell_partners(worker: None, partner: type[Partner]) -> None:
    result = tell_partners.apply_async((1,), ignore_result=False)
    assert result.get(timeout=30, interval=0.01) == ANSWERS
    assert make_report(2026) == "report of 2026"


def test_no_task_is_async_def(celery_app: Celery) -> None:
    celery_app.loader.import_default_modules()
    names = [name for name in celery_app.tasks if name.startswith("shop.")]
    assert tell_partners.name in names
    wrong = [name for name in names if inspect.iscoroutinefunction(celery_app.tasks[name].run)]
    assert not wrong


def test_celery_does_not_await(worker: None, partner: type[Partner]) -> None:
    coroutines = []

    def note(result: object, **_: object) -> None:
        coroutines.append(inspect.iscoroutine(result))

    signals.task_success.connect(note)
    mistakes.tell_nobody.delay(1)
    send_receipt.apply_async((1,), ignore_result=False).get(timeout=30, interval=0.01)
    assert coroutines == [True, False]
    assert partner.connections == 0


def throw_a_coroutine_away() -> None:
    """Do what a worker does."""
    mistakes.tell_nobody.apply((1,))
    gc.collect()


def test_python_warns() -> None:
    with pytest.warns(RuntimeWarning, match="coroutine 'tell_nobody' was never awaited"):
        throw_a_coroutine_away()


def test_a_result_that_is_kept_is_an_error(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes.tell_nobody_and_keep_it, "store_eager_result", True)
    with pytest.raises(EncodeError, match=NOT_JSON):
        mistakes.tell_nobody_and_keep_it.delay(1).get(timeout=30, interval=0.01)


def test_eager_mode_alone_is_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes.tell_nobody_and_keep_it, "store_eager_result", False)
    result = mistakes.tell_nobody_and_keep_it.apply((1,))
    assert result.state == "SUCCESS"
    assert inspect.iscoroutine(result.get())


def test_the_function_itself_is_fine(partner: type[Partner]) -> None:
    assert asyncio.run(mistakes.tell_nobody.run(1)) == ANSWERS
    assert asyncio.run(mistakes.tell_nobody_and_keep_it.run(1)) == ANSWERS


def test_a_class_that_awaits_loses_the_retries() -> None:
    for task in (mistakes.tried_once, mistakes.tried_twice):
        assert isinstance(task.apply().result, OSError)
    assert mistakes.calls == ["async def", "def", "def"]

"""What Celery does with logs that are set up already."""

import logging
import os
import sys
from collections.abc import Callable, Iterator

import pytest
from billiard import util
from celery import Celery
from celery.app.log import Logging
from celery.signals import after_setup_logger, after_setup_task_logger, setup_logging
from celery.utils.log import LoggingProxy, get_task_logger
from pythonjsonlogger.json import JsonFormatter
from shop import logs

TEXT, TASK_TEXT, JSON = "ColorFormatter", "TaskFormatter", "JsonFormatter"
NAMES = (None, "celery", "celery.task", "celery.redirected", "multiprocessing")


@pytest.fixture
def fresh(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Set up the logs as at import, without the receiver; put everything back afterwards."""
    before = [
        (log, log.handlers[:], log.level, log.propagate) for log in map(logging.getLogger, NAMES)
    ]
    for log, *_ in before:
        log.handlers = []
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(Logging, "_setup", False)
    setup_logging.disconnect(logs.configure)
    logs.configure()
    yield celery_app
    setup_logging.connect(logs.configure)
    logging.captureWarnings(capture=False)
    for log, handlers, level, propagate in before:
        log.handlers[:], log.propagate = handlers, propagate
        log.setLevel(level)


def no_hijack(app: Celery, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(app.conf, "worker_hijack_root_logger", False)


def write_json(logger: logging.Logger, **_: object) -> None:
    for handler in logger.handlers:
        handler.setFormatter(JsonFormatter())


def formats(logger: logging.Logger | None) -> list[str]:
    """Return the formatters that a line of a logger comes to."""
    found: list[str] = []
    while logger:
        handlers = [
            handler for handler in logger.handlers if type(handler) is logging.StreamHandler
        ]
        found += [type(handler.formatter).__name__ for handler in handlers]
        logger = logger.parent if logger.propagate else None
    return found


def seen(app: Celery) -> tuple[list[str], list[str], bool]:
    """Set up the logs as the worker does; return where lines of both kinds go, and whether `print` is logged."""
    app.log.setup(logging.INFO, redirect_stdouts=True)
    yours, tasks = formats(logging.getLogger("shop")), formats(get_task_logger("shop.x"))
    return yours, tasks, isinstance(sys.stdout, LoggingProxy)


def test_nothing(fresh: Celery) -> None:
    assert seen(fresh) == ([TEXT], [TASK_TEXT], True)
    assert formats(util.get_logger()) == [JSON]  # it had one


def test_no_hijack(fresh: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    no_hijack(fresh, monkeypatch)
    assert seen(fresh) == ([JSON], [TASK_TEXT], True)


@pytest.fixture
def connect() -> Iterator[Callable[..., None]]:
    """Return what connects a receiver, until the test ends."""
    connected = []

    def do(signal: object, receiver: Callable[..., None]) -> None:
        signal.connect(receiver)
        connected.append((signal, receiver))

    yield do
    for signal, receiver in connected:
        signal.disconnect(receiver)


def test_after_setup_logger(fresh: Celery, connect: Callable[..., None]) -> None:
    connect(after_setup_logger, write_json)
    assert seen(fresh) == ([JSON], [TASK_TEXT], True)


def test_after_setup_task_logger(fresh: Celery, connect: Callable[..., None]) -> None:
    connect(after_setup_logger, write_json)
    connect(after_setup_task_logger, write_json)
    assert seen(fresh) == ([JSON], [JSON], True)


def test_setup_logging(fresh: Celery, connect: Callable[..., None]) -> None:
    connect(setup_logging, logs.configure)
    assert seen(fresh) == ([JSON], [JSON], False)
    assert formats(util.get_logger()) == [JSON]


def test_a_receiver_that_nobody_holds(fresh: Celery, connect: Callable[..., None]) -> None:
    setup_logging.connect(lambda **_: logs.configure())
    assert seen(fresh) == ([TEXT], [TASK_TEXT], True)


def test_a_receiver_that_raises(fresh: Celery, connect: Callable[..., None]) -> None:
    def fail(**_: object) -> None:
        raise ValueError("wrong")

    connect(setup_logging, fail)
    with pytest.raises(ValueError, match="wrong"):
        seen(fresh)


def test_print_that_is_logged(fresh: Celery, connect: Callable[..., None]) -> None:
    def configure(**_: object) -> None:
        logs.configure()
        fresh.log.redirect_stdouts("WARNING")

    connect(setup_logging, configure)
    assert seen(fresh) == ([JSON], [JSON], True)
    assert formats(logging.getLogger("celery.redirected")) == [JSON]

"""Send each value to a worker and back: `python -m survey.serialisation`."""

from __future__ import annotations

import importlib
import json
import re
from collections import defaultdict, deque, namedtuple  # noqa: F401
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta  # noqa: F401
from decimal import Decimal  # noqa: F401
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction  # noqa: F401
from pathlib import Path  # noqa: F401
from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: F401
from zoneinfo import ZoneInfo  # noqa: F401

import django
import numpy as np  # noqa: F401
from celery import Celery
from django.conf import settings
from kombu.exceptions import DecodeError
from pydantic import BaseModel, SecretStr  # noqa: F401
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from survey.common import Table, broker, celery, celery_settings, code, main, ready, wait_for

if TYPE_CHECKING:
    from celery.result import AsyncResult

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()
from django.contrib.auth.models import User  # noqa: F401
from django.utils.safestring import mark_safe  # noqa: F401
from django.utils.translation import gettext_lazy  # noqa: F401

celery_app = Celery("measure")
# A process that ends itself is given up after ten seconds otherwise.
celery_app.conf.update(celery_settings(), worker_lost_wait=0.5)

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
REFUSED = "at the call, `EncodeError: "
LONGEST = 100  # characters of a message that a cell shows
Point = namedtuple("Point", "x y")  # noqa: PYI024 - the kind that many have
Result = dict[str, Any]


class Colour(Enum):
    """Without a base type."""

    RED = "red"


class Word(StrEnum):
    """A text."""

    RED = "red"


class Number(IntEnum):
    """A number."""

    ONE = 1


@dataclass
class Money:
    """A dataclass."""

    cents: int


class Order(BaseModel):
    """A Pydantic model."""

    total: int


class Base(DeclarativeBase):
    """The base of SQLAlchemy models."""


class Product(Base):
    """A model of SQLAlchemy."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)


class Refused(Exception):
    """One argument, passed on."""


class Declined(Exception):
    """A message made of an argument that is not passed on."""

    def __init__(self, code: int) -> None:
        """Keep the code."""
        super().__init__(f"code {code}")
        self.code = code


class Throttled(Exception):
    """Two required arguments, of which one is passed on."""

    def __init__(self, code: int, seconds: int) -> None:
        """Keep both."""
        super().__init__(code)
        self.seconds = seconds


# What a page shows is what is evaluated.
VALUES = """
None
True
7
2**70
1.5
float('nan')
float('inf')
'text'
'\\ud800'
mark_safe('<b>')
gettext_lazy('yes')
b'\\x00\\xff'
bytearray(b'ab')
Decimal('9.50')
Fraction(1, 3)
1 + 2j
np.int64(7)
np.array([1, 2])
datetime(2026, 7, 1, 12)
datetime(2026, 7, 1, 12, tzinfo=UTC)
datetime(2026, 7, 1, 12, tzinfo=ZoneInfo('Europe/Berlin'))
date(2026, 7, 1)
time(12, 30)
timedelta(days=1)
ZoneInfo('Europe/Berlin')
UUID(int=7)
Colour.RED
Word.RED
Number.ONE
[1, 2]
(1, 2)
Point(1, 2)
deque([1, 2])
{1, 2}
frozenset({1})
range(3)
(n for n in [1])
{'a': 1}
{7: 'a'}
{None: 'a', True: 'b'}
{UUID(int=7): 'a'}
{(1, 2): 'a'}
{date(2026, 7, 1): 'a'}
defaultdict(list, a=[1])
Money(5)
Order(total=5)
SecretStr('word')
Path('a.txt')
User(username='ada')
User.objects.none()
Product(id=1)
ValueError('no')
len
object()
""".strip().splitlines()

ERRORS = """
ValueError('no')
KeyError('id')
OSError(5, 'broken disk')
UnicodeDecodeError('ascii', b'x', 0, 1, 'bad')
Refused('card')
Refused(b'card')
Refused({1, 2})
Refused(Money(5))
Declined(402)
Throttled(429, 30)
Order(total='x')
User.DoesNotExist('no such user')
SystemExit(3)
KeyboardInterrupt()
""".strip().splitlines()


def value_of(expression: str) -> Any:  # noqa: ANN401
    """Return the value of an expression of this file."""
    return eval(expression)  # noqa: S307


def seen(value: object, expected: object) -> str:
    """Say what a value is, compared with what was sent."""
    if type(value) is type(expected) and shown(value) == shown(expected):
        return "the same"
    return code(shown(value))


def shown(value: object) -> str:
    """Return a value's text, without the address that some have, and with the names of this file."""
    return ADDRESS.sub("", repr(value)).replace("datetime.", "")


def error_text(error: BaseException) -> str:
    """Return the name and the beginning of the message."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    text = " ".join(text.split())
    return code(text[:LONGEST] + ("…" if len(text) > LONGEST else ""))


@celery_app.task(name="receive")
def receive(expression: str, value: object) -> str:
    """Say what has arrived."""
    return seen(value, value_of(expression))


@celery_app.task(name="give")
def give(expression: str) -> object:
    """Return the value."""
    return value_of(expression)


@celery_app.task(name="fail")
def fail(expression: str) -> None:
    """Raise the value."""
    raise value_of(expression)


def finished(results: list[AsyncResult]) -> bool:
    """Say whether all tasks have ended."""
    try:
        return all(result.ready() for result in results)
    except (json.JSONDecodeError, DecodeError):  # a result that is being written
        return False


def outcome(result: AsyncResult | str) -> str | Result:
    """Return what a task has returned, or how it failed."""
    if isinstance(result, str):
        return result
    if not result.ready():
        return "nothing, ever"
    if result.failed():
        return error_text(result.result)
    return {"value": result.result}


def sent(task: Any, *arguments: object) -> AsyncResult | str:  # noqa: ANN401
    """Send a task; return its result, or the error of the call."""
    try:
        return task.delay(*arguments)
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is measured
        return f"at the call, {error_text(exc)}"


def text_of(found: str | Result, expression: str | None = None) -> str:
    """Return the cell for what came out; with the expression, compare it."""
    if isinstance(found, str):
        return found
    return found["value"] if expression is None else seen(found["value"], value_of(expression))


def eager(expression: str, *, stored: bool) -> tuple[str, str]:
    """Return what arrives and what comes back in eager mode, with or without storing results."""
    celery_app.conf.update(task_always_eager=True)
    give.store_eager_result = stored
    try:
        arrived = text_of(outcome(sent(receive, expression, value_of(expression))))
        result = sent(give, expression)
        returned = text_of(outcome(result), expression)
    finally:
        celery_app.conf.update(task_always_eager=False)
    return arrived, returned


def eager_error(expression: str) -> str:
    """Return what the caller sees of an error in eager mode."""
    celery_app.conf.task_always_eager = True
    try:
        return outcome_of_error(fail.delay(expression))
    except BaseException as exc:  # noqa: BLE001 - SystemExit, too
        return f"raised in the caller: {error_text(exc)}"
    finally:
        celery_app.conf.task_always_eager = False


def outcome_of_error(result: AsyncResult) -> str:
    """Return the state, and what `result.result` is."""
    if not result.ready():
        return f"{code(result.state)}, for ever"
    error = result.result
    text = " ".join(repr(error).split())
    name = type(error).__name__
    return code(text if text.startswith(name) else f"{name}: {text[:50]}…")


def measure() -> dict[str, Table]:
    """Return the tables of values and of errors."""
    with broker() as folder:
        celery_app.conf.update(celery_settings(folder))
        # All before the worker starts: this broker lets it read a message that is being written.
        arguments = [sent(receive, text, value_of(text)) for text in VALUES]
        returned = [sent(give, text) for text in VALUES]
        raised = [fail.delay(text) for text in ERRORS]
        worker = ("-A", "survey.serialisation:celery_app", "worker", "-c", "1", "-l", "INFO")
        with celery(folder, *worker, "--without-mingle", "--without-gossip"):
            ready(folder)
            calls = [*arguments, *returned, *raised]
            wait_for(lambda: finished([call for call in calls if not isinstance(call, str)]))
            received = [text_of(outcome(result)) for result in arguments]
            results = [
                text_of(outcome(result), text)
                for text, result in zip(VALUES, returned, strict=True)
            ]
            errors = [
                [code(text), outcome_of_error(result), eager_error(text)]
                for text, result in zip(ERRORS, raised, strict=True)
            ]
            in_eager = [eager(text, stored=False) for text in VALUES]
            stored = [eager(text, stored=True) for text in VALUES]
    both = list(zip(received, results, strict=True))
    rows = [[code(text), *pair] for text, pair in zip(VALUES, both, strict=True)]
    refused = [row for row in rows if row[1].startswith(REFUSED)]
    return {
        "values": {
            "head": ["Value", "What arrives, as an argument and as a result"],
            "rows": [
                [row[0], row[1] if row[1] == row[2] else f"{row[1]}; as a result {row[2]}"]
                for row in rows
                if row not in refused
            ],
        },
        "refused": {
            "head": ["Value", "The message of `EncodeError`"],
            "rows": [
                [row[0], code(row[1].removeprefix(REFUSED).rstrip("`")) + unless_failed(row[2])]
                for row in refused
            ],
        },
        "eager": {
            "head": ["In eager mode", "As with a worker", "Unchanged"],
            "rows": [
                ["what the task receives", *counts(in_eager, both, 0)],
                ["what the caller gets", *counts(in_eager, both, 1)],
                ["the same, with `task_store_eager_result`", *counts(stored, both, 1)],
            ],
        },
        "errors": {
            "head": ["The task raises", "`result.result`", "In eager mode"],
            "rows": [
                [row[0], row[1], "the same" if row[1] == row[2] else row[2]] for row in errors
            ],
        },
    }


def unless_failed(cell: str) -> str:
    """Return nothing if a task whose result is refused has failed, as all do; else what has become of it."""
    return "" if cell.startswith("`EncodeError: TypeError") else f"; as a result {cell}"


def counts(
    found: list[tuple[str, str]], expected: list[tuple[str, str]], part: int
) -> tuple[str, str]:
    """Return how many are as with a worker, and how many are as they were sent."""
    same = sum(a[part] == b[part] for a, b in zip(found, expected, strict=True))
    kept = sum(pair[part] == "the same" for pair in found)
    return f"{same} of {len(found)}", f"{kept} of {len(found)}"


if __name__ == "__main__":
    # As a module: a caller that has not imported the module of an exception gets another class.
    main(
        "serialisation",
        importlib.import_module("survey.serialisation").measure,
        "celery",
        "kombu",
        "django",
        "pydantic",
        "sqlalchemy",
        "numpy",
    )

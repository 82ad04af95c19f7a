"""Which Python values survive the way to a worker."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi import Request, UploadFile
from kombu import Message
from kombu.exceptions import DecodeError, EncodeError
from kombu.serialization import dumps, loads
from kombu.utils import json as kombu_json
from mistakes import describe
from pydantic import HttpUrl, SecretStr
from shop.celery_app import celery_app
from shop.tasks import due_at
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

NOON = datetime.fromisoformat("2026-11-21T12:00")
KEY = UUID("92275814-b856-4f88-80ff-cf40a8220fa2")


class Base(DeclarativeBase):
    """The base of every table."""


class Order(Base):
    """A row."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class State(Enum):
    """An enumeration of its own."""

    PAID = "paid"


class TextState(StrEnum):
    """An enumeration of texts."""

    PAID = "paid"


class Level(IntEnum):
    """An enumeration of numbers."""

    HIGH = 9


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


@dataclass
class Address:
    """A dataclass."""

    city: str


KEPT = [
    None, True, 7, 1.5, "text", [1, 2], {"a": 1}, b"text", b"\xff\x00",
    NOON, NOON.replace(tzinfo=UTC), date(2026, 11, 21), time(9, 30),
    Decimal("19.05"), KEY, timedelta(days=2, milliseconds=500),
]  # fmt: skip
CHANGED = [
    ((1, 2), [1, 2]),
    (Point(1, 2), [1, 2]),
    ({7: "a"}, {"7": "a"}),
    ({None: "a", True: "b"}, {"null": "a", "true": "b"}),
    (TextState.PAID, "paid"),
    (Level.HIGH, 9),
    (
        datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime.fromisoformat("2026-11-21T12:00:00+01:00"),
    ),
]
REFUSED = [
    {1, 2}, State.PAID, Address("Berlin"), Path("invoice.pdf"), Order(id=1), Session(),
    UploadFile(BytesIO()), Request({"type": "http"}), HttpUrl("https://example.org/"),
    SecretStr("secret-1"), ValueError("no"),
]  # fmt: skip


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("sent", "arrives"), [(value, value) for value in KEPT] + CHANGED)
def test_what_arrives(sent: object, arrives: object) -> None:
    result = describe.delay(sent)
    assert result.get(timeout=30, interval=0.01) == [type(arrives).__name__, repr(arrives)]


@pytest.mark.parametrize("value", REFUSED)
def test_what_is_refused(value: object) -> None:
    with pytest.raises(EncodeError) as error:
        describe.delay(value)
    assert str(error.value) == f"Object of type {type(value).__name__} is not JSON serializable"


def test_a_key_that_is_refused() -> None:
    with pytest.raises(EncodeError) as error:
        describe.delay({KEY: 1})
    assert str(error.value) == "keys must be str, int, float, bool or None, not UUID"


@pytest.mark.usefixtures("worker")
def test_a_duration() -> None:
    placed_at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    result = due_at.delay(placed_at, timedelta(days=14, hours=3))
    assert result.get(timeout=30, interval=0.01) == datetime(2026, 12, 5, 12, 30, tzinfo=UTC)


def test_a_duration_is_refused_without_its_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(kombu_json._encoders, timedelta)  # noqa: SLF001 - as without register_type
    with pytest.raises(EncodeError, match="Object of type timedelta is not JSON serializable"):
        describe.delay(timedelta(days=2))


def test_each_type_has_its_own_mark() -> None:
    _, _, message = dumps([timedelta(minutes=1)], "json")
    assert json.loads(message) == [{"__type__": "shop.timedelta", "__value__": 60.0}]


def test_a_worker_that_does_not_know_the_mark() -> None:
    content_type, encoding, message = dumps([timedelta(minutes=1)], "json")
    unknown = message.replace("shop.timedelta", "shop.duration")
    with pytest.raises(DecodeError, match="Unsupported type"):
        loads(unknown, content_type, encoding)


def take_message() -> Message:
    """Take a message out of the queue that no worker reads."""
    with celery_app.connection_for_read() as connection, connection.SimpleQueue("letters") as queue:
        message = queue.get(timeout=30)
        message.ack()
    return message


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Message]:
    """Have messages sent in both lanes, and return what takes them."""
    monkeypatch.setitem(celery_app.conf, "task_always_eager", False)
    return take_message


def test_another_program_sees_marks(sent: Callable[[], Message]) -> None:
    describe.apply_async((NOON,), queue="letters")
    args, _kwargs, _embed = json.loads(sent().body)
    assert args == [{"__type__": "datetime", "__value__": "2026-11-21T12:00:00"}]


def test_monitors_see_what_you_tell_them(sent: Callable[[], Message]) -> None:
    describe.apply_async(("secret-1",), queue="letters", argsrepr="('***',)")
    message = sent()
    assert message.headers["argsrepr"] == "('***',)"
    assert b"secret-1" in message.body


def test_monitors_see_everything(sent: Callable[[], Message]) -> None:
    describe.apply_async(("secret-1",), queue="letters")
    assert sent().headers["argsrepr"] == "('secret-1',)"


@pytest.mark.parametrize(
    ("value", "size"), [("x" * 300_000, 400), (b"x" * 300_000, 400), (b"\xff" * 300_000, 533)]
)
def test_the_size_of_a_message(sent: Callable[[], Message], value: str | bytes, size: int) -> None:
    describe.apply_async((value,), queue="letters")
    with celery_app.connection_for_read() as connection:
        raw = connection.default_channel._get("letters")  # noqa: SLF001 - what is in the broker
    assert len(json.dumps(raw)) // 1000 - size in {0, 1, 2, 3}


@pytest.mark.usefixtures("worker")
def test_a_message_that_cannot_be_read_is_gone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, *, eager: bool
) -> None:
    monkeypatch.delitem(kombu_json._decoders, "shop.timedelta")  # noqa: SLF001 - an older worker
    if eager:
        with pytest.raises(DecodeError, match="Unsupported type"):
            describe.delay(timedelta(minutes=1))
        return
    gone = describe.delay(timedelta(minutes=1))
    assert describe.delay(1).get(timeout=30, interval=0.01) == ["int", "1"]
    assert gone.state == "PENDING"
    log = caplog.text
    assert "Can't decode message body: DecodeError(ValueError('Unsupported type', " in log

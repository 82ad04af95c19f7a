"""The bodies of the tasks, called as the functions that they are."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import MagicMock, call, patch

import pytest
from celery import Task
from celery.utils.time import get_exponential_backoff_interval
from kombu.exceptions import OperationalError
from shop import mail, tasks, webhooks
from shop.config import Settings
from shop.database import new_session
from shop.models import Job, Order, User, now, today
from sqlalchemy import select

from conftest import add


def archived_on(user_id: int) -> date | None:
    """Return the day on which a customer was archived."""
    with new_session() as session:
        return session.get_one(User, user_id).archived_on


def test_archive_user(user_id: int) -> None:
    add(User(id=8, email="grace@example.org"))
    before = today()
    tasks.archive_user(user_id)
    assert before <= archived_on(user_id) <= today()
    assert archived_on(8) is None


def test_archive_user_twice_keeps_the_first_day() -> None:
    first = date(2020, 2, 29)
    add(User(id=7, email="ada@example.org", archived_on=first))
    tasks.archive_user(7)
    assert archived_on(7) == first


def test_archive_user_who_is_gone() -> None:
    tasks.archive_user(404)
    with new_session() as session:
        assert session.query(User).count() == 0


def test_tidy(settings: Settings) -> None:
    days = {
        "old": today() - timedelta(days=2),
        "older": date(2020, 2, 29),
        "young": today() - timedelta(days=1),
    }
    add(*(Job(id=name, started_on=day) for name, day in days.items()))
    settings.image_folder.mkdir()
    for name in ("old", "old.png", "older", "older.partial", "young", "young.png"):
        (settings.image_folder / name).touch()
    assert tasks.tidy() == 2
    assert tasks.tidy() == 0
    with new_session() as session:
        assert session.scalars(select(Job.id)).all() == ["young"]
    names = sorted(path.name for path in settings.image_folder.iterdir())
    assert names == ["young", "young.png"]


def test_make_report(user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = MagicMock()
    monkeypatch.setattr(tasks.make_report, "update_state", progress)
    moments = [
        datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ]
    add(
        *(
            Order(user_id=user_id, total_cents=10**n, placed_at=moment)
            for n, moment in enumerate(moments)
        )
    )
    assert tasks.make_report(2026) == {"orders": 4, "total_cents": 11110}
    assert [call.kwargs for call in progress.call_args_list] == [
        {"state": "PROGRESS", "meta": {"done": month, "total": 12}} for month in range(1, 13)
    ]


def test_report_without_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.make_report, "update_state", MagicMock())
    with pytest.raises(tasks.ReportError, match=r"^no orders in 2031$"):
        tasks.make_report(2031)


DAY = 24 * 3600
NOBODY, EVERYBODY, WITH_URL = (False, False), (True, True), (False, True)


@pytest.mark.parametrize(
    ("ages", "done", "due"),
    [
        ({"placed_at": 290}, {}, NOBODY),
        ({"placed_at": 301}, {}, EVERYBODY),
        ({"placed_at": 301}, {"receipt_sent": True, "webhook_sent": True}, NOBODY),
        ({"placed_at": 4000, "announced_at": 3590}, {}, NOBODY),
        ({"placed_at": 4000, "announced_at": 3601}, {}, EVERYBODY),
        ({"placed_at": 4000, "announced_at": 3601}, {"webhook_sent": True}, EVERYBODY),
        ({"placed_at": 4000, "announced_at": 3601}, {"receipt_sent": True}, WITH_URL),
        ({"placed_at": 4000, "announced_at": 3590}, {"receipt_sent": True}, NOBODY),
        (
            {"placed_at": 4000, "announced_at": 3601},
            {"receipt_sent": True, "webhook_sent": True},
            NOBODY,
        ),
        ({"placed_at": DAY - 10}, {}, EVERYBODY),
        ({"placed_at": DAY + 1}, {}, NOBODY),
        ({"placed_at": DAY - 10, "announced_at": 3601}, {}, EVERYBODY),
        ({"placed_at": DAY + 1, "announced_at": 3601}, {}, NOBODY),
    ],
)
def test_which_orders_are_late(
    settings: Settings,
    user_id: int,
    ages: dict[str, int],
    done: dict[str, bool],
    due: tuple[bool, bool],
) -> None:
    moments = {name: now() - timedelta(seconds=age) for name, age in ages.items()}
    add(Order(id=1, user_id=user_id, total_cents=1, **moments, **done))
    with patch.object(tasks, "announce") as announce:
        without_url = tasks.announce_late_orders()
        settings.webhook_url = "https://receiver.example.org/orders"
        with_url = tasks.announce_late_orders()
    assert (without_url, with_url) == due
    assert announce.call_args_list == [call(1)] * (without_url + with_url)


def test_late_orders_are_announced_once(user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    long_ago = now() - timedelta(hours=2)
    add(
        *(
            Order(id=order_id, user_id=user_id, total_cents=1, placed_at=long_ago, announced_at=at)
            for order_id, at in {3: None, 1: long_ago, 2: None}.items()
        )
    )
    assert tasks.announce_late_orders() == 3
    assert tasks.announce_late_orders() == 0
    assert publish.call_args_list == [call((order_id,), {}) for order_id in (1, 2, 3)]
    with new_session() as session:
        moments = session.scalars(select(Order.announced_at)).all()
    assert min(moments).replace(tzinfo=UTC) > long_ago


def test_a_broker_that_is_away_leaves_no_note(
    user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.send_receipt, "apply_async", MagicMock(side_effect=OperationalError))
    add(Order(id=1, user_id=user_id, total_cents=1, announced_at=now()))
    with pytest.raises(OperationalError):
        tasks.announce(1)
    with new_session() as session:
        assert session.get_one(Order, 1).announced_at is None


@pytest.mark.parametrize("task", [tasks.send_receipt, tasks.send_webhook])
def test_nothing_is_late_while_it_is_tried_again(task: Task) -> None:
    pauses = [
        max(
            get_exponential_backoff_interval(task.retry_backoff, retries, 600),
            # After a process that was killed.
            task.default_retry_delay,
        )
        for retries in range(task.max_retries)
    ]
    # An attempt may take two time limits, to connect and to read.
    attempts = 2 * max(webhooks.TIMEOUT, mail.TIMEOUT) * (task.max_retries + 1)
    assert timedelta(seconds=sum(pauses) + attempts) < tasks.UNDONE


def test_the_webhook_only_with_a_url(
    user_id: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(Order(id=1, user_id=user_id, total_cents=1905))
    monkeypatch.setattr(tasks.send_receipt, "apply_async", MagicMock())
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_webhook, "apply_async", publish)
    tasks.announce(1)
    publish.assert_not_called()
    settings.webhook_url = "https://receiver.example.org/orders"
    tasks.announce(1)
    publish.assert_called_once_with((1,), {})

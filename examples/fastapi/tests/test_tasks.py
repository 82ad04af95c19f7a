"""The bodies of the tasks, called as the functions that they are."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import MagicMock

import pytest
from shop import tasks
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


def test_announce_late_orders(user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    ages = {1: 301, 2: 301, 3: 290}
    add(
        *(
            Order(
                id=order_id,
                user_id=user_id,
                total_cents=1,
                announced=order_id == 2,
                placed_at=now() - timedelta(seconds=age),
            )
            for order_id, age in ages.items()
        )
    )
    assert tasks.announce_late_orders() == 1
    assert tasks.announce_late_orders() == 0
    publish.assert_called_once_with((1,), {})
    with new_session() as session:
        assert session.scalars(select(Order.id).where(Order.announced)).all() == [1, 2]


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

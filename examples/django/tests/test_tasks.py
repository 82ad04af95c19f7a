"""The bodies of the tasks, called as the functions that they are."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from time import sleep
from unittest.mock import call, patch
from uuid import UUID

from celery.utils.time import get_exponential_backoff_interval
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from shop import tasks
from shop.models import Job, Order, User, today

from tests.cases import WithRows, WithTasks, new_order, new_user

URL = "https://receiver.example.org/orders"


class ArchiveTest(WithRows):
    """Archiving a customer."""

    def test_archive_user(self) -> None:
        user = new_user()
        before = today()
        tasks.archive_user(user.pk)
        user.refresh_from_db()
        self.assertTrue(before <= user.archived_on <= today())

    def test_only_this_customer(self) -> None:
        user = User.objects.create(email="grace@example.org")
        tasks.archive_user(new_user().pk)
        user.refresh_from_db()
        self.assertIsNone(user.archived_on)

    def test_archive_user_twice_keeps_the_first_day(self) -> None:
        first = date(2020, 2, 29)
        user = User.objects.create(email="ada@example.org", archived_on=first)
        tasks.archive_user(user.pk)
        user.refresh_from_db()
        self.assertEqual(user.archived_on, first)

    def test_archive_user_who_is_gone(self) -> None:
        tasks.archive_user(404)
        self.assertFalse(User.objects.exists())


class AnnounceTest(WithRows):
    """What follows an order."""

    def setUp(self) -> None:
        super().setUp()
        self.user = new_user()
        self.receipt = self.enterContext(patch.object(tasks.send_receipt, "apply_async"))
        self.webhook = self.enterContext(patch.object(tasks.send_webhook, "apply_async"))

    def new_order(self, placed: int, announced: int | None, done: str) -> Order:
        """Save an order that was placed and announced some seconds ago."""
        now = timezone.now()
        return Order.objects.create(
            user=self.user,
            total_cents=1,
            placed_at=now - timedelta(seconds=placed),
            announced_at=None if announced is None else now - timedelta(seconds=announced),
            receipt_sent="receipt" in done,
            webhook_sent="webhook" in done,
        )

    def test_announce_late_orders(self) -> None:
        hour, day = 3600, 24 * 3600
        # Placed, announced, done; is it due without a webhook, and with one?
        cases = (
            (day - 5, None, "", True, True),
            (290, None, "", False, False),
            (310, None, "", True, True),
            (310, None, "receipt and webhook", False, False),
            (310, 305, "", False, False),
            (2 * hour, hour - 5, "", False, False),
            (2 * hour, hour + 5, "", True, True),
            (2 * hour, hour + 5, "receipt", False, True),
            (2 * hour, hour + 5, "webhook", True, True),
            (2 * hour, hour + 5, "receipt and webhook", False, False),
            (day + 5, None, "", False, False),
            (day + 5, hour + 5, "", False, False),
        )
        orders = [(self.new_order(*case), without, with_one) for *case, without, with_one in cases]
        for url, due in (
            (URL, [call((order.pk,), {}) for order, _, late in orders if late]),
            ("", [call((order.pk,), {}) for order, late, _ in orders if late]),
        ):
            with self.subTest(url), self.settings(WEBHOOK_URL=url), transaction.atomic():
                self.receipt.reset_mock()
                self.webhook.reset_mock()
                self.assertEqual(tasks.announce_late_orders(), len(due))
                self.assertEqual(tasks.announce_late_orders(), 0)
                self.assertEqual(self.receipt.mock_calls, due)
                self.assertEqual(self.webhook.mock_calls, due if url else [])
                transaction.set_rollback(True)

    def test_all_retries_are_over_before_the_next_announcement(self) -> None:
        for task in (tasks.send_receipt, tasks.send_webhook):
            # A task whose process was killed waits as long as it says itself.
            waits = [
                max(
                    get_exponential_backoff_interval(task.retry_backoff, retries, 600),
                    task.default_retry_delay,
                )
                for retries in range(task.max_retries)
            ]
            self.assertLess(timedelta(seconds=sum(waits)), tasks.UNDONE)

    def test_nothing_is_noted_if_the_broker_is_away(self) -> None:
        order = new_order(self.user)
        self.webhook.side_effect = OperationalError
        with self.settings(WEBHOOK_URL=URL), self.assertRaises(OperationalError):
            tasks.announce(order.pk)
        self.receipt.assert_called_once_with((order.pk,), {})
        order.refresh_from_db()
        self.assertIsNone(order.announced_at)

    def test_it_notes_before_it_sends(self) -> None:
        order = new_order(self.user)

        def look(*_: object) -> None:
            order.refresh_from_db()
            self.assertIsNotNone(order.announced_at)

        self.receipt.side_effect = look
        tasks.announce(order.pk)
        self.receipt.assert_called_once_with((order.pk,), {})

    def test_the_webhook_only_with_a_url(self) -> None:
        order = new_order(self.user)
        tasks.announce(order.pk)
        self.webhook.assert_not_called()
        with self.settings(WEBHOOK_URL=URL):
            tasks.announce(order.pk)
        self.webhook.assert_called_once_with((order.pk,), {})


class TidyTest(WithRows):
    """The clean-up."""

    def test_tidy(self) -> None:
        days = {
            "old": today() - timedelta(days=2),
            "older": date(2020, 2, 29),
            "young": today() - timedelta(days=1),
        }
        ids = {name: UUID(int=number) for number, name in enumerate(days)}
        Job.objects.bulk_create(Job(id=ids[name], started_on=day) for name, day in days.items())
        self.images.mkdir(parents=True)
        for name, suffix in (
            ("old", ""),
            ("old", ".png"),
            ("older", ""),
            ("older", ".partial"),
            ("young", ""),
            ("young", ".png"),
        ):
            (self.images / f"{ids[name]}{suffix}").touch()
        self.assertEqual(tasks.tidy(), 2)
        self.assertEqual(tasks.tidy(), 0)
        young = str(ids["young"])
        self.assertEqual([str(job) for job in Job.objects.all()], [young])
        names = sorted(path.name for path in self.images.iterdir())
        self.assertEqual(names, [young, f"{young}.png"])


class ReportTest(WithRows):
    """The sums of a year."""

    def test_make_report(self) -> None:
        user = new_user()
        days = [(2025, 12, 31), (2026, 1, 1), (2026, 1, 31), (2026, 12, 31)]
        for n, day in enumerate(days):
            new_order(user, 10**n, *day)
        with patch.object(tasks.make_report, "update_state") as progress:
            report = tasks.make_report(2026)
        self.assertEqual(report, {"orders": 3, "total_cents": 1110})
        self.assertEqual(
            progress.call_args_list,
            [call(state="PROGRESS", meta={"done": month, "total": 12}) for month in range(1, 13)],
        )

    def test_report_without_orders(self) -> None:
        with (
            patch.object(tasks.make_report, "update_state"),
            self.assertRaisesRegex(tasks.ReportError, "^no orders in 2031$"),
        ):
            tasks.make_report(2031)


class ReceiptTest(WithRows):
    """The receipt, which the customer gets once."""

    def test_send_receipt_once(self) -> None:
        user = new_user()
        order = new_order(user)
        new_order(user)
        tasks.send_receipt(order.pk)
        tasks.send_receipt(order.pk)
        (message,) = mail.outbox
        self.assertEqual(message.subject, f"Receipt for order {order.pk}")
        order.refresh_from_db()
        self.assertIs(order.receipt_sent, True)

    def test_only_the_mark_is_saved(self) -> None:
        order = new_order(new_user())

        def webhook_meanwhile(_: Order) -> None:
            Order.objects.update(webhook_sent=True)

        with patch("shop.mail.send_receipt", webhook_meanwhile):
            tasks.send_receipt(order.pk)
        order.refresh_from_db()
        self.assertEqual((order.webhook_sent, order.receipt_sent), (True, True))

    def test_the_row_of_the_order_is_locked(self) -> None:
        order = new_order(new_user())
        lock = ' FOR UPDATE OF "shop_order"'
        locked = []

        def note(execute: Callable, sql: str, *args: object) -> object:
            if sql.endswith(lock):
                locked.append(sql)
            # SQLite does not understand it.
            return execute(sql.removesuffix(lock), *args)

        can = {"has_select_for_update": True, "has_select_for_update_of": True}
        with patch.multiple(connection.features, **can), connection.execute_wrapper(note):
            tasks.send_receipt(order.pk)
        self.assertEqual(len(locked), 1)

    def test_send_receipt_of_no_order(self) -> None:
        with self.assertRaises(Order.DoesNotExist):
            tasks.send_receipt(404)
        self.assertEqual(mail.outbox, [])


class TwoMessagesTest(WithTasks):
    """Two messages for one order, which are taken at the same time."""

    starts_worker = False

    def test_they_mail_once(self) -> None:
        order = new_order(new_user())
        mailed = []

        def mail_slowly(order: Order) -> None:
            mailed.append(order.pk)
            sleep(0.2)

        def send() -> None:
            tasks.send_receipt(order.pk)
            connection.close()

        with patch("shop.mail.send_receipt", mail_slowly):
            threads = [Thread(target=send) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(mailed, [order.pk])

"""The bodies of the tasks, called as the functions that they are."""

from datetime import date, timedelta
from unittest.mock import call, patch
from uuid import UUID

from django.core import mail
from django.utils import timezone
from shop import tasks
from shop.models import Job, Order, User, today

from tests.cases import WithRows, new_order, new_user


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

    def test_announce_late_orders(self) -> None:
        now = timezone.now()
        user = new_user()
        ages = {"late": 301, "done": 301, "young": 290}
        orders = {
            name: Order.objects.create(
                user=user,
                total_cents=1,
                announced=name == "done",
                placed_at=now - timedelta(seconds=age),
            )
            for name, age in ages.items()
        }
        with patch.object(tasks.send_receipt, "apply_async") as publish:
            self.assertEqual(tasks.announce_late_orders(), 1)
            self.assertEqual(tasks.announce_late_orders(), 0)
        publish.assert_called_once_with((orders["late"].pk,), {})
        announced = set(Order.objects.filter(announced=True))
        self.assertEqual(announced, {orders["late"], orders["done"]})

    def test_the_webhook_only_with_a_url(self) -> None:
        order = new_order(new_user())
        with (
            patch.object(tasks.send_receipt, "apply_async"),
            patch.object(tasks.send_webhook, "apply_async") as publish,
        ):
            tasks.announce(order.pk)
            publish.assert_not_called()
            with self.settings(WEBHOOK_URL="https://receiver.example.org/orders"):
                tasks.announce(order.pk)
        publish.assert_called_once_with((order.pk,), {})


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

        def announce_meanwhile(_: Order) -> None:
            Order.objects.update(announced=True)

        with patch("shop.mail.send_receipt", announce_meanwhile):
            tasks.send_receipt(order.pk)
        order.refresh_from_db()
        self.assertEqual((order.announced, order.receipt_sent), (True, True))

    def test_send_receipt_of_no_order(self) -> None:
        with self.assertRaises(Order.DoesNotExist):
            tasks.send_receipt(404)
        self.assertEqual(mail.outbox, [])

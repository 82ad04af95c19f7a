"""The HTTP interface, with the tasks that it starts."""

import json
from datetime import timedelta
from unittest.mock import patch

from celery.exceptions import TaskRevokedError
from config import celery_app
from django.core import mail
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from shop import tasks
from shop.models import Job, Order, User, today
from shop.thumbnails import ImageError

from tests.cases import WithRows, WithTasks, new_order, new_user

UNKNOWN = "b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"


class OrderTest(WithTasks):
    """Placing an order."""

    def test_order(self) -> None:
        user = new_user()
        before = timezone.now()
        response = self.send("/orders", {"user_id": user.pk, "total_cents": 1905})
        self.assertEqual(response.status_code, 201)
        order = Order.objects.get()
        expected = {"id": order.pk, "user_id": user.pk, "total_cents": 1905}
        self.assertEqual(response.json(), expected)
        self.wait()
        self.assertEqual([m.subject for m in mail.outbox], [f"Receipt for order {order.pk}"])
        order.refresh_from_db()
        self.assertEqual((order.user, order.total_cents), (user, 1905))
        self.assertTrue(before <= order.placed_at <= order.announced_at <= timezone.now())

    def test_an_order_is_saved_even_if_the_broker_is_away(self) -> None:
        user = new_user()
        with (
            patch.object(tasks.send_receipt, "apply_async", side_effect=OperationalError),
            self.assertLogs("django.db.backends.base", "ERROR"),
        ):
            response = self.send("/orders", {"user_id": user.pk, "total_cents": 1905})
        self.assertEqual(response.status_code, 201)
        order = Order.objects.get(pk=response.json()["id"])
        self.assertIsNone(order.announced_at)
        # The broker is back, and five minutes have passed.
        self.assertEqual(tasks.announce_late_orders(), 0)
        Order.objects.update(placed_at=timezone.now() - timedelta(minutes=6))
        self.assertEqual(tasks.announce_late_orders(), 1)
        self.wait()
        self.assertEqual(len(mail.outbox), 1)
        self.assertEqual(tasks.announce_late_orders(), 0)


class OrderInATransactionTest(WithRows):
    """What an order leaves for the time after the commit."""

    def test_nothing_is_sent_before_the_commit(self) -> None:
        user = new_user()
        body = {"user_id": user.pk, "total_cents": 1905}
        with (
            patch.object(tasks.send_receipt, "apply_async") as publish,
            self.captureOnCommitCallbacks(execute=True),
        ):
            response = self.send("/orders", body)
            publish.assert_not_called()
        publish.assert_called_once_with((response.json()["id"],), {})

    def test_order_of_an_unknown_user(self) -> None:
        response = self.send("/orders", {"user_id": 404, "total_cents": 1})
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.json(), {"error": "No User matches the given query."})

    def test_order_that_is_wrong(self) -> None:
        user_id = "user_id must be an integer from 1 to 2147483647"
        total = "total_cents must be an integer from 1 to 10000000"
        for body, error in (
            ({"total_cents": 1}, user_id),
            ({"user_id": 0, "total_cents": 1}, user_id),
            ({"user_id": 2**31, "total_cents": 1}, user_id),
            ({"user_id": 1}, total),
            ({"user_id": 1, "total_cents": 0}, total),
            ({"user_id": 1, "total_cents": 10_000_001}, total),
        ):
            with self.subTest(body):
                response = self.send("/orders", body)
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json(), {"error": error})

    def test_most_and_least(self) -> None:
        user = new_user()
        for total in (1, 10_000_000):
            response = self.send("/orders", {"user_id": user.pk, "total_cents": total})
            self.assertEqual(response.status_code, 201)
        self.assertEqual(
            self.send("/orders", {"user_id": 2**31 - 1, "total_cents": 1}).status_code, 404
        )


class ReportTest(WithTasks):
    """A report, from the request to the result."""

    def test_report(self) -> None:
        new_order(new_user())
        response = self.send("/reports", {"year": 2026})
        self.assertEqual(response.status_code, 202)
        task_id = self.wait()
        self.assertEqual(response.json(), {"id": task_id})
        self.assertEqual(response.headers["Location"], f"/tasks/{task_id}")
        response = self.client.get(response.headers["Location"])
        self.assertEqual(
            response.json(),
            {
                "id": task_id,
                "state": "SUCCESS",
                "progress": 100,
                "result": {"orders": 1, "total_cents": 1905},
                "error": None,
            },
        )

    def test_progress_while_the_report_is_made(self) -> None:
        new_order(new_user())
        update_state = tasks.make_report.update_state
        seen = []

        def update_then_look(**state: object) -> None:
            update_state(**state)
            answer = self.client_class().get(f"/tasks/{tasks.make_report.request.id}").json()
            seen.append((answer["state"], answer["progress"]))

        with patch.object(tasks.make_report, "update_state", update_then_look):
            self.send("/reports", {"year": 2026})
            self.wait()
        percent = [8, 16, 25, 33, 41, 50, 58, 66, 75, 83, 91, 100]
        self.assertEqual(seen, [("PROGRESS", number) for number in percent])


class StartTest(WithRows):
    """What the request for a report checks and writes."""

    def test_report_that_is_wrong(self) -> None:
        for body in (
            {},
            [],
            {"year": "2026"},
            {"year": True},
            {"year": None},
            {"year": 1999},
            {"year": 2101},
        ):
            with self.subTest(body):
                response = self.send("/reports", body)
                self.assertEqual(response.status_code, 400)
                error = {"error": "year must be an integer from 2000 to 2100"}
                self.assertEqual(response.json(), error)
        self.assertFalse(Job.objects.exists())

    def test_first_and_last_year(self) -> None:
        for year in (2000, 2100):
            with (
                self.subTest(year),
                patch.object(tasks.make_report, "apply_async") as publish,
                self.captureOnCommitCallbacks(execute=True),
            ):
                response = self.send("/reports", {"year": year})
                self.assertEqual(response.status_code, 202)
                publish.assert_not_called()
            publish.assert_called_once_with((year,), task_id=response.json()["id"])

    def test_what_is_no_json(self) -> None:
        for body in (" ", "{", b"\xff", "[" * 100_000):
            with self.subTest(body[:5]):
                response = self.client.post("/reports", body, content_type="application/json")
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json(), {"error": "the request is not JSON"})

    def test_another_content_type(self) -> None:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            with self.subTest(content_type):
                response = self.client.post("/reports", '{"year": 2026}', content_type=content_type)
                self.assertEqual(response.status_code, 415)
                error = {"error": "Content-Type must be application/json"}
                self.assertEqual(response.json(), error)


class AwayTest(WithTasks):
    """The broker or the result backend does not answer."""

    def test_no_job_begins(self) -> None:
        other = Job.objects.create()
        for error in (OperationalError, RuntimeError("Retry limit exceeded")):
            with (
                self.subTest(error),
                patch.object(tasks.make_report, "apply_async", side_effect=error),
                self.assertLogs("shop.middleware", "ERROR") as logs,
            ):
                response = self.send("/reports", {"year": 2026})
            self.assertEqual(response.status_code, 503)
            self.assertEqual(response.headers["Retry-After"], "30")
            self.assertEqual(response.json(), {"error": "try again later"})
            message = "The broker or the result backend does not answer\n"
            self.assertTrue(logs.output[0].startswith(f"ERROR:shop.middleware:{message}"))
            self.assertIn("NotSentError", logs.output[0])
        self.assertEqual(Job.objects.filter(cancelled=True).count(), 2)
        self.assertEqual(Job.objects.get(cancelled=False), other)

    def test_nobody_is_archived(self) -> None:
        user = new_user()
        with (
            patch.object(tasks.archive_user, "apply_async", side_effect=OperationalError),
            self.assertLogs("shop.middleware", "ERROR"),
        ):
            response = self.client.post(f"/users/{user.pk}/archive")
        self.assertEqual(response.status_code, 503)

    def test_no_state(self) -> None:
        job = Job.objects.create()
        with (
            patch.object(celery_app.backend, "get_task_meta", side_effect=RedisConnectionError),
            self.assertLogs("shop.middleware", "ERROR"),
        ):
            for path in (f"/tasks/{job.pk}", f"/tasks/{job.pk}/events"):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 503)
                self.assertEqual(response.json(), {"error": "try again later"})


class StateTest(WithRows):
    """What a client is told about a task."""

    def test_state_of_an_unknown_task(self) -> None:
        response = self.client.get(f"/tasks/{UNKNOWN}")
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.json(), {"error": "no such task"})

    def test_what_is_no_id(self) -> None:
        for path in ("/tasks/1", "/tasks/%00", "/tasks/../orders"):
            with self.subTest(path):
                self.assertEqual(self.client.get(path).status_code, 404)

    def test_every_state(self) -> None:
        for state, value, known in (
            ("PENDING", None, {}),
            ("STARTED", {"pid": 42, "hostname": "worker"}, {}),
            ("PROGRESS", {"done": 1, "total": 8}, {"progress": 12}),
            ("SUCCESS", None, {"progress": 100}),
            ("SUCCESS", b"\x00", {"progress": 100, "result": "b'\\x00'"}),
            ("RETRY", OSError("the mail server is away"), {}),
            ("FAILURE", tasks.ReportError("no orders in 2031"), {"error": "no orders in 2031"}),
            ("FAILURE", ImageError("more than 25 pixels"), {"error": "more than 25 pixels"}),
            ("FAILURE", OSError("/srv/shop/secret.txt"), {"error": "OSError"}),
            ("REVOKED", TaskRevokedError("terminated"), {"error": "terminated"}),
        ):
            with self.subTest(state, value=value):
                job_id = str(Job.objects.create().pk)
                celery_app.backend.store_result(job_id, value, state)
                response = self.client.get(f"/tasks/{job_id}")
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.headers["Content-Type"], "application/json")
                unknown = {"id": job_id, "progress": 0, "result": None, "error": None}
                self.assertEqual(response.json(), {**unknown, "state": state, **known})
                self.assertEqual(response.text, json.dumps(response.json(), sort_keys=True) + "\n")

    def test_task_that_ends_between_two_reads(self) -> None:
        job = Job.objects.create()
        states = [
            {"status": "PROGRESS", "result": {"done": 1, "total": 2}},
            {"status": "SUCCESS", "result": {"orders": 1}},
        ]
        with patch.object(celery_app.backend, "get_task_meta", side_effect=states):
            answer = self.client.get(f"/tasks/{job.pk}").json()
        known = (answer["state"], answer["progress"], answer["result"])
        self.assertEqual(known, ("PROGRESS", 50, None))


class ArchiveTest(WithTasks):
    """Archiving a customer."""

    def test_archive(self) -> None:
        User.objects.create(email="grace@example.org")
        user = new_user()
        before = today()
        response = self.client.post(f"/users/{user.pk}/archive")
        self.assertEqual(response.status_code, 202)
        self.assertEqual(response.json(), {"id": user.pk})
        self.wait()
        user.refresh_from_db()
        self.assertTrue(before <= user.archived_on <= today())


class ArchiveInATransactionTest(WithRows):
    """What archiving leaves for the time after the commit."""

    def test_nothing_is_sent_before_the_commit(self) -> None:
        user = new_user()
        with (
            patch.object(tasks.archive_user, "apply_async") as publish,
            self.captureOnCommitCallbacks(execute=True),
        ):
            self.client.post(f"/users/{user.pk}/archive")
            publish.assert_not_called()
        publish.assert_called_once_with((user.pk,), {})

    def test_archive_an_unknown_user(self) -> None:
        for user_id in (404, 10**30):
            response = self.client.post(f"/users/{user_id}/archive")
            self.assertEqual(response.status_code, 404)
            self.assertEqual(response.json(), {"error": "No User matches the given query."})

"""The webhook: what is sent, and what is tried again."""

from unittest.mock import patch

import requests
from config import celery_app
from shop import tasks, webhooks
from shop.models import Order

from tests.cases import Plain, WithRows, WithTasks, new_order, new_user
from tests.lanes import changed

URL = "https://receiver.example.org/orders"


def answer(status: int) -> requests.Response:
    """Build an answer of the receiver."""
    response = requests.Response()
    response.status_code = status
    return response


class OrderTest(WithTasks):
    """An order, and who is told about it."""

    def test_an_order_is_told(self) -> None:
        user = new_user()
        with (
            self.settings(WEBHOOK_URL=URL),
            patch("requests.post", return_value=answer(204)) as post,
        ):
            self.send("/orders", {"user_id": user.pk, "total_cents": 1905})
            for _ in ("the receipt", "the webhook"):
                self.wait()
        order = Order.objects.get()
        post.assert_called_once_with(
            URL,
            json={"order_id": order.pk, "total_cents": 1905},
            headers={"Idempotency-Key": f"order-{order.pk}"},
            timeout=10,
            allow_redirects=False,
        )
        self.assertIs(order.webhook_sent, True)

    def test_without_a_url_nobody_is_told(self) -> None:
        user = new_user()
        with patch("requests.post") as post:
            self.send("/orders", {"user_id": user.pk, "total_cents": 1905})
            self.wait()
        self.assertTrue(self.ended.empty())
        post.assert_not_called()


class RetryTest(WithRows):
    """What the receiver says, and what becomes of the task."""

    def setUp(self) -> None:
        super().setUp()
        user = new_user()
        self.order = new_order(user)
        new_order(user, 500)
        self.post = self.enterContext(patch("requests.post"))
        # Otherwise apply() raises celery.exceptions.Retry in place of trying again.
        self.enterContext(changed(celery_app, task_eager_propagates=False))
        wait = "celery.app.autoretry.get_exponential_backoff_interval"
        self.wait = self.enterContext(patch(wait, return_value=0))

    def test_what_may_pass_is_tried_again(self) -> None:
        self.post.side_effect = [
            requests.ConnectionError,
            requests.Timeout,
            answer(503),
            answer(200),
        ]
        self.assertEqual(tasks.send_webhook.apply((self.order.pk,)).state, "SUCCESS")
        told = Order.objects.filter(webhook_sent=True)
        self.assertEqual(list(told), [self.order])
        bodies = [call.kwargs["json"] for call in self.post.call_args_list]
        self.assertEqual(bodies, [{"order_id": self.order.pk, "total_cents": 1905}] * 4)
        keys = [call.kwargs["headers"]["Idempotency-Key"] for call in self.post.call_args_list]
        self.assertEqual(keys, [f"order-{self.order.pk}"] * 4)
        self.assertEqual(
            [call.kwargs for call in self.wait.call_args_list],
            [
                {"factor": 30, "retries": retries, "maximum": 600, "full_jitter": True}
                for retries in range(3)
            ],
        )

    def test_a_second_message_tells_nobody(self) -> None:
        self.post.return_value = answer(204)
        for _ in range(2):
            self.assertEqual(tasks.send_webhook.apply((self.order.pk,)).state, "SUCCESS")
        self.assertEqual(self.post.call_count, 1)

    def test_only_the_mark_is_saved(self) -> None:
        def receipt_meanwhile(*_: object, **__: object) -> requests.Response:
            Order.objects.update(receipt_sent=True)
            return answer(204)

        self.post.side_effect = receipt_meanwhile
        tasks.send_webhook(self.order.pk)
        self.order.refresh_from_db()
        self.assertEqual((self.order.receipt_sent, self.order.webhook_sent), (True, True))

    def test_the_last_error_is_raised(self) -> None:
        self.post.return_value = answer(500)
        with self.assertRaisesRegex(requests.HTTPError, "^500 Server Error"):
            tasks.send_webhook.apply((self.order.pk,)).get()
        self.assertEqual(self.post.call_count, 9)
        self.assertFalse(Order.objects.filter(webhook_sent=True).exists())

    def test_a_refusal_is_final(self) -> None:
        self.post.return_value = answer(410)
        with self.assertRaisesRegex(webhooks.WebhookRefusedError, "^the receiver answered 410$"):
            tasks.send_webhook.apply((self.order.pk,), throw=True)
        self.assertEqual(self.post.call_count, 1)


class AnswerTest(Plain):
    """What each answer of the receiver means."""

    def test_every_answer(self) -> None:
        for status, error in (
            (200, None),
            (299, None),
            (300, webhooks.WebhookRefusedError),
            (307, webhooks.WebhookRefusedError),
            (404, webhooks.WebhookRefusedError),
            (408, requests.HTTPError),
            (429, requests.HTTPError),
            (499, webhooks.WebhookRefusedError),
            (500, requests.HTTPError),
            (599, requests.HTTPError),
        ):
            with self.subTest(status), patch("requests.post", return_value=answer(status)):
                if error is None:
                    webhooks.deliver(URL, "key", {})
                else:
                    with self.assertRaises(error):
                        webhooks.deliver(URL, "key", {})

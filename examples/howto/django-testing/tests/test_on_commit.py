"""Tests that see the callbacks of ``on_commit()``."""

from contextlib import suppress
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import Client, TestCase, TransactionTestCase
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks
from shop.models import Order, Shipping
from shop.tasks import send_receipt


class CapturedTest(TestCase):
    """Tests that never commit."""

    def test_a_testcase_never_commits(self) -> None:
        answer = self.client.post("/orders", {"email": "ada@example.com"})
        assert not Order.objects.get(pk=answer.json()["id"]).receipt_sent

    def test_run_the_callbacks(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post("/orders", {"email": "ada@example.com"})
        assert Order.objects.get(pk=answer.json()["id"]).receipt_sent

    def test_look_at_the_callbacks(self) -> None:
        with self.captureOnCommitCallbacks() as callbacks:
            answer = self.client.post("/orders", {"email": "ada@example.com"})
        (callback,) = callbacks
        assert callback.func == send_receipt.delay
        assert callback.args == (answer.json()["id"],)

    def test_a_rollback_drops_the_callback(self) -> None:
        with self.captureOnCommitCallbacks() as callbacks:
            send_receipt.delay_on_commit(1)
            with suppress(ZeroDivisionError), transaction.atomic():
                send_receipt.delay_on_commit(2)
                raise ZeroDivisionError
        assert [callback.args for callback in callbacks] == [(1,)]


class CommittedTest(TransactionTestCase):
    """Tests that commit."""

    def test_the_callback_runs(self) -> None:
        answer = self.client.post("/orders", {"email": "ada@example.com"})
        assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.django_db
def test_capture(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/orders", {"email": "ada@example.com"})
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.django_db(transaction=True)
def test_commit(client: Client) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.django_db
def test_captured_callbacks_run_after_the_view(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    answers = []
    with (
        patch.object(send_receipt, "apply_async", side_effect=OperationalError),
        pytest.raises(OperationalError),
        django_capture_on_commit_callbacks(execute=True),
    ):
        answers.append(client.post("/orders", {"email": "ada@example.com"}).status_code)
    assert answers == [201]


@pytest.mark.django_db(transaction=True)
def test_committed_callbacks_run_inside_the_view(client: Client) -> None:
    client.raise_request_exception = False
    with patch.object(send_receipt, "apply_async", side_effect=OperationalError):
        answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 500
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_rows_of_a_migration() -> None:
    assert Shipping.objects.get().name == "post"

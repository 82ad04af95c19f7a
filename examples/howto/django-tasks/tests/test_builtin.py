"""The two backends that Django brings."""

import pytest
from django.tasks import TaskResultStatus, default_task_backend
from django.test import Client, override_settings
from shop.models import Order
from shop.tasks import send_receipt

IMMEDIATE = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
DUMMY = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}

pytestmark = pytest.mark.django_db


@override_settings(TASKS=IMMEDIATE)
def test_run_the_task_in_the_view(client: Client) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@override_settings(TASKS=IMMEDIATE)
def test_an_error_does_not_come_out() -> None:
    result = send_receipt.enqueue(0)
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class_path == "shop.models.Order.DoesNotExist"
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'shop\.models\.Order'"):
        _ = result.errors[0].exception_class


@override_settings(TASKS=DUMMY)
def test_what_the_view_sends(client: Client) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    (result,) = default_task_backend.results
    assert result.task == send_receipt
    assert result.args == [answer.json()["id"]]

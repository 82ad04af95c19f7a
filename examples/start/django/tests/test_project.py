"""What the shop's parts promise each other."""

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import config
import pytest
from before import views as before
from config import celery_app
from config import settings as written
from django.conf import settings
from django.contrib.admin import site
from django.core.management import call_command
from django.db import transaction
from django.http import JsonResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from shop import mail, tasks, views
from shop.models import Order

ROOT = Path(__file__).parents[1]


def test_the_app_has_the_settings_of_django() -> None:
    assert celery_app.main == "config"
    assert config.__all__ == ("celery_app",)
    assert written.CELERY_BROKER_URL == "filesystem://"
    assert written.CELERY_BROKER_TRANSPORT_OPTIONS == {
        "data_folder_in": ROOT / "queue",
        "data_folder_out": ROOT / "queue",
        "control_folder": ROOT / "queue" / "control",
        "polling_interval": 0.1,
    }
    assert celery_app.conf.beat_schedule == written.CELERY_BEAT_SCHEDULE


def test_the_schedule_names_a_task() -> None:
    hourly = {"task": tasks.tidy.name, "schedule": 3600}
    assert celery_app.conf.beat_schedule["tidy"] == hourly
    assert {task for task in celery_app.tasks if task.startswith("shop.")} == {
        "shop.tasks.send_receipt",
        "shop.tasks.tidy",
    }


def test_the_tests_use_a_file() -> None:
    assert written.DATABASES["default"]["TEST"]["NAME"] == ROOT / "test.sqlite3"


def test_the_mail_server_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(settings, "MAIL_SECONDS", written.MAIL_SECONDS)
    mail.send("ada@example.com")
    assert slept == [2]
    with pytest.raises(ValueError, match=r"^no mail server for ada@example\.invalid$"):
        mail.send("ada@example.invalid")


def test_nothing_is_sent_before_the_commit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(tasks.send_receipt, "delay", sent.append)
    with transaction.atomic():
        answer = client.post("/orders", {"email": "ada@example.com"})
        assert sent == []
    assert sent == [Order.objects.get().pk]
    assert answer.json() == {"order": f"/orders/{sent[0]}"}


@pytest.mark.usefixtures("client")
def test_an_order_of_another_site_is_welcome() -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED


@pytest.mark.django_db
def test_the_task_tells_whom_it_has_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_SECONDS", 0)
    Order.objects.create(email="bob@example.com")
    order = Order.objects.create(email="ada@example.com")
    assert (str(order), order.receipt) == (f"order {order.pk}", "waiting")
    assert tasks.send_receipt(order.pk) == "sent to ada@example.com"


@pytest.mark.django_db
def test_the_task_saves_the_receipt_only(monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order.objects.create(email="ada@example.com")
    changed = Order.objects.filter(pk=order.pk)
    monkeypatch.setattr(mail, "send", lambda _: changed.update(email="bob@example.com"))
    tasks.send_receipt(order.pk)
    assert changed.values_list("email", "receipt").get() == ("bob@example.com", "sent")


def test_the_addresses(client: Client) -> None:
    assert reverse("order", args=[1]) == "/orders/1"
    assert client.get("/orders/0").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/orders").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert client.post("/orders/0").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert resolve("/admin/").func.__name__ == "index"
    assert resolve("/admin/").namespace == site.name


@pytest.mark.parametrize("view", [views.order_status, before.order_status])
@pytest.mark.django_db
def test_each_order_has_its_receipt(rf: RequestFactory, view: Callable[..., JsonResponse]) -> None:
    for receipt in ("sent", "failed"):
        order = Order.objects.create(email="ada@example.com", receipt=receipt)
        assert view(rf.get("/"), pk=order.pk).content.decode() == f'{{"receipt": "{receipt}"}}'


def test_the_form_asks_for_the_address_only(client: Client) -> None:
    client.post("/orders", {"email": "ada@example.com", "receipt": "sent"})
    assert Order.objects.filter(email="ada@example.com").exists()


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)

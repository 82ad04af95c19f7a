"""What the rules about Django find in small projects, and what looks alike and is right."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.project import Project
from checkup.rules import django
from checkup.source import read

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str, str], list[int]]

load_rules()
HEAD = """
from celery import Celery, shared_task
from django import forms
from django.db import connection, connections, close_old_connections, models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal, receiver
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import generic
from functools import partial

class Base(models.Model):
    pass

class Order(Base):
    pass

class OrderForm(forms.ModelForm):
    pass

@shared_task
def send(order_id=None, **kwargs):
    pass
"""
FIRST = len(HEAD.splitlines()) + 1  # of a body


@pytest.fixture
def found(tmp_path: Path) -> Check:
    """Return the lines of a body in which a rule finds something."""

    def check(code: str, body: str) -> list[int]:
        file = tmp_path / "shop.py"
        file.write_text(HEAD + dedent(body), encoding="utf-8")
        project = Project(tmp_path, "django", "shop", sources=[read(file, tmp_path)])
        return sorted(place.line - FIRST for place in RULES[code].check(project))

    return check


@pytest.mark.parametrize(
    "body",
    [
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
                send.delay(order.pk)
        """,
        """
        @transaction.atomic(durable=True)
        def place(order):
            order.save()
            send.delay(order_id=str(order.id))
        """,
        """
        class View:
            @method_decorator(transaction.atomic)
            def post(self):
                self.object = OrderForm().save()
                send.delay(self.object.pk)
        """,
        """
        @transaction.atomic
        def form_valid(self, form):
            super().form_valid(form)
            send.apply_async(args=[self.object.pk], countdown=1)
        """,
        """
        def place():
            with transaction.atomic(), open("log"):
                order, created = Order.objects.get_or_create()
                number = order.pk
                send.delay(number)
        """,
        """
        def place():
            with transaction.atomic(using="other"):
                if True:
                    send.delay(Order.objects.create().pk)
        """,
        """
        def make():
            return Order.objects.create()
        @transaction.atomic
        def place():
            order = make()
            send.delay(order.pk)
        """,
    ],
)
def test_a_send_in_a_transaction_is_found(found: Check, body: str) -> None:
    assert len(found("CK601", body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
                send.delay_on_commit(order.pk)
        """,
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
                transaction.on_commit(lambda: send.delay(order.pk))
                transaction.on_commit(partial(send.delay, order.pk))
        """,
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
                def later():
                    send.delay(order.pk)
                transaction.on_commit(later)
        """,
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
            send.delay(order.pk)
        """,
        """
        def place():
            with transaction.atomic():
                order = Order.objects.create()
                try:
                    pay(order)
                except OSError:
                    send.delay(order.pk)
                    raise
        """,
        """
        def announce(number):  # noted only if the broker has taken it
            with transaction.atomic():
                Order.objects.filter(pk=number).update(announced=True)
                send.delay(number)
        """,
        """
        def relay():
            with transaction.atomic():
                for order in Order.objects.select_for_update():
                    send.delay(order.pk)
                    order.sent = True
                    order.save()
        """,
        """
        @transaction.atomic
        def twice():
            for order in Order.objects.all():
                order.save()
            for order in Order.objects.all():
                send.delay(order.pk)
        """,
        """
        class Waiting(Celery("x").Task):
            def apply_async(self, *args, **kwargs):
                transaction.on_commit(lambda: super().apply_async(*args, **kwargs))
        @shared_task(base=Waiting)
        def wait(order_id):
            pass
        @transaction.atomic
        def place(order):
            order.save()
            wait.delay(order.pk)
        """,
    ],
)
def test_a_send_that_waits_or_does_not_depend_on_the_commit_is_not_found(
    found: Check, body: str
) -> None:
    assert not found("CK601", body)


def test_a_task_with_a_base_has_no_delay_on_commit(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    task = "import celery\n@shared_task(base=celery.Task)\ndef own(pk): ...\n"
    body = f"{task}@transaction.atomic\ndef f(order):\n order.save()\n own.delay(order.pk)"
    file.write_text(HEAD + body, encoding="utf-8")
    project = Project(tmp_path, "django", "shop", sources=[read(file, tmp_path)])
    (place,) = RULES["CK601"].check(project)
    assert place.message.endswith("hand own.delay to transaction.on_commit()")


VIEWS = """
from django.urls import path

def create(request):
    order = Order.objects.create()
    send.delay(order.pk)

@transaction.non_atomic_requests
def alone(request):
    order = Order.objects.create()
    send.delay(order.pk)

def reads(request):
    send.delay(Order.objects.get().pk)

def helper(request):
    order = Order.objects.create()
    send.delay(order.pk)

urlpatterns = [path("a", create), path("b", alone), path("c", reads)]
"""


def test_with_atomic_requests_a_view_is_a_transaction(
    found: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not found("CK601", VIEWS)
    monkeypatch.setattr(django, "_atomic_requests", lambda _: True)
    assert found("CK601", VIEWS) == [5]


@pytest.mark.parametrize(
    "body",
    [
        "def f():\n order = Order(); order.save(); \n send.delay(order)",
        "def f():\n order = Order.objects.select_related('x').filter(a=1).first()\n send.delay(order)",
        "def f():\n order, made = Order.objects.update_or_create(a=1)\n send.delay(order_id=order)",
        "def f(request):\n send.apply_async((request.user,))",
        "def f(pk):\n send.apply_async(kwargs={'order_id': get_object_or_404(Order, pk=pk)})",
        "def f():\n for order in Order.objects.all():\n  send.delay(order)",
        "def f(order: Order):\n send.delay(order)",
        "def f(order: 'Order | None'):\n send.delay(order)",
        "def f(data):\n form = OrderForm(data)\n order = form.save()\n send.delay(order)",
        "async def f():\n order = await Order.objects.aget(pk=1)\n send.delay_on_commit(order)",
        "@receiver(post_save)\ndef f(instance, **_):\n send.delay(instance)",
        "class V(generic.CreateView):\n def form_valid(self, form):\n  send.delay(self.object)",
        "class V(generic.View):\n def get(self):\n  send.delay(self.request.user)",
    ],
)
def test_a_model_instance_is_found(found: Check, body: str) -> None:
    assert len(found("CK602", body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "def f():\n order = Order.objects.create()\n send.delay(order.pk)",
        "def f():\n order = Order.objects.values_list('pk', flat=True).first()\n send.delay(order)",
        "def f(order):\n send.delay(order)",
        "def f(order: int):\n send.delay(order)",
        "def f(order: 'Order | int'):\n send.delay(order)",
        "def f():\n order = Order.objects.get()\n order = order.pk\n send.delay(order)",
        "def f(data):\n order = data['x'] if data else Order.objects.get()\n send.delay(order)",
        "def f():\n for order in Order.objects.values('pk'):\n  send.delay(order)",
        "def f(cache):\n order = cache.objects_of('x').get('y')\n send.delay(order)",
        "def f(instance):\n send.delay(instance)",
        "@shared_task\ndef f(request):\n send.delay(request.user)",
        "def f():\n user = object()\n send.delay(user.user)",
        "class F:\n def save(self):\n  send.delay(self.object)",
        "CELERY_TASK_SERIALIZER = 'pickle'\ndef f(order: Order):\n send.delay(order)",
        "from kombu.utils import json\njson.register_type(Order, 'o')\ndef f(o: Order):\n send.delay(o)",
        "def f(order: Order):\n send.apply_async((order,), serializer='pickle')",
        "def f(order: Order):\n send.apply_async(*order)\n send.delay(*[order], **{'a': order})",
    ],
)
def test_a_value_that_may_be_sent_is_not_found(found: Check, body: str) -> None:
    assert not found("CK602", body)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["connection.close()", "work()"], 1),
        (["'''Doc.'''", "import os", "close_old_connections()", "work()"], 1),
        (["work()", "connections.close_all()"], 1),
        (["try:", " connection.close()", " work()", "finally:", " connection.close()"], 2),
        (["read()", "connection.close()", "wait()", "write()"], 0),
        (["try:", " work()", "except OSError:", " connection.close()", " raise"], 0),
        (["connections.close_all()", "with Pool() as pool:", " pool.map(work, [1])"], 0),
        (["def inner():", " connection.close()", "Thread(target=inner).start()"], 0),
        (["socket.connection.close()", "work()"], 0),
        (["while True:", " close_old_connections()", " work()"], 0),
    ],
)
def test_a_connection_that_a_task_closes(found: Check, lines: list[str], count: int) -> None:
    body = "\n".join(["@shared_task", "def task():", *(f"    {line}" for line in lines)])
    assert len(found("CK603", body)) == count
    plain = body.removeprefix("@shared_task\n")
    assert not found("CK603", plain)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("@receiver(post_save, sender=Order)\ndef f(instance, **_):\n send.delay(instance.pk)", 1),
        ("@receiver([post_save, post_delete])\ndef f(instance, **_):\n send.delay(1)", 1),
        ("def f(instance, **_):\n send.delay(1)\npost_delete.connect(f)", 1),
        ("@receiver(post_save)\ndef f(instance, **_):\n send.delay_on_commit(1)", 0),
        (
            "@receiver(post_save)\ndef f(instance, **_):\n transaction.on_commit(lambda: send.delay(1))",
            0,
        ),
        ("paid = Signal()\n@receiver(paid)\ndef f(instance, **_):\n send.delay(1)", 0),
        ("def f(instance, **_):\n send.delay(1)\nSignal().connect(f)", 0),
        ("def post_save(instance, **_):\n send.delay(1)", 0),
    ],
)
def test_a_send_in_a_receiver(found: Check, body: str, count: int) -> None:
    assert len(found("CK604", body)) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("app = Celery('x')\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x.settings')", 1),
        ("app = Celery('x')\nos.environ['DJANGO_SETTINGS_MODULE'] = 'x.settings'", 1),
        ("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x.settings')\napp = Celery('x')", 0),
        ("app = Celery('x')", 0),
        ("app = Celery('x')\nos.environ.setdefault('OTHER', 'x.settings')", 0),
        (
            "app = Celery('x')\ndef main():\n os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')",
            0,
        ),
        (
            "def make():\n return Celery('x')\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')",
            0,
        ),
    ],
)
def test_settings_that_are_named_too_late(found: Check, body: str, count: int) -> None:
    assert len(found("CK606", "import os\n" + body)) == count


def test_tests_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "test_shop.py"
    file.parent.mkdir()
    body = "@transaction.atomic\ndef f(order: Order):\n order.save()\n send.delay(order.pk)\n send.delay(order)"
    file.write_text(HEAD + body, encoding="utf-8")
    project = Project(tmp_path, "django", "shop", sources=[read(file, tmp_path)])
    codes = [code for code in RULES if code.startswith("CK6")]
    assert codes
    assert not [place for code in codes for place in RULES[code].check(project)]

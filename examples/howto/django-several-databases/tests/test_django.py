"""Tests in Django's own style."""

from typing import ClassVar

from audit.models import Entry
from audit.tasks import forward
from django.test import TestCase
from django.test.testcases import DatabaseOperationForbidden
from shop import orders


class PlaceTest(TestCase):
    """An order, and the tasks that follow it."""

    databases: ClassVar[set[str]] = {"default", "audit"}

    def test_the_entry_is_forwarded_after_its_commit(self) -> None:
        with self.captureOnCommitCallbacks(using="audit") as callbacks:
            orders.place("ada@example.com")
        (callback,) = callbacks
        self.assertEqual((callback.func, callback.args), (forward.delay, (Entry.objects.get().pk,)))


class ForgetfulTest(TestCase):
    """It names no databases, so it may use ``default`` only."""

    def test_an_entry_is_out_of_reach(self) -> None:
        message = "Database queries to 'audit' are not allowed in this test."
        with self.assertRaisesMessage(DatabaseOperationForbidden, message):
            Entry.objects.count()

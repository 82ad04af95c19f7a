"""What the tests are made of: plain ``unittest``, so that both runners find them."""

from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from celery.signals import task_postrun
from config import celery_app
from django.http import HttpResponse
from django.test import SimpleTestCase, TestCase, TransactionTestCase
from shop.models import Order, User

from tests.lanes import chosen, worker_thread


def new_user() -> User:
    """Save a customer."""
    return User.objects.create(email="ada@example.org")


def new_order(user: User, total_cents: int = 1905, *date: int) -> Order:
    """Save an order, of a date or of the last day of February."""
    placed_at = datetime(*(date or (2026, 2, 28)), tzinfo=UTC)
    return Order.objects.create(user=user, total_cents=total_cents, placed_at=placed_at)


class Isolated:
    """A test of which nothing leaves this machine."""

    def setUp(self) -> None:
        """Set what a developer may have set otherwise, and give the test a folder."""
        super().setUp()
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.images = self.folder / "media" / "images"
        self.enterContext(self.settings(MEDIA_ROOT=self.images, WEBHOOK_URL=""))

    def send(self, path: str, body: object) -> HttpResponse:
        """Post JSON."""
        return self.client.post(path, body, content_type="application/json")


class Plain(Isolated, SimpleTestCase):
    """A test without a database."""


class WithRows(Isolated, TestCase):
    """A test with a database, in a transaction that is rolled back: what waits for a commit stays."""


class WithTasks(Isolated, TransactionTestCase):
    """A test that commits, with somebody who runs the tasks: the lane says who."""

    starts_worker = True

    def setUp(self) -> None:
        """Start a worker thread, if the lane has one, and note the ids of tasks as they end."""
        super().setUp()
        self.ended: Queue[str] = Queue()
        task_postrun.connect(self.note)
        self.addCleanup(task_postrun.disconnect, self.note)
        if self.starts_worker and chosen() == "worker":
            self.enterContext(worker_thread(celery_app))

    def note(self, task_id: str, **_: object) -> None:
        """Note an id."""
        self.ended.put(task_id)

    def wait(self) -> str:
        """Wait until a task has ended, and return its id."""
        return self.ended.get(timeout=30)

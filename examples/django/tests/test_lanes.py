"""What differs between the lanes, and what keeps them fast and apart from the world."""

import os
import re
from time import monotonic
from unittest.mock import ANY, MagicMock, patch

from celery import exceptions, shared_task
from config import celery_app
from django.db import transaction
from django.test.runner import DiscoverRunner
from shop.models import User
from shop.tasks import ReportError, archive_user

from tests.cases import Plain, WithRows, WithTasks, new_user
from tests.lanes import (
    LANES,
    OVERRIDING_VARIABLES,
    changed,
    choose,
    chosen,
    empty_queue,
    worker_thread,
)
from tests.runner import LaneRunner


@shared_task(ignore_result=False)
def pair() -> tuple[int, int]:
    """Return a tuple."""
    return 1, 2


@shared_task
def seven() -> int:
    """Return a number that nobody keeps."""
    return 7


@shared_task(ignore_result=False)
def counts_users() -> int:
    """Return how many customers there are for this task."""
    return User.objects.count()


@shared_task(ignore_result=False)
def waits_for_a_task() -> list[int]:
    """Return the result of another task. Do not write this: it blocks a worker."""
    return pair.delay().get(timeout=0.1)


class DifferencesTest(WithTasks):
    """The same line, and what it gives in each lane."""

    def test_a_tuple_comes_back_as_a_list(self) -> None:
        result = pair.delay().get(timeout=30, interval=0.01)
        self.assertEqual(result, {"eager": (1, 2), "worker": [1, 2]}[chosen()])

    def test_an_ignored_result_is_none(self) -> None:
        result = seven.delay().get(timeout=30, interval=0.01)
        self.assertEqual(result, {"eager": 7, "worker": None}[chosen()])

    def test_a_task_cannot_wait_for_a_task(self) -> None:
        error, message = {
            "eager": (RuntimeError, "Never call result.get() within a task!"),
            "worker": (exceptions.TimeoutError, "The operation timed out."),
        }[chosen()]
        with self.assertRaisesRegex(error, f"^{re.escape(message)}"):
            waits_for_a_task.delay().get(timeout=30, interval=0.01)
        self.wait()

    def test_a_worker_sees_what_is_committed(self) -> None:
        with transaction.atomic():
            new_user()
            seen = counts_users.delay().get(timeout=30, interval=0.01)
        self.assertEqual(seen, {"eager": 1, "worker": 0}[chosen()])
        self.assertEqual(counts_users.delay().get(timeout=30, interval=0.01), 1)

    def test_a_worker_drops_an_expired_task(self) -> None:
        late = seven.apply_async(expires=-1)
        seven.delay()
        self.assertEqual(self.wait() == late.id, chosen() == "eager")

    def test_a_failing_task_does_not_fail_the_request(self) -> None:
        if chosen() == "eager":
            with self.assertRaisesRegex(ReportError, "^no orders in 2031$"):
                self.send("/reports", {"year": 2031})
            return
        response = self.send("/reports", {"year": 2031})
        self.assertEqual(response.status_code, 202)
        self.wait()
        answer = self.client.get(response.headers["Location"]).json()
        self.assertEqual((answer["state"], answer["error"]), ("FAILURE", "no orders in 2031"))


class TransactionTest(WithRows):
    """Django's TestCase, which never commits."""

    def test_nothing_is_sent(self) -> None:
        with patch.object(archive_user, "apply_async") as publish:
            archive_user.delay_on_commit(1)
        publish.assert_not_called()

    def test_what_would_be_sent(self) -> None:
        with (
            patch.object(archive_user, "apply_async") as publish,
            self.captureOnCommitCallbacks(execute=True) as callbacks,
        ):
            archive_user.delay_on_commit(1)
        self.assertEqual(len(callbacks), 1)
        publish.assert_called_once_with((1,), {})


class EnvironmentTest(Plain):
    """What a developer may have set for another project."""

    def test_no_variable_sends_the_tests_elsewhere(self) -> None:
        elsewhere = dict.fromkeys(OVERRIDING_VARIABLES, "redis://redis.example.org/0")
        conf = celery_app.conf
        with patch.dict(os.environ, elsewhere):
            self.assertEqual(conf.broker_url, "redis://redis.example.org/0")
            choose(chosen())
            self.assertEqual(conf.broker_url, "memory://")
            self.assertEqual((conf.broker_read_url, conf.broker_write_url), ("memory://",) * 2)
            self.assertEqual(conf.result_backend, "cache+memory://")

    def test_a_real_queue_is_not_emptied(self) -> None:
        message = "this would empty a real queue: redis://:**@redis.example.org:6379/0"
        with (
            changed(celery_app, broker_url="redis://:secret@redis.example.org/0"),
            patch.object(celery_app.control, "purge") as purge,
            self.assertRaisesRegex(RuntimeError, f"^{re.escape(message)}$"),
        ):
            empty_queue(celery_app)
        purge.assert_not_called()


class RunnerTest(Plain):
    """``python manage.py test``."""

    def test_the_lane(self) -> None:
        for lane in LANES:
            with (
                self.subTest(lane),
                patch.object(DiscoverRunner, "setup_test_environment") as set_up,
                patch("tests.runner.choose") as choose_lane,
                patch("tests.runner.logging") as logging,
            ):
                LaneRunner(lane=lane, verbosity=0).setup_test_environment(debug=True)
                set_up.assert_called_once_with(debug=True)
                choose_lane.assert_called_once_with(lane)
                handlers = logging.getLogger.return_value.handlers
                self.assertEqual(handlers, [logging.NullHandler.return_value])
        self.assertEqual(LaneRunner().lane, "eager")

    def test_the_option(self) -> None:
        parser = MagicMock()
        LaneRunner.add_arguments(parser)
        parser.add_argument.assert_called_with(
            "--lane", choices=["eager", "worker"], default="eager", help=ANY
        )
        self.assertGreater(parser.add_argument.call_count, 1)


class WorkerTest(WithTasks):
    """The worker thread, in every lane."""

    starts_worker = False

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(changed(celery_app, task_always_eager=False))

    def test_it_starts_with_an_empty_queue(self) -> None:
        archive_user.delay(1)
        with worker_thread(celery_app):
            sent = seven.delay()
            self.assertEqual(self.wait(), sent.id)

    def test_only_this_worker_is_stopped(self) -> None:
        stop = celery_app.control.shutdown
        with (
            patch.object(celery_app.control, "shutdown", wraps=stop) as shutdown,
            worker_thread(celery_app),
        ):
            pass
        shutdown.assert_called_once_with(destination=[ANY])

    def test_it_loses_no_time(self) -> None:
        begin = monotonic()
        with worker_thread(celery_app):
            for _ in range(3):
                seven.delay()
                self.wait()
        self.assertLess(monotonic() - begin, 2)

"""Cancelling: before the task begins, while it runs, when it is over."""

from unittest.mock import patch

from shop import tasks
from shop.models import Job

from tests.cases import WithRows, WithTasks, new_order, new_user

REVOKED = {"state": "REVOKED", "progress": 0, "result": None, "error": "revoked"}


class CancelTest(WithRows):
    """The request."""

    def test_cancel(self) -> None:
        job = Job.objects.create()
        for _ in ("once", "twice"):
            response = self.client.delete(f"/tasks/{job.pk}")
            self.assertEqual(response.status_code, 202)
            self.assertEqual(response.json(), {"id": str(job.pk)})
        job.refresh_from_db()
        self.assertIs(job.cancelled, True)

    def test_cancel_an_unknown_task(self) -> None:
        response = self.client.delete("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5")
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.json(), {"error": "no such task"})


class CancelledTaskTest(WithTasks):
    """What the task makes of it."""

    def setUp(self) -> None:
        super().setUp()
        new_order(new_user())

    def test_a_cancelled_task_does_not_begin(self) -> None:
        for task in (tasks.make_report, tasks.shrink_image):
            with self.subTest(task.name):
                job_id = str(Job.objects.create(cancelled=True).pk)
                task.apply_async((None,), task_id=job_id)
                self.wait()
                answer = self.client.get(f"/tasks/{job_id}").json()
                self.assertEqual(answer, {"id": job_id, **REVOKED})

    def test_a_running_task_stops_at_the_next_step(self) -> None:
        update_state = tasks.make_report.update_state
        seen = []

        def update_then_cancel(**state: object) -> None:
            update_state(**state)
            seen.append(state["state"])
            if len(seen) == 3:
                self.client_class().delete(f"/tasks/{tasks.make_report.request.id}")

        with patch.object(tasks.make_report, "update_state", update_then_cancel):
            url = self.send("/reports", {"year": 2026}).headers["Location"]
            task_id = self.wait()
        self.assertEqual(seen, ["PROGRESS", "PROGRESS", "PROGRESS", "REVOKED"])
        self.assertEqual(self.client.get(url).json(), {"id": task_id, **REVOKED})

    def test_a_task_that_is_over_stays_as_it_is(self) -> None:
        url = self.send("/reports", {"year": 2026}).headers["Location"]
        self.wait()
        self.assertEqual(self.client.delete(url).status_code, 202)
        self.assertEqual(self.client.get(url).json()["state"], "SUCCESS")

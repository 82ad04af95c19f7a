"""The stream of events."""

import json
from unittest.mock import patch

from asgiref.sync import async_to_sync
from config import celery_app
from django.db import connection
from shop.models import Job
from shop.tasks import ReportError
from shop.views import events

from tests.cases import WithTasks

HALF = ("PROGRESS", {"done": 6, "total": 12})
DONE = ("SUCCESS", {"orders": 1})


class EventsTest(WithTasks):
    """The stream, with time that passes in no time: each nap stores the next state."""

    def setUp(self) -> None:
        super().setUp()
        self.job_id = str(Job.objects.create().pk)
        self.url = f"/tasks/{self.job_id}/events"
        self.states: list[tuple[str, object]] = []
        self.naps: list[float] = []
        self.enterContext(patch.object(events, "sleep", self.nap))

    def nap(self, seconds: float) -> None:
        """Pass some time."""
        self.naps.append(seconds)
        self.store(*self.states.pop(0))

    def store(self, state: str, value: object) -> None:
        """Store a state, as the worker does."""
        celery_app.backend.store_result(self.job_id, value, state)

    def read(self) -> str:
        """Return the whole stream."""
        text = b"".join(self.client.get(self.url)).decode()
        self.assertEqual(self.states, [])
        return text

    def test_events(self) -> None:
        self.states = [("PENDING", None), HALF, HALF, DONE]
        response = self.client.get(self.url)
        self.assertEqual(response.status_code, 200)
        headers = {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
        self.assertLessEqual(headers.items(), dict(response.headers).items())
        *sent, end = b"".join(response).decode().split("\n\n")
        self.assertEqual(end, "")
        same = {"id": self.job_id, "result": None, "error": None}
        self.assertTrue(all(event.startswith("data: ") for event in sent))
        self.assertEqual(
            [json.loads(event.removeprefix("data: ")) for event in sent],
            [
                {**same, "state": "PENDING", "progress": 0},
                {**same, "state": "PROGRESS", "progress": 50},
                {**same, "state": "SUCCESS", "progress": 100, "result": {"orders": 1}},
            ],
        )
        self.assertEqual(self.naps, [0.5, 0.5, 0.5, 0.5])

    def test_events_end_with_the_task(self) -> None:
        for state in ("FAILURE", "REVOKED"):
            with self.subTest(state):
                self.store("PENDING", None)
                self.states = [("RETRY", OSError()), (state, ReportError("no"))]
                sent = self.read().split("\n\n")[:-1]
                states = [json.loads(event[6:])["state"] for event in sent]
                self.assertEqual(states, ["PENDING", "RETRY", state])
                self.job_id = str(Job.objects.create().pk)
                self.url = f"/tasks/{self.job_id}/events"

    def test_a_task_that_is_over(self) -> None:
        self.store(*DONE)
        self.assertEqual(self.read().count("data: "), 1)
        self.assertEqual(self.naps, [])

    def test_heartbeat(self) -> None:
        self.states = [("PENDING", None)] * 62 + [HALF] + [HALF] * 29 + [DONE]
        kinds = [event[:5] for event in self.read().split("\n\n")]
        self.assertEqual(kinds, ["data:", ":", ":", "data:", "data:", ""])

    def test_events_of_an_unknown_task(self) -> None:
        response = self.client.get("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5/events")
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.json(), {"error": "no such task"})

    def test_a_stream_is_read_not_asked_for_its_head(self) -> None:
        self.assertEqual(self.client.head(self.url).status_code, 405)

    def test_some_threads_stay_free(self) -> None:
        streams = [self.client.get(self.url), self.client.get(self.url)]
        response = self.client.get(self.url)
        self.assertEqual(response.status_code, 503)
        error = {"error": "too many streams, ask for the state instead"}
        self.assertEqual(response.json(), error)
        streams.pop().close()
        streams.append(self.client.get(self.url))
        self.assertEqual(self.client.get(self.url).status_code, 503)
        for stream in streams:
            stream.close()
        self.store(*DONE)
        for _ in range(3):
            self.assertEqual(self.read().count("data: "), 1)

    def test_a_stream_holds_no_database_connection(self) -> None:
        response = self.client.get(self.url)
        self.assertTrue(next(iter(response)).startswith(b"data: "))
        self.assertIsNone(connection.connection)
        response.close()
        self.assertEqual(self.naps, [])

    def test_an_asynchronous_server_has_no_streams(self) -> None:
        response = async_to_sync(self.async_client.get)(self.url)
        self.assertEqual(response.status_code, 503)
        error = {"error": "no streams here, ask for the state instead"}
        self.assertEqual(response.json(), error)

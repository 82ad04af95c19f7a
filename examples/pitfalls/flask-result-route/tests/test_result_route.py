"""What the route answers."""

from queue import Queue

import pytest
from flask.testing import FlaskClient
from result_route import divide, forget


def test_a_task_that_succeeded(client: FlaskClient, finished: Queue[str]) -> None:
    divide.delay(1, 2)
    response = client.get(f"/result/{finished.get(timeout=30)}")
    assert response.json == {"ready": True, "value": 0.5}


def test_a_failed_task_answers_500(client: FlaskClient, finished: Queue[str]) -> None:
    divide.delay(1, 0)
    task_id = finished.get(timeout=30)
    assert client.get(f"/result/{task_id}").status_code == 500
    client.application.testing = True
    error = "^Object of type ZeroDivisionError is not JSON serializable$"
    with pytest.raises(TypeError, match=error):
        client.get(f"/result/{task_id}")


def test_an_ignored_result_is_never_ready(client: FlaskClient, finished: Queue[str]) -> None:
    forget.delay()
    response = client.get(f"/result/{finished.get(timeout=30)}")
    assert response.json == {"ready": False, "value": None}


def test_an_unknown_task_is_never_ready(client: FlaskClient) -> None:
    response = client.get("/result/no-such-task")
    assert response.json == {"ready": False, "value": None}

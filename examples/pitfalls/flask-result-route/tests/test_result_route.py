"""What the route answers."""

from queue import Queue

import pytest
from flask.testing import FlaskClient
from result_route import divide, forget


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a developer may have set for another project."""
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "redis://redis.example.org/0")


@pytest.mark.usefixtures("exported")
def test_no_variable_sends_the_tests_elsewhere(request: pytest.FixtureRequest) -> None:
    conf = request.getfixturevalue("celery_app").conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


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

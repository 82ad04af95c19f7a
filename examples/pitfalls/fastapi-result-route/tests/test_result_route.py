"""What the endpoints answer."""

from queue import Queue

import pytest
from celery.exceptions import TimeoutError as NoResultInTime
from fastapi.testclient import TestClient
from main import app, divide, forget, pay
from pydantic_core import PydanticSerializationError

UNKNOWN = "3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"


@pytest.mark.parametrize("path", ["without-type", "typed", "response"])
def test_a_task_that_succeeded(client: TestClient, finished: Queue[str], path: str) -> None:
    divide.delay(1, 2)
    answer = client.get(f"/{path}/{finished.get(timeout=30)}")
    assert answer.json() == {"state": "SUCCESS", "result": 0.5}


def test_without_a_type_it_is_empty(client: TestClient, finished: Queue[str]) -> None:
    divide.delay(1, 0)
    answer = client.get(f"/without-type/{finished.get(timeout=30)}")
    assert answer.status_code == 200
    assert answer.json() == {"state": "FAILURE", "result": {}}


def test_without_a_type_it_says_too_much(client: TestClient, finished: Queue[str]) -> None:
    pay.delay(1905)
    answer = client.get(f"/without-type/{finished.get(timeout=30)}")
    assert answer.json() == {"state": "FAILURE", "result": {"bank": "bank.internal"}}


def test_with_a_type_it_is_500(client: TestClient, finished: Queue[str]) -> None:
    divide.delay(1, 0)
    path = f"/typed/{finished.get(timeout=30)}"
    assert TestClient(app, raise_server_exceptions=False).get(path).status_code == 500
    error = "^Unable to serialize unknown type: <class 'ZeroDivisionError'>$"
    with pytest.raises(PydanticSerializationError, match=error):
        client.get(path)


def test_a_response_by_hand_is_500(client: TestClient, finished: Queue[str]) -> None:
    divide.delay(1, 0)
    path = f"/response/{finished.get(timeout=30)}"
    assert TestClient(app, raise_server_exceptions=False).get(path).status_code == 500
    error = "^Object of type ZeroDivisionError is not JSON serializable$"
    with pytest.raises(TypeError, match=error):
        client.get(path)


def test_get_raises_the_error_of_the_task(client: TestClient, finished: Queue[str]) -> None:
    divide.delay(1, 0)
    with pytest.raises(ZeroDivisionError):
        client.get(f"/get/{finished.get(timeout=30)}")


def test_get_returns_the_value(client: TestClient, finished: Queue[str]) -> None:
    divide.delay(1, 2)
    assert client.get(f"/get/{finished.get(timeout=30)}").json() == {"result": 0.5}


def test_an_ignored_result_is_pending(client: TestClient, finished: Queue[str]) -> None:
    forget.delay()
    answer = client.get(f"/typed/{finished.get(timeout=30)}")
    assert answer.json() == {"state": "PENDING", "result": None}


def test_an_unknown_task_is_pending_for_ever(client: TestClient) -> None:
    assert client.get(f"/typed/{UNKNOWN}").json() == {"state": "PENDING", "result": None}
    with pytest.raises(NoResultInTime):
        client.get(f"/get/{UNKNOWN}")

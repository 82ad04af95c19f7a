"""What the routes answer in the first thread, and in another one."""

import re
from concurrent.futures import ThreadPoolExecutor

import celery
import pytest
from flask.testing import FlaskClient
from one_thread import app, celery_app

TASK_ID = "92275814-b856-4f88-80ff-cf40a8220fa2"


@pytest.fixture
def client() -> FlaskClient:
    """Return a client that lets exceptions out."""
    app.testing = True
    return app.test_client()


def test_the_first_thread_finds_the_app(client: FlaskClient) -> None:
    assert client.get(f"/receipts/{TASK_ID}").json == {"state": "PENDING"}
    assert celery.current_app == celery_app
    assert (celery_app.main, celery_app.conf.broker_url) == ("shop", "redis://127.0.0.1:6379/0")


def test_another_thread_finds_another_app(client: FlaskClient) -> None:
    error = "'DisabledBackend' object has no attribute '_get_task_meta_for'"
    with ThreadPoolExecutor() as server:
        answer = server.submit(client.get, f"/receipts/{TASK_ID}")
        with pytest.raises(AttributeError, match=f"^{re.escape(error)}"):
            answer.result()


def test_every_thread_finds_what_is_named(client: FlaskClient) -> None:
    with ThreadPoolExecutor() as server:
        answer = server.submit(client.get, f"/named/{TASK_ID}").result()
    assert answer.json == {"state": "PENDING"}


def test_the_other_app_knows_only_rabbitmq_on_this_machine() -> None:
    with ThreadPoolExecutor() as server:
        name = server.submit(lambda: celery.current_app.main).result()
        broker = server.submit(lambda: celery.current_app.connection_for_write().as_uri()).result()
    assert (name, broker) == ("default", "amqp://guest:**@localhost:5672//")

"""The worker of today understands the messages of yesterday."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.result import AsyncResult
from shop.tasks import send_receipt

MESSAGES = Path(__file__).parents[1] / "data" / "messages.json"


def waiting() -> dict[str, Any]:
    """Return a message of each version, as it lay in Redis."""
    return json.loads(MESSAGES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", waiting())
@pytest.mark.usefixtures("worker")
def test_a_message_of_an_older_version(celery_app: Celery, version: str) -> None:
    message = waiting()[version]
    properties = message["properties"]
    task_id = f"{version}-{properties['correlation_id']}"
    with celery_app.connection_for_write() as connection:
        connection.Producer().publish(
            base64.b64decode(message["body"]),
            content_type=message["content-type"],
            content_encoding=message["content-encoding"],
            headers=message["headers"] | {"id": task_id},
            correlation_id=task_id,
            routing_key="celery",
        )
    result = AsyncResult(task_id, app=celery_app)
    assert result.get(timeout=30) == "receipt 7 in en"


def test_the_argument_that_those_messages_do_not_have() -> None:
    assert send_receipt(7, language="de") == "receipt 7 in de"

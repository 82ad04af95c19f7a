"""Put a message into your own queue that no worker should obey."""

import json
import sys
from uuid import uuid4

from shop.celery_app import celery_app

RECEIPT = "shop.tasks.send_receipt"
JSON = "application/json"
MESSAGES = {  # the task, the body, what the body claims to be
    "pickle": (RECEIPT, b"\x80\x04N.", "application/x-python-serialize"),
    "broken": (RECEIPT, b"[[42", JSON),
    "unknown": ("shop.tasks.send_money", json.dumps([[42], {}, {}]), JSON),
    "wrong-number": (RECEIPT, json.dumps([[], {}, {}]), JSON),
    "wrong-type": (RECEIPT, json.dumps([["all"], {}, {}]), JSON),
}


def post(kind: str) -> None:
    """Post it as it is."""
    task, body, content_type = MESSAGES[kind]
    headers = {"task": task, "id": str(uuid4())}
    with celery_app.connection_for_write() as connection, connection.Producer() as producer:
        producer.publish(
            body,
            routing_key=celery_app.conf.task_default_queue,
            headers=headers,
            content_type=content_type,
            content_encoding="binary" if kind == "pickle" else "utf-8",
            declare=[celery_app.amqp.queues[celery_app.conf.task_default_queue]],
        )


if __name__ == "__main__":
    for kind in sys.argv[1:]:
        post(kind)

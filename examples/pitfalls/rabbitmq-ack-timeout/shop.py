"""Take a message, and acknowledge it too late."""

from impatient import impatient_rabbitmq
from kombu import Connection

with impatient_rabbitmq() as url, Connection(url) as connection:
    queue = connection.SimpleQueue("celery")
    queue.put({"order_id": 7})
    message = queue.get(timeout=5)
    connection.drain_events(timeout=20)  # what a worker does while a task runs
    message.ack()

"""A firewall cuts an idle connection to RabbitMQ, and `retry=False` takes the second try away."""

import os
import select
import socket
import struct
from threading import Event, Thread
from urllib.parse import urlsplit

from celery import Celery

rabbitmq = urlsplit(os.environ["AMQP_URL"])
server = socket.create_server(("127.0.0.1", 0))
idle_for_too_long = Event()


def firewall() -> None:
    """Pass on what both sides say, then reset the connection of the client."""
    client, _ = server.accept()
    broker = socket.create_connection((rabbitmq.hostname, rabbitmq.port or 5672))
    others = {client: broker, broker: client}
    while not idle_for_too_long.is_set():
        for end in select.select([client, broker], [], [], 0.01)[0]:
            others[end].sendall(end.recv(65536))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


thread = Thread(target=firewall, daemon=True)
thread.start()

address = f"{rabbitmq.username}:{rabbitmq.password}@127.0.0.1:{server.getsockname()[1]}"
app = Celery("shop", broker=rabbitmq._replace(netloc=address).geturl())


@app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""


send_receipt.delay(1)
idle_for_too_long.set()
thread.join()
send_receipt.apply_async([2], retry=False)

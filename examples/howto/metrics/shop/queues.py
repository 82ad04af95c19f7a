"""How many messages wait: ``python -m shop.queues``, a process beside the workers."""

import os
from collections.abc import Iterable
from wsgiref.simple_server import make_server

from kombu import Connection
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shop.celery_app import celery_app

QUEUES = os.environ.get("SHOP_QUEUES", "celery").split(",")


def length(connection: Connection, queue: str) -> int:
    """Ask for a queue, and create nothing."""
    try:
        return connection.channel().queue_declare(queue, passive=True).message_count
    except connection.channel_errors:  # Redis does not know a queue that is empty
        return 0


class QueueCollector(Collector):
    """Counts when it is asked; if the broker does not answer, neither does this."""

    def collect(self) -> Iterable[Metric]:
        """Count the messages of each queue."""
        gauge = GaugeMetricFamily("shop_queue_length", "Messages that wait", labels=["queue"])
        with celery_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            for queue in QUEUES:
                gauge.add_metric([queue], length(connection, queue))
        yield gauge


registry = CollectorRegistry()
registry.register(QueueCollector())


def serve() -> None:
    """Answer one request at a time: a broker that hangs holds one thread, not more and more."""
    address, port = os.environ.get("SHOP_QUEUES_BIND", "127.0.0.1:9809").split(":")
    server = make_server(address, int(port), make_wsgi_app(registry))
    print(f"http://{address}:{port}/metrics", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    serve()

"""What waits in the broker."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shop.celery_app import celery_app

QUEUES = ("celery",)


def queue_length(queue: str) -> int:
    """Return how many messages wait for a worker.

    Raises kombu.exceptions.OperationalError if the broker does not answer.
    """
    with celery_app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)
        try:
            return connection.channel().queue_declare(queue, passive=True).message_count
        except connection.channel_errors:  # Redis does not know a queue that is empty
            return 0


class QueueCollector(Collector):
    """Counts when it is asked, so that several web processes say the same."""

    def collect(self) -> Iterable[Metric]:
        """Count the messages of each queue."""
        gauge = GaugeMetricFamily("shop_queue_length", "Messages", labels=["queue"])
        for queue in QUEUES:
            gauge.add_metric([queue], queue_length(queue))
        yield gauge


registry = CollectorRegistry()
registry.register(QueueCollector())

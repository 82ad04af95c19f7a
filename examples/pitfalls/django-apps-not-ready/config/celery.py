"""The Celery app; its settings are those of Django that begin with ``CELERY_``."""

import logging
import os

from celery import Celery
from celery.signals import worker_ready
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

logger = logging.getLogger(__name__)


@worker_ready.connect
def say_what_waits(**_: object) -> None:
    """Log how many orders wait; Django is ready long before the worker is."""
    from shop.models import Order

    logger.info("%d orders wait", Order.objects.filter(receipt_sent=False).count())
    connection.close()  # or a child that is forked later inherits it

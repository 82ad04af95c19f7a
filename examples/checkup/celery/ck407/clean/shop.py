"""A task that tries again later."""

import os

from celery import Celery, Task
from celery.exceptions import Retry
from celery.utils.log import get_task_logger

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
LOG = get_task_logger(__name__)
RATES = {"ada": 42}


@celery_app.task(bind=True, max_retries=5)
def fetch_rate(self: Task, partner: str) -> None:
    """Fetch the rate of a partner, or try again in a minute."""
    try:
        if partner not in RATES:
            self.retry(countdown=60)  # it raises Retry
        LOG.info("rate: %s", RATES[partner])
    except Retry:
        raise  # the retry is sent: this run must end
    except Exception:
        LOG.exception("no rate of %s", partner)

"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab

# For a try: every so many seconds, not in the night.
SECONDS = float(os.environ.get("SHOP_REPORT_SECONDS", "0"))
WHEN = timedelta(seconds=SECONDS) if SECONDS else crontab(minute=0, hour=3)
OPTIONS = os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(OPTIONS),
    task_ignore_result=True,
    beat_schedule={
        "report": {
            "task": "shop.tasks.make_report",
            "schedule": WHEN,  # crontab(minute=0, hour=3)
            "options": {"expires": 6 * 60 * 60},
        }
    },
    # Note each run at once, not every three minutes.
    beat_sync_every=1,
)
celery_app.set_default()

"""The Celery app, for the worker, for beat and for whoever sends a task."""

from celery import Celery
from celery.schedules import crontab

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=settings.broker_url,
    broker_transport_options=settings.broker_transport_options,
    result_backend=settings.result_backend,
    task_ignore_result=True,
    beat_schedule={
        "backup": {
            "task": "shop.tasks.make_backup",
            "schedule": crontab(hour=3, minute=30),
            "options": {"expires": 6 * 3600},
        }
    },
)
# FastAPI runs `def` endpoints in threads, and each thread must find this app.
celery_app.set_default()

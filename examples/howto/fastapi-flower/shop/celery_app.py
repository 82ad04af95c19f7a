"""The Celery app, for the worker, Flower, the shell and whoever sends a task."""

from celery import Celery

from shop.config import settings

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=settings.broker_url,
    broker_transport_options=settings.broker_transport_options,
    result_backend=settings.result_backend,
    task_track_started=True,
)
# FastAPI runs `def` endpoints in threads, and each thread must find this app.
celery_app.set_default()

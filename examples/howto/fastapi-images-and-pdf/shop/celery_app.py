"""The Celery app, for the worker and for whoever sends a task."""

from celery import Celery

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=settings.broker_url,
    broker_transport_options=settings.broker_transport_options,
    result_backend=settings.result_backend,
    task_soft_time_limit=30,
    task_time_limit=40,
    worker_max_memory_per_child=400_000,  # KiB
    worker_prefetch_multiplier=1,
)
# FastAPI runs `def` endpoints in threads, and each thread must find this app.
celery_app.set_default()

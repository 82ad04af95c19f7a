"""The Celery app, for the worker and for whoever sends a task."""

from celery import Celery

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=settings.broker_url,
    broker_transport_options=settings.broker_transport_options,
    result_backend=settings.result_backend,
    task_routes={"shop.tasks.classify": {"queue": "models"}},
    task_time_limit=60,
    worker_pool_start_method=settings.pool_start_method,
    worker_prefetch_multiplier=1,
    worker_proc_alive_timeout=120,  # seconds that a process has to load the model
)
# FastAPI runs `def` endpoints in threads, and each thread must find this app.
celery_app.set_default()

"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from shop import logs, tracing
from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url,
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend,
        "task_ignore_result": True,
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()

setup_logging.connect(logs.configure)
before_task_publish.connect(tracing.add_headers)
task_prerun.connect(tracing.begin)
task_postrun.connect(tracing.end)

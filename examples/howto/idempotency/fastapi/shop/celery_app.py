"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from celery import Celery

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks", "shop.naive"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url,
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend,
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()

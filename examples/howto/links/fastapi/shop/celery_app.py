"""The Celery app."""

from celery import Celery

from shop.config import settings

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=settings.broker_url,
    broker_transport_options=settings.broker_transport_options,
    result_backend=settings.result_backend,
)
celery_app.set_default()

"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
# Whoever sends, signs; whoever reads, reads nothing else.
celery_app.conf.update(
    task_serializer="auth",
    result_serializer="auth",
    event_serializer="auth",
    accept_content=["auth"],
    security_key=os.environ["SHOP_KEY"],
    security_certificate=os.environ["SHOP_CERTIFICATE"],
    security_cert_store=os.environ["SHOP_TRUSTED"],
)
celery_app.setup_security()
celery_app.set_default()

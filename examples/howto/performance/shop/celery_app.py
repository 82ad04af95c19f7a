"""The Celery app: ``SHOP_FORM`` says with which settings."""

import os
from typing import Any

from celery import Celery

REDIS = "redis://127.0.0.1:6379/0"


def naive(redis: str) -> dict[str, Any]:
    """Return what many tutorials set."""
    return {"broker_url": redis, "result_backend": redis}


def recommended(redis: str, threads: int) -> dict[str, Any]:
    """Return what a web process needs."""
    return {
        "broker_url": redis,
        "result_backend": redis,
        "task_ignore_result": True,
        "broker_pool_limit": threads,
        "broker_transport_options": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
    }


def make_celery(variables: dict[str, str]) -> Celery:
    """Make the app that the variables of the environment ask for."""
    redis = variables.get("SHOP_REDIS_URL", REDIS)
    if variables.get("SHOP_FORM") == "naive":
        settings = naive(redis)
    else:
        settings = recommended(redis, int(variables.get("SHOP_THREADS", "40")))
    app = Celery("shop", include=["shop.tasks"])
    app.config_from_object(settings)
    if prefix := variables.get("SHOP_PREFIX"):  # to share a Redis server with others
        for name in ("broker_transport_options", "result_backend_transport_options"):
            app.conf[name] = {**app.conf[name], "global_keyprefix": prefix}
    return app


celery_app = make_celery(dict(os.environ))
# Endpoints run in threads, where they would find another app.
celery_app.set_default()

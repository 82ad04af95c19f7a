"""The shop in FastAPI, in a lane."""

import lane
from shop.celery_app import celery_app

lane.enter(celery_app)

from shop.main import app as fastapi_app  # noqa: E402 - its tasks copy settings

lane.work(celery_app)

__all__ = ("celery_app", "fastapi_app")

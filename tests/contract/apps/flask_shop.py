"""The shop in Flask, in a lane."""

import lane
from make_celery import celery_app, flask_app

lane.enter(celery_app)
lane.work(celery_app)

__all__ = ("celery_app", "flask_app")

"""The tasks import this module, and this module imports the tasks."""

from celery import Celery
from shop import create_app

flask_app = create_app()
celery_app = Celery(flask_app.name)

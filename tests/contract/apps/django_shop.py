"""The shop in Django, in a lane."""

import lane
from config import celery_app
from django.core.wsgi import get_wsgi_application

lane.enter(celery_app)
django_app = get_wsgi_application()
lane.work(celery_app)

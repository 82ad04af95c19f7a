"""The Django app for a web server: ``gunicorn shop.django_wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application
from opentelemetry.instrumentation.django import DjangoInstrumentor

from shop.tracing import configure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.django_settings")
configure()
DjangoInstrumentor().instrument()  # adds a middleware, so before the application
application = get_wsgi_application()

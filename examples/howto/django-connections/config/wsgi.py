"""What a web server loads."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# gunicorn --preload forks after these lines.
for connection in connections.all(initialized_only=True):
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()

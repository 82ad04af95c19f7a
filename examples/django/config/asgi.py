"""What an asynchronous web server loads: ``config.asgi:application``. It has no stream of events."""

import os

from django.core.asgi import get_asgi_application

from config.required import refuse_missing_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
refuse_missing_key()
application = get_asgi_application()

"""What a web server loads: ``config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

from config.required import refuse_missing_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
refuse_missing_key()
application = get_wsgi_application()

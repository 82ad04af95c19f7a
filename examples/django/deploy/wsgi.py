"""What gunicorn serves: the shop, and beside it the files that ``collectstatic`` has collected."""

from config.wsgi import application as shop
from django.conf import settings
from whitenoise import WhiteNoise

application = WhiteNoise(shop, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)

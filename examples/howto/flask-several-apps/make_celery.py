"""The way in for the celery command: one stage per process.

Raises KeyError if SHOP_STAGE is missing.
"""

import os

from shop import create_app

flask_app = create_app(os.environ["SHOP_STAGE"])
celery_app = flask_app.extensions["celery"]

"""The Celery app; what differs from machine to machine comes from the environment."""

import os
from urllib.parse import parse_qs, urlsplit

from celery import Celery


def checked(url: str) -> str:
    """Return a URL; raise ValueError if it is for Redis and checks no certificate."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme.startswith("redis") and (
        parts.scheme != "rediss" or query.get("ssl_cert_reqs") != ["required"]
    ):
        message = "write rediss:// and ?ssl_cert_reqs=required into the URL of the broker"
        raise ValueError(message)
    return url


celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=checked(os.environ["SHOP_BROKER_URL"]),
    result_backend=checked(os.environ["SHOP_RESULT_BACKEND"]),
    broker_transport_options={"global_keyprefix": "shop:"},
    result_backend_transport_options={"global_keyprefix": "shop:"},
)
celery_app.set_default()

"""The same for RabbitMQ."""

import os
import ssl
from urllib.parse import urlsplit

from celery import Celery

URL = os.environ.get("SHOP_AMQP_URL", "amqps://mq.example.org:5671//")

celery_app = Celery("shop", broker=URL, set_as_current=False)
celery_app.conf.broker_use_ssl = {
    "cert_reqs": ssl.CERT_REQUIRED,
    "ca_certs": os.environ.get("SHOP_AMQP_CA", "client.pem"),
    "server_hostname": urlsplit(URL).hostname,  # or nobody compares it
}

"""Send a task as a user who may not write to RabbitMQ's default exchange."""

import os
import secrets
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

from celery import Celery

broker = urlsplit(os.environ["AMQP_URL"])
vhost = broker.path[1:]
password = secrets.token_hex()
program = shutil.which("rabbitmqctl") or sys.exit("run this on the machine of RabbitMQ")


def rabbitmqctl(*words: str) -> None:
    """Run RabbitMQ's own program."""
    subprocess.run([program, "--quiet", *words], check=True)


address = f"{broker.hostname}:{broker.port}/{vhost}"
celery_app = Celery("shop", broker=f"amqp://shop-web:{password}@{address}")
celery_app.conf.broker_transport_options = {"confirm_publish": True}


@celery_app.task(ignore_result=True)
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""


rabbitmqctl("add_user", "shop-web", password)
try:
    # In the order configure, write, read.
    rabbitmqctl("set_permissions", "-p", vhost, "shop-web", "^celery$", "^celery$", "^celery$")
    send_receipt.delay(7)
finally:
    rabbitmqctl("delete_user", "shop-web")

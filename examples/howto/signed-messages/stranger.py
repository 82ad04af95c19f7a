"""Send a message that is not signed, as somebody does who has no key."""

import json
import os

from celery import Celery

URL = os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0")
OPTIONS = json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}"))
app = Celery("stranger", broker=URL, set_as_current=False)
app.conf.broker_transport_options = OPTIONS


def send() -> None:
    """Ask for a receipt."""
    app.send_task("shop.tasks.send_receipt", [42])


if __name__ == "__main__":
    send()

"""Send a task of the shop from a program without Django."""

import json
import os

from celery import Celery

app = Celery("sender", fixups=[])
app.conf.broker_url = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
app.conf.broker_transport_options = json.loads(
    os.environ.get("CELERY_BROKER_TRANSPORT_OPTIONS", "{}")
)


def main() -> None:
    """Send a receipt to Ada; the shop's queue and the task are named as the shop names them."""
    app.send_task("shop.tasks.send_receipt", ["ada@example.com"], queue="shop", ignore_result=True)


if __name__ == "__main__":
    main()

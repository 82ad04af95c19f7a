"""A shop whose Celery app only one thread finds."""

from celery import Celery
from celery.result import AsyncResult
from flask import Flask

app = Flask(__name__)
celery_app = Celery("shop", broker="redis://127.0.0.1:6379/0", backend="cache+memory://")


@app.get("/receipts/<uuid:task_id>")
def receipt(task_id: object) -> dict[str, str]:
    """Tell how far the receipt is; this asks the app that the thread finds."""
    return {"state": AsyncResult(str(task_id)).state}


@app.get("/named/<uuid:task_id>")
def named(task_id: object) -> dict[str, str]:
    """Tell how far the receipt is; this asks the app that is named."""
    return {"state": AsyncResult(str(task_id), app=celery_app).state}

"""A shop in one file: Flask and Celery without an application factory."""

from typing import Any
from uuid import UUID

from celery import Celery, Task, shared_task, states
from celery.result import AsyncResult
from flask import Flask, current_app, request, url_for

app = Flask(__name__)
app.config.from_mapping(
    SENDER="shop@example.com",
    CELERY={
        "broker_url": "redis://127.0.0.1:6379/0",
        "result_backend": "redis://127.0.0.1:6379/1",
    },
)
app.config.from_prefixed_env()


def celery_init_app(flask_app: Flask) -> Celery:
    """Create the Celery app that belongs to a Flask app.

    Raises KeyError if the Flask app has no setting CELERY.
    """

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with flask_app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(flask_app.name, task_cls=FlaskTask)
    celery_app.config_from_object(flask_app.config["CELERY"])
    celery_app.set_default()
    flask_app.extensions["celery"] = celery_app
    return celery_app


celery_app = celery_init_app(app)


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt; raises ValueError for what is not an e-mail address."""
    if "@" not in email:
        message = f"not an e-mail address: {email}"
        raise ValueError(message)
    return f"sent from {current_app.config['SENDER']} to {email}"


@app.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Take an order, and let a worker send the receipt; 400 without an address."""
    result = send_receipt.delay(request.form["email"])
    return {"receipt": url_for("receipt", task_id=result.id)}, 201


@app.get("/receipts/<uuid:task_id>")
def receipt(task_id: UUID) -> dict[str, Any]:
    """Tell how far the receipt is; that it failed is an answer, too."""
    result = AsyncResult(str(task_id))
    status: dict[str, Any] = {"state": result.state}
    if status["state"] == states.SUCCESS:
        status["result"] = result.result
    elif status["state"] == states.FAILURE:
        status["error"] = str(result.result)
    return status

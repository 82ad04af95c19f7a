"""Four endpoints that answer with the outcome of a task as it is; write none of them."""

from typing import Any

from celery import Celery
from fastapi import FastAPI
from fastapi.responses import JSONResponse

celery_app = Celery("shop", broker="memory://", backend="cache+memory://")
celery_app.set_default()
app = FastAPI()


class PaymentError(Exception):
    """The bank says no. It knows more than a customer may see."""

    def __init__(self, text: str, bank: str) -> None:
        """Keep the bank."""
        super().__init__(text, bank)
        self.bank = bank


@celery_app.task
def divide(a: int, b: int) -> float:
    """Return a divided by b.

    Raises ZeroDivisionError if b is 0.
    """
    return a / b


@celery_app.task
def pay(cents: int) -> None:
    """Raise PaymentError."""
    message = f"{cents} cents are too much"
    raise PaymentError(message, "bank.internal")


@celery_app.task(ignore_result=True)
def forget() -> int:
    """Return a number that nobody keeps."""
    return 7


@app.get("/without-type/{task_id}")
def outcome_without_type(task_id: str):  # noqa: ANN201, it is about the missing type
    """Say nothing about the type of the answer."""
    result = celery_app.AsyncResult(task_id)
    return {"state": result.state, "result": result.result}


@app.get("/typed/{task_id}")
def outcome(task_id: str) -> dict[str, Any]:
    """Say that the answer has a type, the same as above."""
    result = celery_app.AsyncResult(task_id)
    return {"state": result.state, "result": result.result}


@app.get("/response/{task_id}")
def outcome_response(task_id: str) -> JSONResponse:
    """Build the answer by hand."""
    result = celery_app.AsyncResult(task_id)
    return JSONResponse({"state": result.state, "result": result.result})


@app.get("/get/{task_id}")
def outcome_of_get(task_id: str) -> dict[str, Any]:
    """Wait for the task."""
    return {"result": celery_app.AsyncResult(task_id).get(timeout=0.1)}

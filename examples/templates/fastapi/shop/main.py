"""The shop's HTTP interface: ``uvicorn shop.main:app``."""

import logging
from typing import Annotated, Any
from uuid import UUID

from celery.states import PROPAGATE_STATES, SUCCESS
from fastapi import FastAPI, Request, Response, status
from fastapi.responses import JSONResponse
from kombu.exceptions import OperationalError
from pydantic import BaseModel, Field
from redis.exceptions import RedisError

from shop.celery_app import celery_app
from shop.tasks import make_report

logger = logging.getLogger(__name__)
app = FastAPI(title="Shop")
# In seconds.
RETRY_AFTER = 30


class NotSentError(Exception):
    """A task that could not be sent."""


class NewReport(BaseModel):
    """What a client sends."""

    # Strict: no text that looks like a number, and no true in place of 1.
    year: Annotated[int, Field(strict=True, ge=1900, le=2100)]


class Accepted(BaseModel):
    """The answer to a request that a worker completes."""

    id: str


class TaskState(BaseModel):
    """What a client may know about a task."""

    id: str
    state: str
    result: Any = None
    error: str | None = None


@app.exception_handler(NotSentError)
@app.exception_handler(OperationalError)
@app.exception_handler(RedisError)
def unavailable(_: Request, error: Exception) -> JSONResponse:
    """Answer when the broker or the result backend does not."""
    logger.error("The broker or the result backend does not answer", exc_info=error)
    return JSONResponse({"detail": "try again later"}, 503, {"Retry-After": str(RETRY_AFTER)})


@app.get("/health")
def health() -> dict[str, str]:
    """Say that this process answers. Whether a broker does, it leaves to those who need one."""
    return {"status": "ok"}


@app.post("/reports", status_code=status.HTTP_202_ACCEPTED)
def create_report(new: NewReport, response: Response) -> Accepted:
    """Have a worker make a report, and say where its state can be read."""
    try:
        result = make_report.delay(new.year)
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        raise NotSentError from error
    response.headers["Location"] = app.url_path_for("show_task", task_id=result.id)
    return Accepted(id=result.id)


@app.get("/tasks/{task_id}")
def show_task(task_id: UUID) -> TaskState:
    """Say how far a task is; that it failed is an answer, too. An unknown id is PENDING."""
    # One read: state and result of two reads need not belong together.
    meta = celery_app.backend.get_task_meta(str(task_id))
    state, value = meta["status"], meta["result"]
    return TaskState(
        id=str(task_id),
        state=state,
        result=value if state == SUCCESS else None,
        # Only the kind: the text of an error can name hosts, queries or files.
        error=type(value).__name__ if state in PROPAGATE_STATES else None,
    )

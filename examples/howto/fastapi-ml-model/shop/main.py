"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, HTTPException, Response, status
from pydantic import BaseModel, Field

from shop import jobs
from shop.celery_app import celery_app
from shop.tasks import classify

app = FastAPI(title="Shop")


Text = Annotated[str, Field(max_length=2000)]


class Letters(BaseModel):
    """What is to be sorted: one text, or up to a hundred."""

    texts: list[Text] = Field(min_length=1, max_length=100)


class State(BaseModel):
    """How far a job is, and what the model says."""

    id: str
    state: str
    result: Any = None


@app.post(
    "/letters",
    status_code=status.HTTP_202_ACCEPTED,
    response_model_exclude_none=True,
)
def create_job(letters: Letters, response: Response) -> State:
    """Have letters sorted."""
    job_id = jobs.create(letters.texts)
    classify.apply_async([job_id], task_id=job_id)
    response.headers["Location"] = app.url_path_for("show_job", job_id=job_id)
    return State(id=job_id, state="PENDING")


@app.get("/letters/{job_id}", response_model_exclude_none=True)
def show_job(job_id: UUID) -> State:
    """Tell what the model says; 404 for a job that nobody has started."""
    if not jobs.path_of(str(job_id)).exists():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such job")
    meta = celery_app.backend.get_task_meta(str(job_id))
    result = meta["result"] if meta["status"] == "SUCCESS" else None
    return State(id=str(job_id), state=meta["status"], result=result)

"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from shutil import copyfileobj
from typing import Literal
from uuid import UUID

from celery import Task
from fastapi import FastAPI, HTTPException, Response, UploadFile, status
from fastapi.responses import FileResponse
from pydantic import BaseModel

from shop import jobs
from shop.celery_app import celery_app
from shop.config import get_settings
from shop.invoices import Invoice
from shop.tasks import make_invoice, make_thumbnail

app = FastAPI(title="Shop", max_body_size=get_settings().max_body_size)


class State(BaseModel):
    """How far a job is."""

    id: str
    state: str
    error: str | None = None


def accept(job_id: str, task: Task, response: Response) -> State:
    """Send the task of a job, and say where its state can be read."""
    task.apply_async([job_id], task_id=job_id)
    response.headers["Location"] = app.url_path_for("show_job", job_id=job_id)
    return State(id=job_id, state="PENDING")


@app.post(
    "/images",
    status_code=status.HTTP_202_ACCEPTED,
    response_model_exclude_none=True,
)
def create_image(image: UploadFile, response: Response) -> State:
    """Keep an upload, and have its thumbnail made."""
    job_id = jobs.create()
    with (jobs.folder(job_id) / "upload").open("wb") as file:
        copyfileobj(image.file, file)
    return accept(job_id, make_thumbnail, response)


@app.post(
    "/invoices",
    status_code=status.HTTP_202_ACCEPTED,
    response_model_exclude_none=True,
)
def create_invoice(invoice: Invoice, response: Response) -> State:
    """Keep what an invoice says, and have it printed."""
    job_id = jobs.create()
    text = invoice.model_dump_json()
    (jobs.folder(job_id) / "invoice.json").write_text(text, encoding="utf-8")
    return accept(job_id, make_invoice, response)


@app.get("/jobs/{job_id}", response_model_exclude_none=True)
def show_job(job_id: UUID) -> State:
    """Tell how far a job is; 404 if there is none."""
    if not jobs.folder(str(job_id)).exists():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such job")
    meta = celery_app.backend.get_task_meta(str(job_id))
    error = str(meta["result"]) if isinstance(meta["result"], jobs.JobError) else None
    return State(id=str(job_id), state=meta["status"], error=error)


@app.get("/jobs/{job_id}/{name}", response_class=FileResponse)
def download(job_id: UUID, name: Literal["thumbnail.png", "invoice.pdf"]) -> FileResponse:
    """Send what was made of a job; 404 until it is there."""
    path = jobs.folder(str(job_id)) / name
    if not path.exists():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such file")
    return FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})

"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel

from shop import reports
from shop.celery_app import celery_app
from shop.database import Report, new_session
from shop.tasks import make_report

app = FastAPI(title="Shop")


class State(BaseModel):
    """How far a report is."""

    id: str
    state: str
    done: int | None = None
    total: int | None = None


def find(report_id: UUID) -> Report:
    """Return the report of the path.

    Raises HTTPException, 404, if nobody has asked for it.
    """
    with new_session() as session:
        report = session.get(Report, str(report_id))
    if report is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such report")
    return report


@app.post(
    "/reports",
    status_code=status.HTTP_202_ACCEPTED,
    response_model_exclude_none=True,
)
def create_report(response: Response) -> State:
    """Ask for a report of all orders up to now."""
    with new_session(expire_on_commit=False) as session:
        report = Report()
        session.add(report)
        session.commit()
    make_report.apply_async([report.id], task_id=report.id)
    response.headers["Location"] = app.url_path_for("show_report", report_id=report.id)
    return State(id=report.id, state="PENDING")


@app.get("/reports/{report_id}", response_model_exclude_none=True)
def show_report(report: Annotated[Report, Depends(find)]) -> State:
    """Tell how far a report is."""
    if reports.path_of(report.id).exists():
        return State(id=report.id, state="SUCCESS")
    meta = celery_app.backend.get_task_meta(report.id)
    progress = meta["result"] if meta["status"] == "PROGRESS" else {}
    return State(id=report.id, state=meta["status"], **progress)


@app.get("/reports/{report_id}/file", response_class=FileResponse)
def download_report(report: Annotated[Report, Depends(find)]) -> FileResponse:
    """Send the file of a report; 404 until it is there."""
    path = reports.path_of(report.id)
    if not path.exists():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such file")
    return FileResponse(
        path,
        media_type="text/csv",
        filename=f"orders-{report.asked_at:%Y-%m-%d}.csv",
        headers={"X-Content-Type-Options": "nosniff"},
    )

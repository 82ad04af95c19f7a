"""Reports: started by somebody, and shown to nobody else."""

from typing import Any

from celery.states import PROPAGATE_STATES
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from shop.celery_app import celery_app
from shop.jobs import JobDep, SessionDep, create_job
from shop.security import SettingsDep, UserDep
from shop.tasks import ReportError, make_report

router = APIRouter(prefix="/reports", tags=["reports"])


class NewReport(BaseModel):
    """What a client sends: these fields and no others."""

    model_config = ConfigDict(strict=True, extra="forbid")

    year: int = Field(ge=2000, le=2100)


class ReportState(BaseModel):
    """What its owner may know about a report."""

    state: str
    result: Any = None
    error: str | None = None


@router.post("", status_code=202)
def create_report(
    new: NewReport, user: UserDep, session: SessionDep, settings: SettingsDep
) -> dict[str, str]:
    """Start a report."""
    job = create_job(session, user, settings.reports_per_hour)
    make_report.apply_async((new.year,), task_id=job.id)
    return {"id": job.id}


@router.get("/{task_id}")
def show_report(job: JobDep) -> ReportState:
    """Tell how far a report is."""
    meta = celery_app.backend.get_task_meta(job.id)
    state, value = meta["status"], meta["result"]
    if state in PROPAGATE_STATES:
        # The message of any other error can name hosts, queries or files.
        public = str(value) if isinstance(value, ReportError) else "it has failed"
        return ReportState(state=state, error=public)
    return ReportState(state=state, result=value if state == "SUCCESS" else None)

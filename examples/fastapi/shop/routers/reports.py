"""Reports: the page that asks for one, and the request that starts it."""

from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from shop import jobs
from shop.dependencies import SessionDep, require_json
from shop.errors import problems
from shop.tasks import make_report

PAGE = Path(__file__).parents[1] / "pages" / "reports.html"

router = APIRouter(tags=["reports"])


class NewReport(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(strict=True)

    year: int = Field(ge=2000, le=2100)


@router.get("/", response_class=FileResponse, include_in_schema=False)
async def show_page() -> Path:
    """Show the form and the progress bar."""
    return PAGE


@router.post(
    "/reports",
    status_code=202,
    dependencies=[Depends(require_json)],
    responses=jobs.RESPONSES | problems(415),
)
def create_report(
    new: NewReport, session: SessionDep, request: Request, response: Response
) -> jobs.Accepted:
    """Start a report and say where its state can be read."""
    job = jobs.create(session)
    jobs.send(session, make_report, job, new.year)
    return jobs.accepted(request, response, job)

"""Reports: the page that asks for one, and the request that starts it."""

from flask import Blueprint, render_template

from shop import jobs
from shop.fields import integer_field
from shop.tasks import make_report

bp = Blueprint("reports", __name__)


@bp.get("/")
def page() -> str:
    """Show the form and the progress bar."""
    return render_template("reports.html")


@bp.post("/reports")
def create() -> tuple[dict[str, str], int, dict[str, str]]:
    """Start a report and say where its state can be read."""
    year = integer_field("year", range(2000, 2101))
    job = jobs.create()
    jobs.send(make_report, job, year)
    return jobs.accepted(job)

"""Reports: the page that asks for one, and the request that starts it."""

from flask import Blueprint, render_template, url_for

from shop.extensions import db
from shop.fields import integer_field
from shop.models import Job
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
    job = Job()
    db.session.add(job)
    db.session.commit()
    # The row first, so that no client ever holds an id that is not in the table.
    make_report.apply_async((year,), task_id=job.id)
    location = url_for("status.show", task_id=job.id)
    return {"id": job.id}, 202, {"Location": location}

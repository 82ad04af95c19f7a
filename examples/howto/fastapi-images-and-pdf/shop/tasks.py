"""What the shop does outside of a request."""

from shop import invoices, jobs, thumbnails
from shop.celery_app import celery_app


@celery_app.task
def make_thumbnail(job_id: str) -> dict[str, int]:
    """Make the thumbnail of an upload; raises JobError if it is no image."""
    folder = jobs.folder(job_id)
    width, height = thumbnails.make(folder / "upload", folder / "thumbnail.png")
    return {"width": width, "height": height}


@celery_app.task
def make_invoice(job_id: str) -> None:
    """Write an invoice; raises JobError if it cannot be printed."""
    folder = jobs.folder(job_id)
    text = (folder / "invoice.json").read_text(encoding="utf-8")
    invoices.make(invoices.Invoice.model_validate_json(text), folder / "invoice.pdf")

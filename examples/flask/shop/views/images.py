"""Images: the upload, and its thumbnail."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, send_from_directory, url_for

from shop import thumbnails
from shop.extensions import db
from shop.models import Job
from shop.tasks import shrink_image

bp = Blueprint("images", __name__)


@bp.post("/images")
def create() -> tuple[dict[str, str], int, dict[str, str]]:
    """Keep an upload, have its thumbnail made and say where the state can be read."""
    upload = request.files.get("image")
    if upload is None:
        abort(400, "image must be a file")
    job = Job()
    db.session.add(job)
    db.session.commit()
    thumbnails.save(job.id, upload)
    shrink_image.apply_async((job.id,), task_id=job.id)
    location = url_for("status.show", task_id=job.id)
    return {"id": job.id}, 202, {"Location": location}


@bp.get("/images/<uuid:image_id>")
def show(image_id: UUID) -> Response:
    """Send a thumbnail. As long as there is none, this answers 404."""
    return send_from_directory(thumbnails.folder(), f"{image_id}.png")

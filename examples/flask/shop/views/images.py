"""Images: the upload, and its thumbnail."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, send_from_directory

from shop import jobs, thumbnails
from shop.tasks import shrink_image

bp = Blueprint("images", __name__)


@bp.post("/images")
def create() -> tuple[dict[str, str], int, dict[str, str]]:
    """Keep an upload, have its thumbnail made and say where the state can be read."""
    upload = request.files.get("image")
    if upload is None:
        abort(400, "image must be a file")
    job = jobs.create()
    thumbnails.save(job.id, upload)
    jobs.send(shrink_image, job, job.id)
    return jobs.accepted(job)


@bp.get("/images/<uuid:image_id>")
def show(image_id: UUID) -> Response:
    """Send a thumbnail. As long as there is none, this answers 404."""
    return send_from_directory(thumbnails.folder(), f"{image_id}.png")

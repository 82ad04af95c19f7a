"""Images: the upload, and its thumbnail."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from shop import jobs, thumbnails
from shop.errors import ApiError
from shop.models import Job
from shop.tasks import shrink_image


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Keep an upload, have its thumbnail made and say where the state can be read."""
    upload = request.FILES.get("image")
    if upload is None:
        raise ApiError(400, "image must be a file")
    job = Job.objects.create()
    image_id = str(job.pk)
    thumbnails.save(image_id, upload)
    jobs.send(shrink_image, job, image_id)
    return jobs.accepted(job)


@require_safe
def show(_: HttpRequest, image_id: UUID) -> FileResponse:
    """Send a thumbnail. As long as there is none, this answers 404."""
    try:
        return FileResponse((thumbnails.folder() / f"{image_id}.png").open("rb"))
    except FileNotFoundError as error:
        message = "no such thumbnail"
        raise Http404(message) from error

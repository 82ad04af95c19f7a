"""Images: the upload, and its thumbnail."""

from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response, UploadFile

from shop import jobs, thumbnails
from shop.dependencies import SessionDep
from shop.errors import problems
from shop.tasks import shrink_image

router = APIRouter(tags=["images"])


@router.post("/images", status_code=202, responses=jobs.RESPONSES | problems(413))
def create_image(
    image: UploadFile, session: SessionDep, request: Request, response: Response
) -> jobs.Accepted:
    """Keep an upload, have its thumbnail made and say where the state can be read."""
    job = jobs.create(session)
    thumbnails.save(job.id, image.file)
    jobs.send(session, shrink_image, job, job.id)
    return jobs.accepted(request, response, job)


@router.get(
    "/images/{image_id}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **problems(404)},
)
def show_image(image_id: UUID) -> Response:
    """Send a thumbnail. As long as there is none, this answers 404."""
    try:
        content = (thumbnails.folder() / f"{image_id}.png").read_bytes()
    except FileNotFoundError as error:
        raise HTTPException(404, "no such thumbnail") from error
    return Response(content, media_type="image/png")

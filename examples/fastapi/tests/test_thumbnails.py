"""Uploads and their thumbnails."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from queue import Queue
from unittest.mock import MagicMock

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from shop import tasks, thumbnails
from shop.config import Settings
from shop.database import new_session
from shop.main import create_app
from shop.models import Job

UNKNOWN = "b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"
NO_IMAGE = "not an image in one of the formats JPEG, PNG, WEBP"


def picture(size: tuple[int, int] = (400, 300), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """Draw a picture. It says where it was taken and that the camera lay on its side."""
    file = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "home"
    Image.new(mode, size).save(file, kind, exif=exif)
    return file.getvalue()


@pytest.fixture
def put(settings: Settings) -> Callable[[bytes], Path]:
    """Return what puts a file where uploads are, and returns its path."""

    def put(content: bytes) -> Path:
        settings.image_folder.mkdir(exist_ok=True)
        path = settings.image_folder / "upload"
        path.write_bytes(content)
        return path

    return put


def upload(content: bytes) -> dict[str, tuple[str, bytes]]:
    """Build a form with a file, whose name wants to be elsewhere."""
    return {"image": ("../../ada.jpg", content)}


def test_upload(client: TestClient, finished: Queue[str]) -> None:
    response = client.post("/images", files=upload(picture()))
    assert response.status_code == 202
    task_id = finished.get(timeout=30)
    assert response.json() == {"id": task_id}
    assert response.headers["Location"] == f"/tasks/{task_id}"
    answer = client.get(f"/tasks/{task_id}").json()
    assert (answer["state"], answer["result"]) == ("SUCCESS", {"width": 192, "height": 256})
    response = client.get(f"/images/{task_id}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    thumbnail = Image.open(BytesIO(response.content))
    assert (thumbnail.format, thumbnail.size, thumbnail.mode) == ("PNG", (192, 256), "RGBA")
    assert b"home" not in response.content
    assert not thumbnail.getexif()


def test_the_upload_is_kept_before_the_task_is_sent(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def publish(args: tuple[str], task_id: str) -> None:
        seen.append((args, (settings.image_folder / task_id).read_bytes()))

    monkeypatch.setattr(tasks.shrink_image, "apply_async", publish)
    ids = [client.post("/images", files=upload(b"content")).json()["id"] for _ in range(2)]
    assert seen == [((image_id,), b"content") for image_id in ids]


def test_large_upload(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.shrink_image, "apply_async", MagicMock())
    content = b"x" * 3 * 1024 * 1024
    image_id = client.post("/images", files=upload(content)).json()["id"]
    assert (settings.image_folder / image_id).read_bytes() == content


@pytest.mark.parametrize("form", [{}, {"image": "text"}])
def test_upload_without_a_file(client: TestClient, form: dict[str, str]) -> None:
    response = client.post("/images", data=form)
    assert response.status_code == 400
    assert response.json()["error"].startswith("image: ")
    with new_session() as session:
        assert session.query(Job).count() == 0


def test_upload_that_is_too_large(settings: Settings) -> None:
    settings.max_body_size = 100
    client = TestClient(create_app(settings))
    response = client.post("/images", files=upload(picture()))
    assert response.status_code == 413
    assert response.json() == {"error": "the request is too large"}
    with new_session() as session:
        assert session.query(Job).count() == 0


def test_no_thumbnail_yet(client: TestClient) -> None:
    response = client.get(f"/images/{UNKNOWN}")
    assert response.status_code == 404
    assert response.json() == {"error": "no such thumbnail"}


def test_nobody_finds_half_a_thumbnail(
    put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(picture())
    monkeypatch.setattr(Path, "replace", MagicMock(side_effect=OSError))
    with pytest.raises(OSError, match=r"^$"):
        thumbnails.shrink("upload")
    assert sorted(file.name for file in path.parent.iterdir()) == ["upload", "upload.partial"]


@pytest.mark.parametrize("kind", thumbnails.FORMATS)
def test_formats(put: Callable[[bytes], Path], kind: str) -> None:
    path = put(picture(kind=kind))
    assert tasks.shrink_image("upload") == {"width": 192, "height": 256}
    assert tasks.shrink_image("upload") == {"width": 192, "height": 256}
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["upload", "upload.png"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg/>",
        picture()[:-200],
        picture(kind="PNG")[:-30],
        picture(kind="GIF"),
    ],
    ids=["empty", "svg", "half a JPEG", "half a PNG", "gif"],
)
def test_no_image(put: Callable[[bytes], Path], content: bytes) -> None:
    path = put(content)
    with pytest.raises(thumbnails.ImageError, match=f"^{NO_IMAGE}$"):
        thumbnails.shrink("upload")
    assert list(path.parent.iterdir()) == [path]


def test_most_pixels(put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert thumbnails.MAX_PIXELS == 25_000_000
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 400 * 300)
    put(picture())
    assert thumbnails.shrink("upload") == (192, 256)


def test_too_many_pixels(put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 1200 * 1600 - 1)
    # Half a file: whoever decodes it before counting finds another error.
    put(picture((1200, 1600))[:-200])
    with pytest.raises(thumbnails.ImageError, match=r"^more than 1919999 pixels$"):
        thumbnails.shrink("upload")


@pytest.mark.parametrize(
    ("kind", "size"), [("JPEG", (800, 600)), ("PNG", (1600, 1200)), ("WEBP", (1600, 1200))]
)
def test_a_jpeg_is_not_decoded_in_full(kind: str, size: tuple[int, int]) -> None:
    image = thumbnails.decode(BytesIO(picture((1200, 1600), kind)))
    assert (image.size, image.mode) == (size, "RGBA")


def test_a_decompression_bomb(
    put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    put(picture())
    with pytest.raises(thumbnails.ImageError, match=f"^{NO_IMAGE}$"):
        thumbnails.shrink("upload")


def test_an_upload_that_is_gone() -> None:
    with pytest.raises(FileNotFoundError):
        tasks.shrink_image("upload")

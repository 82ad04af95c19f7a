"""Uploads and their thumbnails."""

from io import BytesIO
from pathlib import Path
from queue import Queue

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from shop import tasks, thumbnails

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


def put(app: Flask, content: bytes) -> Path:
    """Put a file where uploads are, and return its path."""
    with app.app_context():
        folder = thumbnails.folder()
    folder.mkdir(exist_ok=True)
    path = folder / "upload"
    path.write_bytes(content)
    return path


def test_upload(client: FlaskClient, finished: Queue[str]) -> None:
    response = client.post("/images", data={"image": (BytesIO(picture()), "../../ada.jpg")})
    assert response.status_code == 202
    task_id = finished.get(timeout=30)
    assert response.json == {"id": task_id}
    assert response.headers["Location"] == f"/tasks/{task_id}"
    answer = client.get(f"/tasks/{task_id}").json
    assert (answer["state"], answer["result"]) == ("SUCCESS", {"width": 192, "height": 256})
    with client.get(f"/images/{task_id}") as response:
        assert (response.status_code, response.mimetype) == (200, "image/png")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        thumbnail = Image.open(BytesIO(response.data))
    assert (thumbnail.format, thumbnail.size, thumbnail.mode) == ("PNG", (192, 256), "RGBA")
    assert b"home" not in response.data
    assert not thumbnail.getexif()


def test_upload_without_a_file(client: FlaskClient) -> None:
    response = client.post("/images", data={"image": "text"})
    assert response.status_code == 400
    assert response.json == {"error": "image must be a file"}


def test_upload_that_is_too_large(client: FlaskClient) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 100
    response = client.post("/images", data={"image": (BytesIO(picture()), "ada.jpg")})
    assert response.status_code == 413
    assert list(response.json) == ["error"]


def test_no_thumbnail_yet(client: FlaskClient) -> None:
    assert client.get(f"/images/{UNKNOWN}").status_code == 404
    assert client.get("/images/shop.db").status_code == 404


@pytest.mark.parametrize("kind", thumbnails.FORMATS)
def test_formats(app: Flask, kind: str) -> None:
    path = put(app, picture(kind=kind))
    with app.app_context():
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
def test_no_image(app: Flask, content: bytes) -> None:
    path = put(app, content)
    with app.app_context(), pytest.raises(thumbnails.ImageError, match=f"^{NO_IMAGE}$"):
        thumbnails.shrink("upload")
    assert list(path.parent.iterdir()) == [path]


def test_most_pixels(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert thumbnails.MAX_PIXELS == 25_000_000
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 400 * 300)
    put(app, picture())
    with app.app_context():
        assert thumbnails.shrink("upload") == (192, 256)


def test_too_many_pixels(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 1200 * 1600 - 1)
    # Half a file: whoever decodes it before counting finds another error.
    put(app, picture((1200, 1600))[:-200])
    with (
        app.app_context(),
        pytest.raises(thumbnails.ImageError, match=r"^more than 1919999 pixels$"),
    ):
        thumbnails.shrink("upload")


@pytest.mark.parametrize(
    ("kind", "size"), [("JPEG", (800, 600)), ("PNG", (1600, 1200)), ("WEBP", (1600, 1200))]
)
def test_a_jpeg_is_not_decoded_in_full(kind: str, size: tuple[int, int]) -> None:
    image = thumbnails.decode(BytesIO(picture((1200, 1600), kind)))
    assert (image.size, image.mode) == (size, "RGBA")


def test_a_decompression_bomb(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    put(app, picture())
    with app.app_context(), pytest.raises(thumbnails.ImageError, match=f"^{NO_IMAGE}$"):
        thumbnails.shrink("upload")


def test_an_upload_that_is_gone(app: Flask) -> None:
    with app.app_context(), pytest.raises(FileNotFoundError):
        tasks.shrink_image("upload")

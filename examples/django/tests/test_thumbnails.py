"""Uploads and their thumbnails."""

from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from shop import tasks, thumbnails
from shop.models import Job

from tests.cases import Plain, WithRows, WithTasks

UNKNOWN = "b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"
NO_IMAGE = "^not an image in one of the formats JPEG, PNG, WEBP$"


def picture(size: tuple[int, int] = (400, 300), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """Draw a picture. It says where it was taken and that the camera lay on its side."""
    file = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "home"
    Image.new(mode, size).save(file, kind, exif=exif)
    return file.getvalue()


def upload(content: bytes = b"") -> dict[str, SimpleUploadedFile]:
    """Build a form with a file, whose name wants to be elsewhere."""
    return {"image": SimpleUploadedFile("../../ada.jpg", content or picture())}


class UploadTest(WithTasks):
    """An upload, from the request to the thumbnail."""

    def test_upload(self) -> None:
        response = self.client.post("/images", upload())
        self.assertEqual(response.status_code, 202)
        task_id = self.wait()
        self.assertEqual(response.json(), {"id": task_id})
        self.assertEqual(response.headers["Location"], f"/tasks/{task_id}")
        answer = self.client.get(f"/tasks/{task_id}").json()
        known = (answer["state"], answer["result"])
        self.assertEqual(known, ("SUCCESS", {"width": 192, "height": 256}))
        response = self.client.get(f"/images/{task_id}")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "image/png")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        content = b"".join(response)
        thumbnail = Image.open(BytesIO(content))
        kind = (thumbnail.format, thumbnail.size, thumbnail.mode)
        self.assertEqual(kind, ("PNG", (192, 256), "RGBA"))
        self.assertNotIn(b"home", content)
        self.assertFalse(thumbnail.getexif())


class RequestTest(WithRows):
    """What the requests check and write."""

    def test_the_upload_is_kept_before_the_task_is_sent(self) -> None:
        with patch.object(tasks.shrink_image, "apply_async") as publish:
            with self.captureOnCommitCallbacks(execute=True):
                image_id = self.client.post("/images", upload(b"content")).json()["id"]
                publish.assert_not_called()
            self.assertEqual((self.images / image_id).read_bytes(), b"content")
        publish.assert_called_once_with((image_id,), task_id=image_id)

    def test_large_upload(self) -> None:
        content = b"x" * 3 * 1024 * 1024
        image_id = self.client.post("/images", upload(content)).json()["id"]
        self.assertEqual((self.images / image_id).read_bytes(), content)

    def test_two_uploads(self) -> None:
        for _ in range(2):
            self.assertEqual(self.client.post("/images", upload()).status_code, 202)
        self.assertEqual(len(list(self.images.iterdir())), 2)

    def test_upload_without_a_file(self) -> None:
        response = self.client.post("/images", {"image": "text"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json(), {"error": "image must be a file"})
        self.assertFalse(Job.objects.exists())

    def test_upload_that_is_too_large(self) -> None:
        with self.settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
            response = self.client.post("/images", upload())
        self.assertEqual(response.status_code, 413)
        self.assertEqual(response.json(), {"error": "the request is too large"})
        self.assertFalse(Job.objects.exists())

    def test_no_thumbnail_yet(self) -> None:
        response = self.client.get(f"/images/{UNKNOWN}")
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.json(), {"error": "no such thumbnail"})
        self.assertEqual(self.client.get("/images/db.sqlite3").status_code, 404)


class ShrinkTest(Plain):
    """Making a thumbnail."""

    def put(self, content: bytes) -> Path:
        """Put a file where uploads are, and return its path."""
        self.images.mkdir(parents=True, exist_ok=True)
        path = self.images / "upload"
        path.write_bytes(content)
        return path

    def test_formats(self) -> None:
        for kind in thumbnails.FORMATS:
            with self.subTest(kind):
                path = self.put(picture(kind=kind))
                for _ in ("once", "twice"):
                    self.assertEqual(thumbnails.shrink("upload"), (192, 256))
                names = sorted(file.name for file in path.parent.iterdir())
                self.assertEqual(names, ["upload", "upload.png"])

    def test_nobody_finds_half_a_thumbnail(self) -> None:
        path = self.put(picture())
        with patch.object(Path, "replace", side_effect=OSError), self.assertRaises(OSError):
            thumbnails.shrink("upload")
        names = sorted(file.name for file in path.parent.iterdir())
        self.assertEqual(names, ["upload", "upload.partial"])

    def test_no_image(self) -> None:
        for name, content in (
            ("empty", b""),
            ("svg", b"<svg/>"),
            ("half a JPEG", picture()[:-200]),
            ("half a PNG", picture(kind="PNG")[:-30]),
            ("gif", picture(kind="GIF")),
        ):
            with self.subTest(name):
                path = self.put(content)
                with self.assertRaisesRegex(thumbnails.ImageError, NO_IMAGE):
                    thumbnails.shrink("upload")
                self.assertEqual(list(path.parent.iterdir()), [path])

    def test_most_pixels(self) -> None:
        self.assertEqual(thumbnails.MAX_PIXELS, 25_000_000)
        self.put(picture())
        with patch.object(thumbnails, "MAX_PIXELS", 400 * 300):
            self.assertEqual(thumbnails.shrink("upload"), (192, 256))

    def test_too_many_pixels(self) -> None:
        # Half a file: whoever decodes it before counting finds another error.
        self.put(picture((1200, 1600))[:-200])
        with (
            patch.object(thumbnails, "MAX_PIXELS", 1200 * 1600 - 1),
            self.assertRaisesRegex(thumbnails.ImageError, "^more than 1919999 pixels$"),
        ):
            thumbnails.shrink("upload")

    def test_a_jpeg_is_not_decoded_in_full(self) -> None:
        for kind, size in (
            ("JPEG", (800, 600)),
            ("PNG", (1600, 1200)),
            ("WEBP", (1600, 1200)),
        ):
            with self.subTest(kind):
                image = thumbnails.decode(BytesIO(picture((1200, 1600), kind)))
                self.assertEqual((image.size, image.mode), (size, "RGBA"))

    def test_a_decompression_bomb(self) -> None:
        self.put(picture())
        with (
            patch.object(Image, "MAX_IMAGE_PIXELS", 100),
            self.assertRaisesRegex(thumbnails.ImageError, NO_IMAGE),
        ):
            thumbnails.shrink("upload")


class TaskTest(WithRows):
    """The task around it."""

    def test_an_upload_that_is_gone(self) -> None:
        with self.assertRaises(FileNotFoundError):
            tasks.shrink_image("upload")

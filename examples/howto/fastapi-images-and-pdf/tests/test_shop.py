"""Thumbnails and invoices, as a customer sees them."""

import base64
import re
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from fastapi import status
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image, PngImagePlugin
from PIL.JpegImagePlugin import JpegImageFile
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate
from shop import invoices, jobs, thumbnails
from shop.celery_app import celery_app
from shop.config import Settings

CAKE = {"text": "Cake & tea", "cents": 1905}
ORIENTATION, ROTATED = 0x0112, 6


def picture(size: tuple[int, int] = (40, 20), kind: str = "PNG", **options: object) -> bytes:
    """Draw a picture."""
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, kind, **options)
    return file.getvalue()


def finish(client: TestClient, answer: Response) -> dict[str, Any]:
    """Wait for a job, and return its state."""
    assert answer.status_code == status.HTTP_202_ACCEPTED
    job_id = answer.json()["id"]
    assert answer.json() == {"id": job_id, "state": "PENDING"}
    assert answer.headers["Location"] == f"/jobs/{job_id}"
    result = celery_app.AsyncResult(job_id)
    result.get(timeout=5, interval=0.01, propagate=False)
    return client.get(f"/jobs/{job_id}").json()


def thumbnail_of(client: TestClient, upload: bytes) -> Image.Image:
    """Upload a picture, and return its thumbnail."""
    state = finish(client, client.post("/images", files={"image": ("../x.png", upload)}))
    assert state == {"id": state["id"], "state": "SUCCESS"}
    answer = client.get(f"/jobs/{state['id']}/thumbnail.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return Image.open(BytesIO(answer.content))


def picture_without_its_second_half() -> bytes:
    """Return a PNG with a chunk that is none; Pillow raises SyntaxError when it decodes."""
    data = picture((200, 200))
    begin = data.index(b"IDAT")
    half = int.from_bytes(data[begin - 4 : begin]) // 2
    return data[: begin - 4] + half.to_bytes(4) + data[begin : begin + 4 + half] + bytes(12)


def picture_with_a_long_text() -> bytes:
    """Return a PNG with a text that unpacks to two megabytes; Pillow raises ValueError."""
    text = PngImagePlugin.PngInfo()
    text.add_text("x", 2 * 1024 * 1024 * "y", zip=True)
    return picture(pnginfo=text)


def text_of(pdf: bytes) -> str:
    """Return the texts of all pages, one after the other."""
    streams = re.findall(
        rb"ASCII85Decode /FlateDecode.*?stream\r?\n(.*?)~>endstream", pdf, re.DOTALL
    )
    drawn = b"".join(zlib.decompress(base64.a85decode(stream)) for stream in streams)
    return "".join(re.findall(r"\((.*?)\) Tj", drawn.decode("latin-1")))


def test_a_thumbnail(client: TestClient, settings: Settings) -> None:
    image = thumbnail_of(client, picture((512, 128)))
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (256, 64))
    (folder,) = settings.job_folder.iterdir()
    assert celery_app.AsyncResult(folder.name).result == {"width": 256, "height": 64}
    assert sorted(path.name for path in folder.iterdir()) == ["thumbnail.png", "upload"]


def test_a_thumbnail_is_upright_and_says_nothing(client: TestClient) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED
    exif[0x010F] = "a camera"
    image = thumbnail_of(client, picture((40, 20), "JPEG", exif=exif, icc_profile=b"profile"))
    assert image.size == (20, 40)
    assert image.info == {}


def test_a_text_in_a_picture_goes(client: TestClient) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Ada")
    assert thumbnail_of(client, picture(pnginfo=text)).info == {}


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"<svg/>",
        picture(kind="GIF"),
        picture()[:60],
        picture(kind="JPEG")[:300],
        picture_without_its_second_half(),
        picture_with_a_long_text(),
    ],
)
def test_no_image(client: TestClient, upload: bytes) -> None:
    state = finish(client, client.post("/images", files={"image": ("x.png", upload)}))
    error = "not an image in one of the formats JPEG, PNG, WEBP"
    assert state == {"id": state["id"], "state": "FAILURE", "error": error}
    assert client.get(f"/jobs/{state['id']}/thumbnail.png").json() == {"detail": "no such file"}


def test_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "upload").write_bytes(picture((20, 20)))
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 399)
    with pytest.raises(jobs.JobError, match=r"^more than 399 pixels$"):
        thumbnails.make(tmp_path / "upload", tmp_path / "thumbnail.png")
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 400)
    assert thumbnails.make(tmp_path / "upload", tmp_path / "thumbnail.png") == (20, 20)


def test_pillow_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "upload").write_bytes(picture((20, 20)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 199)  # it raises from twice as many on
    with pytest.raises(jobs.JobError) as raised:
        thumbnails.make(tmp_path / "upload", tmp_path / "thumbnail.png")
    assert str(raised.value.__cause__) == (
        "Image size (400 pixels) exceeds limit of 398 pixels, "
        "could be decompression bomb DOS attack."
    )


def test_a_large_jpeg_is_not_decoded_in_full(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(picture((2048, 2048), "JPEG"))
    drafts = []
    draft = JpegImageFile.draft

    def look(image: JpegImageFile, *values: object) -> None:
        draft(image, *values)
        drafts.append(image.size)

    with patch.object(JpegImageFile, "draft", look):
        size = thumbnails.make(tmp_path / "upload", tmp_path / "thumbnail.png")
    assert drafts == [(256, 256)]
    assert size == (256, 256)
    assert thumbnails.MAX_PIXELS == 25_000_000


def test_a_large_upload_is_refused(client: TestClient, settings: Settings) -> None:
    answer = client.post("/images", files={"image": ("x.png", bytes(settings.max_body_size))})
    assert answer.status_code == status.HTTP_413_CONTENT_TOO_LARGE
    assert settings.max_body_size == 5 * 1024 * 1024
    assert not settings.job_folder.exists()


def test_an_invoice(client: TestClient) -> None:
    body = {"customer": "Ada <b>", "lines": [CAKE, {"text": "Voucher", "cents": -5}]}
    state = finish(client, client.post("/invoices", json=body))
    assert state == {"id": state["id"], "state": "SUCCESS"}
    answer = client.get(f"/jobs/{state['id']}/invoice.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.")
    assert b"/Count 1 " in answer.content  # pages
    assert b"/Title (Invoice)" in answer.content
    assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in answer.content
    assert text_of(answer.content) == "Ada <b>Cake & tea19.05Voucher-0.05Total19.00"


def test_many_lines_are_many_pages(tmp_path: Path) -> None:
    invoice = invoices.Invoice(customer="Ada", lines=[invoices.Line(**CAKE)] * 100)
    with patch.object(invoices, "Table", wraps=invoices.Table) as table:
        invoices.make(invoice, tmp_path / "invoice.pdf")
    assert table.call_args.kwargs == {"colWidths": [350, 80]}  # a long text wraps, the sums stay
    assert b"/Count 3 " in (tmp_path / "invoice.pdf").read_bytes()


def test_twice_is_the_same_file(tmp_path: Path) -> None:
    invoice = invoices.Invoice(customer="Ada", lines=[invoices.Line(**CAKE)])
    for name in ("once.pdf", "twice.pdf"):
        invoices.make(invoice, tmp_path / name)
    assert (tmp_path / "once.pdf").read_bytes() == (tmp_path / "twice.pdf").read_bytes()


def test_a_character_that_the_font_lacks(client: TestClient) -> None:
    body = {"customer": "\u4e2d\u6587", "lines": [CAKE]}
    state = finish(client, client.post("/invoices", json=body))
    assert state["error"] == "cannot print \u4e2d, \u6587"


def test_reportlab_prints_a_square_in_its_place(tmp_path: Path) -> None:
    document = SimpleDocTemplate(str(tmp_path / "x.pdf"))
    document.build([Paragraph("\u0141ukasz")])
    pdf = (tmp_path / "x.pdf").read_bytes()
    assert text_of(pdf) == "nukasz"  # n is a black square, in the next font
    assert b"/BaseFont /ZapfDingbats" in pdf


def test_a_font_that_nobody_has_registered(tmp_path: Path) -> None:
    style = ParagraphStyle("x", fontName="Other")
    document = SimpleDocTemplate(str(tmp_path / "x.pdf"))
    with pytest.raises(ValueError, match=r"Can't map determine family/bold/italic for other$"):
        document.build([Paragraph("Ada", style)])
    with pytest.raises(KeyError, match=r"getTypeFace: no afm found for faceName='Other'"):
        Canvas(str(tmp_path / "y.pdf")).setFont("Other", 10)


def test_a_process_reads_the_font_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.font == "Vera.ttf"
    monkeypatch.setattr(settings, "font", "VeraBd.ttf")
    invoices.font.cache_clear()
    try:
        assert invoices.font() is invoices.font()
        assert invoices.font().face.filename.endswith("VeraBd.ttf")
    finally:
        invoices.font.cache_clear()


def test_each_text_has_the_font() -> None:
    style = invoices.paragraph("Ada").style
    assert (style.fontName, style.fontSize, style.leading) == ("Shop", 10, 14)


def test_an_unknown_tag_is_lost() -> None:
    assert Paragraph("Tom <tom@example.com>").getPlainText() == "Tom "
    assert invoices.paragraph("Tom <tom@e>").getPlainText() == "Tom <tom@e>"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Tom <b>", "Parse error: saw </para> instead of expected </b>"),
        ("Tom </b>", "Parse error: saw </b> instead of expected </para>"),
    ],
)
def test_a_paragraph_is_markup(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        Paragraph(text)
    assert invoices.paragraph(text).getPlainText() == text


def test_a_time_limit_leaves_no_file(tmp_path: Path) -> None:
    invoice = invoices.Invoice(customer="Ada", lines=[invoices.Line(**CAKE)])
    with (
        patch.object(Path, "replace", side_effect=SoftTimeLimitExceeded),
        pytest.raises(SoftTimeLimitExceeded),
    ):
        invoices.make(invoice, tmp_path / "invoice.pdf")
    assert list(tmp_path.iterdir()) == []


def test_each_writer_has_a_file_of_its_own(tmp_path: Path) -> None:
    with jobs.whole(tmp_path / "x") as one, jobs.whole(tmp_path / "x") as other:
        assert one != other
        assert {one.parent, other.parent} == {tmp_path}
        one.touch()
        other.touch()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_another_error_stays_in_the_log(client: TestClient) -> None:
    with patch.object(invoices, "make", side_effect=OSError("secret")):
        state = finish(client, client.post("/invoices", json={"customer": "Ada", "lines": [CAKE]}))
    assert state == {"id": state["id"], "state": "FAILURE"}


@pytest.mark.parametrize("name", ["", "/thumbnail.png", "/invoice.pdf"])
def test_an_unknown_job_is_404(client: TestClient, name: str) -> None:
    assert client.get(f"/jobs/{uuid4()}{name}").status_code == status.HTTP_404_NOT_FOUND


@pytest.mark.parametrize("name", ["upload", "invoice.json", "..%2Fx"])
def test_nothing_else_is_sent(client: TestClient, name: str) -> None:
    job_id = jobs.create()
    (jobs.folder(job_id) / "upload").touch()
    assert client.get(f"/jobs/{job_id}/{name}").status_code in {404, 422}


def test_an_invoice_has_lines(client: TestClient) -> None:
    answer = client.post("/invoices", json={"customer": "Ada", "lines": []})
    assert answer.status_code == status.HTTP_422_UNPROCESSABLE_CONTENT


def test_the_limits() -> None:
    conf = celery_app.conf
    assert (conf.task_soft_time_limit, conf.task_time_limit) == (30, 40)
    assert (conf.worker_max_memory_per_child, conf.worker_prefetch_multiplier) == (400_000, 1)

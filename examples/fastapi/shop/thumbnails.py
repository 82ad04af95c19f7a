"""Image files: what a customer uploads, and the thumbnail of it."""

from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from PIL import Image, ImageOps

from shop.config import get_settings

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
THUMBNAIL = (256, 256)


class ImageError(Exception):
    """A file that is not made smaller. Its message may be shown to a client."""


def folder() -> Path:
    """Return the folder of the images."""
    return get_settings().image_folder


def save(image_id: str, upload: BinaryIO) -> None:
    """Keep an upload. Nothing has looked into it yet, and its name is the shop's own."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / image_id).open("wb") as file:
        copyfileobj(upload, file)


def shrink(image_id: str) -> tuple[int, int]:
    """Make the thumbnail of an upload and return its size.

    Raises ImageError for a file that is no image, or has too many pixels, and FileNotFoundError if
    there is no such upload.
    """
    with (folder() / image_id).open("rb") as file:
        try:
            image = decode(file)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            message = f"not an image in one of the formats {', '.join(FORMATS)}"
            raise ImageError(message) from error
    image.thumbnail(THUMBNAIL)
    # Whoever looks finds the whole file or none.
    target = folder() / f"{image_id}.png"
    partial = target.with_suffix(".partial")
    image.save(partial, "PNG")
    partial.replace(target)
    return image.size


def decode(file: BinaryIO) -> Image.Image:
    """Return the image in a file, upright.

    Raises ImageError if it has too many pixels, and what Pillow raises for a file that is no image.
    """
    # This reads the header only.
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        message = f"more than {MAX_PIXELS} pixels"
        raise ImageError(message)
    # A large JPEG need not be decoded in full: a half, a quarter or an eighth of its size will do.
    image.draft(None, tuple(2 * side for side in THUMBNAIL))
    return ImageOps.exif_transpose(image).convert("RGBA")


def delete(image_id: str) -> None:
    """Delete an upload and its thumbnail, if they are there."""
    for suffix in ("", ".png", ".partial"):
        (folder() / f"{image_id}{suffix}").unlink(missing_ok=True)

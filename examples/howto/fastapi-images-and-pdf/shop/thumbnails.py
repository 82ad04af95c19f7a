"""Thumbnails of what customers upload."""

from pathlib import Path

from PIL import Image, ImageOps

from shop.jobs import JobError, whole

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
SIZE = (256, 256)


def make(source: Path, target: Path) -> tuple[int, int]:
    """Make a thumbnail and return its size.

    Raises JobError for a file that is no image or has too many pixels.
    """
    try:
        with Image.open(source, formats=FORMATS) as image:  # reads the header only
            if image.width * image.height > MAX_PIXELS:
                message = f"more than {MAX_PIXELS} pixels"
                raise JobError(message)
            image.draft("RGB", SIZE)  # decodes a large JPEG at a part of its size
            small = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        message = f"not an image in one of the formats {', '.join(FORMATS)}"
        raise JobError(message) from error
    small.thumbnail(SIZE)
    with whole(target) as partial:
        small.save(partial, "PNG", icc_profile=None)
    return small.size

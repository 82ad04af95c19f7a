"""Where the site is; the build writes its own address into the single file."""

URL = ""


def address(page: str, anchor: str = "") -> str:
    """Return the address of a page, or its path below the docs where no address is known."""
    return f"{URL}{page}{'.html' if URL else ''}{'#' + anchor if anchor else ''}"

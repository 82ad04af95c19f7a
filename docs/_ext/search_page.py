"""Search by Pagefind, in place of Sphinx's own index."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

FOLDER = "pagefind"
UNUSED = ("pagefind-*ui*", "pagefind-highlight*", "pagefind-component*")  # its own user interface


def without_own_index(app: Sphinx) -> None:
    """Keep Sphinx from making an index and a search page of its own."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def index(app: Sphinx, exception: Exception | None) -> None:
    """Index the article of each page.

    Raises:
        ExtensionError: Pagefind could not be run, or failed.

    """
    if exception or app.builder.format != "html":
        return
    shutil.rmtree(Path(app.outdir) / FOLDER, ignore_errors=True)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pagefind"),
            *("--site", str(app.outdir), "--output-subdir", FOLDER),
            *("--root-selector", "article", "--exclude-selectors", ".headerlink, .toctree-wrapper"),
            *("--keep-index-url", "--force-language", "en", "--quiet"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        message = f"pagefind failed:\n{run.stdout}{run.stderr}"
        raise ExtensionError(message)
    for pattern in UNUSED:
        for file in (Path(app.outdir) / FOLDER).glob(pattern):
            file.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Index when the pages are written."""
    app.connect("builder-inited", without_own_index)
    app.connect("build-finished", index, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

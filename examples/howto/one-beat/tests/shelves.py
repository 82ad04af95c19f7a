"""The files of beat, in a folder, and of the same kind with every Python."""

import dbm.dumb
import shelve
from pathlib import Path


class Shelves:
    """Takes the place of the module ``shelve``."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder."""
        self.folder = folder

    def open(self, filename: str, *, writeback: bool) -> shelve.Shelf[object]:
        """Open a file as it was synchronised last, as a new process does."""
        return shelve.Shelf(dbm.dumb.open(str(self.folder / filename), "c"), writeback=writeback)

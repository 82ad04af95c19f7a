"""What the table says of the installed version is still so, as far as it needs no service."""

import csv
from pathlib import Path

import celery
from compare.probe import in_process

TABLE = Path(__file__).parents[1] / "data" / "versions.csv"


def test_the_column_of_the_installed_version() -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = {row["what"]: row for row in csv.DictReader(file)}
    version = ".".join(celery.__version__.split(".")[:2])
    seen = dict(in_process())
    assert seen == {name: rows[name][version] for name in seen}

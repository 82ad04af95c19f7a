"""Train the model: ``python -m shop.train messages.csv``."""

import sys
from pathlib import Path

from shop.config import get_settings
from shop.model import Model


def train(table: Path) -> str:
    """Train a model, write its file, and return its version."""
    model = Model.train(table.read_text(encoding="utf-8"))
    path = get_settings().model_file
    partial = path.with_suffix(".partial.npz")
    model.save(partial)
    partial.replace(path)
    return model.version


if __name__ == "__main__":
    print("model", train(Path(sys.argv[1])))  # noqa: T201 - a program

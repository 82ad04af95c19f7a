"""Tasks of installed packages."""

from collections.abc import Iterable
from importlib.metadata import entry_points


def load_tasks(names: Iterable[str]) -> None:
    """Import the modules that installed packages offer as ``shop.tasks`` under these names.

    Raises RuntimeError if a name is not offered.
    """
    offered = entry_points(group="shop.tasks")
    for name in names:
        if name not in offered.names:
            message = (
                f"no installed package offers the tasks {name!r}, only {sorted(offered.names)}"
            )
            raise RuntimeError(message)
        offered[name].load()

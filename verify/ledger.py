"""The ledger: the blocks that are only shown, each with a reason from a short fixed list.

It is two-way: a block without a verdict must stand in it, and an entry must have its block.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from verify.blocks import Block

REASONS = {
    "needs a broker": "runs on Redis or RabbitMQ; the live lane will check it",
    "needs root": "changes the machine that it runs on",
    "needs the network": "fetches something from outside",
    "not a program": "an illustration that no program reads",
}


@dataclass
class Entry:
    """One block that is only shown."""

    page: str  # docname
    begins: str  # first line of the block
    reason: str
    used: bool = False


class Ledger:
    """The entries of one `ledger.toml`."""

    def __init__(self, path: Path) -> None:
        """Read the ledger; a file that is missing has no entries.

        Raises:
            ValueError: for an entry that is incomplete, or a reason that is not in the list.

        """
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.entries = []
        for raw in data.get("block", []):
            if set(raw) != {"page", "begins", "reason"}:
                raise ValueError(
                    f"{path.name}: an entry has `page`, `begins` and `reason`, not {sorted(raw)}"
                )
            if raw["reason"] not in REASONS:
                raise ValueError(
                    f"{path.name}: {raw['reason']!r} is no reason; there are: {', '.join(REASONS)}"
                )
            self.entries.append(Entry(**raw))

    def reason(self, docname: str, block: Block) -> str:
        """Return why a block is only shown, or nothing if it is not in the ledger."""
        for entry in self.entries:
            if entry.page == docname and entry.begins == block.text.split("\n")[0]:
                entry.used = True
                return entry.reason
        return ""

    def unused(self) -> list[str]:
        """Name the entries that no block has; ask after all pages were read."""
        return [f"{entry.page}: {entry.begins!r}" for entry in self.entries if not entry.used]

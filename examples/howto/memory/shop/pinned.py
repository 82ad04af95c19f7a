"""What a process keeps of what it no longer needs; for Linux."""

from pathlib import Path

KEPT: list[str] = []


def resident() -> int:
    """Return the memory of this process in MiB."""
    kibibytes = Path("/proc/self/smaps_rollup").read_text().split("Rss:")[1].split()[0]
    return int(kibibytes) // 1024


def growth(numbers: int, keep_one_in: int) -> int:
    """Make strings, keep a few, and return by how many MiB the process has grown."""
    before = resident()
    names = [str(number) for number in range(numbers)]
    KEPT.extend(names[::keep_one_in])
    del names
    return resident() - before

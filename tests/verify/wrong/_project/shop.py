"""A project for the pages beside it."""

import os


def total(*numbers: int) -> int:
    """Add numbers."""
    return sum(numbers)


def never_entered() -> str:
    """No check calls this."""
    return "never"


if __name__ == "__main__":
    print("total", total(1, 2), "for", os.environ["ID"])

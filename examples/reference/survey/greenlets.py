"""The same for the pools that need another package: `python -m survey.greenlets`."""

from survey.common import Table, main
from survey.pools import table


def measure() -> dict[str, Table]:
    """Return the table of the pools of greenlets."""
    return table("gevent", "eventlet")


if __name__ == "__main__":
    main("greenlets", measure, "celery", "kombu", "gevent", "eventlet")

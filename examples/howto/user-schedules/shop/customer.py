"""Be customer 7: ``python -m shop.customer "30 2 * * *" Europe/Berlin``, or ``now``."""

import sys

from shop.database import new_session
from shop.rows import send_now, set_schedule


def main(arguments: list[str]) -> None:
    """Set the time of the report, or ask for one now."""
    with new_session.begin() as session:
        if arguments == ["now"]:
            send_now(session, 7, "report")
            return
        try:
            cron, zone = arguments
            set_schedule(session, 7, "report", cron=cron, zone=zone)
        except ValueError as exc:
            sys.exit(str(exc))


if __name__ == "__main__":
    main(sys.argv[1:])

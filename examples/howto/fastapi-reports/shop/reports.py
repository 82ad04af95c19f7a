"""The file of a report: written a page of rows at a time, and there as a whole or not at all."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Row, delete, func, select

from shop.config import get_settings
from shop.database import Order, Report, new_session, now

PAGE = 1000
KEEP = timedelta(days=7)
# What a spreadsheet takes for the beginning of a formula, or skips before one: where a cell begins.
FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20])")


def path_of(report_id: str) -> Path:
    """Return where the file of a report is, or will be."""
    return get_settings().report_folder / f"{report_id}.csv"


def harmless(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1'", text)


def pages(report: Report) -> Iterator[Sequence[Row[tuple[int, str, int]]]]:
    """Read the orders up to the time of the request, a page at a time."""
    last = 0
    while True:
        query = (
            select(Order.id, Order.customer, Order.total_cents)
            .where(Order.id > last, Order.placed_at <= report.asked_at)
            .order_by(Order.id)
            .limit(PAGE)
        )
        with new_session() as session:
            rows = session.execute(query).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def write(report_id: str, tell: Callable[[int, int], object]) -> int:
    """Write the file of a report and return the number of its rows.

    Raises NoResultFound if nobody has asked for the report.
    """
    with new_session() as session:
        report = session.get_one(Report, report_id)
        count = select(func.count(Order.id)).where(Order.placed_at <= report.asked_at)
        total = session.scalar(count) or 0
    path = path_of(report_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{uuid4().hex}.partial")
    done = 0
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["order", "customer", "total"])
            for rows in pages(report):
                for order_id, customer, cents in rows:
                    total_text = f"{cents / 100:.2f}"
                    writer.writerow([order_id, harmless(customer), total_text])
                done += len(rows)
                tell(done, total)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return done


def tidy() -> int:
    """Delete old files, then the rows of old reports, and return the number of rows."""
    oldest = now() - KEEP
    for path in get_settings().report_folder.glob("*"):
        with suppress(FileNotFoundError):  # another run was faster
            if path.stat().st_mtime < oldest.timestamp():
                path.unlink()
    with new_session.begin() as session:
        return session.execute(delete(Report).where(Report.asked_at < oldest)).rowcount

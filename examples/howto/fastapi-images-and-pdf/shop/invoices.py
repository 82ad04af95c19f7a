"""Invoices as PDF files."""

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from pydantic import BaseModel, Field
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from shop.config import get_settings
from shop.jobs import JobError, whole

STYLE = ParagraphStyle("shop", fontName="Shop", fontSize=10, leading=14)


class Line(BaseModel):
    """One thing that was bought."""

    text: str = Field(max_length=500)
    cents: int


class Invoice(BaseModel):
    """What the customer pays."""

    customer: str = Field(max_length=500)
    lines: list[Line] = Field(min_length=1, max_length=1000)


@cache
def font() -> TTFont:
    """Return the font of all texts; each process reads its file once."""
    font = TTFont("Shop", get_settings().font)
    pdfmetrics.registerFont(font)
    return font


def paragraph(text: str) -> Paragraph:
    """Return a text as it is, without markup.

    Raises JobError if the font lacks a character of it.
    """
    known = font().face.charToGlyph
    if missing := {letter for letter in text if ord(letter) not in known}:
        message = f"cannot print {', '.join(sorted(missing))}"
        raise JobError(message)
    return Paragraph(escape(text), STYLE)


def make(invoice: Invoice, target: Path) -> None:
    """Write an invoice; raises JobError if the font lacks a character."""
    total = Line(text="Total", cents=sum(line.cents for line in invoice.lines))
    rows = [
        [paragraph(line.text), paragraph(f"{line.cents / 100:.2f}")]
        for line in [*invoice.lines, total]
    ]
    options = {"pagesize": A4, "title": "Invoice", "invariant": 1}
    with whole(target) as partial:
        document = SimpleDocTemplate(str(partial), **options)
        document.build([paragraph(invoice.customer), Table(rows, colWidths=[350, 80])])

"""The customers: in a list, where a real shop has a table."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["de", "en"]


@dataclass
class Customer:
    """Somebody who has signed up, and the language of the letters to them."""

    email: str
    language: Language


CUSTOMERS = [Customer("ada@example.com", "de")]

"""Clients: each process makes its own, when a task first asks for it."""

import os
from functools import cache

import httpx2
import requests

PARTNER_URL = os.environ.get("PARTNER_URL", "http://127.0.0.1:8001")


@cache
def partner() -> httpx2.Client:
    """Return the client of this process."""
    return httpx2.Client(base_url=PARTNER_URL, timeout=10)


@cache
def partner_session() -> requests.Session:
    """Return the session of this process. Give each call a timeout, or it can wait for ever."""
    return requests.Session()

"""Who a browser belongs to. ``python -m shop.sign_in 7`` stands for a log-in and prints a cookie."""

import hashlib
import secrets
import sys
from typing import Annotated

from fastapi import Depends, WebSocketException, status
from fastapi.requests import HTTPConnection

from shop.config import get_settings
from shop.database import SignIn, new_session

COOKIE = "__Host-shop"


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(customer_id: int) -> str:
    """Return a new token. Send it as a cookie that is Secure, HttpOnly and SameSite=Lax."""
    token = secrets.token_urlsafe()
    with new_session.begin() as session:
        session.add(SignIn(digest=digest_of(token), customer_id=customer_id))
    return token


def socket_customer(connection: HTTPConnection) -> int:
    """Return the id of the customer who opens a WebSocket, from the page of the shop.

    Raises WebSocketException before the handshake; the client sees 403.
    """
    if connection.headers.get("Origin") != get_settings().origin:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION)
    token = connection.cookies.get(COOKIE, "")
    # A session of its own: one from Depends() would stay open as long as the socket.
    with new_session() as session:
        found = session.get(SignIn, digest_of(token))
    if found is None:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION)
    return found.customer_id


SocketCustomer = Annotated[int, Depends(socket_customer)]

if __name__ == "__main__":
    sys.stdout.write(f"{COOKIE}={sign_in(int(sys.argv[1]))}\n")

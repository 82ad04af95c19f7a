"""Errors that a client is told about."""


class ApiError(Exception):
    """An answer that is no success: its status, and what went wrong."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status; the message is the text of the exception."""
        super().__init__(message)
        self.status = status


class NotSentError(Exception):
    """A task that could not be sent."""

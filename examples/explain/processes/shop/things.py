"""What a project makes while it is imported, and what it makes later."""

import os
import tempfile
import threading
from functools import cache
from uuid import uuid4

# Made while this module is imported:
imported_by = os.getpid()
basket: list[int] = []
open_file = tempfile.TemporaryFile()  # noqa: SIM115 - a connection behaves as it does
open_file.write(b"abcdef")
open_file.seek(0)
thread = threading.Thread(target=threading.Event().wait, daemon=True)
thread.start()
local = threading.local()


@cache
def client() -> str:
    """Make a client when it is first asked for; here, its name."""
    return uuid4().hex

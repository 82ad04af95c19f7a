"""PostgreSQL in this process, as far as a beat needs it."""

from datetime import datetime

from psycopg import OperationalError
from shop import one_beat


class FakePostgresql:
    """A server that has advisory locks and one table."""

    def __init__(self) -> None:
        """Begin without locks and table."""
        self.holders: dict[int, Connection] = {}
        self.runs: dict[str, datetime] | None = None
        self.connections: list[Connection] = []

    def connect(
        self, url: str, *, autocommit: bool, connect_timeout: int, options: str
    ) -> "Connection":
        """Open a connection."""
        assert url.startswith("postgresql://")
        assert autocommit
        assert connect_timeout
        assert "tcp_keepalives_idle" in options
        self.connections.append(Connection(self))
        return self.connections[-1]


class Connection:
    """A connection, and a cursor."""

    def __init__(self, server: FakePostgresql) -> None:
        """Open it."""
        self.server = server
        self.open = True
        self.rows: list[tuple[object, ...]] = []

    def execute(self, sql: str, values: list[object] | None = None) -> "Connection":
        """Understand the statements of a beat; raises OperationalError if it is closed."""
        if not self.open:
            raise OperationalError("the connection is closed")
        server = self.server
        if sql == "SELECT pg_try_advisory_lock(%s)" and values:
            (key,) = values
            self.rows = [(server.holders.setdefault(key, self) is self,)]
        elif sql == one_beat.TABLE:
            server.runs = server.runs or {}
        elif sql == "SELECT * FROM beat_runs":
            self.rows = list(server.runs.items())
        elif sql == one_beat.NOTE and values:
            name, last_run_at = values
            server.runs[name] = last_run_at
        else:
            assert sql == "SELECT 1"
        return self

    def fetchone(self) -> tuple[object, ...]:
        """Return the first row."""
        return self.rows[0]

    def __iter__(self) -> object:
        """Return all rows."""
        return iter(self.rows)

    def lose(self) -> None:
        """End as a connection of a process that was killed."""
        self.open = False
        self.server.holders.clear()

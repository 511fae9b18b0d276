"""The writer's one connection: opened when needed, thrown away when broken."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from sluice.db.pool import connect
from writer.adapters.postgres_errors import asking
from writer.adapters.sql_files import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sluice.db.pool import Connection
    from sluice.settings import DatabaseSettings
    from writer.adapters.postgres_stage import Stage

log = structlog.get_logger(__name__)

CLIENT = "writer"


class PostgresSession:
    """Lends a live connection; what belongs to a session (temporary tables) is noted beside it."""

    def __init__(
        self, settings: DatabaseSettings, session: Mapping[str, str] | None = None
    ) -> None:
        self._settings = settings
        self._session = session
        self._conn: Connection | None = None
        self.staged: dict[str, Stage] = {}
        """The temporary tables that this session has."""

    def connection(self) -> Connection:
        """Return a live connection in autocommit mode.

        Raises:
            Outage: the server cannot be reached.
        """
        if self._conn is not None and self._conn.broken:
            self.close()
        if self._conn is None or self._conn.closed:
            args = () if self._session is None else (self._session,)
            self._conn = connect(self._settings, CLIENT, *args)
            self.staged = {}
        return self._conn

    @property
    def is_lost(self) -> bool:
        """The connection broke: whatever was said meanwhile, it is the server that is away."""
        return self._conn is not None and bool(self._conn.broken or self._conn.closed)

    @contextmanager
    def lock_timeout(self, timeout_ms: int) -> Iterator[None]:
        """Wait for locks no longer than this within the block; a lost session forgets it."""
        self._set_lock_timeout(f"{timeout_ms}ms")
        try:
            yield
        finally:
            if not self.is_lost:
                self._set_lock_timeout(None)

    def _set_lock_timeout(self, text: str | None) -> None:
        """Set it, or go back to what the session began with."""
        with asking():
            conn = self.connection()
            if text is None:
                conn.execute("RESET lock_timeout")
            else:
                conn.execute("SELECT set_config('lock_timeout', %s, false)", [text])

    def end_stopped_writers(self) -> int:
        """End writers that stand still in a transaction, after a lock timeout; return how many."""
        ended = self.connection().execute(
            statement("end_stopped_writers"),
            {"application_name": f"sluice-{CLIENT}"},
        )
        pids = [pid for (pid,) in ended]
        if pids:
            log.warning("sessions of stopped writers were ended", pids=pids)
        return len(pids)

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        if self._conn is not None:
            self._conn.close()
        self._conn = None
        self.staged = {}

"""What the routes share; joined in `bootstrap`, lent by the app's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sluice.db.pool import connection_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from psycopg_pool import ConnectionPool

    from import_targets import TargetDefinition
    from sluice.audit.sealer import AuditSealer
    from sluice.auth.tokens import TokenKeeper
    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.limits.limiter import Limiter
    from sluice.limits.policy import LimitPolicies
    from sluice.storage import FileStorage
    from sluice.web.auth import Authenticator
    from upload_api.adapters.dead_letter_records import DeadLetterRecords
    from upload_api.adapters.eraser import Eraser
    from upload_api.adapters.passwords import Passwords
    from upload_api.adapters.road_facts import RoadFacts
    from upload_api.adapters.row_reader import RowReaders
    from upload_api.adapters.storage_sweeper import StorageSweeper
    from upload_api.adapters.target_folder import TargetFolder
    from upload_api.entrypoints.storage_threads import Question, StorageThreads
    from upload_api.entrypoints.uploads_in_hand import UploadsInHand
    from upload_api.settings import UploadApiSettings


class Background(Protocol):
    """Works beside the requests."""

    def start(self) -> None:
        """Begin; may be called once."""

    def stop(self, timeout_s: float = ...) -> None:
        """Stop after what is in hand; blocks for so long at most."""

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""


class Relay(Background, Protocol):
    """Publishes what the outbox holds."""

    def wake(self) -> None:
        """Publish soon: something was committed. Never blocks."""


class Replayer(Relay, Protocol):
    """Sends dead letters again."""

    def begin_stop(self) -> None:
        """Ask it to end after what is in hand; never blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that is constructed once."""

    settings: UploadApiSettings
    clock: Clock
    pool: ConnectionPool[Connection]
    storage: FileStorage
    storage_threads: StorageThreads
    storage_answers: Question
    keeper: TokenKeeper
    authenticator: Authenticator
    passwords: Passwords
    relay: Relay
    sweeper: StorageSweeper
    sealer: AuditSealer
    records: DeadLetterRecords
    replayer: Replayer
    uploads: UploadsInHand
    row_readers: RowReaders
    limiter: Limiter
    policies: LimitPolicies
    eraser: Eraser
    retention: Background
    road: RoadFacts
    target_folder: TargetFolder

    @property
    def targets(self) -> Mapping[str, TargetDefinition]:
        """The targets as they are now: take them once for each request."""
        return self.target_folder.targets()

    def stop_soon(self) -> None:
        """Prepare for the end while requests are still served; for signal handlers."""
        self.uploads.stop_soon()
        self.replayer.begin_stop()

    def connection(self) -> AbstractContextManager[Connection]:
        """Lend a connection; raises `Outage` when PostgreSQL is away."""
        return connection_of(self.pool)

    def not_ready(self) -> str:
        """Return why uploads cannot be accepted now, or nothing. Kafka is not needed for them."""
        self.storage_answers.ask(self.storage.check)
        with self.connection() as conn:
            conn.execute("SELECT 1 FROM sluice.jobs LIMIT 1")
        return ""

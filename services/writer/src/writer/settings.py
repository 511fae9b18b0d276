"""What the writer is told by its environment."""

from __future__ import annotations

from pydantic import Field

from sluice.setting_values import SAID_ONLY
from sluice.settings import DatabaseSettings, KafkaSettings, RedisSettings
from writer.domain.batching import BatchLimits


class WriterSettings(KafkaSettings, DatabaseSettings, RedisSettings):
    """Kafka, PostgreSQL and Redis, and how much is done at once."""

    writer_fetch_records: int = Field(64, ge=1, le=1000, description="records of one fetch")
    writer_chunks_per_transaction: int = Field(
        32, ge=1, le=64, description="a limit beside that of rows, for chunks of few rows"
    )
    writer_rows_per_transaction: int = Field(
        24_000, ge=1, le=200_000, description="from here on a larger transaction gains little"
    )
    encoder: str = Field(
        "auto",
        pattern="^(auto|python)$",
        description="or python, without the compiled encoder; said here only, not in a file",
        json_schema_extra=SAID_ONLY,
    )
    max_stored_errors: int = Field(100_000, ge=0, description="of one job, with their values")

    @property
    def batch_limits(self) -> BatchLimits:
        return BatchLimits(
            chunks=self.writer_chunks_per_transaction, rows=self.writer_rows_per_transaction
        )

"""What the writer is told by its environment."""

from __future__ import annotations

from pydantic import Field

from sluice.settings import DatabaseSettings, KafkaSettings, RedisSettings


class WriterSettings(KafkaSettings, DatabaseSettings, RedisSettings):
    """Kafka, PostgreSQL and Redis, and how much is done at once."""

    writer_fetch_records: int = Field(64, ge=1, le=1000, description="records of one fetch")
    writer_chunks_per_transaction: int = Field(
        10, ge=1, le=64, description="10 instead of 1 nearly doubles a writer: 218k to 393k rows/s"
    )
    max_stored_errors: int = Field(100_000, ge=0, description="of one job, with their values")

"""What the parser is told."""

from __future__ import annotations

from pydantic import Field

from sluice.settings import DatabaseSettings, KafkaSettings, StorageSettings


class ParserSettings(KafkaSettings, DatabaseSettings, StorageSettings):
    """Read from `SLUICE_*`; the README has them as a table."""

    parser_slots: int = Field(5, ge=1, le=64, description="jobs parsed at once")
    parser_lease_s: float = Field(10.0, gt=2.0, le=300.0)
    parser_lost_after_s: float = Field(300.0, gt=1.0, description="when a chunk counts as lost")
    chunk_rows: int = Field(1000, ge=1, le=10_000)
    spill_dir: str | None = Field(None, description="for shared strings beyond the memory bound")

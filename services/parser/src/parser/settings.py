"""What the parser is told."""

from __future__ import annotations

from pydantic import Field

from sluice.setting_values import SAID_ONLY
from sluice.settings import (
    DatabaseSettings,
    KafkaSettings,
    OptionalRedisSettings,
    StorageSettings,
)


class ParserSettings(KafkaSettings, DatabaseSettings, StorageSettings, OptionalRedisSettings):
    """Read from `SLUICE_*`; the README has them as a table."""

    parser_slots: int = Field(5, ge=1, le=64, description="jobs parsed at once")
    parser_lease_s: float = Field(
        10.0, gt=2.0, le=300.0, description="how long a job stays with a parser that is silent"
    )
    parser_lost_after_s: float = Field(300.0, gt=1.0, description="when a chunk counts as lost")
    chunk_rows: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="rows of a chunk at most, for jobs begun from now on; by default 8,000",
    )
    reader: str = Field(
        "auto",
        pattern="^(auto|python)$",
        description="or python, without the compiled reader; said here only, not in a file",
        json_schema_extra=SAID_ONLY,
    )
    reader_memory_mib: int = Field(1024, ge=512, description="address space of a reading child")
    reader_cpu_s: int = Field(30, ge=1, description="CPU time until the sheet is open")
    reader_cpu_s_per_mib: float = Field(1.0, gt=0.0, description="more of it, by the sheet's size")
    reader_wait_s: float = Field(300.0, gt=1.0, description="for a frame that was asked for")
    spill_dir: str | None = Field(None, description="for shared strings beyond the memory bound")

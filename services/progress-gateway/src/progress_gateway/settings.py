"""What each of the three processes is told by its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sluice.settings import (
    DatabaseSettings,
    HttpSettings,
    KafkaSettings,
    RedisSettings,
    TokenSettings,
)

STATIC_FOLDER = Path(__file__).parent / "static"


class FoldSettings(KafkaSettings, RedisSettings):
    """The fold reads Kafka and writes Redis, and nothing else."""


class SettlerSettings(KafkaSettings, DatabaseSettings, RedisSettings):
    """The settler reads and writes PostgreSQL, states facts on Kafka and listens to Redis."""


class GatewaySettings(DatabaseSettings, RedisSettings, TokenSettings, HttpSettings):
    """The HTTP process; `upload_api_url` is where `/api/*` is forwarded to."""

    upload_api_url: str = Field(pattern="^https?://")
    failed_stream_open_s: float = Field(
        900.0, ge=0, description="how long a stream stays after `failed`, for a retry"
    )

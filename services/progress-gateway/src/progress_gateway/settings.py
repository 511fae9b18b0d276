"""What each of the three processes is told by its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sluice.liveness import STALE_AFTER_S
from sluice.settings import (
    DatabaseSettings,
    HttpSettings,
    KafkaSettings,
    LimitSettings,
    RedisSettings,
    Settings,
    TokenSettings,
)

STATIC_FOLDER = Path(__file__).parent / "static"


class WatchedSettings(Settings):
    """A process that is started again when its work stands still."""

    stale_after_s: float = Field(
        STALE_AFTER_S, gt=0, description="a loop that stands still for so long is not live"
    )


class FoldSettings(KafkaSettings, RedisSettings, WatchedSettings):
    """The fold reads Kafka and writes Redis, and nothing else."""


class SettlerSettings(KafkaSettings, DatabaseSettings, RedisSettings, WatchedSettings):
    """The settler reads and writes PostgreSQL, states facts on Kafka and listens to Redis."""


class GatewaySettings(DatabaseSettings, RedisSettings, TokenSettings, HttpSettings, LimitSettings):
    """The HTTP process; `upload_api_url` is where `/api/*` is forwarded to."""

    upload_api_url: str = Field(pattern="^https?://", description="where `/api/*` is forwarded to")
    failed_stream_open_s: float = Field(
        900.0, ge=0, description="how long a stream stays after `failed`, for a retry"
    )

"""What is limited, by how much, and how an answer says so. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sluice.settings import LimitSettings

Unit = Literal["requests", "content-bytes", "concurrent-requests"]
"""The units of draft-ietf-httpapi-ratelimit-headers-10."""

HOUR_S = 3600.0
SLOT_LEASE_S = 30.0
"""A slot whose holder died is free after this."""
SLOT_KEPT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPolicy:
    """At most `limit` in any `window_s`; of slots, the window is the lease."""

    name: str
    limit: int
    window_s: float
    unit: Unit = "requests"

    @property
    def strict_limit(self) -> int:
        """What one process alone allows while Redis is away: two of them keep the limit."""
        return max(1, self.limit // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPolicies:
    """Every limit of a user over time."""

    streams: LimitPolicy
    stream_openings: LimitPolicy
    uploads: LimitPolicy
    upload_bytes: LimitPolicy
    sign_ins_of_name: LimitPolicy
    sign_ins_of_address: LimitPolicy

    def all(self) -> tuple[LimitPolicy, ...]:
        return (
            self.streams,
            self.stream_openings,
            self.uploads,
            self.upload_bytes,
            self.sign_ins_of_name,
            self.sign_ins_of_address,
        )


def policies_of(settings: LimitSettings) -> LimitPolicies:
    """Return the limits that the settings name."""
    return LimitPolicies(
        streams=LimitPolicy(
            name="streams",
            limit=settings.max_streams,
            window_s=SLOT_LEASE_S,
            unit="concurrent-requests",
        ),
        stream_openings=LimitPolicy(
            name="stream-openings", limit=settings.max_stream_openings, window_s=15 * 60
        ),
        uploads=LimitPolicy(name="uploads", limit=settings.max_uploads_per_hour, window_s=HOUR_S),
        upload_bytes=LimitPolicy(
            name="upload-bytes",
            limit=settings.max_upload_bytes_per_day,
            window_s=24 * HOUR_S,
            unit="content-bytes",
        ),
        sign_ins_of_name=LimitPolicy(
            name="sign-ins-of-name", limit=settings.max_sign_ins_of_name, window_s=15 * 60
        ),
        sign_ins_of_address=LimitPolicy(
            name="sign-ins-of-address", limit=settings.max_sign_ins_of_address, window_s=15 * 60
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one asking; `take_id` gives it back."""

    policy: LimitPolicy
    allowed: bool
    used: int
    reset_s: float
    take_id: str

    @property
    def retry_after_s(self) -> int:
        """Whole seconds, at least one: that is what `Retry-After` can say."""
        return max(1, math.ceil(self.reset_s))


def headers_of(*taken: Taken) -> dict[str, str]:
    """Return the `RateLimit` headers (draft-10) of what was taken, the refused one with more."""
    told = {
        "RateLimit-Policy": ", ".join(_policy_item(one.policy) for one in taken),
        "RateLimit": ", ".join(_state_item(one) for one in taken),
    }
    refused = [one.retry_after_s for one in taken if not one.allowed]
    return told | ({"Retry-After": str(max(refused))} if refused else {})


def _policy_item(policy: LimitPolicy) -> str:
    unit = "" if policy.unit == "requests" else f';qu="{policy.unit}"'
    window = "" if policy.unit == "concurrent-requests" else f";w={policy.window_s:.0f}"
    return f'"{policy.name}";q={policy.limit}{unit}{window}'


def _state_item(taken: Taken) -> str:
    left = max(0, taken.policy.limit - taken.used)
    return f'"{taken.policy.name}";r={left};t={taken.retry_after_s}'

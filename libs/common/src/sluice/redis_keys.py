"""The names of our keys and channels in Redis; all of it can be lost and is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

WANTS_SETTLING = "sluice:wants-settling"
"""Channel: the fold names a job that may be finished, or was controlled; the settler listens."""


PROCESSES = "sluice:processes"
"""Set of the keys of all processes that are there, or were within a day, see `sluice.processes`."""


def process_key(service: str, instance: str) -> str:
    """String with a day to live since a process said last that it is there."""
    return f"sluice:process:{service}:{instance}"


def snapshot_key(job_id: UUID | str) -> str:
    """Hash `{version, soft, body}`: the fold's newest snapshot of a job."""
    return f"sluice:progress:{job_id}"


def snapshot_channel(job_id: UUID | str) -> str:
    """Channel: the fold publishes each new snapshot's body here."""
    return f"sluice:progress-of:{job_id}"


def fold_state_key(job_id: UUID | str) -> str:
    """String: the fold's whole state of a job, so that the settler sees which facts it lacks."""
    return f"sluice:fold:{job_id}"


def recent_key(job_id: UUID | str) -> str:
    """String, JSON `{"ids": [...], "errors": [...]}`: a writer's last keys and row errors."""
    return f"sluice:recent:{job_id}"


def waiting_key(job_id: UUID | str) -> str:
    """String with 12 s to live, see `sluice.waiting`: what a job waits for."""
    return f"sluice:waiting:{job_id}"


def waiting_channel(job_id: UUID | str) -> str:
    """Channel: what `waiting_key` was set to; nothing when it was deleted."""
    return f"sluice:waiting-of:{job_id}"


def keys_of_job(job_id: UUID | str) -> tuple[str, ...]:
    """Return all keys that hold something of a job: what goes when it is erased."""
    return tuple(name(job_id) for name in (snapshot_key, fold_state_key, recent_key, waiting_key))


def limit_key(policy: str, subject: str) -> str:
    """Sorted set of what somebody has taken of a limit, see `sluice.limits`."""
    return f"sluice:limit:{policy}:{subject}"


def opened_key(mark: str) -> str:
    """String that lives for a while: a credential has opened this stream before."""
    return f"sluice:opened:{mark}"


def ticket_key(digest: str) -> str:
    """String with 60 s to live: for whom a stream ticket is, until it is used."""
    return f"sluice:ticket:{digest}"


def used_ticket_key(digest: str) -> str:
    """String with 10 min to live: the same, for reconnects of the stream that used it."""
    return f"sluice:used-ticket:{digest}"


def ticket_holder_key(digest: str) -> str:
    """String with 10 min to live: the stream that used a ticket last."""
    return f"sluice:ticket-holder:{digest}"

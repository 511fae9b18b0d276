"""Which stored files belong to nobody: left by a crash between writing a file and its job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file in the storage."""

    name: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file old enough to be an orphan; `job_id` is None for one that was never finished."""

    name: str
    job_id: UUID | None


def candidates(
    files: Iterable[FoundFile], now: datetime, min_age: timedelta
) -> tuple[Candidate, ...]:
    """Return what may go if it has no job; files that we did not name are left alone."""
    found = []
    for file in files:
        if now - file.changed_at < min_age:
            continue
        unfinished = file.name.startswith(".") and file.name.endswith(".part")
        job_id = _uuid(file.name[1 : -len(".part")] if unfinished else file.name)
        if job_id is not None:
            found.append(Candidate(name=file.name, job_id=None if unfinished else job_id))
    return tuple(found)


def orphans(found: Iterable[Candidate], jobs: AbstractSet[UUID]) -> tuple[str, ...]:
    """Return the names of the files to delete."""
    return tuple(c.name for c in found if c.job_id is None or c.job_id not in jobs)


def _uuid(text: str) -> UUID | None:
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text else None

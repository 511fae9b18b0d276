"""The progress of a job as JSON: what the table, its changelog and the settler read."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from uuid import UUID

from progress_gateway.domain.after_end import Healing, Undoing
from progress_gateway.domain.chunk_trouble import ChunkTrouble
from progress_gateway.domain.progress import Control, JobProgress, RunEnd, RunMarks
from sluice.job_status import Desired, Failure, JobStatus, LedgerSums, Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = {
    "run": "run",
    "startedRun": "started_run",
    "inserted": "inserted",
    "updated": "updated",
    "skipped": "skipped",
    "failed": "failed",
    "covered": "covered_bytes",
    "bytes": "bytes_total",
    "estimate": "estimated_rows",
    "failureRun": "failure_run",
    "startedAt": "started_at_ms",
    "finishedAt": "finished_at_ms",
}
_TROUBLE = (
    "chunk_no",
    "rank",
    "code",
    "max_attempts",
    "delay_s",
    "first_line",
    "last_line",
)
_UNDOING = ("batch", "done", "total", "reversed", "kept", "refused")
_SUMS = ("written_chunks", "dead_chunks", "inserted", "updated", "skipped", "failed")


def progress_to_json(state: JobProgress) -> dict[str, Any]:
    """Return the state as JSON values; what is zero or unknown is left out."""
    encoded: dict[str, Any] = {
        short: getattr(state, name) for short, name in _NUMBERS.items() if getattr(state, name)
    }
    if state.chunks:
        encoded["chunks"] = _bitmap_to_text(state.chunks)
    if state.runs:
        encoded["runs"] = [_run_to_list(of) for of in state.runs]
    if state.troubles:
        encoded["troubles"] = [_trouble_to_list(trouble) for trouble in state.troubles]
    if state.control.seq:
        control = state.control
        encoded["control"] = [control.seq, control.run, control.desired.value]
    if state.manifest is not None:
        encoded["manifest"] = [state.manifest.total_rows, state.manifest.total_chunks]
    if state.failure is not None:
        encoded["failure"] = [state.failure.code, state.failure.message]
    if state.end is not None:
        end = state.end
        sums = [getattr(end.ledger, name) for name in _SUMS]
        encoded["end"] = [end.run, end.status.value, end.total_rows, end.total_is_estimate, sums]
        encoded["end"] += [end.healed] if end.healed else []
    return encoded | _after_end_to_json(state)


def _after_end_to_json(state: JobProgress) -> dict[str, Any]:
    """Return the members that most jobs do not have."""
    encoded: dict[str, Any] = {}
    if state.healings:
        encoded["healings"] = [
            [of.correction_id.hex, of.inserted, of.updated, of.skipped] for of in state.healings
        ]
    if state.undoing is not None:
        encoded["undoing"] = [getattr(state.undoing, name) for name in _UNDOING]
    if state.dry_run:
        encoded["dryRun"] = True
    return encoded


def _run_to_list(of: RunMarks) -> list[Any]:
    return [of.run, of.marks, f"{of.epochs:x}", *([of.healed] if of.healed else [])]


def progress_from_json(encoded: Mapping[str, Any] | None) -> JobProgress:
    """Return the state; None is a job of which nothing is known.

    Members that an older release did not know are empty.
    """
    if encoded is None:
        return JobProgress()
    numbers = {name: encoded.get(short, 0) for short, name in _NUMBERS.items()}
    return JobProgress(
        **numbers,
        chunks=_bitmap_from_text(encoded.get("chunks", "")),
        runs=tuple(_run(*parts) for parts in encoded.get("runs", ())),
        troubles=tuple(
            ChunkTrouble(**dict(zip(_TROUBLE, values, strict=False)))
            for values in encoded.get("troubles", ())
        ),
        control=_control(encoded.get("control")),
        manifest=_manifest(encoded.get("manifest")),
        failure=_failure(encoded.get("failure")),
        end=_end(encoded.get("end")),
        healings=tuple(_healing(*parts) for parts in encoded.get("healings", ())),
        undoing=_undoing(encoded.get("undoing")),
        dry_run=encoded.get("dryRun", False),
    )


def _run(run: int, marks: int, epochs: str, healed: int = 0) -> RunMarks:
    return RunMarks(run=run, marks=marks, epochs=int(epochs, 16), healed=healed)


def _healing(correction_id: str, inserted: int, updated: int, skipped: int) -> Healing:
    return Healing(
        correction_id=UUID(correction_id), inserted=inserted, updated=updated, skipped=skipped
    )


def _undoing(parts: list[Any] | None) -> Undoing | None:
    return None if parts is None else Undoing(**dict(zip(_UNDOING, parts, strict=True)))


def _trouble_to_list(trouble: ChunkTrouble) -> list[Any]:
    """Return the members in order; those behind the last known one are left out."""
    values = [getattr(trouble, name) for name in _TROUBLE]
    while not values[-1]:
        values.pop()
    return values


def _control(parts: list[Any] | None) -> Control:
    if parts is None:
        return Control()
    seq, run, desired = parts
    return Control(seq=seq, run=run, desired=Desired(desired))


def _manifest(pair: list[int] | None) -> Manifest | None:
    return None if pair is None else Manifest(total_rows=pair[0], total_chunks=pair[1])


def _failure(pair: list[str] | None) -> Failure | None:
    return None if pair is None else Failure(code=pair[0], message=pair[1])


def _end(parts: list[Any] | None) -> RunEnd | None:
    if parts is None:
        return None
    run, status, total_rows, total_is_estimate, sums, *healed = parts
    return RunEnd(
        run=run,
        status=JobStatus(status),
        total_rows=total_rows,
        total_is_estimate=total_is_estimate,
        ledger=LedgerSums(**dict(zip(_SUMS, sums, strict=True))),
        healed=healed[0] if healed else 0,
    )


def _bitmap_to_text(bitmap: int) -> str:
    size_bytes = (bitmap.bit_length() + 7) // 8
    return base64.b64encode(bitmap.to_bytes(size_bytes, "little")).decode()


def _bitmap_from_text(text: str) -> int:
    return int.from_bytes(base64.b64decode(text), "little")

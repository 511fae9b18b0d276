"""What must hold after every run (O-1 to O-7): each rule says what it found wrong, and where."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
from psycopg.rows import dict_row
from tests.faults import workbooks
from tests.faults.deliveries import Place, ends_of, records_between

from sluice.job_status import TERMINAL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.fault_world import FaultWorld
    from tests.faults.followers import Follower
    from tests.road_client import RoadClient

TERMINAL_WITHIN_S = 60.0
STREAM_ENDS_WITHIN_S = 15.0
QUIET_WITHIN_S = 8.0
CONNECTED_WITHIN_S = 30
SHOWN = 3
HALF_CLOSED_MOST = 5
"""A pool of HTTP connections sees at its next use that the other side was killed."""
POOL_MOST = 11
"""Of one process: a pool of at most ten, and the connection that replaces a dying one."""
ORPHAN_AGE_S = 25 * 3600
OF_THE_LIBRARIES = ("sluice-progress-fold",)
"""Made by Faust at its start, and empty."""
AFTER_A_KILL = ("pymp-",)
"""Python's own socket folder of a fork server, which a killed parser cannot remove."""

_JOB = "SELECT * FROM sluice.jobs WHERE job_id = %s"
_LEDGER = """
    SELECT c.*, p.total_rows AS manifest_rows, p.total_chunks AS manifest_chunks
      FROM sluice.chunks AS c JOIN sluice.parses AS p USING (job_id)
     WHERE job_id = %s ORDER BY chunk_no"""
_REJECTED = "SELECT sheet_line FROM sluice.rejected_lines WHERE job_id = %s ORDER BY 1"
_SESSIONS = """
    SELECT application_name, state, count(*) FROM pg_stat_activity
     WHERE application_name LIKE 'sluice-%' GROUP BY 1, 2"""


@dataclass(slots=True, kw_only=True)
class ImportEvidence:
    """One import, what it must leave, and who watched it."""

    plan: workbooks.ImportPlan
    job_id: str
    contents: workbooks.Contents
    followers: list[Follower]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that the oracles look at."""

    world: FaultWorld
    imports: list[ImportEvidence]
    client: RoadClient
    begin: dict[str, list[Place]]
    faults: list[str]
    last_healed_s: float
    terminal_s: float = 0.0


@dataclass(slots=True)
class Verdict:
    """What is wrong, and how many rows were compared."""

    wrong: list[str] = field(default_factory=list)
    rows: int = 0
    lost: int = 0
    doubled: int = 0


def verdicts(evidence: Evidence) -> Verdict:
    """Return everything that does not hold."""
    verdict = Verdict()
    await_ends(evidence, verdict)
    url = evidence.world.database_url
    with psycopg.connect(url, autocommit=True) as conn:
        for each in evidence.imports:
            check_rows(conn, each, verdict)
            verdict.wrong += [f"{each.plan.name}: {w}" for w in check_counts(conn, each, evidence)]
            verdict.wrong += [f"{each.plan.name}: {w}" for w in check_ledger(conn, each)]
            for number, follower in enumerate(each.followers):
                verdict.wrong += [
                    f"{each.plan.name}: viewer {number}: {w}" for w in follower.faults()
                ]
        verdict.wrong += check_sessions(conn)
    verdict.wrong += check_files(evidence)
    verdict.wrong += check_processes(evidence.world)
    for topic, begin in evidence.begin.items():
        repeats = check_repeats(evidence.world.stack.kafka_bootstrap, topic, begin)
        verdict.wrong += islice(repeats, SHOWN)
    return verdict


def ended(database_url: str, ids: list[str], connect_timeout_s: int) -> int:
    """Return how many of these jobs have ended; during faults nobody waits long for an answer."""
    query = "SELECT count(*) FROM sluice.jobs WHERE job_id = ANY(%s::uuid[]) AND status = ANY(%s)"
    with psycopg.connect(database_url, connect_timeout=connect_timeout_s) as conn:
        row = conn.execute(query, [ids, list(TERMINAL_STATUSES)]).fetchone()
    return int(row[0]) if row is not None else 0


def await_ends(evidence: Evidence, verdict: Verdict) -> None:
    """O-5: every job ends in time after the last fault healed; and so does every stream."""
    ids = [each.job_id for each in evidence.imports]
    deadline_s = evidence.last_healed_s + TERMINAL_WITHIN_S
    while (count := ended(evidence.world.database_url, ids, CONNECTED_WITHIN_S)) < len(ids):
        if time.monotonic() > deadline_s:
            verdict.wrong.append(
                f"O-5: {count} of {len(ids)} jobs ended within {TERMINAL_WITHIN_S:.0f} s of the"
                " healing"
            )
            break
        time.sleep(0.1)
    evidence.terminal_s = time.monotonic() - evidence.last_healed_s
    stream_deadline_s = time.monotonic() + STREAM_ENDS_WITHIN_S
    for each in evidence.imports:
        for follower in each.followers:
            follower.join(max(0.0, stream_deadline_s - time.monotonic()))
            follower.give_up()


def check_rows(conn: psycopg.Connection[Any], each: ImportEvidence, verdict: Verdict) -> None:
    """O-1: the table has exactly the workbook's rows, and the rejected lines are the bad ones."""
    found = workbooks.found(conn, each.plan, each.job_id)
    difference = workbooks.compare(each.contents.rows, found)
    verdict.rows += each.contents.total_rows
    verdict.lost += difference.lost
    verdict.doubled += difference.doubled
    if difference.lost or difference.doubled:
        verdict.wrong.append(
            f"{each.plan.name}: O-1: {difference.lost} rows lost, {difference.doubled} too much:"
            f" {'; '.join(difference.examples)}"
        )
    rejected = [row[0] for row in conn.execute(_REJECTED, [each.job_id])]
    if rejected != sorted(each.contents.rejected):
        missing = sorted(set(each.contents.rejected) - set(rejected))[:3]
        wrongly = sorted(set(rejected) - set(each.contents.rejected))[:3]
        verdict.wrong.append(
            f"{each.plan.name}: O-1: {len(rejected)} lines are rejected and"
            f" {len(each.contents.rejected)} must be (missing {missing}, wrongly {wrongly})"
        )


def check_counts(
    conn: psycopg.Connection[Any], each: ImportEvidence, evidence: Evidence
) -> Iterator[str]:
    """O-2: accepted, rejected and unprocessed rows are the rows of the file, for everybody."""
    job = conn.cursor(row_factory=dict_row).execute(_JOB, [each.job_id]).fetchone()
    assert job is not None
    bad = len(each.contents.rejected)
    status = "completed_with_errors" if bad else "completed"
    if job["status"] != status:
        yield f"the job is {job['status']} ({job['failure_code']}) and not {status}"
    accepted = job["inserted_rows"] + job["updated_rows"] + job["skipped_rows"]
    total = each.contents.total_rows
    if (accepted, job["failed_rows"], job["unprocessed_rows"]) != (total - bad, bad, 0):
        yield (
            f"O-2: {accepted} accepted + {job['failed_rows']} rejected +"
            f" {job['unprocessed_rows']} unprocessed; wanted {total - bad} + {bad} + 0"
        )
    seen = evidence.client.job(each.job_id)
    told = (seen["status"], seen["successRows"], seen["failedRows"], seen["totalRows"])
    if told != (job["status"], accepted, job["failed_rows"], total):
        yield f"O-2: the API tells {told}"


def check_ledger(conn: psycopg.Connection[Any], each: ImportEvidence) -> Iterator[str]:
    """O-3: the ledger is the manifest: each chunk once, together all lines, none twice."""
    chunks = conn.cursor(row_factory=dict_row).execute(_LEDGER, [each.job_id]).fetchall()
    if not chunks:
        yield "O-3: the ledger is empty"
        return
    numbers = [chunk["chunk_no"] for chunk in chunks]
    if numbers != list(range(chunks[0]["manifest_chunks"] or 0)):
        yield f"O-3: chunks {numbers[:3]}…{numbers[-3:]}, manifest {chunks[0]['manifest_chunks']}"
    rows = sum(chunk["rows"] for chunk in chunks)
    if not rows == chunks[0]["manifest_rows"] == each.contents.total_rows:
        yield f"O-3: {rows} rows in the ledger, {chunks[0]['manifest_rows']} in the manifest"
    if dead := [chunk["chunk_no"] for chunk in chunks if chunk["outcome"] != "written"]:
        yield f"O-3: chunks are dead-lettered: {dead[:10]}"
    for before, after in pairwise(chunks):
        if after["first_line"] != before["last_line"] + 1:
            yield f"O-3: chunk {after['chunk_no']} begins in line {after['first_line']}"


def check_sessions(conn: psycopg.Connection[Any]) -> list[str]:
    """O-6: no transaction is left open, and no pool has grown."""

    def wrong() -> list[str]:
        rows = conn.execute(_SESSIONS).fetchall()
        idle = [f"O-6: {n} sessions of {name} are {s}" for name, s, n in rows if "in trans" in s]
        by_name: dict[str, int] = {}
        for name, _state, count in rows:
            by_name[name] = by_name.get(name, 0) + count
        many = [f"O-6: {n} sessions of {name}" for name, n in by_name.items() if n > 2 * POOL_MOST]
        return idle + many

    return _until_none(wrong)


def check_files(evidence: Evidence) -> list[str]:
    """O-6: each stored file has its job, and nothing temporary is left."""
    world = evidence.world
    if any("upload" in name or name == "clients-gateway" for name in evidence.faults):
        _sweep(world)

    def wrong() -> list[str]:
        with psycopg.connect(world.database_url) as conn:
            jobs = {str(row[0]) for row in conn.execute("SELECT job_id FROM sluice.jobs")}
        stray = [n for n in os.listdir(world.files) if n not in jobs]  # noqa: PTH208 - names only
        allowed = OF_THE_LIBRARIES + (AFTER_A_KILL if _parser_was_killed(evidence) else ())
        left = [p for p in _entries(world.temporary) if not p.name.startswith(allowed)]
        if not _parser_was_killed(evidence):
            # a running parser has its socket folder
            left = [p for p in left if not p.name.startswith(AFTER_A_KILL)]
        spilled = _entries(world.spill)
        return [f"O-6: left behind: {name}" for name in (*stray, *left, *spilled)]

    return _until_none(wrong)


def _parser_was_killed(evidence: Evidence) -> bool:
    return any("kill -9" in name and "parser" in name for name in evidence.faults)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _sweep(world: FaultWorld) -> None:
    """Let a day pass for what a killed upload left, and the sweeper come by."""
    with psycopg.connect(world.database_url) as conn:
        jobs = {str(row[0]) for row in conn.execute("SELECT job_id FROM sluice.jobs")}
    strays = [path for path in _entries(world.files) if path.name not in jobs]
    if not strays:
        return
    long_ago_s = strays[0].stat().st_mtime - ORPHAN_AGE_S
    for path in strays:
        os.utime(path, (long_ago_s, long_ago_s))
    world.stack.restart("upload-api")


def check_processes(world: FaultWorld) -> list[str]:
    """O-6: no reader outlives its sheet, no socket waits to be closed."""

    def wrong() -> list[str]:
        found: list[str] = []
        for status in world.stack.processes():
            if status.pid is None or status.service in {"kafka", "postgres", "redis"}:
                continue
            try:
                process = psutil.Process(status.pid)
                found += _left_by(status.name, process)
            except psutil.NoSuchProcess:
                found.append(f"O-6: {status.name} is not running")
        return found

    return _until_none(wrong)


def _left_by(name: str, process: psutil.Process) -> Iterator[str]:
    waiting = [c for c in process.net_connections() if c.status == psutil.CONN_CLOSE_WAIT]
    if len(waiting) > HALF_CLOSED_MOST:
        yield f"O-6: {name} has {len(waiting)} sockets that the other side has closed"
    for child in process.children(recursive=True):
        parent = child.parent()
        if parent is not None and "forkserver" in " ".join(parent.cmdline()):
            yield f"O-6: a child of {name} is left: {child.pid}"


def check_repeats(bootstrap: str, topic: str, begin: list[Place]) -> Iterator[str]:
    """O-7: what is told twice is told in the same words."""
    bodies: dict[str, bytes] = {}
    for record in records_between(bootstrap, begin, ends_of(bootstrap, topic)):
        identity = record.header_map.get("ce_id", "")
        if not identity:
            yield f"O-7: a record on {topic} has no ce_id"
        elif bodies.setdefault(identity, record.value) != record.value:
            yield f"O-7: {identity} on {topic}: {bodies[identity]!r:.300} / {record.value!r:.300}"


def _until_none(wrong: Callable[[], list[str]]) -> list[str]:
    """Return what is still wrong after some seconds: endings take their time."""
    deadline_s = time.monotonic() + QUIET_WITHIN_S
    while (found := wrong()) and time.monotonic() < deadline_s:
        time.sleep(0.2)
    return found

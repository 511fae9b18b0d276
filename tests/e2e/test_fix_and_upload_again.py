"""A workbook with mistakes: they are told, corrected and uploaded again, and nothing is twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.corrected_orders import correct_orders
from tests.table_facts import empty_orders

from cli.__main__ import run
from sample_data import BAD_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

ROWS = 3_000
SHARE = 0.1
STUCK_S = 60.0
_DIGEST = """
SELECT count(*), md5(string_agg((to_jsonb(o) - 'sluice_job')::text, '' ORDER BY order_id))
  FROM orders o
"""


def table_digest(stack: Stack) -> tuple[int, str]:
    """Return rows and a digest of every column of the table but the job."""
    with psycopg.connect(stack.database_url) as conn:
        row = conn.execute(_DIGEST).fetchone()
    assert row is not None
    return row[0], row[1]


def correct_digest(client: RoadClient, stack: Stack, book: Path) -> tuple[int, str]:
    """Return what the table holds when the fully correct workbook is imported; empty it again."""
    client.follow(client.upload(book, "orders"))
    digest = table_digest(stack)
    empty_orders(stack.database_url)
    return digest


def healed(client: RoadClient, job_id: str) -> dict[str, Any]:
    """Wait until the root is settled behind its correction."""
    deadline_s = time.monotonic() + STUCK_S
    while (job := client.job(job_id))["status"] != "completed":
        assert time.monotonic() < deadline_s, job
        time.sleep(0.1)
    return job


@pytest.mark.parametrize(
    "rows",
    [3_000, pytest.param(1_000_000, marks=[pytest.mark.long_faults, pytest.mark.timeout(1800)])],
)
def test_failed_rows_are_corrected_and_complete_their_job(
    client: RoadClient, stack: Stack, orders: Callable[..., Any], tmp_path: Path, rows: int
) -> None:
    correct = correct_digest(client, stack, orders(rows).path)
    book = orders(rows, SHARE)
    job_id = client.upload(book.path, "orders")
    assert client.follow(job_id)[-1].data["status"] == "completed_with_errors"
    summary = client.http.get(f"/api/jobs/{job_id}/errors/summary").raise_for_status().json()
    assert summary["failedRows"] == summary["totalErrors"] == book.expected.bad_rows
    assert summary["truncated"] is False
    by_column: dict[str, int] = {}
    for kind in summary["kinds"]:
        by_column[kind["header"]] = by_column.get(kind["header"], 0) + kind["count"]
    expected: dict[str, int] = {}
    for bad in BAD_KINDS:
        count = book.expected.bad_by_kind[bad.name]
        expected[bad.column] = expected.get(bad.column, 0) + count
    assert by_column == expected
    failed, corrected = tmp_path / "failed.xlsx", tmp_path / "corrected.xlsx"
    answer = client.http.get(f"/api/jobs/{job_id}/failed-rows.xlsx").raise_for_status()
    failed.write_bytes(answer.content)
    lines = correct_orders(failed, corrected, rows)
    assert len(lines) == book.expected.bad_rows
    first = [line for line, _ in book.expected.first_bad_lines]
    assert lines[: len(first)] == first
    sent = client.post_file(corrected, correctionOf=job_id)
    assert sent.status_code == 200, sent.text
    assert client.follow(sent.json()["jobId"])[-1].data["status"] == "completed"
    job = healed(client, job_id)
    assert (job["failedRows"], job["insertedRows"]) == (0, rows)
    assert job["healedRows"] == book.expected.bad_rows
    assert table_digest(stack) == correct
    again = client.post_file(corrected, correctionOf=job_id)
    assert (again.status_code, again.json()["code"]) == (409, "CORRECTION_REFUSED")


@pytest.fixture
def _signed_in(client: RoadClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_URL", str(client.http.base_url))
    monkeypatch.setenv("SLUICE_TOKEN", client.token)


@pytest.mark.usefixtures("_signed_in")
def test_the_same_from_the_command_line(
    client: RoadClient,
    stack: Stack,
    orders: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    correct = correct_digest(client, stack, orders(ROWS).path)
    failed, corrected = tmp_path / "failed.xlsx", tmp_path / "corrected.xlsx"
    assert run(["import", str(orders(ROWS, SHARE).path), "--target", "orders", "--follow"]) == 1
    job_id = client.http.get("/api/jobs", params={"limit": 1}).json()["jobs"][0]["jobId"]
    capsys.readouterr()
    assert run(["jobs", "errors", job_id, "--summary"]) == 0
    assert f"errors in {orders(ROWS, SHARE).expected.bad_rows:,} rows" in capsys.readouterr().out
    assert run(["jobs", "failed-rows", job_id, "-o", str(failed)]) == 0
    correct_orders(failed, corrected, ROWS)
    assert run(["import", str(corrected), "--correct", job_id, "--follow"]) == 0
    healed(client, job_id)
    assert table_digest(stack) == correct
    assert run(["jobs", "erase", job_id, "--yes"]) == 0
    assert client.http.get(f"/api/jobs/{job_id}").status_code == 404
    assert table_digest(stack) == correct

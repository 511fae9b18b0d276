"""A job's failed rows are corrected while people watch it, and then it is undone before them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import psycopg
from tests.table_facts import orders_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.road_client import Message, RoadClient

    from devstack import Stack

HEADERS = [
    "order_id",
    "customer_name",
    "email",
    "sku",
    "quantity",
    "unit_price",
    "currency",
    "ordered_at",
    "shipped",
    "note",
]
ROWS, GOOD, STILL_BAD = 20_000, 500, 10
QUANTITY = HEADERS.index("quantity")


def sheet(path: Path) -> Path:
    """Write orders of which all but the first few have words for a quantity."""
    rest = ["1.50", "EUR", "2026-11-25", "true", ""]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number in range(1, ROWS + 1):
            quantity = "12" if number <= GOOD else "a dozen"
            writer.writerow([str(number), "Ann", "a@b.cd", "A-1", quantity, *rest])
    return path


def corrected(client: RoadClient, job_id: str, path: Path, leave: int) -> Path:
    """Write the job's failed rows with their quantities mended, but for the last few."""
    answer = client.http.get(f"/api/jobs/{job_id}/failed-rows.csv").raise_for_status()
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    for row in rows[: len(rows) - leave]:
        row[QUANTITY] = "12"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def correct(client: RoadClient, job_id: str, path: Path) -> list[Message]:
    """Upload a correction and follow its root, as the page does."""
    answer = client.post_file(path, correctionOf=job_id)
    assert answer.status_code == 200, answer.text
    messages = client.follow(job_id)
    versions = [message.version for message in messages[1:]]
    assert versions == sorted(versions)
    return messages


def test_a_job_heals_and_is_undone_before_those_who_watch(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    root = client.upload(sheet(tmp_path / "orders.csv"), "orders")
    last = client.follow(root)[-1].data
    assert (last["status"], last["data"]["failedRows"]) == ("completed_with_errors", ROWS - GOOD)

    first = corrected(client, root, tmp_path / "first.csv", leave=STILL_BAD)
    messages = correct(client, root, first)
    healing = [m.data["data"] for m in messages if m.data.get("data", {}).get("ongoing")]
    assert healing, "the stream stayed open for the correction"
    failed = [data["failedRows"] for data in healing]
    assert failed == sorted(failed, reverse=True)
    last = messages[-1].data
    assert (last["status"], last["data"]["failedRows"]) == ("completed_with_errors", STILL_BAD)
    assert last["data"]["healedRows"] == ROWS - GOOD - STILL_BAD

    second = corrected(client, root, tmp_path / "second.csv", leave=0)
    last = correct(client, root, second)[-1].data
    assert (last["status"], last["data"]["failedRows"]) == ("completed", 0)
    assert last["data"]["processedRows"] == ROWS
    assert orders_of(stack.database_url, root)[:3] == (ROWS, ROWS, 12 * ROWS)
    job = client.job(root)
    assert (job["status"], job["insertedRows"], job["healedRows"]) == (
        "completed",
        ROWS,
        ROWS - GOOD,
    )

    with psycopg.connect(stack.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.undos (job_id, requested_by) "
            "SELECT job_id, owner_id FROM sluice.jobs WHERE job_id = %s",
            [root],
        )
    messages = client.follow(root)
    assert messages[-1].event == "undone"
    undo = messages[-1].data["data"]["undo"]
    assert (undo["state"], undo["reversed"], undo["kept"]) == ("done", ROWS, 0)
    assert orders_of(stack.database_url, root)[0] == 0

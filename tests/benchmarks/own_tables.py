"""`make bench-own`: bad rows mended and uploaded again, an upsert over itself, an undo with a kill.

Four imports of the same `ROWS` (1,000,000) orders through the whole running pipeline:

1. clean, as the measure of the second;
2. with 3 % bad rows of eight kinds: counts, summary, `failed-rows.xlsx`, a script's corrections
   uploaded again, and the table compared, row by row, with that of the clean workbook;
3. as an upsert of the same rows over themselves;
4. an undo of the clean import, whose writer is killed in the middle.

Prints one JSON object a step; ends with 1 when any of them is not exact.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from openpyxl import Workbook, load_workbook
from tests.benchmarks.whole_road import WORKBOOKS
from tests.road_client import RoadClient
from tests.table_facts import empty_orders

from devstack import SluiceOptions, Stack
from sample_data import DEFAULT_SEED, generate_orders
from sample_data.bad_orders import ORDER_COLUMNS, bad_lines
from sample_data.order_draws import draw_orders, order_of
from sluice.corrections import ROW_HEADER

if TYPE_CHECKING:
    from sample_data.order_draws import Order

BAD_SHARE = 0.03
LOOK_S = 0.2
WAIT_S = 900.0
_ROW = f"SELECT {', '.join(ORDER_COLUMNS)}, sluice_line FROM"
DIFFERING = (
    f"SELECT (SELECT count(*) FROM ({_ROW} orders EXCEPT {_ROW} orders_clean) a)"
    f" + (SELECT count(*) FROM ({_ROW} orders_clean EXCEPT {_ROW} orders) b)"
)


class Steps:
    """The running stack, and what was seen so far."""

    def __init__(self, stack: Stack, rows: int) -> None:
        assert stack.gateway is not None
        self.stack = stack
        self.rows = rows
        self.client = RoadClient(stack.gateway, *stack.login)
        self.all_exact = True

    def say(self, step: str, *, exact: bool, **figures: Any) -> None:
        self.all_exact = self.all_exact and exact
        print(json.dumps({"step": step, "exact": exact} | figures), flush=True)

    def ask(self, query: str, *values: object) -> Any:
        with psycopg.connect(self.stack.database_url, autocommit=True) as conn:
            found = conn.execute(query.encode(), values)
            return found.fetchone() if found.description else None

    def imported(
        self, path: Path, target: str | None = "orders", **fields: str
    ) -> tuple[dict[str, Any], float]:
        """Return the ended job, and the seconds from the upload's answer to its end."""
        answer = self.client.post_file(path, target, **fields)
        assert answer.status_code == 200, answer.text
        answered_s = time.monotonic()
        job_id = str(answer.json()["jobId"])
        end_s = self.client.follow(job_id)[-1].at_s
        return self.client.job(job_id), end_s - answered_s

    def until(self, job_id: str, *statuses: str) -> dict[str, Any]:
        deadline_s = time.monotonic() + WAIT_S
        while (job := self.client.job(job_id))["status"] not in statuses:
            assert time.monotonic() < deadline_s, f"stuck: {job}"
            time.sleep(LOOK_S)
        return job


def workbook(rows: int, bad_share: float) -> Path:
    path = WORKBOOKS / f"orders-{rows}-inline-{bad_share:g}.xlsx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders(path, rows, bad_share=bad_share).write_beside(path)
    return path


def clean(steps: Steps) -> float:
    empty_orders(steps.stack.database_url)
    job, wall_s = steps.imported(workbook(steps.rows, 0))
    steps.ask("DROP TABLE IF EXISTS orders_clean")
    steps.ask("CREATE TABLE orders_clean AS SELECT * FROM orders")
    exact = job["status"] == "completed" and job["successRows"] == steps.rows
    steps.say("clean", exact=exact, wall_s=round(wall_s, 2), rows_per_s=round(steps.rows / wall_s))
    return wall_s


def mended(steps: Steps, clean_s: float) -> None:
    empty_orders(steps.stack.database_url)
    bad = dict(bad_lines(DEFAULT_SEED, steps.rows, BAD_SHARE))
    job, wall_s = steps.imported(workbook(steps.rows, BAD_SHARE))
    counts = (job["successRows"], job["failedRows"]) == (steps.rows - len(bad), len(bad))
    steps.say(
        "3 % bad",
        exact=job["status"] == "completed_with_errors" and counts,
        wall_s=round(wall_s, 2),
        of_clean=round(wall_s / clean_s, 2),
        failed=job["failedRows"],
        kinds=len({kind.name for kind in bad.values()}),
    )
    summary(steps, job["jobId"], len(bad))
    corrected = correct(steps, job["jobId"], set(bad))
    child, healing_s = steps.imported(corrected, None, correctionOf=job["jobId"])
    root = steps.until(job["jobId"], "completed")
    differing = steps.ask(DIFFERING)[0]
    healed = root["failedRows"] == 0 and root["successRows"] == steps.rows
    steps.say(
        "corrected",
        exact=healed and differing == 0 and child["status"] == "completed",
        wall_s=round(healing_s, 2),
        status=root["status"],
        rows_differing_from_clean=differing,
    )


def summary(steps: Steps, job_id: str, failed: int) -> None:
    begin_s = time.monotonic()
    answer = steps.client.http.get(f"/api/jobs/{job_id}/errors/summary").raise_for_status()
    took_s = time.monotonic() - begin_s
    kinds = answer.json()["kinds"]
    total = sum(kind["count"] for kind in kinds)
    steps.say(
        "summary", exact=total == failed, took_s=round(took_s, 3), groups=len(kinds), errors=total
    )


def correct(steps: Steps, job_id: str, lines: set[int]) -> Path:
    """Download the failed rows, put the good values in, and write the file to upload again."""
    begin_s = time.monotonic()
    answer = steps.client.http.get(f"/api/jobs/{job_id}/failed-rows.xlsx").raise_for_status()
    path = WORKBOOKS / "failed-rows.xlsx"
    path.write_bytes(answer.content)
    took_s = time.monotonic() - begin_s
    rows = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    header = [str(name) for name in next(rows)]
    at = header.index(ROW_HEADER)
    found = [int(str(row[at])) for row in rows]
    steps.say(
        "failed-rows.xlsx",
        exact=found == sorted(lines),
        took_s=round(took_s, 2),
        rows=len(found),
    )
    good = good_orders(steps.rows, set(found))
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([*ORDER_COLUMNS, ROW_HEADER])
    for line in found:
        sheet.append([*astuple(good[line]), line])
    corrected = WORKBOOKS / "corrected.xlsx"
    book.save(corrected)
    return corrected


def good_orders(rows: int, lines: set[int]) -> dict[int, Order]:
    draws = draw_orders(DEFAULT_SEED)
    return {
        line: order_of(draw)
        for line, draw in zip(range(2, rows + 2), draws, strict=False)
        if line in lines
    }


def upserted(steps: Steps) -> None:
    job, wall_s = steps.imported(workbook(steps.rows, 0), mode="upsert")
    rows, keys = steps.ask("SELECT count(*), count(DISTINCT order_id) FROM orders")
    exact = (job["updatedRows"], job["insertedRows"]) == (steps.rows, 0)
    steps.say(
        "upsert over itself",
        exact=exact and rows == keys == steps.rows,
        wall_s=round(wall_s, 2),
        rows_per_s=round(steps.rows / wall_s),
        updated=job["updatedRows"],
        inserted=job["insertedRows"],
    )


def undone(steps: Steps) -> None:
    empty_orders(steps.stack.database_url)
    job, _ = steps.imported(workbook(steps.rows, 0))
    begin_s = time.monotonic()
    steps.client.http.post(f"/api/jobs/{job['jobId']}/undo").raise_for_status()
    killed_at = None
    while killed_at is None:
        left = steps.ask("SELECT count(*) FROM orders")[0]
        if left < steps.rows:
            killed_at = left
            steps.stack.kill("writer", 9)
        assert time.monotonic() - begin_s < WAIT_S, "the undo does not begin"
    job = steps.until(job["jobId"], "undone")
    took_s = time.monotonic() - begin_s
    left = steps.ask("SELECT count(*) FROM orders")[0]
    steps.say(
        "undo",
        exact=left == 0 and job["undo"]["reversed"] == steps.rows,
        took_s=round(took_s, 2),
        killed_with_rows_left=killed_at,
        undo=job["undo"],
    )


def main() -> int:
    rows = int(os.environ.get("ROWS", "1000000"))
    options = SluiceOptions(writers=int(os.environ.get("WRITERS", "1")))
    with Stack.ephemeral("bench-own", sluice=options) as stack:
        steps = Steps(stack, rows)
        clean_s = clean(steps)
        mended(steps, clean_s)
        upserted(steps)
        undone(steps)
    return 0 if steps.all_exact else 1


if __name__ == "__main__":
    sys.exit(main())

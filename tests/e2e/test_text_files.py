"""A CSV goes the whole way, as a workbook does: upload, rows, bad rows by number, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from tests.e2e.test_the_road import check_stream
from tests.table_facts import expected_orders, orders_of

from sample_data import bad_lines, generate_orders_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack


def test_orders_in_utf_16_with_semicolons_arrive_and_bad_rows_are_named(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    expected = generate_orders_csv(path, 20_000, bad_share=0.02, delimiter=";")
    path.write_bytes(path.read_bytes().decode().encode("utf-16"))
    answer = client.post_file(path, "orders")
    assert answer.status_code == 200, answer.text
    accepted = answer.json()
    assert (accepted["dialect"]["encoding"], accepted["dialect"]["delimiter"]) == (
        "utf-16-le",
        "semicolon",
    )
    job_id = accepted["jobId"]
    messages = client.follow(job_id)
    check_stream(messages)
    assert messages[-1].data["status"] == "completed_with_errors"
    assert messages[-1].percentage == 100
    assert orders_of(stack.database_url, job_id) == expected_orders(expected)
    with psycopg.connect(stack.database_url) as conn:
        rejected = conn.execute(
            "SELECT sheet_line FROM sluice.rejected_lines WHERE job_id = %s ORDER BY 1", [job_id]
        ).fetchall()
    assert [line for (line,) in rejected] == [
        line for line, _ in bad_lines(expected.seed, 20_000, 0.02)
    ]


UNEQUAL = (
    "sep=;\r\n"
    "Name;Price;Code\r\n"
    '"Ann\r\nof two lines";1,50;007\r\n'
    "\r\n"
    "short\r\n"
    "Ben;2,5;1;a cell too many\r\n"
    'Cy;"1;5";=1+1\r\n'
)


def test_line_breaks_unequal_rows_and_leading_zeros_are_kept_or_named(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    path = tmp_path / "unequal.csv"
    path.write_bytes(UNEQUAL.encode())
    job_id = client.upload(path)
    assert client.follow(job_id)[-1].data["status"] == "completed_with_errors"
    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute(
            "SELECT sluice_line, data FROM sluice.records WHERE sluice_job = %s ORDER BY 1",
            [job_id],
        ).fetchall()
    assert found == [
        (2, {"Name": "Ann\r\nof two lines", "Price": "1,50", "Code": "007"}),
        (4, {"Name": "short"}),
        (6, {"Name": "Cy", "Price": "1;5", "Code": "=1+1"}),
    ]
    [error] = client.http.get(f"/api/jobs/{job_id}/errors").json()["errors"]
    assert (error["line"], error["column"], error["code"]) == (5, "D", "TOO_MANY_CELLS")


def test_a_quote_that_breaks_far_below_fails_the_job_with_its_place(
    client: RoadClient, tmp_path: Path
) -> None:
    path = tmp_path / "quote.csv"
    path.write_bytes(b"id,name\n" + b"1234567,somebody\n" * 100_000 + b'9,"a "b""\n')
    job_id = client.upload(path)
    end = client.follow(job_id)[-1]
    assert end.event == "failed"
    failure = client.job(job_id)["failure"]
    assert failure["code"] == "QUOTE_INVALID"
    assert "row 100,002, column B" in failure["message"]

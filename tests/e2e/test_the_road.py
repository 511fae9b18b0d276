"""A workbook goes the whole way: upload, rows in PostgreSQL, live progress, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import psycopg
import pytest
from tests.road_client import ENDS, Message, RoadClient
from tests.table_facts import expected_orders, ledger_of, orders_of

from sample_data import bad_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Workbook

    from devstack import Stack


def check_stream(messages: list[Message]) -> None:
    """One client's stream: connection, state, forward only, one end."""
    assert messages[0].event == "connection"
    states = [message for message in messages if message.event != "connection"]
    versions = [message.version for message in states]
    assert versions == sorted(versions)
    shares = [message.percentage for message in states]
    assert shares == sorted(shares)
    assert [message.event in ENDS for message in states] == [False] * (len(states) - 1) + [True]


@pytest.mark.parametrize("strings", ["inline", "shared"])
def test_every_row_of_a_clean_workbook_arrives(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook], strings: str
) -> None:
    workbook = orders(30_000, strings=strings)
    job_id = client.upload(workbook.path, "orders")
    messages = client.follow(job_id)
    check_stream(messages)
    assert messages[-1].event == "completed"
    assert messages[-1].data["status"] == "completed"
    assert messages[-1].percentage == 100
    assert orders_of(stack.database_url, job_id) == expected_orders(workbook.expected)
    job = client.job(job_id)
    assert job["status"] == "completed"
    assert job["totalRows"] == job["successRows"] == job["processedRows"] == 30_000
    assert not job["totalIsEstimate"]
    assert (job["failedRows"], job["unprocessedRows"]) == (0, 0)


def test_a_second_client_joins_in_the_middle(
    client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    job_id = client.upload(orders(30_000).path, "orders")
    with client.stream(job_id) as first:
        head = []
        for message in first:
            head.append(message)
            if message.event not in {"connection", *ENDS} and message.percentage > 0:
                break
        joined = client.follow(job_id)
        messages = [*head, *first]
    check_stream(messages)
    check_stream(joined)
    assert joined[1].version >= head[-1].version
    assert joined[-1].version == messages[-1].version


def test_who_comes_after_the_end_gets_the_end(
    client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    job_id = client.upload(orders(1_000).path, "orders")
    last = client.follow(job_id)[-1]
    with client.stream(job_id, last_event_id=last.id) as events:
        again = list(events)
    assert [message.event for message in again] == ["connection", "completed"]
    snapshot = client.http.get(f"/api/progress/{job_id}").json()
    assert snapshot["status"] == "completed"
    assert snapshot["version"] == last.version


def test_bad_rows_are_named_and_their_neighbours_written(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    workbook = orders(20_000, bad_share=0.02)
    job_id = client.upload(workbook.path, "orders")
    end = client.follow(job_id)[-1]
    assert (end.event, end.data["status"]) == ("completed", "completed_with_errors")
    assert orders_of(stack.database_url, job_id) == expected_orders(workbook.expected)
    job = client.job(job_id)
    assert (job["successRows"], job["failedRows"]) == (
        workbook.expected.good_rows,
        workbook.expected.bad_rows,
    )
    with psycopg.connect(stack.database_url) as conn:
        rejected = conn.execute(
            "SELECT sheet_line FROM sluice.rejected_lines WHERE job_id = %s ORDER BY 1", [job_id]
        ).fetchall()
    bad = [line for line, _kind in bad_lines(workbook.expected.seed, 20_000, 0.02)]
    assert [row[0] for row in rejected] == bad
    errors = client.http.get(f"/api/jobs/{job_id}/errors").json()["errors"]
    assert errors[0]["line"] == bad[0]
    assert errors[0]["message"]


def test_a_sheet_that_no_target_knows_becomes_records(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Name", "Größe", "When"], ["Ann", 1.5, None], ["Bồ", 2, "soon"]):
        sheet.append(row)
    book.save(tmp_path / "any.xlsx")
    job_id = client.upload(tmp_path / "any.xlsx")
    assert client.follow(job_id)[-1].data["status"] == "completed"
    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute(
            "SELECT sluice_line, data FROM sluice.records WHERE sluice_job = %s ORDER BY 1",
            [job_id],
        ).fetchall()
    assert found == [
        (2, {"Name": "Ann", "Größe": 1.5}),
        (3, {"Name": "Bồ", "Größe": 2, "When": "soon"}),
    ]


def test_the_same_workbook_again_writes_nothing_twice(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    workbook = orders(1_000)
    first = client.upload(workbook.path, "orders")
    client.follow(first)
    second = client.upload(workbook.path, "orders")
    end = client.follow(second)[-1]
    assert end.data["status"] == "completed_with_errors"
    assert client.job(second)["failedRows"] == 1_000
    assert orders_of(stack.database_url, second)[0] == 0
    assert orders_of(stack.database_url, first) == expected_orders(workbook.expected)
    assert ledger_of(stack.database_url, second) == (1, 1_000, 0, 1_000)


def test_a_header_alone_is_a_finished_import_of_nothing(client: RoadClient, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["a", "b"])
    book.save(tmp_path / "header.xlsx")
    job_id = client.upload(tmp_path / "header.xlsx")
    end = client.follow(job_id)[-1]
    assert end.data["status"] == "completed"
    assert end.data["data"]["totalRows"] == 0


def test_an_empty_workbook_is_refused(client: RoadClient, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    answer = client.post_file(tmp_path / "empty.xlsx")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "EMPTY"


def test_a_text_file_named_xlsx_is_refused(client: RoadClient, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("id;name\n1;Ann\n")
    answer = client.post_file(tmp_path / "text.xlsx")
    assert answer.status_code == 415
    assert answer.json()["code"] == "NOT_XLSX"


def test_a_form_without_a_file_is_refused(client: RoadClient) -> None:
    answer = client.http.post("/api/upload/excel", files={"other": (None, b"x")})
    assert answer.status_code == 400
    assert answer.json()["code"] == "MISSING_FILE"


@pytest.mark.parametrize("path", ["/api/jobs/{}", "/api/progress/{}", "/api/progress/{}/stream"])
def test_a_job_id_that_is_none_is_a_bad_request(client: RoadClient, path: str) -> None:
    answer = client.http.get(path.format("not-a-uuid"))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/jobs/{}", "/api/progress/{}", "/api/progress/{}/stream"])
def test_nobody_sees_a_job_without_a_token(client: RoadClient, path: str) -> None:
    job = "5f0c7a52-8a51-4b8e-9d0a-2f6f0b6d1c11"
    assert client.http.get(path.format(job)).status_code == 404
    del client.http.headers["Authorization"]
    answer = client.http.get(path.format(job))
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


def test_nobody_uploads_without_a_token(client: RoadClient, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("x")
    del client.http.headers["Authorization"]
    assert client.post_file(tmp_path / "text.xlsx").status_code == 401

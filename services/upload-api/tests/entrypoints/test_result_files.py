"""The files of rows that were not written: to be read, corrected and uploaded again."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import openpyxl
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from sluice.corrections import restored
from xlsx_reader import Workbook

if TYPE_CHECKING:
    from conftest import Api

MakeBook = Callable[..., bytes]
HEADER = ["order_id", "remark", "quantity"]
RISKY = ["=1+1", "'=already", "@SUM(A1)", "-1+1", "+49", "-7.5", "O'Neil", "a\nb", "Łódź"]
ROWS = [[k + 1, remark, "x"] for k, remark in enumerate(RISKY)]


@pytest.fixture
def api(shared_api: "Api") -> "Api":
    return shared_api


@pytest.fixture
def job(api: "Api", workbook: MakeBook) -> UUID:
    """A job with a stored file of nine rows, lines 2 to 10."""
    answer = api.upload(workbook(HEADER, *ROWS), name="Łódź orders.xlsx", target="orders")
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["jobId"])


def reject(api: "Api", job_id: UUID, line: int, *messages: str, cells: Any = None) -> None:
    """Reject a line; without messages nothing of it is kept but its number."""
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.rejected_lines (job_id, sheet_line, chunk_no) VALUES (%s, %s, 0)",
            [job_id, line],
        )
        for number, message in enumerate(messages):
            conn.execute(
                "INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no, code,"
                " message, cells) VALUES (%s, %s, %s, 0, 'X', %s, %s)",
                [job_id, line, number, message, None if number else Jsonb(cells)],
            )


def set_job(api: "Api", job_id: UUID, **columns: Any) -> None:
    with psycopg.connect(api.database_url) as conn:
        for name, value in columns.items():
            sql = SQL("UPDATE sluice.jobs SET {} = %s WHERE job_id = %s").format(Identifier(name))
            conn.execute(sql, [value, job_id])


def table_of(content: bytes, tmp_path: Path) -> list[list[Any]]:
    """Return the rows as openpyxl reads them, and see that our own reader agrees."""
    path = tmp_path / "result.xlsx"
    path.write_bytes(content)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    with Workbook.open(path) as book:
        ours = [
            list(row) for run in book.runs(book.sheets[0]) for row in zip(*run.columns, strict=True)
        ]
    assert [[None if c is None else str(c) for c in row] for row in rows] == ours
    return rows


def fetch(api: "Api", job_id: UUID, file: str, name: str = "anna", **headers: str) -> Any:
    return api.client.get(f"/api/jobs/{job_id}/{file}", headers=api.headers(name) | headers)


def test_the_failed_rows_come_with_line_and_reasons_in_sheet_order(
    api: "Api", job: UUID, tmp_path: Path
) -> None:
    reject(api, job, 9, "quantity: found 'x', expected a whole number", cells=["8", "a\nb", "x"])
    reject(api, job, 3, "first.", "=second", cells=["2", "'=already", "x"])
    reject(api, job, 5, "healed meanwhile", cells=["4", "-1+1", "x"])
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.rejected_lines SET healed_by = job_id"
            " WHERE job_id = %s AND sheet_line = 5",
            [job],
        )
    answer = fetch(api, job, "failed-rows.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    assert answer.headers["content-disposition"] == (
        'attachment; filename="__d_ orders-failed-rows.xlsx";'
        " filename*=UTF-8''%C5%81%C3%B3d%C5%BA%20orders-failed-rows.xlsx"
    )
    assert table_of(answer.content, tmp_path) == [
        [*HEADER, "_row", "_errors"],
        ["2", "''=already", "x", 3, "first.; =second"],
        ["8", "a\nb", "x", 9, "quantity: found 'x', expected a whole number"],
    ]


def test_every_text_comes_back_when_its_apostrophe_is_taken_off(
    api: "Api", job: UUID, tmp_path: Path
) -> None:
    """Rows that are kept and rows that are read again, in one order and alike."""
    for line in range(2, 11):
        kept = {} if line % 2 else {"cells": [str(line - 1), RISKY[line - 2], "x"]}
        reject(api, job, line, *(["why"] if kept else []), **kept)
    header, *rows = table_of(fetch(api, job, "failed-rows.xlsx").content, tmp_path)
    assert header == [*HEADER, "_row", "_errors"]
    assert [row[3] for row in rows] == list(range(2, 11))
    assert [restored(row[1]) for row in rows] == RISKY
    unsafe = [row[1] for row in rows if row[1][0] in "=@\t\r" or row[1] == "-1+1"]
    assert unsafe == []
    assert {row[4] for row in rows if row[3] % 2} == {
        "The reason is not kept: the job has more errors than are stored."
    }


def test_the_text_file_has_the_same_rows(api: "Api", job: UUID) -> None:
    reject(api, job, 2, "why", cells=["1", "=1+1", None])
    answer = fetch(api, job, "failed-rows.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        [*HEADER, "_row", "_errors"],
        ["1", "'=1+1", "", "2", "why"],
    ]


def test_a_text_file_keeps_its_delimiter(api: "Api") -> None:
    text = b"order_id;quantity\n1;x\n2;y\n"
    job_id = UUID(api.upload(text, name="a.csv", target="orders").json()["jobId"])
    reject(api, job_id, 2, "why", cells=["1", "x"])
    reject(api, job_id, 3)
    rows = fetch(api, job_id, "failed-rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows[:2] == ["order_id;quantity;_row;_errors", "1;x;2;why"]
    assert rows[2].startswith("2;y;3;The reason is not kept")


def test_without_failed_rows_there_is_a_header(api: "Api", job: UUID, tmp_path: Path) -> None:
    answer = fetch(api, job, "failed-rows.xlsx")
    assert table_of(answer.content, tmp_path) == [[*HEADER, "_row", "_errors"]]


def test_a_file_that_has_not_changed_is_not_sent_again(api: "Api", job: UUID) -> None:
    tag = fetch(api, job, "failed-rows.csv").headers["etag"]
    assert fetch(api, job, "failed-rows.csv", **{"If-None-Match": tag}).status_code == 304
    reject(api, job, 2, "why", cells=["1"])
    assert fetch(api, job, "failed-rows.csv", **{"If-None-Match": tag}).status_code == 200


def test_lines_that_failed_again_make_another_file(
    api: "Api", job: UUID, workbook: MakeBook
) -> None:
    reject(api, job, 2, "why", cells=["1"])
    tag = fetch(api, job, "failed-rows.csv").headers["etag"]
    correction = UUID(api.upload(workbook(HEADER), target="orders").json()["jobId"])
    set_job(api, correction, correction_of=job)
    assert fetch(api, job, "failed-rows.csv", **{"If-None-Match": tag}).status_code == 304
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, failed, first_line,"
            " last_line, covered_bytes, sha256) VALUES (%s, 0, 'written', 1, 1, 1, 2, 2, 1, '')",
            [correction],
        )
    assert fetch(api, job, "failed-rows.csv", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("file", ["failed-rows.xlsx", "failed-rows.csv", "unprocessed-rows.csv"])
def test_who_may_only_look_gets_no_cells(api: "Api", job: UUID, file: str) -> None:
    set_job(api, job, is_public=True)
    answer = fetch(api, job, file, name="bert")
    assert (answer.status_code, answer.json()["code"]) == (403, "JOB_FORBIDDEN")


def test_a_file_that_is_deleted_is_gone_unless_all_is_kept(api: "Api", job: UUID) -> None:
    reject(api, job, 2, "why", cells=["1"])
    (api.files / str(job)).unlink()
    assert fetch(api, job, "failed-rows.csv").status_code == 200
    reject(api, job, 3)
    answer = fetch(api, job, "failed-rows.csv")
    assert (answer.status_code, answer.json()["code"]) == (410, "FILE_GONE")


def test_a_file_that_is_damaged_since_is_said_to_be(api: "Api", job: UUID) -> None:
    reject(api, job, 3)
    (api.files / str(job)).write_bytes(b"PK\x03\x04 no more")
    answer = fetch(api, job, "failed-rows.csv")
    assert (answer.status_code, answer.json()["code"]) == (422, "FILE_UNREADABLE")


def test_unprocessed_rows_are_what_no_written_chunk_covers(
    api: "Api", job: UUID, tmp_path: Path
) -> None:
    set_job(api, job, status="cancelled")
    chunks = [("written", 2, 4, None), ("dead", 5, 6, "CHUNK_FAILED"), ("written", 7, 8, None)]
    with psycopg.connect(api.database_url) as conn:
        for number, (outcome, first, last, code) in enumerate(chunks):
            conn.execute(
                "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,"
                " last_line, covered_bytes, sha256, code)"
                " VALUES (%s, %s, %s, 1, 2, %s, %s, 1, '', %s)",
                [job, number, outcome, first, last, code],
            )
    dead = "Not processed: this part could not be written (CHUNK_FAILED)."
    rest = "Not processed: the job was cancelled."
    header, *rows = table_of(fetch(api, job, "unprocessed-rows.xlsx").content, tmp_path)
    assert header == [*HEADER, "_row", "_errors"]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("4", 5, dead), ("5", 6, dead), ("8", 9, rest), ("9", 10, rest),
    ]  # fmt: skip
    assert [restored(row[1]) for row in rows] == [RISKY[at] for at in (3, 4, 7, 8)]


def test_unprocessed_rows_of_a_job_that_runs_are_not_known_yet(api: "Api", job: UUID) -> None:
    answer = fetch(api, job, "unprocessed-rows.csv")
    assert (answer.status_code, answer.json()["code"]) == (409, "JOB_STATE_CONFLICT")
    assert answer.json()["jobStatus"] == "pending"


def test_a_job_that_came_to_its_end_has_no_unprocessed_rows(api: "Api", job: UUID) -> None:
    set_job(api, job, status="completed")
    (api.files / str(job)).unlink()
    rows = fetch(api, job, "unprocessed-rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows == ["order_id,remark,quantity,_row,_errors"]


def test_what_cannot_be_read_to_its_end_says_so_in_the_last_row(api: "Api") -> None:
    text = b"order_id,quantity\n" + b"1,5\n" * 400_000 + b'3,"never closed\n'
    answer = api.upload(text, name="a.csv", target="orders")
    job_id = UUID(answer.json()["jobId"])
    set_job(api, job_id, status="failed", failure_message="the file is damaged")
    rows = fetch(api, job_id, "unprocessed-rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows[1] == "1,5,2,Not processed: the file is damaged"
    assert rows[-1].startswith(',,,"From here on the file cannot be read: QUOTE_UNCLOSED')


def test_a_corrections_file_names_the_lines_of_its_root(api: "Api", workbook: MakeBook) -> None:
    corrected = workbook(
        [*HEADER, "_row", "_errors"], [2, "'=1+1", "x", 77, "why"], [3, "'@SUM(A1)", "x", 78, "why"]
    )
    job_id = UUID(api.upload(corrected, target="orders").json()["jobId"])
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.jobs SET layout = layout || '{\"lineColumn\": 3}' WHERE job_id = %s",
            [job_id],
        )
    reject(api, job_id, 2, "still wrong", cells=["2", "=1+1", "x", "77", "why"])
    reject(api, job_id, 3)
    rows = fetch(api, job_id, "failed-rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows[:2] == ["order_id,remark,quantity,_row,_errors", "2,'=1+1,x,77,still wrong"]
    assert rows[2].startswith("3,'@SUM(A1),x,78,The reason is not kept"), "one apostrophe, again"
    set_job(api, job_id, status="cancelled")
    rows = fetch(api, job_id, "unprocessed-rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows[1] == "2,'=1+1,x,77,Not processed: the job was cancelled."

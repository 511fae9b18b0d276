"""Row errors one by one and by kind: in sheet order, filtered, counted, and who sees values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from conftest import Api

LAYOUT = {
    "sheet": "Data",
    "headerLine": 1,
    "estimatedRows": 9,
    "columns": [{"index": 1, "header": "Quantity ordered", "field": "quantity"}],
}
# line, error number, column, code
ERRORS = [
    (2, 0, "B", "NOT_A_NUMBER"),
    (2, 1, None, "DUPLICATE_KEY"),
    (3, 0, "B", "OUT_OF_RANGE"),
    (4, 0, "B", "NOT_A_NUMBER"),
    (5, 0, "B", "NOT_A_NUMBER"),
    (6, 0, None, "DUPLICATE_KEY"),
    (7, 0, "B", "NOT_A_NUMBER"),
]


@pytest.fixture
def job(shared_api: "Api") -> Iterator[UUID]:
    """A job of anna's with seven errors in six rows, all kept and counted."""
    shared_api.headers("anna")
    with psycopg.connect(shared_api.database_url, autocommit=True) as conn:
        row = conn.execute(
            "INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,"
            " file_name, file_url, file_size_bytes, file_sha256, is_public)"
            " SELECT gen_random_uuid(), user_id, 'orders', '{}', 'insert', %s, 'a.xlsx', 'file:///a',"
            " 1, '', true FROM sluice.users WHERE username = 'anna' RETURNING job_id",
            [Jsonb(LAYOUT)],
        ).fetchone()
        assert row is not None
        for line in sorted({line for line, *_ in ERRORS}):
            conn.execute(
                "INSERT INTO sluice.rejected_lines (job_id, sheet_line, chunk_no)"
                " VALUES (%s, %s, 0)",
                [row[0], line],
            )
        for line, number, column, code in ERRORS:
            conn.execute(
                "INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no,"
                " column_letter, field, code, message, value, cells)"
                " VALUES (%s, %s, %s, 0, %s, %s, %s, 'it says why', 'seven', '[]')",
                [row[0], line, number, column, "quantity" if column else None, code],
            )
        conn.execute(
            "INSERT INTO sluice.error_counts SELECT job_id, 0, coalesce(column_letter, ''),"
            " coalesce(field, ''), code, count(*) FROM sluice.rejected_rows WHERE job_id = %s"
            " GROUP BY 1, 3, 4, 5",
            [row[0]],
        )
        yield row[0]


def read(api: "Api", job_id: UUID, path: str = "", name: str = "anna", **params: Any) -> Any:
    answer = api.client.get(
        f"/api/jobs/{job_id}/errors{path}", params=params, headers=api.headers(name)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys_of(api: "Api", job_id: UUID, **params: Any) -> list[tuple[int, str | None, str]]:
    """All errors of a filter, two a page."""
    found = []
    while True:
        page = read(api, job_id, limit=2, **params)
        found += [(error["line"], error["column"], error["code"]) for error in page["errors"]]
        if page["nextCursor"] is None:
            return found
        params["cursor"] = page["nextCursor"]


@pytest.mark.parametrize(
    ("params", "chosen"),
    [
        ({}, ERRORS),
        ({"code": "NOT_A_NUMBER"}, [e for e in ERRORS if e[3] == "NOT_A_NUMBER"]),
        ({"column": "b"}, [e for e in ERRORS if e[2] == "B"]),
        ({"column": ""}, [e for e in ERRORS if e[2] is None]),
        ({"column": "B", "code": "DUPLICATE_KEY"}, []),
    ],
)
def test_errors_are_filtered_by_column_and_code(
    shared_api: "Api", job: UUID, params: dict[str, str], chosen: list[Any]
) -> None:
    assert keys_of(shared_api, job, **params) == [(e[0], e[2], e[3]) for e in chosen]
    page = read(shared_api, job, **params)
    assert (page["totalErrors"], page["storedErrors"]) == (len(chosen), len(chosen))
    assert page["truncated"] is False


def test_a_later_page_does_not_count_again(shared_api: "Api", job: UUID) -> None:
    first = read(shared_api, job, limit=2)
    second = read(shared_api, job, limit=2, cursor=first["nextCursor"])
    assert (first["totalErrors"], second["totalErrors"], second["truncated"]) == (7, None, None)


@pytest.mark.parametrize("params", [{"column": "B1"}, {"code": "x; DROP"}, {"limit": 501}])
def test_what_is_no_filter_is_refused(shared_api: "Api", job: UUID, params: dict[str, Any]) -> None:
    answer = shared_api.client.get(
        f"/api/jobs/{job}/errors", params=params, headers=shared_api.headers()
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_INVALID")


def test_the_summary_tells_each_kind_with_its_first_rows(shared_api: "Api", job: UUID) -> None:
    summary = read(shared_api, job, "/summary")
    assert (summary["failedRows"], summary["totalErrors"], summary["storedErrors"]) == (6, 7, 7)
    assert summary["truncated"] is False
    assert [(kind["code"], kind["count"]) for kind in summary["kinds"]] == [
        ("NOT_A_NUMBER", 4), ("DUPLICATE_KEY", 2), ("OUT_OF_RANGE", 1),
    ]  # fmt: skip
    assert summary["kinds"][0] == {
        "column": "B",
        "header": "Quantity ordered",
        "field": "quantity",
        "code": "NOT_A_NUMBER",
        "count": 4,
        "samples": [
            {"line": line, "message": "it says why", "value": "seven"} for line in (2, 4, 5)
        ],
    }
    whole_row = summary["kinds"][1]
    assert (whole_row["column"], whole_row["header"], whole_row["field"]) == (None, None, None)
    assert [sample["line"] for sample in whole_row["samples"]] == [2, 6]


def test_who_may_only_look_sees_codes_and_counts(shared_api: "Api", job: UUID) -> None:
    summary = read(shared_api, job, "/summary", name="bert")
    assert summary["kinds"][0]["count"] == 4
    assert summary["kinds"][0]["samples"][0] == {"line": 2, "message": None, "value": None}
    error = read(shared_api, job, name="bert")["errors"][0]
    assert (error["message"], error["value"]) == ("NOT_A_NUMBER", None)


def test_beyond_what_is_kept_all_errors_are_counted(shared_api: "Api", job: UUID) -> None:
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute("DELETE FROM sluice.rejected_rows WHERE job_id = %s AND sheet_line > 4", [job])
    summary = read(shared_api, job, "/summary")
    assert (summary["totalErrors"], summary["storedErrors"], summary["truncated"]) == (7, 4, True)
    assert [(kind["code"], kind["count"]) for kind in summary["kinds"]] == [
        ("NOT_A_NUMBER", 4), ("DUPLICATE_KEY", 2), ("OUT_OF_RANGE", 1),
    ]  # fmt: skip
    assert [sample["line"] for sample in summary["kinds"][0]["samples"]] == [2, 4]
    page = read(shared_api, job, code="NOT_A_NUMBER")
    assert (page["totalErrors"], page["storedErrors"], page["truncated"]) == (4, 2, True)


def test_corrected_rows_are_no_errors_any_more(shared_api: "Api", job: UUID) -> None:
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.rejected_lines SET healed_by = job_id"
            " WHERE job_id = %s AND sheet_line > 2",
            [job],
        )
        conn.execute("DELETE FROM sluice.rejected_rows WHERE job_id = %s AND sheet_line > 2", [job])
    summary = read(shared_api, job, "/summary")
    assert (summary["failedRows"], summary["totalErrors"], summary["truncated"]) == (1, 2, False)
    assert read(shared_api, job)["totalErrors"] == 2

"""What the form of an upload says is kept with the job, or is refused and leaves nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from sluice.job_layout import JobLayout, MappedColumn

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    import httpx
    from conftest import Api

FIELDS = "mode, dry_run, correction_of, mapping_name, mapping_version, max_error_percent"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def execute(api: Api, sql: str, *values: Any) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(sql, values)


def documented_codes(api: Api) -> set[tuple[int, str]]:
    route = api.client.get("/openapi.json").json()["paths"]["/api/upload/excel"]["post"]
    return {
        (int(status), code)
        for status, answer in route["responses"].items()
        for code in answer["content"].get("application/problem+json", {}).get("examples", {})
    }


def test_the_job_keeps_what_the_form_says(api: Api, workbook: Callable[..., bytes]) -> None:
    content = workbook(["Bestellung", "qty", "order_id"], [1, 2, 3])
    answer = api.upload(
        content,
        target="orders",
        mode="upsert",
        dryRun="true",
        maxErrorPercent="2.5",
        mapping=json.dumps({"columns": {"bestellung": "order_id", "B": "quantity", "C": None}}),
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["target"], body["mode"], body["dryRun"]) == ("orders", "upsert", True)
    assert body["maxErrorPercent"] == 2.5
    assert body["message"] == (
        "a.xlsx is accepted for a dry run: about 1 rows of sheet 'Data'. Nothing will be written."
    )
    [row] = api.rows(f"SELECT {FIELDS}, layout FROM sluice.jobs")
    assert row[:6] == ("upsert", True, None, None, None, 2.5)
    assert [column["field"] for column in row[6]["columns"]] == ["order_id", "quantity", None]
    job = api.client.get(body["links"]["self"], headers=api.headers()).json()
    told = {name: job[name] for name in ("dryRun", "correctionOf", "mappingName", "healedRows")}
    assert told == {"dryRun": True, "correctionOf": None, "mappingName": None, "healedRows": 0}
    assert job["maxErrorPercent"] == 2.5


def test_a_misspelt_header_that_is_used_is_told(api: Api, workbook: Callable[..., bytes]) -> None:
    content = workbook(["order_id", "Quantty"], [1, 2])
    told = api.upload(content, target="orders").json()["message"]
    assert told.endswith(" Column B ('Quantty') is taken for 'quantity'.")
    mapped = api.upload(content, target="orders", mapping='{"columns": {"quantty": "quantity"}}')
    assert mapped.status_code == 200


def test_the_breaker_s_limit_is_the_form_s_else_the_settings(
    start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    api = start_api(SLUICE_MAX_ERROR_PERCENT="30")
    api.upload(workbook(["a"], [1]))
    api.upload(workbook(["a"], [1]), maxErrorPercent="0")
    limits = api.rows("SELECT max_error_percent FROM sluice.jobs ORDER BY created_at")
    assert limits == [(30,), (0,)]


def test_a_field_that_means_nothing_is_refused_documented_and_leaves_nothing(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["order_id", "quantity"], [1, 2])
    missing = "00000000-0000-0000-0000-000000000000"
    orders = {"target": "orders"}
    cases: list[tuple[dict[str, str], int, str]] = [
        ({"dryrun": "true"}, 422, "FIELD_UNKNOWN"),
        ({"mode": "replace"}, 422, "FIELD_INVALID"),
        ({"mode": "upsert"}, 422, "FIELD_INVALID"),
        ({"mapping": "{}", "mappingName": "x"}, 422, "FIELD_CONFLICT"),
        ({"mapping": "{}"}, 422, "FIELD_INVALID"),
        ({"mappingName": "nowhere"}, 422, "MAPPING_UNKNOWN"),
        (orders | {"mapping": '{"columns": {"Z": "quantity"}}'}, 422, "MAPPING_INVALID"),
        (orders | {"mapping": '{"columns": {"A": "nothing"}}'}, 422, "MAPPING_INVALID"),
        (orders | {"mapping": '{"columns": {"A": null}}'}, 422, "HEADER_INVALID"),
        ({"maxErrorPercent": "101"}, 422, "FIELD_INVALID"),
        ({"correctionOf": missing}, 404, "JOB_UNKNOWN"),
        ({"previewId": missing}, 422, "FIELD_CONFLICT"),
    ]
    found = [code_of(api.upload(content, **fields)) for fields, _, _ in cases]
    assert found == [(status, code) for _, status, code in cases]
    assert set(found) <= documented_codes(api)
    assert api.nothing_is_left()
    upsert = api.upload(content, mode="upsert").json()
    assert upsert["field"] == "mode"
    assert "has no key" in upsert["detail"]


def test_a_field_that_is_there_twice_is_refused(api: Api, workbook: Callable[..., bytes]) -> None:
    answer = api.client.post(
        "/api/upload/excel",
        files=[
            ("target", (None, "orders")),
            ("file", ("a.xlsx", workbook(["a"], [1]))),
            ("target", (None, "records")),
        ],
        headers=api.headers(),
    )
    assert code_of(answer) == (400, "FIELD_REPEATED")
    assert api.nothing_is_left()


def test_a_duplicate_is_an_earlier_import_into_the_same_target_that_wrote_and_stays(
    start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="20")
    content = workbook(["order_id", "quantity"], [1, 2])
    api.upload(content, dryRun="true")
    first = api.upload(content).json()
    assert "duplicateOf" not in first
    assert "duplicateOf" not in api.upload(content, target="orders").json()
    again = api.upload(content, dryRun="true").json()
    assert again["duplicateOf"] == first["jobId"]
    told = f" The same file was imported into 'records' before, by job {first['jobId']}."
    assert again["message"].endswith(told)
    execute(api, "UPDATE sluice.jobs SET status = 'undone' WHERE job_id = %s", first["jobId"])
    assert "duplicateOf" not in api.upload(content).json()


@pytest.fixture
def root(api: Api, add_job: Callable[[str], UUID]) -> UUID:
    """A job of anna's that ended with two rejected lines."""
    job_id = add_job("anna")
    layout = JobLayout(
        sheet="Data",
        header_line=1,
        estimated_rows=3,
        columns=(
            MappedColumn(index=0, header="No", field="order_id"),
            MappedColumn(index=1, header="Qty", field="quantity"),
        ),
    )
    execute(
        api,
        "UPDATE sluice.jobs SET target = 'orders', mode = 'upsert', layout = %s,"
        " target_definition = %s, status = 'completed_with_errors' WHERE job_id = %s",
        layout.model_dump_json(by_alias=True),
        json.dumps(api.parts.targets["orders"].to_json() | {"table": "as_it_was"}),
        job_id,
    )
    execute(
        api,
        "INSERT INTO sluice.rejected_lines (job_id, sheet_line, chunk_no)"
        " VALUES (%(job)s, 2, 0), (%(job)s, 3, 0)".replace("%(job)s", f"'{job_id}'"),
    )
    return job_id


def test_a_correction_takes_all_from_the_root_also_when_a_correction_is_named(
    api: Api, workbook: Callable[..., bytes], root: UUID
) -> None:
    content = workbook(["No", "Qty", "_row", "_errors"], [1, 2, 2, "bad"])
    first = api.upload(content, correctionOf=str(root))
    assert first.status_code == 200, first.text
    assert (first.json()["correctionOf"], first.json()["target"]) == (str(root), "orders")
    assert f"as a correction of job {root}" in first.json()["message"]
    second = api.upload(content, correctionOf=first.json()["jobId"], maxErrorPercent="50")
    assert (second.json()["correctionOf"], "duplicateOf" in second.json()) == (str(root), False)
    rows = api.rows(
        f"SELECT {FIELDS}, target, target_definition ->> 'table', layout -> 'lineColumn'"
        " FROM sluice.jobs WHERE correction_of IS NOT NULL ORDER BY created_at"
    )
    assert rows == [
        ("upsert", False, root, None, None, None, "orders", "as_it_was", 2),
        ("upsert", False, root, None, None, 50, "orders", "as_it_was", 2),
    ]
    [audit] = api.rows(
        "SELECT details FROM sluice.audit_log WHERE job_id = %s", first.json()["jobId"]
    )
    assert audit[0]["correctionOf"] == str(root)


def test_a_correction_of_a_text_file_keeps_its_decimal_mark(
    api: Api, workbook: Callable[..., bytes], root: UUID
) -> None:
    dialect = '{"encoding": "utf-8", "delimiter": ";", "decimal": ","}'
    execute(
        api,
        "UPDATE sluice.jobs SET layout = layout || jsonb_build_object('dialect', %s::jsonb)",
        dialect,
    )
    text = b"No;Qty;_row\n1;2.5;2\n"
    for content, name in (
        (workbook(["No", "Qty", "_row"], [1, "2,5", 2]), "a.xlsx"),
        (text, "a.csv"),
    ):
        answer = api.upload(content, name, correctionOf=str(root))
        assert answer.status_code == 200, answer.text
    said = api.upload(text, "a.csv", correctionOf=str(root), decimal="point")
    assert said.json()["dialect"]["decimal"] == "."
    rows = api.rows(
        "SELECT layout ->> 'rootDecimal', layout -> 'dialect' ->> 'decimal' FROM sluice.jobs"
        " WHERE correction_of IS NOT NULL ORDER BY created_at"
    )
    assert rows == [(",", None), (None, ","), (None, ".")]


def test_a_correction_that_cannot_be_is_refused_and_leaves_nothing(
    api: Api, workbook: Callable[..., bytes], root: UUID
) -> None:
    content = workbook(["No", "Qty", "_row"], [1, 2, 2])
    without = api.upload(workbook(["No", "Qty"], [1, 2]), correctionOf=str(root))
    assert code_of(without) == (422, "CORRECTION_HEADER")
    assert "'_row'" in without.json()["detail"]
    assert api.upload(content, correctionOf=str(root), mode="insert").status_code == 422
    foreign = api.client.post(
        "/api/upload/excel",
        files={"file": ("a.xlsx", content)},
        data={"correctionOf": str(root)},
        headers=api.headers("bert"),
    )
    assert code_of(foreign) == (403, "JOB_FORBIDDEN")
    undo = (
        "INSERT INTO sluice.undos (job_id, requested_by) SELECT job_id, owner_id FROM sluice.jobs"
    )
    refused: set[tuple[int, str]] = set()
    for sql in (
        "UPDATE sluice.jobs SET status = 'processing'",
        "UPDATE sluice.jobs SET status = 'failed', dry_run = true",
        undo,
        "UPDATE sluice.rejected_lines SET healed_by = job_id",
    ):
        execute(api, sql)
        refused.add(code_of(api.upload(content, correctionOf=str(root))))
        assert refused == {(409, "CORRECTION_REFUSED")}
        execute(api, "UPDATE sluice.jobs SET status = 'failed', dry_run = false")
        execute(api, "DELETE FROM sluice.undos")
    assert refused | {code_of(without), code_of(foreign)} <= documented_codes(api)
    assert api.stored() == []
    assert api.rows("SELECT count(*) FROM sluice.jobs") == [(1,)]

"""A preview tells what an upload would do, from the head of the file, and leaves nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from conftest import Api


def preview(
    api: Api, content: bytes | None, name: str = "a.xlsx", user: str = "anna", **fields: str
) -> httpx.Response:
    parts: list[tuple[str, Any]] = [(field, (None, text)) for field, text in fields.items()]
    if content is not None:
        parts.append(("file", (name, content)))
    return api.client.post("/api/upload/preview", files=parts, headers=api.headers(user))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def upload_kept(api: Api, user: str = "anna", **fields: str) -> httpx.Response:
    told = {field: (None, text) for field, text in fields.items()}
    return api.client.post("/api/upload/excel", files=told, headers=api.headers(user))


def put(api: Api, name: str, **body: Any) -> httpx.Response:
    return api.client.put(f"/api/mappings/{name}", json=body, headers=api.headers())


def test_a_preview_tells_what_an_upload_would_do(api: Api, workbook: Callable[..., bytes]) -> None:
    day = dt.date(2024, 2, 29)
    content = workbook(
        ["Orders of May"],
        ["Order-ID", "Quantity", "When", None],
        *([k, k / 2, day, "x" * 300] for k in range(30)),
    )
    body = preview(api, content).json()
    assert (body["target"], body["sheet"], body["headerLine"]) == ("orders", "Data", 2)
    assert body["sheets"] == [{"name": "Data", "visible": True}]
    assert (body["faults"], body["faultCode"], body["missingRequired"]) == ([], None, [])
    assert body["estimatedRows"] == 30
    assert len(body["rows"]) == 20
    assert body["rows"][1] == {"line": 4, "cells": ["1", "0.5", "2024-02-29", "x" * 200 + "…"]}
    told = [
        (h["letter"], h["header"], h["field"], h["detectedType"], h["via"]) for h in body["headers"]
    ]
    assert told == [
        ("A", "Order-ID", "order_id", "integer", "name"),
        ("B", "Quantity", "quantity", "number", "name"),
        ("C", "When", None, "date", "none"),
        ("D", "", None, "text", "none"),
    ]
    assert body["headers"][0]["samples"] == ["0", "1", "2"]
    assert body["headers"][2]["samples"] == ["2024-02-29"]
    assert body["suggestedMapping"]["columns"] == {
        "Order-ID": "order_id",
        "Quantity": "quantity",
        "When": None,
        "D": None,
    }
    assert body["targets"][0]["name"] == "orders"
    assert (body["previewId"], body["duplicateOf"]) == (None, None)
    assert api.nothing_is_left()
    sent_back = json.dumps({"columns": body["suggestedMapping"]["columns"]})
    assert api.upload(content, target="orders", mapping=sent_back).status_code == 200


def test_faults_are_told_and_no_refusal(api: Api, workbook: Callable[..., bytes]) -> None:
    content = workbook(["order_id", "a"], [1, 2])
    orders = preview(api, content, target="orders").json()
    assert (orders["faultCode"], orders["missingRequired"]) == ("HEADER_INVALID", ["quantity"])
    assert "quantity" in orders["faults"][0]
    mapped = preview(api, content, target="orders", mapping='{"columns": {"a": "quantity"}}').json()
    assert (mapped["faults"], mapped["headers"][1]["via"]) == ([], "mapping")
    wrong = preview(api, content, target="orders", mapping='{"columns": {"Z": "quantity"}}').json()
    assert wrong["faultCode"] == "MAPPING_INVALID"
    assert preview(api, workbook(["x", "a"], [1, 2])).json()["target"] == "records"
    empty = preview(api, workbook()).json()
    assert (empty["faultCode"], empty["headerLine"], empty["headers"]) == ("EMPTY", None, [])
    assert api.nothing_is_left()


def test_a_text_file_is_previewed_with_its_dialect(api: Api) -> None:
    content = b"order_id;quantity\n1;1,5\n2;2,5\n"
    body = preview(api, content, "a.csv").json()
    assert (body["target"], body["dialect"]["decimal"], body["sheet"]) == ("orders", ",", "")
    assert [h["detectedType"] for h in body["headers"]] == ["integer", "number"]


def test_what_cannot_be_previewed_is_refused_documented_and_leaves_nothing(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["a"], [1])
    found = [
        code_of(preview(api, b"no workbook")),
        code_of(preview(api, None, sheet="Data")),
        code_of(preview(api, content, mode="insert")),
        code_of(preview(api, content, keep="perhaps")),
        code_of(preview(api, content, sheet="Nowhere")),
        code_of(preview(api, content, target="nowhere")),
        code_of(preview(api, content, mappingName="nothing")),
        code_of(preview(api, content, previewId=str(uuid4()))),
        code_of(preview(api, None, previewId=str(uuid4()))),
    ]
    assert found == [
        (415, "NOT_XLSX"),
        (400, "MISSING_FILE"),
        (422, "FIELD_UNKNOWN"),
        (422, "FIELD_INVALID"),
        (422, "SHEET_UNKNOWN"),
        (422, "TARGET_UNKNOWN"),
        (422, "MAPPING_UNKNOWN"),
        (422, "FIELD_CONFLICT"),
        (404, "PREVIEW_UNKNOWN"),
    ]
    route = api.client.get("/openapi.json").json()["paths"]["/api/upload/preview"]["post"]
    for status, code in found:
        examples = route["responses"][str(status)]["content"]["application/problem+json"][
            "examples"
        ]
        assert examples[code]["value"]["code"] == code
    assert api.nothing_is_left()


def test_a_kept_file_is_sent_once_and_serves_previews_a_dry_run_and_the_import(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["order_id", "quantity"], [1, 2])
    kept = preview(api, content, keep="true").json()
    preview_id = kept["previewId"]
    assert api.stored() == [preview_id]
    again = preview(api, None, previewId=preview_id, target="records").json()
    assert (again["target"], again["previewId"]) == ("records", preview_id)
    assert again["keptUntil"] == kept["keptUntil"]

    dry = upload_kept(api, previewId=preview_id, target="orders", dryRun="true")
    assert dry.status_code == 200, dry.text
    job = upload_kept(api, previewId=preview_id, target="orders").json()
    assert (job["fileName"], job["totalRows"]) == ("a.xlsx", 1)
    assert (api.files / job["jobId"]).read_bytes() == content
    assert code_of(upload_kept(api, previewId=preview_id, target="nowhere")) == (
        422,
        "TARGET_UNKNOWN",
    )
    assert code_of(upload_kept(api, "bert", previewId=preview_id)) == (404, "PREVIEW_UNKNOWN")
    assert code_of(preview(api, None, user="bert", previewId=preview_id)) == (
        404,
        "PREVIEW_UNKNOWN",
    )
    assert api.stored() == sorted([preview_id, dry.json()["jobId"], job["jobId"]])
    [(sha,)] = api.rows("SELECT DISTINCT file_sha256 FROM sluice.jobs")
    assert preview(api, content, target="orders").json()["duplicateOf"] == job["jobId"]
    assert api.rows("SELECT file_sha256 FROM sluice.previews") == [(sha,)]


def test_a_kept_file_goes_after_its_time_and_the_jobs_of_it_stay(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    preview_id = preview(api, workbook(["a"], [1]), keep="true").json()["previewId"]
    told = {"previewId": (None, preview_id)}
    job = api.client.post("/api/upload/excel", files=told, headers=api.headers()).json()
    os.utime(api.files / preview_id, (0, 0))
    assert api.parts.sweeper.sweep() == ()
    assert api.stored() == sorted([preview_id, job["jobId"]])
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.previews SET expires_at = now()")
    assert code_of(preview(api, None, previewId=preview_id)) == (404, "PREVIEW_UNKNOWN")
    api.parts.sweeper.sweep()
    assert api.stored() == [job["jobId"]]
    assert api.rows("SELECT count(*) FROM sluice.previews") == [(0,)]


def test_only_so_many_files_are_kept_of_one_user(
    start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    api = start_api(SLUICE_MAX_KEPT_PREVIEWS="2")
    content = workbook(["a"], [1])
    kept = [preview(api, content, keep="true").json()["previewId"] for _ in range(3)]
    others = preview(api, content, user="bert", keep="true").json()["previewId"]
    assert api.stored() == sorted([*kept[1:], others])


def test_a_mapping_saved_for_such_headers_is_suggested_with_its_target(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["May"], ["Nr", "Stück", "x"], [1, 2, 3])
    columns = {"nr": "order_id", "Stück": "quantity", "C": None}
    headers = ["NR", "stueck", "x"]
    put(api, "other", target="orders", columns={"stueck": "quantity"}, headers=headers)
    assert preview(api, content).json()["savedMappings"] == []
    saved = put(api, "monthly", target="orders", columns=columns, headers=["x", "Nr", "STÜCK"])
    assert saved.status_code == 422  # C is Stück there
    columns = {"nr": "order_id", "Stück": "quantity", "x": None}
    saved = put(api, "monthly", target="orders", columns=columns, headers=["x", "Nr", "STÜCK"])
    assert saved.status_code == 200, saved.text
    body = preview(api, content).json()
    assert (body["target"], body["headerLine"], body["faults"]) == ("orders", 2, [])
    assert [h["field"] for h in body["headers"]] == ["order_id", "quantity", None]
    assert [m["name"] for m in body["savedMappings"]] == ["monthly"]
    assert body["suggestedMapping"] == {
        "columns": {"Nr": "order_id", "Stück": "quantity", "x": None},
        "mappingName": "monthly",
        "mappingVersion": 1,
    }
    assert preview(api, content, target="records").json()["savedMappings"] == []
    foreign = preview(api, content, user="bert").json()
    assert (foreign["target"], foreign["savedMappings"]) == ("records", [])
    job = api.upload(content, mappingName="monthly").json()
    assert (job["target"], job["mappingName"], job["mappingVersion"]) == ("orders", "monthly", 1)
    assert code_of(api.upload(content, mappingName="monthly", target="records")) == (
        422,
        "MAPPING_INVALID",
    )


def test_the_row_of_the_header_can_be_said(api: Api, workbook: Callable[..., bytes]) -> None:
    content = workbook(["Name", "Place"], ["order_id", "quantity"], [1, 2], [None, None], [3, 4])
    found = preview(api, content, target="records").json()
    assert (found["headerLine"], found["rowsAbove"]) == (1, [])
    said = preview(api, content, target="records", headerLine="2", keep="true").json()
    assert said["rowsAbove"] == [{"line": 1, "cells": ["Name", "Place"]}]
    assert [h["header"] for h in said["headers"]] == ["order_id", "quantity"]
    assert [row["line"] for row in said["rows"]] == [3, 5]
    for line in ("4", "40"):
        refused = preview(api, content, headerLine=line)
        assert code_of(refused) == (422, "HEADER_LINE_UNKNOWN")
        assert code_of(api.upload(content, headerLine=line)) == (422, "HEADER_LINE_UNKNOWN")
    job = upload_kept(api, previewId=said["previewId"], headerLine="2").json()["jobId"]
    told = api.client.get(f"/api/jobs/{job}", headers=api.headers()).json()
    assert (told["totalRows"], told["plan"]["headerLine"]) == (2, 2)


def test_each_column_says_what_a_mapping_calls_it(api: Api, workbook: Callable[..., bytes]) -> None:
    long = "x" * 500
    headers = preview(api, workbook([" Qty ", "a", "A", None, "D", long], [1])).json()["headers"]
    assert [h["mappingKey"] for h in headers] == ["Qty", "B", "C", None, "D", long]
    assert headers[-1]["header"] == long


def test_a_job_tells_how_to_ask_for_the_same_again(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["order_id", "Pieces", "note"], [1, 2, "x"])
    columns = {"order_id": "order_id", "Pieces": "quantity", "note": None}
    mapping = json.dumps({"columns": columns})
    kept = preview(api, content, target="orders", mapping=mapping, keep="true").json()
    form = {"target": "orders", "mapping": mapping, "dryRun": "true"}
    job = upload_kept(api, previewId=kept["previewId"], **form).json()["jobId"]

    def plan_for(user: str) -> Any:
        return api.client.get(f"/api/jobs/{job}", headers=api.headers(user)).json()["plan"]

    plan = plan_for("anna")
    assert plan["columns"] == columns
    assert (plan["previewId"], plan["keptUntil"]) == (kept["previewId"], kept["keptUntil"])
    again = {"target": "orders", "mapping": json.dumps({"columns": plan["columns"]})}
    assert upload_kept(api, previewId=plan["previewId"], **again).status_code == 200
    api.rows("UPDATE sluice.jobs SET is_public = true RETURNING 1")
    assert plan_for("bert") is None
    api.rows("DELETE FROM sluice.previews RETURNING 1")
    assert plan_for("anna")["previewId"] is None

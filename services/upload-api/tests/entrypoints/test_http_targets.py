"""Targets over HTTP: what can be imported, explained, and as an empty workbook."""

import os
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import load_workbook

if TYPE_CHECKING:
    from conftest import Api


def test_a_target_is_explained_field_by_field(api: "Api") -> None:
    got = api.client.get("/api/targets/orders", headers=api.headers()).json()
    assert got["mode"] == "insert"
    assert got["definition"]["key"] == ["order_id"]
    assert got["fields"][1] == {
        "name": "quantity",
        "type": "integer",
        "required": True,
        "help": ["Required.", "A whole number between -2,147,483,648 and 2,147,483,647."],
    }
    listed = api.client.get("/api/targets", headers=api.headers()).json()["targets"]
    assert [(t["name"], len(t["version"])) for t in listed] == [("orders", 12), ("records", 12)]
    assert listed[0]["version"] == got["version"]
    records = api.client.get("/api/targets/records", headers=api.headers()).json()
    assert records["fields"] == []


def test_the_template_is_an_empty_workbook(api: "Api") -> None:
    got = api.client.get("/api/targets/orders/template.xlsx", headers=api.headers())
    assert got.headers["content-disposition"] == 'attachment; filename="orders-template.xlsx"'
    assert "spreadsheetml" in got.headers["content-type"]
    sheet = load_workbook(BytesIO(got.content)).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.rows] == [["order_id", "quantity"]]


def test_what_is_not_there_is_told_with_what_is(api: "Api") -> None:
    for path in ("/api/targets/nothing", "/api/targets/nothing/template.xlsx"):
        got = api.client.get(path, headers=api.headers())
        assert (got.status_code, got.json()["code"]) == (404, "TARGET_UNKNOWN")
        assert got.json()["targets"] == ["orders", "records"]
    got = api.client.get("/api/targets/records/template.xlsx", headers=api.headers())
    assert (got.status_code, got.json()["code"]) == (404, "TEMPLATE_UNKNOWN")


def test_a_changed_file_is_served_and_a_job_keeps_the_version_that_it_began_with(
    api: "Api",
) -> None:
    before = api.client.get("/api/targets/orders", headers=api.headers()).json()
    answer = api.upload(b"order_id,quantity\n1,2\n", "a.csv", target="orders")
    assert answer.status_code == 200
    path = api.files.parent / "targets" / "orders.yaml"
    path.write_text(path.read_text() + "  - {name: note, type: text}\n")
    os.utime(path, (1, 1))
    after = api.client.get("/api/targets/orders", headers=api.headers()).json()
    assert after["version"] != before["version"]
    assert len(after["fields"]) == 3
    path.write_text("name: [")
    os.utime(path, (2, 2))
    assert api.client.get("/api/targets/orders", headers=api.headers()).json() == after
    ((kept,),) = api.rows("SELECT target_definition FROM sluice.jobs")
    assert kept == before["definition"]

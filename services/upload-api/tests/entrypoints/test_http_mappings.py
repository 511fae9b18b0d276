from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from conftest import Api

ORDERS = {"target": "orders", "columns": {"No": "order_id", "C": None}, "headers": ["No", "x", ""]}


def ask(api: Api, method: str, path: str, user: str = "anna", **more: Any) -> httpx.Response:
    return api.client.request(method, f"/api/mappings{path}", headers=api.headers(user), **more)


def test_each_change_of_a_mapping_is_a_version_and_no_number_is_used_twice(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    first = ask(api, "PUT", "/monthly", json=ORDERS)
    assert first.status_code == 200, first.text
    assert ask(api, "PUT", "/monthly", json=ORDERS).json() == first.json()
    changed = ORDERS | {"columns": {"x": "quantity", "No": "order_id"}}
    assert ask(api, "PUT", "/monthly", json=changed).json()["version"] == 2
    columns = ask(api, "GET", "/monthly").json()["columns"]
    assert list(columns.items()) == [("x", "quantity"), ("No", "order_id")]
    assert ask(api, "GET", "/monthly?version=1").json() == first.json()
    assert ask(api, "GET", "/monthly?version=3").status_code == 404
    content = workbook(["No", "x"], [1, 2])
    assert api.upload(content, mappingName="monthly").json()["mappingVersion"] == 2
    assert ask(api, "DELETE", "/monthly").status_code == 204
    for answer in (ask(api, "GET", "/monthly"), ask(api, "DELETE", "/monthly")):
        assert (answer.status_code, answer.json()["code"]) == (404, "MAPPING_UNKNOWN")
    assert ask(api, "PUT", "/monthly", json=ORDERS).json()["version"] == 3
    assert api.rows("SELECT mapping_name, mapping_version FROM sluice.jobs") == [("monthly", 2)]


def test_mappings_are_everybody_s_own_and_listed_by_target(api: Api) -> None:
    ask(api, "PUT", "/a", json=ORDERS)
    ask(api, "PUT", "/b%20%C3%A9", json={"target": "records", "columns": {"No": "number"}})
    listed = ask(api, "GET", "").json()["mappings"]
    assert [(m["name"], m["target"], m["headers"]) for m in listed] == [
        ("b é", "records", ["No"]),
        ("a", "orders", ["No", "x", ""]),
    ]
    assert [m["name"] for m in ask(api, "GET", "?target=orders").json()["mappings"]] == ["a"]
    assert ask(api, "GET", "", "bert").json()["mappings"] == []
    assert ask(api, "GET", "/a", "bert").status_code == 404
    assert ask(api, "DELETE", "/a", "bert").status_code == 404
    assert ask(api, "GET", "/a").status_code == 200


def test_a_mapping_that_cannot_be_is_refused_with_all_its_faults(api: Api) -> None:
    unfit = {"No": "nothing", "Z": "order_id", "x": "quantity", "C": "quantity"}
    answer = ask(api, "PUT", "/m", json=ORDERS | {"columns": unfit})
    assert (answer.status_code, answer.json()["code"]) == (422, "MAPPING_INVALID")
    assert len(answer.json()["faults"]) == 3
    refused = [
        ask(api, "PUT", "/m", json=ORDERS | {"target": "order"}),
        ask(api, "PUT", "/m", json=ORDERS | {"columns": {}}),
        ask(api, "PUT", "/m", json=ORDERS | {"columns": {"No\0": "order_id"}}),
        ask(api, "PUT", "/m", json=ORDERS | {"colums": {}}),
        ask(api, "PUT", "/m%00", json=ORDERS),
        ask(api, "PUT", f"/{'m' * 101}", json=ORDERS),
    ]
    assert [answer.status_code for answer in refused] == [422] * len(refused)
    assert [ask(api, "GET", path).status_code for path in ("/m%00", "/m")] == [404, 404]
    assert ask(api, "GET", "?target=%00").status_code == 200
    assert api.rows("SELECT count(*) FROM sluice.mappings") == [(0,)]


def test_what_a_preview_of_odd_headers_suggests_can_be_saved_and_is_found_again(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    """The page sends all headers of the sheet: one NUL among them was a 422 of the columns."""
    content = workbook(["No_x0000_", "x_x0000_y", "z" * 2_001], [1, 2, 3])
    headers = [header["header"] for header in preview(api, content)["headers"]]
    assert headers == ["No\0", "x\0y", "z" * 2_000]
    columns = {"A": "order_id", "B": "quantity", "C": None}
    saved = ask(api, "PUT", "/m", json={"target": "orders", "columns": columns, "headers": headers})
    assert (saved.status_code, saved.json().get("headers")) == (200, ["No", "xy", "z" * 2_000])
    found = preview(api, content)
    assert [mapping["name"] for mapping in found["savedMappings"]] == ["m"]
    assert found["suggestedMapping"]["columns"] == columns
    job = api.upload(content, mappingName="m")
    assert job.status_code == 200, job.text
    told = api.client.get(f"/api/jobs/{job.json()['jobId']}", headers=api.headers())
    assert told.status_code == 200, told.text


def preview(api: Api, content: bytes) -> dict[str, Any]:
    files = {"file": ("a.xlsx", content)}
    answer = api.client.post("/api/upload/preview", files=files, headers=api.headers())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found

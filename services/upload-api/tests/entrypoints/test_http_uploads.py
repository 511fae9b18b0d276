import hashlib
import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import psycopg
import pytest

if TYPE_CHECKING:
    from conftest import Api

MakeWorkbook = Callable[..., bytes]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_upload_becomes_a_job_its_fact_its_audit_and_its_file(
    api: "Api", workbook: MakeWorkbook
) -> None:
    content = workbook(["order_id", "quantity"], [1, 2], [2, 3])
    answer = api.upload(content, "C:\\tmp\\Sales \u202e2024.xlsx", target="orders", sheet="Data")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    job_id = UUID(body["jobId"])
    assert answer.headers["location"] == f"/api/jobs/{job_id}"
    assert (body["success"], body["fileName"], body["totalRows"], body["totalIsEstimate"]) == (
        True,
        "Sales 2024.xlsx",
        2,
        True,
    )
    assert body["links"]["stream"] == f"/api/progress/{job_id}/stream"
    assert "duplicateOf" not in body

    assert api.stored() == [str(job_id)]
    assert (api.files / str(job_id)).read_bytes() == content
    [row] = api.rows(
        "SELECT target, mode, status, desired, total_rows, file_size_bytes, file_sha256, layout,"
        " target_definition, file_url FROM sluice.jobs"
    )
    assert row[:6] == ("orders", "insert", "pending", "run", 2, len(content))
    assert row[6] == hashlib.sha256(content).digest()
    assert (row[7]["headerLine"], row[7]["sheet"], row[7]["estimatedRows"]) == (1, "Data", 2)
    assert [column["field"] for column in row[7]["columns"]] == ["order_id", "quantity"]
    assert row[8]["table"] == "orders"
    assert row[9] == (api.files / str(job_id)).as_uri()

    [(owner, topic, key, value)] = api.rows("SELECT job_id, topic, key, value FROM sluice.outbox")
    assert (owner, topic, bytes(key)) == (job_id, "imports.jobs", str(job_id).encode())
    assert json.loads(bytes(value)) == {
        "jobId": str(job_id),
        "run": 1,
        "target": "orders",
        "fileName": "Sales 2024.xlsx",
        "fileSizeBytes": len(content),
    }
    [audit] = api.rows("SELECT action, job_id, host(ip) FROM sluice.audit_log")
    assert audit == ("job_created", job_id, "127.0.0.1")
    assert getattr(api.parts.relay, "woken") == 1  # noqa: B009 - of the stand-in alone


def test_the_target_is_records_and_the_fields_may_stand_behind_the_file(
    api: "Api", workbook: MakeWorkbook
) -> None:
    content = workbook(["any", "header"], ["x", "y"])
    answer = api.client.post(
        "/api/upload/excel",
        files=[("file", ("a.xlsx", content)), ("sheet", (None, "Data"))],
        headers=api.headers(),
    )
    assert answer.status_code == 200, answer.text
    assert api.rows("SELECT target FROM sluice.jobs") == [("records",)]


def test_the_same_bytes_again_name_the_earlier_job_of_the_same_owner(
    api: "Api", workbook: MakeWorkbook
) -> None:
    content = workbook(["a"], [1])
    first, second = api.upload(content).json(), api.upload(content).json()
    assert second["duplicateOf"] == first["jobId"]
    foreign = api.client.post(
        "/api/upload/excel", files={"file": ("a.xlsx", content)}, headers=api.headers("bert")
    )
    assert "duplicateOf" not in foreign.json()


def test_a_header_without_rows_is_accepted(api: "Api", workbook: MakeWorkbook) -> None:
    answer = api.upload(workbook(["a", "b"]))
    assert (answer.status_code, answer.json()["totalRows"]) == (200, 0)


def test_a_text_file_named_xlsx_is_refused_and_leaves_nothing(api: "Api") -> None:
    answer = api.upload(b"order_id,quantity\n1,2\n")
    assert code_of(answer) == (415, "NOT_XLSX")
    assert api.nothing_is_left()


@pytest.mark.parametrize(
    ("rows", "fields", "code"),
    [
        ([["a"], [1]], {"target": "nowhere"}, "TARGET_UNKNOWN"),
        ([["a"], [1]], {"sheet": "Nowhere"}, "SHEET_UNKNOWN"),
        ([["order_id", "note"], [1, "x"]], {"target": "orders"}, "HEADER_INVALID"),
        ([], {}, "EMPTY"),
    ],
)
def test_a_workbook_that_does_not_fit_is_refused_and_leaves_nothing(
    api: "Api", workbook: MakeWorkbook, rows: list[Any], fields: dict[str, str], code: str
) -> None:
    answer = api.upload(workbook(*rows), **fields)
    assert code_of(answer) == (422, code)
    assert api.nothing_is_left()


def test_a_refused_header_lists_its_faults_and_an_unknown_target_the_known(
    api: "Api", workbook: MakeWorkbook
) -> None:
    header = api.upload(workbook(["order_id"], [1]), target="orders").json()
    assert "quantity" in header["faults"][0]
    target = api.upload(workbook(["a"]), target="order").json()
    assert target["targets"] == ["orders", "records"]


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ([("other", ("a.xlsx", b"x"))], 400, "MISSING_FILE"),
        ([("file", ("a.xlsx", b"x")), ("file", ("b.xlsx", b"y"))], 400, "SEVERAL_FILES"),
        ([("file", ("a.xlsx", b""))], 400, "EMPTY_FILE"),
    ],
)
def test_a_form_without_exactly_one_file_is_refused_and_leaves_nothing(
    api: "Api", files: list[Any], status: int, code: str
) -> None:
    answer = api.client.post("/api/upload/excel", files=files, headers=api.headers())
    assert code_of(answer) == (status, code)
    assert api.nothing_is_left()


def test_a_body_that_is_no_form_is_refused(api: "Api") -> None:
    answer = api.client.post("/api/upload/excel", json={"file": "x"}, headers=api.headers())
    assert code_of(answer) == (415, "NOT_MULTIPART")


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_above_the_limit_is_refused_by_name_and_leaves_nothing(
    start_api: Callable[..., "Api"], declared: bool
) -> None:
    api = start_api(SLUICE_MAX_UPLOAD_BYTES="3000000")
    size = 9_000_000 if declared else 3_000_001
    request = api.client.build_request(
        "POST",
        "/api/upload/excel",
        files={"file": ("a.xlsx", b"x" * size)},
        headers=api.headers(),
    )
    if not declared:
        body = request.read()
        headers = {**api.headers(), "content-type": request.headers["content-type"]}
        blocks = iter([body[: size // 2], body[size // 2 :]])
        request = api.client.build_request(
            "POST", "/api/upload/excel", content=blocks, headers=headers
        )
        assert "content-length" not in request.headers
    answer = api.client.send(request)
    assert code_of(answer) == (413, "FILE_TOO_LARGE")
    assert answer.json()["maxUploadBytes"] == 3_000_000
    assert api.nothing_is_left()


def test_who_is_not_signed_in_cannot_upload(api: "Api") -> None:
    files = {"file": ("a.xlsx", b"x" * 40_000_000)}
    without = api.client.post("/api/upload/excel", files=files)
    wrong = api.client.post(
        "/api/upload/excel", files=files, headers={"Authorization": "Bearer no.such.token"}
    )
    assert code_of(without) == (401, "TOKEN_MISSING")
    assert code_of(wrong) == (401, "TOKEN_INVALID")
    assert api.nothing_is_left()


@pytest.mark.parametrize("declared_bytes", [5_000_000, 2_000_100])
def test_a_body_cut_in_the_middle_leaves_nothing(
    api: "Api", declared_bytes: int, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    body = (part + b"x" * 2_000_100)[:2_000_100]
    token = api.headers()["Authorization"]
    head = (
        f"POST /api/upload/excel HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {declared_bytes}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(head.encode() + body)
        if declared_bytes > len(body):
            eventually(lambda: len(api.stored()) == 1)
        else:
            assert connection.recv(12) == b"HTTP/1.1 400"
    eventually(api.nothing_is_left)


def test_a_refused_transaction_leaves_no_file(api: "Api", workbook: MakeWorkbook) -> None:
    content = workbook(["a"], [1])
    with psycopg.connect(api.database_url, autocommit=True) as conn:
        conn.execute("ALTER TABLE sluice.outbox ADD CHECK (topic = 'nothing')")
    answer = api.upload(content)
    assert code_of(answer) == (500, "INTERNAL")
    assert api.nothing_is_left()


def test_with_postgres_away_an_upload_is_told_to_come_back_and_leaves_no_file(
    api: "Api", workbook: MakeWorkbook
) -> None:
    headers = api.headers()
    content = workbook(["a"], [1])
    assert api.client.get("/api/auth/me", headers=headers).status_code == 200
    name = psycopg.conninfo.conninfo_to_dict(api.database_url)["dbname"]
    other = psycopg.conninfo.make_conninfo(api.database_url, dbname="postgres")
    with psycopg.connect(other, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        answer = api.client.post(
            "/api/upload/excel", files={"file": ("a.xlsx", content)}, headers=headers
        )
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert code_of(answer) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert api.nothing_is_left()


def test_uploads_are_accepted_while_kafka_is_away(
    start_api: Callable[..., "Api"], workbook: MakeWorkbook
) -> None:
    api = start_api(quiet=False)
    answer = api.upload(workbook(["a"], [1]))
    assert answer.status_code == 200
    assert api.client.get("/readyz").status_code == 200
    assert api.rows("SELECT count(*) FROM sluice.outbox") == [(1,)]

from typing import Any

import pytest


@pytest.fixture
def content(workbook: Any) -> bytes:
    made: bytes = workbook(["a"], [1])
    return made


def send(api: Any, content: bytes, key: str = "", **fields: str) -> Any:
    headers = api.headers() | ({"Idempotency-Key": key} if key else {})
    files = {"file": ("a.xlsx", content)}
    return api.client.post("/api/upload/excel", files=files, data=fields, headers=headers)


def test_so_many_uploads_an_hour_and_no_more(
    start_api: Any, redis_url: str, content: bytes
) -> None:
    api = start_api(SLUICE_REDIS_URL=redis_url, SLUICE_MAX_UPLOADS_PER_HOUR="3")
    assert send(api, content, target="unknown").status_code == 422  # a refused file costs nothing
    first = send(api, content, key="a")
    assert [send(api, content).status_code for _ in range(2)] == [200, 200]
    refused = send(api, content)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_UPLOADS")
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    again = send(api, content, key="a")  # answered already, so it costs nothing
    assert (again.status_code, again.json()["jobId"]) == (200, first.json()["jobId"])
    assert '"uploads";r=2;t=3600' in first.headers["RateLimit"]


def test_so_many_bytes_a_day_and_no_more(start_api: Any, redis_url: str, content: bytes) -> None:
    limit = 2 * len(content) + 1
    api = start_api(SLUICE_REDIS_URL=redis_url, SLUICE_MAX_UPLOAD_BYTES_PER_DAY=str(limit))
    assert [send(api, content).status_code for _ in range(2)] == [200, 200]
    refused = send(api, content)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_UPLOADED_BYTES")
    assert refused.headers["RateLimit-Policy"] == (
        f'"upload-bytes";q={limit};qu="content-bytes";w=86400'
    )
    assert len(api.stored()) == 2

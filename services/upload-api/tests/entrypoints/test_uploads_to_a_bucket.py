"""Uploads to a bucket: an object for each job, and nothing of what was refused, cut or in vain."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from tests.bucket_view import BucketView

from devstack.s3_server import BUCKET, S3Server

if TYPE_CHECKING:
    from conftest import Api, StartApi

MIB = 1024 * 1024
Eventually = Callable[[Callable[[], bool]], None]
HEAD = (
    "POST /api/upload/excel HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n"
    "Content-Type: multipart/form-data; boundary=B\r\nAuthorization: {token}\r\n\r\n"
    '--B\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
)


@pytest.fixture
def bucket(s3: S3Server) -> BucketView:
    return BucketView(s3)


def nothing_is_left(api: Api, bucket: BucketView) -> bool:
    jobs = api.rows("SELECT count(*) FROM sluice.jobs")
    return jobs == [(0,)] and bucket.objects() == bucket.unfinished() == []


def test_a_job_has_its_object_and_a_kept_file_another(
    start_api: StartApi, bucket: BucketView, workbook: Callable[..., bytes]
) -> None:
    api = start_api(**bucket.environ)
    content = workbook(["order_id", "quantity"], [1, 2])
    preview = api.client.post(
        "/api/upload/preview", files={"file": ("a.xlsx", content)}, data={"keep": "true"},
        headers=api.headers(),
    ).json()  # fmt: skip
    fields = {"previewId": (None, preview["previewId"]), "target": (None, "orders")}
    answer = api.client.post("/api/upload/excel", files=fields, headers=api.headers())
    assert answer.status_code == 200, answer.text
    [(url,)] = api.rows("SELECT file_url FROM sluice.jobs")
    assert url == f"s3://{BUCKET}/{bucket.prefix}/{answer.json()['jobId']}"
    assert bucket.content(url) == content
    assert len(bucket.objects()) == 2


def test_what_is_refused_leaves_no_part(
    start_api: StartApi, bucket: BucketView, eventually: Eventually
) -> None:
    api = start_api(**bucket.environ)
    answer = api.upload(b"PK\x03\x04" + os.urandom(9 * MIB), target="orders")
    assert answer.status_code in (415, 422)
    eventually(lambda: nothing_is_left(api, bucket))


def test_a_body_that_is_cut_leaves_no_part(
    start_api: StartApi, bucket: BucketView, eventually: Eventually
) -> None:
    api = start_api(**bucket.environ)
    with socket.create_connection(("127.0.0.1", api.port)) as sender:
        sender.sendall(HEAD.format(token=api.headers()["Authorization"]).encode())
        sender.sendall(b"PK\x03\x04" + bytes(10 * MIB))
        eventually(lambda: len(bucket.unfinished()) == 1)
    eventually(lambda: nothing_is_left(api, bucket))


def test_while_the_bucket_is_away_uploads_are_refused_and_readiness_says_why(
    start_api: StartApi, bucket: BucketView, workbook: Callable[..., bytes]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = bucket.environ | {"SLUICE_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    api = start_api(**away)
    answer = api.upload(workbook(["order_id", "quantity"], [1, 2]), target="orders")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
    ready = api.client.get("/readyz")
    assert ready.status_code == 503
    assert "storage" in ready.text
    assert nothing_is_left(api, bucket)


def test_a_sweep_deletes_what_belongs_to_no_job_and_uploads_without_an_end(
    start_api: StartApi,
    add_job: Callable[[str], UUID],
    bucket: BucketView,
    eventually: Eventually,
) -> None:
    kept, told = add_job("anna"), {"Bucket": BUCKET}
    for file_id in (kept, uuid4()):
        bucket.client.put_object(**told, Key=f"{bucket.prefix}/{file_id}", Body=b"x")
    bucket.client.put_object(**told, Key=f"{bucket.prefix}/not-ours", Body=b"x")
    bucket.client.create_multipart_upload(**told, Key=f"{bucket.prefix}/{uuid4()}")
    start_api(**bucket.environ)
    eventually(lambda: not bucket.unfinished())
    assert len(bucket.objects()) == 3  # a day has not gone by
    start_api(**bucket.environ, SLUICE_CLOCK_SHIFT_S="90000")
    left: list[Any] = [f"{bucket.prefix}/{kept}", f"{bucket.prefix}/not-ours"]
    eventually(lambda: sorted(bucket.objects()) == sorted(left))

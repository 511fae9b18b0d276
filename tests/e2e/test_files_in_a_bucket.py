"""Files in a bucket: an import from upload to erasure, while the S3 server dies and comes back."""

from __future__ import annotations

import io
import os
import signal
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.bucket_view import BucketView
from tests.faults.tcp_proxy import Proxies, Weather
from tests.live_process import until
from tests.table_facts import expected_orders, orders_of

from devstack.s3_server import S3Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

ROWS, BAD_SHARE = 3_000, 0.02
PICTURE_BYTES = 20 * 1024 * 1024
CUT_AT_BYTES = 15 * 1024 * 1024
"""By then a part was sent, and the last one is to come."""
AWAY, CLEAR = Weather(resets=True), Weather()
SERVICES = ("upload-api", "parser")


@dataclass(frozen=True, slots=True)
class Afar:
    """The S3 server, and the line that leads to it."""

    bucket: BucketView
    proxies: Proxies

    def go_away(self) -> None:
        self.proxies.change("s3", AWAY)

    def come_back(self) -> None:
        self.proxies.change("s3", CLEAR)


@pytest.fixture(scope="module")
def afar(stack: Stack) -> Iterator[Afar]:
    """The services keep their files in a bucket, for the tests of this file."""
    server = stack.start_s3()
    proxies = Proxies()
    line = S3Server(stack.ports.port("s3-line"))
    proxies.add("s3", line.port, server.port)
    bucket = BucketView(server)
    for service in SERVICES:
        stack.set_env(service, line.environment(bucket.prefix))
        stack.restart(service)
    yield Afar(bucket, proxies)
    for service in SERVICES:
        stack.set_env(service, {"SLUICE_STORAGE_URL": (stack.folder / "files").as_uri()})
        stack.restart(service)
    proxies.close()
    stack.remove("s3")


@pytest.fixture(scope="module")
def illustrated(
    orders: Callable[..., Workbook], tmp_path_factory: pytest.TempPathFactory
) -> Workbook:
    """A workbook of a few rows that is sent in several parts, for the picture in it."""
    book = orders(ROWS, BAD_SHARE)
    path = tmp_path_factory.mktemp("illustrated") / "orders.xlsx"
    path.write_bytes(book.path.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", os.urandom(PICTURE_BYTES))
    return type(book)(path, book.expected)


class ReadUpTo(io.FileIO):
    """A file whose reader does something once, when so many bytes were read."""

    def __init__(self, path: Path, at_bytes: int, then: Callable[[], object]) -> None:
        super().__init__(path)
        self._at_bytes = at_bytes
        self._then: Callable[[], object] | None = then

    def read(self, size: int | None = -1, /) -> bytes:
        if self._then is not None and self.tell() >= self._at_bytes:
            self._then()
            self._then = None
        return super().read(-1 if size is None else size)


def upload(client: RoadClient, path: Path, **fields: str) -> str:
    answer = client.post_file(path, "orders", **fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["jobId"])


def test_a_server_that_dies_in_mid_upload_refuses_it_and_nothing_is_left(
    stack: Stack, client: RoadClient, afar: Afar, illustrated: Workbook
) -> None:
    """It forgets all it had; a moment later the same upload is taken."""
    jobs = len(client.http.get("/api/jobs").raise_for_status().json()["jobs"])
    begun: list[str] = []

    def die() -> None:
        begun.extend(until(afar.bucket.unfinished, "a part is there"))
        stack.kill("s3", signal.SIGKILL)

    with ReadUpTo(illustrated.path, CUT_AT_BYTES, die) as file:
        answer = client.http.post(
            "/api/upload/excel", data={"target": "orders"}, files={"file": ("a.xlsx", file)}
        )
    assert (answer.status_code, len(begun)) == (503, 1), answer.text
    assert "retry-after" in answer.headers
    stack.wait_ready("s3")
    assert len(client.http.get("/api/jobs").raise_for_status().json()["jobs"]) == jobs
    assert afar.bucket.objects() == afar.bucket.unfinished() == []
    job_id = upload(client, illustrated.path)
    assert [key.rpartition("/")[2] for key in afar.bucket.objects()] == [job_id]
    client.follow(job_id)


def test_an_import_goes_from_upload_to_erasure_while_the_server_is_away_in_between(
    stack: Stack, client: RoadClient, afar: Afar, illustrated: Workbook
) -> None:
    before = set(afar.bucket.objects())
    stack.pause("parser")
    job_id = upload(client, illustrated.path)
    afar.go_away()
    stack.resume("parser")
    with client.stream(job_id) as events:
        waiting = next(
            m.data for m in events if m.data.get("data", {}).get("waitingFor") == "storage"
        )
    assert waiting["status"] == "retrying"
    afar.come_back()
    assert client.follow(job_id)[-1].data["status"] == "completed_with_errors"
    assert orders_of(stack.database_url, job_id) == expected_orders(illustrated.expected)
    failed = client.http.get(f"/api/jobs/{job_id}/failed-rows.csv").raise_for_status().text
    assert len(failed.splitlines()) == illustrated.expected.bad_rows + 1
    client.http.delete(f"/api/jobs/{job_id}").raise_for_status()
    assert set(afar.bucket.objects()) == before
    assert afar.bucket.unfinished() == []


def test_a_kept_file_is_copied_by_the_server_and_read_again_from_there(
    stack: Stack, client: RoadClient, afar: Afar, orders: Callable[..., Workbook]
) -> None:
    before = set(afar.bucket.objects())
    book = orders(ROWS, BAD_SHARE)
    with book.path.open("rb") as file:
        told: Any = client.http.post(
            "/api/upload/preview", data={"keep": "true"}, files={"file": ("a.xlsx", file)}
        ).json()
    stack.pause("parser")
    answer = client.http.post(
        "/api/upload/excel", files={"previewId": (None, told["previewId"]),
                                    "target": (None, "orders")}
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    job_id = answer.json()["jobId"]
    client.http.post(f"/api/jobs/{job_id}/cancel").raise_for_status()
    stack.resume("parser")
    client.follow(job_id)
    rest = client.http.get(f"/api/jobs/{job_id}/unprocessed-rows.csv").raise_for_status().text
    assert len(rest.splitlines()) == ROWS + 1
    kept = {key.rpartition("/")[2] for key in set(afar.bucket.objects()) - before}
    assert kept == {job_id, told["previewId"]}
    client.http.delete(f"/api/jobs/{job_id}").raise_for_status()
    assert len(set(afar.bucket.objects()) - before) == 1

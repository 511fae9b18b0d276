"""What a bucket alone has to get right: parts, ends that nobody saw, and a server that is away."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.bucket_view import BucketView

from sluice.clock import SystemClock
from sluice.errors import Outage
from sluice.settings import StorageSettings
from sluice.storage import FileMissing, open_storage
from sluice.storage.s3_bucket import Bucket, Place
from sluice.storage.s3_copy import S3Copy
from sluice.storage.s3_upload import PART_BYTES, S3Upload
from sluice.storage.spool import Spool

MIB = 1024 * 1024
CONTENT = os.urandom(2 * PART_BYTES + 5)
WITHIN_S = 20.0


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)


class Lossy:
    """A client some of whose calls have no answer, or another one; the server has done them."""

    def __init__(self, client: Any, **instead: Callable[..., Any]) -> None:
        self._client = client
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        return self._instead.get(name) or getattr(self._client, name)


def joined(bucket: BucketView) -> Bucket:
    return Bucket(StorageSettings.from_env(bucket.environ))


def upload_of(bucket: Bucket, content: bytes) -> S3Upload:
    upload = S3Upload(bucket, bucket.place(str(uuid4())), Spool(None))
    upload.write(content)
    return upload


def test_a_file_of_several_parts_is_no_object_before_it_is_whole(bucket: BucketView) -> None:
    storage = bucket.storage()
    file_id = uuid4()
    file = storage.create(file_id)
    file.write(CONTENT)
    assert bucket.objects() == []
    assert bucket.unfinished() == [f"{bucket.prefix}/{file_id}"]
    url = file.commit()
    file.discard()
    assert bucket.content(url) == CONTENT
    assert bucket.unfinished() == []


def test_an_upload_that_is_given_up_leaves_no_part(bucket: BucketView) -> None:
    file = bucket.storage().create(uuid4())
    file.write(CONTENT)
    assert bucket.unfinished()
    file.discard()
    eventually(lambda: not bucket.unfinished())
    assert bucket.objects() == []


def test_a_part_that_fails_fails_the_upload_and_nothing_is_left(bucket: BucketView) -> None:
    whole = joined(bucket)

    def fail(**_: Any) -> None:
        raise Outage("storage", "a part")

    client = whole.client
    whole.client = Lossy(client, upload_part=fail)
    upload = upload_of(whole, CONTENT)
    with pytest.raises(Outage, match="a part"):
        upload.commit()
    upload.discard()
    eventually(lambda: not bucket.unfinished())
    assert bucket.objects() == []


def test_an_end_that_nobody_answered_is_looked_up(bucket: BucketView) -> None:
    whole = joined(bucket)
    client = whole.client

    def done_and_silent(**told: Any) -> None:
        client.complete_multipart_upload(**told)
        raise Outage("storage", "no answer")

    whole.client = Lossy(client, complete_multipart_upload=done_and_silent)
    upload = upload_of(whole, CONTENT)
    assert bucket.content(upload.commit()) == CONTENT
    upload.discard()


def test_an_end_that_did_not_happen_is_no_success(bucket: BucketView) -> None:
    whole = joined(bucket)

    def silent(**_: Any) -> None:
        raise Outage("storage", "no answer")

    whole.client = Lossy(whole.client, complete_multipart_upload=silent)
    upload = upload_of(whole, CONTENT)
    with pytest.raises(Outage, match="did not keep"):
        upload.commit()
    upload.discard()
    eventually(lambda: not bucket.unfinished())


def test_memory_holds_no_more_than_the_parts_under_way(bucket: BucketView) -> None:
    """However slow the server is: what waits, waits on the disk."""
    whole = joined(bucket)
    held: list[int] = []
    most = 0

    def slow(Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - the API's name
        nonlocal most
        held.append(len(Body))
        most = max(most, sum(held))
        time.sleep(0.02)
        held.remove(len(Body))
        return {"ETag": "x"}

    whole.client = Lossy(whole.client, upload_part=slow)
    upload = upload_of(whole, bytes(12 * PART_BYTES))
    with pytest.raises(Outage):
        upload.commit()
    upload.discard()
    assert PART_BYTES <= most <= 4 * PART_BYTES


def test_unfinished_uploads_are_named_and_can_be_removed(bucket: BucketView) -> None:
    storage = bucket.storage()
    file_id = uuid4()
    place = f"{bucket.prefix}/{file_id}"
    for _ in range(2):
        bucket.client.create_multipart_upload(Bucket="sluice", Key=place)
    assert {kept.name for kept in storage.names()} == {f".{file_id}.part"}
    assert all(kept.changed_at < SystemClock().now() for kept in storage.names())
    storage.remove(f".{file_id}.part")
    assert bucket.unfinished() == []


def test_a_large_copy_is_made_in_parts(bucket: BucketView) -> None:
    whole, storage = joined(bucket), bucket.storage()
    source = storage.create(uuid4())
    source.write(CONTENT)
    url = source.commit()
    place = whole.place(str(uuid4()))
    copy = S3Copy(whole, Place.of(url), place, storage.lend(url), copy_bytes=5 * MIB)
    assert bucket.content(copy.commit()) == CONTENT
    copy.discard()
    assert bucket.unfinished() == []


def test_a_transfer_that_breaks_off_goes_on_where_it_was(bucket: BucketView) -> None:
    storage = bucket.storage()
    file = storage.create(uuid4())
    file.write(CONTENT)
    url = file.commit()
    whole = joined(bucket)
    asked: list[str] = []
    client = whole.client

    class HalfBody:
        def __init__(self, body: Any) -> None:
            self._body = body

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self._body.close()

        def read(self, size: int) -> bytes:
            if self._body.tell() >= 5 * MIB:
                raise Outage("storage", "cut")
            content: bytes = self._body.read(size)
            return content

    def cut_once(**told: Any) -> dict[str, Any]:
        asked.append(told["Range"])
        answer: dict[str, Any] = client.get_object(**told)
        return answer | ({"Body": HalfBody(answer["Body"])} if len(asked) == 1 else {})

    whole.client = Lossy(client, get_object=cut_once)
    storage._bucket = whole  # type: ignore[attr-defined]
    file_lent = storage.lend(url, sha256(CONTENT).digest())
    assert Path(file_lent.path).read_bytes() == CONTENT
    file_lent.close()
    assert asked == ["bytes=0-", f"bytes={5 * MIB}-"]


def test_a_file_that_is_not_what_was_stored_is_missing(bucket: BucketView) -> None:
    storage = bucket.storage()
    file = storage.create(uuid4())
    file.write(b"cells")
    url = file.commit()
    storage.lend(url, sha256(b"cells").digest()).close()
    with pytest.raises(FileMissing, match="not what was stored"):
        storage.lend(url, sha256(b"other").digest())


def test_a_transfer_that_is_not_wanted_any_more_ends(bucket: BucketView) -> None:
    storage = bucket.storage()
    file = storage.create(uuid4())
    file.write(CONTENT)
    url = file.commit()
    with pytest.raises(Outage, match="not wanted"):
        storage.lend(url, goes_on=lambda: False)


def test_a_bucket_that_is_not_there_is_an_outage_and_no_missing_file(bucket: BucketView) -> None:
    storage = bucket.storage(SLUICE_STORAGE_URL="s3://no-such-bucket/files")
    with pytest.raises(Outage, match="no bucket"):
        storage.size_of(f"s3://no-such-bucket/files/{uuid4()}")
    with pytest.raises(Outage, match="no bucket"):
        storage.check()


def test_a_server_that_is_away_is_an_outage_within_seconds(bucket: BucketView) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    storage = bucket.storage(SLUICE_S3_ENDPOINT_URL=f"http://127.0.0.1:{port}")
    for ask in (storage.check, lambda: storage.size_of("s3://sluice/files/x")):
        with pytest.raises(Outage, match="storage"):
            ask()


def test_files_of_a_folder_are_read_and_deleted_after_the_move_to_a_bucket(
    bucket: BucketView, tmp_path: Path
) -> None:
    folder = {"SLUICE_STORAGE_URL": tmp_path.as_uri()}
    before = open_storage(StorageSettings.from_env(folder)).create(uuid4())
    before.write(b"cells")
    url = before.commit()
    storage = bucket.storage()
    assert Path(storage.lend(url).path).read_bytes() == b"cells"
    assert storage.size_of(url) == 5
    storage.delete(url)
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_logged_at_any_level(
    bucket: BucketView, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "wJalrXUtnFEMIK7MDENG"
    storage = bucket.storage(
        SLUICE_S3_ACCESS_KEY_ID="AKIAIOSFODNN7", SLUICE_S3_SECRET_ACCESS_KEY=secret
    )
    file = storage.create(uuid4())
    file.write(b"x")
    file.commit()
    assert not [r for r in caplog.records if r.name.startswith(("boto", "urllib3"))]
    assert secret not in caplog.text
    assert "AKIAIOSFODNN7" not in caplog.text

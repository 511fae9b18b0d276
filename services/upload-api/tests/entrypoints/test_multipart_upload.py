import hashlib
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.storage import LocalStorage
from sluice.web.problems import Problem
from upload_api.entrypoints.multipart_upload import FileLimits, MultipartUpload

CONTENT = bytes(range(256)) * 20 + b"\r\n--b\r-\r\n--bound"
BODY = (
    b'--bound\r\nContent-Disposition: form-data; name="target"\r\n\r\norders\r\n'
    b'--bound\r\nContent-Disposition: form-data; name="file"; filename="\xc3\xa9.xlsx"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + CONTENT + b"x\r\n"
    b'--bound\r\nContent-Disposition: form-data; name="sheet"\r\n\r\n D\xc3\xa9j\xc3\xa0 \r\n'
    b"--bound--\r\n"
)
LIMITS = FileLimits(workbook=10**6, text=10**6)
CONTENT_TYPE = 'multipart/form-data; boundary="bound"'


def upload_into(folder: Path) -> MultipartUpload:
    storage = LocalStorage(folder.as_uri())
    return MultipartUpload(CONTENT_TYPE, LIMITS, lambda: storage.create(uuid4()))


@given(st.lists(st.integers(0, len(BODY)), max_size=12))
def test_a_body_is_read_the_same_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    upload = upload_into(tmp_path_factory.mktemp("files"))
    for start, end in pairwise([0, *sorted(cuts), len(BODY)]):
        upload.feed(BODY[start:end])
    file = upload.finish()
    assert file is not None
    try:
        assert file.stored.temporary_path.read_bytes() == CONTENT + b"x"
        assert file.sha256 == hashlib.sha256(CONTENT + b"x").digest()
        assert (file.size_bytes, file.raw_name) == (len(CONTENT) + 1, "é.xlsx")
        assert upload.fields == {"target": "orders", "sheet": "Déjà"}
    finally:
        upload.discard()


@pytest.mark.parametrize("end", [1, 20, 200, len(BODY) - 20])
def test_a_body_without_its_end_is_refused_and_its_file_discarded(tmp_path: Path, end: int) -> None:
    upload = upload_into(tmp_path)
    upload.feed(BODY[:end])
    with pytest.raises(Problem) as refused:
        upload.finish()
    upload.discard()
    assert (refused.value.status, refused.value.code) == (400, "MULTIPART_INVALID")
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_a_full_disk_cut_short_is_noticed(tmp_path: Path) -> None:
    upload = upload_into(tmp_path)
    upload.feed(BODY)
    [path] = tmp_path.iterdir()
    os_size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(os_size - 1)
    with pytest.raises(Problem) as refused:
        upload.finish()
    upload.discard()
    assert refused.value.status == 507

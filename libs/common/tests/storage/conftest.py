"""Storages to test: a folder, and a bucket of a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bucket_view import BucketView

from devstack.s3_server import S3Server
from sluice.settings import StorageSettings
from sluice.storage import FileStorage, open_storage


@pytest.fixture
def bucket(s3: S3Server) -> BucketView:
    return BucketView(s3)


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> FileStorage:
    """Each storage in turn: what holds of one holds of the other."""
    if request.param == "folder":
        environ = {"SLUICE_STORAGE_URL": (tmp_path / "files").as_uri()}
        made = open_storage(StorageSettings.from_env(environ))
    else:
        made = request.getfixturevalue("bucket").storage()
    made.prepare()
    return made


@pytest.fixture
def read(storage: FileStorage) -> Callable[[str], bytes]:
    """Reads a stored file as those do who are lent it."""

    def content(file_url: str) -> bytes:
        file = storage.lend(file_url)
        try:
            return Path(file.path).read_bytes()
        finally:
            file.close()

    return content

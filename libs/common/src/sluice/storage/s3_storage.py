"""Files in a bucket of S3, or of a server that speaks its API."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sluice.storage.files import FileMissing, KeptName
from sluice.storage.local_storage import SCHEME as LOCAL
from sluice.storage.local_storage import LocalStorage
from sluice.storage.s3_bucket import Bucket, Place, s3_errors
from sluice.storage.s3_copy import S3Copy
from sluice.storage.s3_download import download
from sluice.storage.s3_upload import S3Upload
from sluice.storage.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from sluice.settings import StorageSettings
    from sluice.storage.files import ReadableFile

_UNFINISHED = (".", ".part")


class S3Storage:
    """Objects in one bucket under one prefix, named by the job's id and nothing a user wrote.

    Files that were stored in a folder before the URL was changed are read and deleted there.
    """

    is_here = False

    def __init__(self, settings: StorageSettings) -> None:
        self._bucket = Bucket(settings)
        self._folders = LocalStorage(f"{LOCAL}:///")

    def prepare(self) -> None:
        """Nothing: a bucket is made by those who run it."""

    def check(self) -> None:
        self._bucket.ask()

    def create(self, file_id: UUID) -> S3Upload:
        """Begin a file; raises OSError, there is no room for it on this machine."""
        place = self._bucket.place(str(file_id))
        return S3Upload(self._bucket, place, Spool(self._bucket.spool_dir))

    def again(self, file_id: UUID, file_url: str) -> S3Copy:
        """Begin a file with the content of a stored one, which stays; raises as `lend`.

        The content comes here once, to be looked at; S3 copies it by itself.
        """
        if _is_local(file_url):
            raise FileMissing("it was kept before the storage was changed")
        source = Place.of(file_url)
        file = self.lend(file_url)
        return S3Copy(self._bucket, source, self._bucket.place(str(file_id)), file)

    def size_of(self, file_url: str) -> int:
        if _is_local(file_url):
            return self._folders.size_of(file_url)
        return self._bucket.size_of(Place.of(file_url))[0]

    def lend(
        self,
        file_url: str,
        sha256: bytes | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> ReadableFile:
        if _is_local(file_url):
            return self._folders.lend(file_url)
        return download(self._bucket, Place.of(file_url), sha256, goes_on)

    def delete(self, file_url: str) -> None:
        if _is_local(file_url):
            self._folders.delete(file_url)
        else:
            self._delete(Place.of(file_url))

    def names(self) -> Iterator[KeptName]:
        """Yield the objects under the prefix itself, and the uploads of such that have no end."""
        asked = {"Bucket": self._bucket.name, "Prefix": self._bucket.prefix}
        client = self._bucket.client
        with s3_errors():
            for page in client.get_paginator("list_objects_v2").paginate(**asked):
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(self._bucket.prefix)
                    yield KeptName(name=name, changed_at=found["LastModified"])
            for page in client.get_paginator("list_multipart_uploads").paginate(**asked):
                for found in page.get("Uploads", ()):
                    name = found["Key"].removeprefix(self._bucket.prefix)
                    yield KeptName(
                        name=f"{_UNFINISHED[0]}{name}{_UNFINISHED[1]}",
                        changed_at=found["Initiated"],
                    )

    def remove(self, name: str) -> None:
        if name.startswith(_UNFINISHED[0]) and name.endswith(_UNFINISHED[1]):
            bare = name.removeprefix(_UNFINISHED[0]).removesuffix(_UNFINISHED[1])
            self._abort(self._bucket.place(bare))
        else:
            self._delete(self._bucket.place(name))

    def _delete(self, place: Place) -> None:
        with s3_errors():
            self._bucket.client.delete_object(**place.named)

    def _abort(self, place: Place) -> None:
        client = self._bucket.client
        with s3_errors():
            pages = client.get_paginator("list_multipart_uploads").paginate(
                Bucket=place.bucket, Prefix=place.key
            )
            found = [each for page in pages for each in page.get("Uploads", ())]
        for each in found:
            if each["Key"] == place.key:
                with suppress(FileMissing), s3_errors():  # it came to its end meanwhile
                    client.abort_multipart_upload(**place.named, UploadId=each["UploadId"])


def _is_local(file_url: str) -> bool:
    return urlsplit(file_url).scheme == LOCAL

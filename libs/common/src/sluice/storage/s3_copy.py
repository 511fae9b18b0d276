"""A stored object stored once more, by S3 itself: none of its bytes goes back through us."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sluice.errors import Outage
from sluice.storage.files import FileMissing
from sluice.storage.s3_bucket import s3_errors

if TYPE_CHECKING:
    from sluice.storage.files import ReadableFile
    from sluice.storage.s3_bucket import Bucket, Place

COPY_BYTES: Final = 256 * 1024 * 1024
"""Copied in one call; S3 takes 5 GB, and an answer that takes long looks like none."""


class S3Copy:
    """A file being stored: a copy, made by `commit`; until then its content can be read here."""

    def __init__(
        self,
        bucket: Bucket,
        source: Place,
        place: Place,
        file: ReadableFile,
        copy_bytes: int = COPY_BYTES,
    ) -> None:
        self._bucket = bucket
        self._source = source
        self._place = place
        self._file: ReadableFile | None = file
        self._copy_bytes = copy_bytes
        self.temporary_path = Path(file.path)

    def write(self, block: bytes) -> None:
        raise TypeError(f"a copy takes no block of {len(block)} bytes")

    def commit(self) -> str:
        """Wait until S3 has copied it; return its URL. Raises `Outage` or OSError."""
        size = self.temporary_path.stat().st_size
        try:
            if size <= self._copy_bytes:
                with s3_errors(self._source):
                    self._bucket.client.copy_object(
                        **self._place.named, CopySource=self._source.named
                    )
            else:
                self._copy_in_parts(size)
            copied, _ = self._bucket.size_of(self._place)
        except FileMissing:
            raise Outage("storage", "the file to copy is gone") from None
        if copied != size:
            raise Outage("storage", f"S3 copied {copied} of {size} bytes")
        return self._place.url

    def discard(self) -> None:
        """Read no more here; harmless after `commit`."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _copy_in_parts(self, size: int) -> None:
        client, place = self._bucket.client, self._place
        with s3_errors(self._source):
            upload: dict[str, Any] = place.named | {
                "UploadId": client.create_multipart_upload(**place.named)["UploadId"]
            }
            try:
                parts = [
                    self._copy_part(upload, number, first, min(first + self._copy_bytes, size) - 1)
                    for number, first in enumerate(range(0, size, self._copy_bytes), 1)
                ]
                client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
            except BaseException:
                with s3_errors():
                    client.abort_multipart_upload(**upload)
                raise

    def _copy_part(
        self, upload: dict[str, Any], number: int, first: int, last: int
    ) -> dict[str, Any]:
        answer = self._bucket.client.upload_part_copy(
            **upload,
            PartNumber=number,
            CopySource=self._source.named,
            CopySourceRange=f"bytes={first}-{last}",
        )
        return {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]}

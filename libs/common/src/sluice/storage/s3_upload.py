"""One file on its way to S3: kept on this machine's disk meanwhile, and sent from there in parts.

The spool makes a part that fails one that is sent again, gives the check of the file's head the
random access it needs, and is the only buffer: in memory are the parts that are being sent.
"""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from sluice.errors import Outage
from sluice.storage.files import FileMissing
from sluice.storage.s3_bucket import s3_errors

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sluice.storage.s3_bucket import Bucket, Place
    from sluice.storage.spool import Spool

log = structlog.get_logger(__name__)
PART_BYTES: Final = 8 * 1024 * 1024
"""S3 takes 10,000 parts at most, of 5 MiB at least: files of up to 80 GB."""


class S3Upload:
    """A file being stored: an object only once it was completed; smaller than a part, at once."""

    def __init__(self, bucket: Bucket, place: Place, spool: Spool) -> None:
        self._bucket = bucket
        self._place = place
        self._spool = spool
        self._upload_id: str | None = None
        self._parts: list[Future[dict[str, Any]]] = []
        self._taken = 0
        """Bytes that are in a part."""
        self._is_kept = False
        self._is_over = False

    @property
    def temporary_path(self) -> Path:
        return Path(self._spool.path)

    def write(self, block: bytes) -> None:
        """Take the next block.

        Raises:
            Outage: a part before could not be sent.
            OSError: this machine's disk is full, or the server's.
        """
        self._spool.write(block)
        while self._spool.size - self._taken >= PART_BYTES:
            self._begin_part(PART_BYTES)

    def commit(self) -> str:
        """Wait until S3 has the whole file; return its URL. Raises as `write`."""
        if self._upload_id is None:
            self._put()
        else:
            if self._spool.size > self._taken:
                self._begin_part(self._spool.size - self._taken)
            self._complete([part.result() for part in self._parts])
        self._check()
        self._is_kept = True
        return self._place.url

    def discard(self) -> None:
        """Leave nothing behind; harmless after `commit`. Who asks does not wait for it."""
        if self._is_over:
            return
        self._is_over = True
        if self._upload_id is None or self._is_kept:
            self._spool.close()
        else:
            self._bucket.carriers.submit(self._clean_up)

    def _put(self) -> None:
        content = self._spool.read(0, self._spool.size)
        with s3_errors():
            self._bucket.client.put_object(
                **self._place.named, Body=content, ContentMD5=_md5(content)
            )

    def _begin_part(self, size: int) -> None:
        for part in self._parts:
            if part.done():
                part.result()  # raises what it failed by
        if self._upload_id is None:
            with s3_errors():
                answer = self._bucket.client.create_multipart_upload(**self._place.named)
            self._upload_id = answer["UploadId"]
        number = len(self._parts) + 1
        self._parts.append(
            self._bucket.carriers.submit(self._send, number, offset=self._taken, size=size)
        )
        self._taken += size

    def _send(self, number: int, *, offset: int, size: int) -> dict[str, Any]:
        content = self._spool.read(offset, size)
        try:
            with s3_errors():
                answer = self._bucket.client.upload_part(
                    **self._place.named,
                    UploadId=self._upload_id,
                    PartNumber=number,
                    Body=content,
                    ContentMD5=_md5(content),
                )
        except FileMissing:
            raise Outage("storage", "S3 has lost the upload") from None
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _complete(self, parts: list[dict[str, Any]]) -> None:
        """Make the parts the object.

        That nobody answered, or that the upload is not known any more when the client asks again,
        says nothing: the object that is looked for next does.
        """
        try:
            with s3_errors():
                self._bucket.client.complete_multipart_upload(
                    **self._place.named,
                    UploadId=self._upload_id,
                    MultipartUpload={"Parts": parts},
                )
        except (FileMissing, Outage) as error:
            log.warning("the end of an upload is unknown", reason=str(error))

    def _check(self) -> None:
        try:
            size, _ = self._bucket.size_of(self._place)
        except FileMissing:
            raise Outage("storage", "S3 did not keep the file") from None
        if size != self._spool.size:
            raise Outage("storage", f"S3 kept {size} of {self._spool.size} bytes")

    def _clean_up(self) -> None:
        """Abort the upload once none of its parts is under way; the sweep does what this cannot."""
        wait([part for part in self._parts if not part.cancel()])
        self._spool.close()
        try:
            with s3_errors():
                self._bucket.client.abort_multipart_upload(
                    **self._place.named, UploadId=self._upload_id
                )
        except FileMissing:
            return  # nothing is there to be aborted
        except (Outage, OSError) as error:
            log.warning("an unfinished upload is left to the sweep", reason=str(error))


def _md5(content: bytearray) -> str:
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()

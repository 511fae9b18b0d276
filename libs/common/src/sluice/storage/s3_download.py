"""A stored object, brought to this machine's disk for those who read it without a network."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import structlog

from sluice.errors import Outage
from sluice.storage.files import FileMissing
from sluice.storage.s3_bucket import s3_errors
from sluice.storage.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.storage.files import ReadableFile
    from sluice.storage.s3_bucket import Bucket, Place

log = structlog.get_logger(__name__)
BLOCK_BYTES: Final = 1024 * 1024
BREAKS: Final = 3
"""So often a transfer may break off without getting further, before the storage counts as away."""
TRANSFERS: Final = 2
"""What is damaged on its way is whole the next time; what is damaged where it is kept is not."""


def download(
    bucket: Bucket, place: Place, sha256: bytes | None, goes_on: Callable[[], bool]
) -> ReadableFile:
    """Bring an object here whole; its room is taken before its first byte comes.

    Raises:
        FileMissing: there is none, or its content is not what was stored.
        Outage: the transfer broke off, again and again, or is not wanted any more.
        OSError: this machine's disk is full.
    """
    size, tag = bucket.size_of(place)
    spool = Spool(bucket.spool_dir)
    try:
        spool.reserve(size)
        transfer = _Transfer(bucket.client, place, tag, spool, goes_on)
        for _ in range(TRANSFERS):
            digest = transfer.run(size)
            if sha256 is None or digest == sha256:
                return spool.readable()
            log.warning("a stored file is not what was stored", name=place.key)
        raise FileMissing(f"{place.key} is not what was stored under this name")
    finally:
        spool.close()


class _Transfer:
    """One object of one content, block by block."""

    def __init__(
        self, client: Any, place: Place, tag: str, spool: Spool, goes_on: Callable[[], bool]
    ) -> None:
        self._digest = hashlib.sha256()
        self._client = client
        self._place = place
        self._tag = tag
        self._spool = spool
        self._goes_on = goes_on

    def run(self, size: int) -> bytes:
        """Bring the whole of it from its first byte on; return its digest."""
        self._digest, self._spool.size = hashlib.sha256(), 0
        breaks = 0
        while (before := self._spool.size) < size:
            try:
                with s3_errors(self._place):
                    self._go_on(size)
            except Outage as outage:
                breaks = 1 if self._spool.size > before else breaks + 1
                if breaks > BREAKS or not self._goes_on():
                    raise
                log.info("a transfer broke off", at=self._spool.size, reason=outage.reason)
        return self._digest.digest()

    def _go_on(self, size: int) -> None:
        answer = self._client.get_object(
            **self._place.named, IfMatch=self._tag, Range=f"bytes={self._spool.size}-"
        )
        with answer["Body"] as body:
            while block := body.read(BLOCK_BYTES):
                if not self._goes_on():
                    raise Outage("storage", "the file is not wanted any more")
                self._digest.update(block)
                self._spool.write(block)
        if self._spool.size != size:
            raise Outage("storage", f"S3 sent {self._spool.size} of {size} bytes")

"""A transfer from a bucket that breaks off, with a stand-in for the bucket."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Self, cast

import pytest

from sluice.errors import Outage
from sluice.storage.s3_bucket import Bucket, Place
from sluice.storage.s3_download import BLOCK_BYTES, BREAKS, download

PLACE = Place("bucket", "key")


class Cut:
    """A bucket and its client: every answer breaks off after so many blocks."""

    spool_dir: str | None = None

    def __init__(self, content: bytes, blocks: int) -> None:
        self._content, self._blocks = content, blocks
        self.asked: list[int] = []
        self.client = self

    def size_of(self, _place: Place) -> tuple[int, str]:
        return len(self._content), "tag"

    def get_object(self, **told: str) -> dict[str, Any]:
        self.asked.append(int(told["Range"].removeprefix("bytes=").removesuffix("-")))
        return {"Body": Body(self._content[self.asked[-1] :], self._blocks)}


class Body:
    def __init__(self, content: bytes, blocks: int) -> None:
        self._content, self._blocks = content, blocks

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def read(self, size: int) -> bytes:
        if not self._blocks:
            raise Outage("storage", "cut")
        self._blocks -= 1
        block, self._content = self._content[:size], self._content[size:]
        return block


def test_a_transfer_that_gets_further_may_break_off_ever_again() -> None:
    content = bytes(range(256)) * (BLOCK_BYTES // 256) * (BREAKS + 3)
    bucket = Cut(content, blocks=1)
    file = download(cast("Bucket", bucket), PLACE, sha256(content).digest(), lambda: True)
    assert Path(file.path).read_bytes() == content
    file.close()
    assert bucket.asked == list(range(0, len(content), BLOCK_BYTES))


def test_a_transfer_that_gets_no_further_is_an_outage() -> None:
    bucket = Cut(b"cells", blocks=0)
    with pytest.raises(Outage, match="cut"):
        download(cast("Bucket", bucket), PLACE, None, lambda: True)
    assert bucket.asked == [0] * (BREAKS + 1)

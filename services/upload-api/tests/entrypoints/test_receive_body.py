"""The body on its way to the disk: one block is written while the next one comes."""

from __future__ import annotations

import asyncio
import errno
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.requests import Request

from sluice.errors import Outage
from sluice.web.problems import Problem
from upload_api.entrypoints.multipart_upload import FileLimits
from upload_api.entrypoints.receive_body import BLOCK_BYTES, received_upload
from upload_api.entrypoints.storage_threads import StorageThreads
from upload_api.entrypoints.uploads_in_hand import UploadsInHand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sluice.storage import StoredFile

HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
STUCK_S = 10.0


class HeldFile:
    """A file whose writes wait until they are let go."""

    def __init__(self, folder: Path) -> None:
        self.temporary_path = folder / "file"
        self.temporary_path.touch()
        self.may_write = threading.Event()
        self.is_writing = False
        self.was_writing_when_discarded: bool | None = None

    def write(self, block: bytes) -> None:
        self.is_writing = True
        assert self.may_write.wait(STUCK_S), "nothing more was received meanwhile"
        with self.temporary_path.open("ab") as file:
            file.write(block)
        self.is_writing = False

    def discard(self) -> None:
        self.was_writing_when_discarded = self.is_writing


class FullDisk(HeldFile):
    """A file that no block has room in."""

    def write(self, block: bytes) -> None:
        super().write(block[:0])
        raise OSError(errno.ENOSPC, "no room")


async def receive_all(file: HeldFile, messages: list[dict[str, Any]]) -> int:
    """Take an upload of these messages; the writes are let go once the last is asked for."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        message = left.pop(0)
        if not left:
            asyncio.get_running_loop().call_later(0.05, file.may_write.set)
        return message

    return await receive_from(file, receive)


async def receive_from(
    file: HeldFile,
    receive: Callable[[], Awaitable[dict[str, Any]]],
    max_bytes: int = 10**8,
    threads: StorageThreads | None = None,
) -> int:
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "headers": headers}, receive)
    limits = FileLimits(workbook=max_bytes, text=max_bytes)
    stored = cast("StoredFile", file)
    taken = received_upload(
        request, limits, STUCK_S, lambda: stored, UploadsInHand(), threads or StorageThreads()
    )
    async with taken as (received, _):
        assert received is not None
        return received.size_bytes


async def receive_and_pause(file: HeldFile, max_bytes: int = 10**8) -> int:
    """Take an upload whose client sends one block, and then nothing."""
    file.may_write.set()
    blocks = [block(HEAD + b"1" * BLOCK_BYTES)]

    async def receive() -> dict[str, Any]:
        if not blocks:
            await asyncio.Event().wait()
        return blocks.pop()

    return await receive_from(file, receive, max_bytes)


def block(content: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_block_comes_while_the_one_before_is_written(tmp_path: Path) -> None:
    file = HeldFile(tmp_path)
    rows = b"1" * BLOCK_BYTES
    end = rows + b"\r\n--b--\r\n"
    size = asyncio.run(receive_all(file, [block(HEAD + rows), block(end, more=False)]))
    assert size == 2 * BLOCK_BYTES
    assert file.temporary_path.read_bytes() == rows + rows


def test_a_file_is_not_discarded_while_a_block_is_written(tmp_path: Path) -> None:
    file = HeldFile(tmp_path)
    with pytest.raises(Problem) as refused:
        asyncio.run(
            receive_all(file, [block(HEAD + b"1" * BLOCK_BYTES), {"type": "http.disconnect"}])
        )
    assert refused.value.code == "BODY_CUT"
    assert file.was_writing_when_discarded is False


def test_a_full_disk_is_told_to_a_client_that_pauses(tmp_path: Path) -> None:
    file = FullDisk(tmp_path)
    with pytest.raises(Problem) as refused:
        asyncio.run(receive_and_pause(file))
    assert refused.value.code == "STORAGE_FULL"
    assert file.was_writing_when_discarded is False


def test_a_file_that_is_too_large_is_told_to_a_client_that_pauses(tmp_path: Path) -> None:
    file = HeldFile(tmp_path)
    with pytest.raises(Problem) as refused:
        asyncio.run(receive_and_pause(file, max_bytes=1000))
    assert refused.value.code == "FILE_TOO_LARGE"
    assert file.was_writing_when_discarded is False


def test_a_full_disk_is_told_rather_than_a_client_that_broke_off(tmp_path: Path) -> None:
    file = FullDisk(tmp_path)
    with pytest.raises(Problem) as refused:
        asyncio.run(
            receive_all(file, [block(HEAD + b"1" * BLOCK_BYTES), {"type": "http.disconnect"}])
        )
    assert refused.value.code == "STORAGE_FULL"
    assert file.was_writing_when_discarded is False


def test_a_cancellation_is_obeyed_though_a_refusal_was_on_its_way(tmp_path: Path) -> None:
    file = FullDisk(tmp_path)
    file.may_write.set()
    blocks = [block(HEAD + b"1" * BLOCK_BYTES)]

    async def cancelled() -> None:
        async def receive() -> dict[str, Any]:
            if blocks:
                return blocks.pop()
            try:
                return await asyncio.Future()
            finally:
                receiving.cancel()

        receiving = asyncio.create_task(receive_from(file, receive))
        with pytest.raises(asyncio.CancelledError):
            await receiving

    asyncio.run(cancelled())
    assert file.was_writing_when_discarded is False


def test_a_cancelled_upload_is_discarded_once_its_block_is_written(tmp_path: Path) -> None:
    file = HeldFile(tmp_path)
    blocks = [block(HEAD + b"1" * BLOCK_BYTES)]

    async def cancelled() -> None:
        async def receive() -> dict[str, Any]:
            if blocks:
                return blocks.pop()
            loop = asyncio.get_running_loop()
            loop.call_later(0.05, receiving.cancel)
            loop.call_later(0.1, receiving.cancel)
            loop.call_later(0.15, file.may_write.set)
            return await asyncio.Future()

        receiving = asyncio.create_task(receive_from(file, receive))
        with pytest.raises(asyncio.CancelledError):
            await receiving

    asyncio.run(cancelled())
    assert file.was_writing_when_discarded is False


def test_an_upload_on_its_way_waits_for_a_thread_longer_than_one_that_begins(
    tmp_path: Path,
) -> None:
    file = HeldFile(tmp_path)
    file.may_write.set()
    let_go = threading.Event()
    end = b"1" * BLOCK_BYTES + b"\r\n--b--\r\n"
    blocks = [block(end, more=False), block(HEAD + b"1" * BLOCK_BYTES)]

    async def upload() -> int:
        threads = StorageThreads(1, wait_s=0.05)
        others: list[asyncio.Task[bool]] = []

        async def receive() -> dict[str, Any]:
            if len(blocks) == 1:
                others.append(
                    asyncio.create_task(threads.run(let_go.wait, STUCK_S, wait_s=STUCK_S))
                )
                begins = [block(HEAD + end, more=False)]
                with pytest.raises(Outage, match="hold all of its threads"):
                    await receive_from(HeldFile(tmp_path), pop(begins), threads=threads)
                asyncio.get_running_loop().call_later(0.3, let_go.set)
            return blocks.pop()

        size = await receive_from(file, receive, threads=threads)
        assert await others[0], "it was let go"
        return size

    assert asyncio.run(upload()) == 2 * BLOCK_BYTES


def pop(messages: list[dict[str, Any]]) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return messages.pop()

    return receive

"""Step 1: the body of an upload, from the socket to the disk, at most a few blocks in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import ClientDisconnect, Request

from sluice.failpoints import failpoint
from sluice.storage import StoredFile
from sluice.web.problems import Problem
from upload_api.entrypoints.multipart_upload import (
    FileLimits,
    MultipartUpload,
    ReceivedFile,
    too_large,
)
from upload_api.entrypoints.storage_threads import StorageThreads
from upload_api.entrypoints.uploads_in_hand import UploadsInHand

BLOCK_BYTES = 1024 * 1024
FORM_ALLOWANCE_BYTES = 2 * 1024 * 1024
"""What a body may be larger than its file: boundaries, headers and the other fields."""


@asynccontextmanager
async def received_upload(
    request: Request,
    limits: FileLimits,
    stand_still_s: float,
    begin_file: Callable[[], StoredFile],
    in_hand: UploadsInHand,
    threads: StorageThreads,
) -> AsyncIterator[tuple[ReceivedFile | None, dict[str, str]]]:
    """Lend the file and the other fields of a form; what is not committed goes in the end.

    There is no file where the fields name one that a preview kept.

    Raises:
        Problem: 400, 408, 413, 415, 422, 503 or 507; nothing is left.
        Outage: storage is away; nothing is left.
    """
    upload = MultipartUpload(request.headers.get("content-type", ""), limits, begin_file)
    try:
        # A refusal leaves the rest of the body to uvicorn, which reads on and drops it: a client
        # that is still sending gets the answer
        _check_declared_length(request, limits.any_kind)
        async with in_hand.receiving():
            await _receive(request, upload, stand_still_s, threads)
        file = await threads.run(upload.finish, wait_s=stand_still_s)
        yield file, upload.fields
    finally:
        if upload.has_file:
            await threads.discard(upload)


def _check_declared_length(request: Request, max_file_bytes: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_file_bytes + FORM_ALLOWANCE_BYTES:
        raise too_large(max_file_bytes)


async def _receive(
    request: Request, upload: MultipartUpload, stand_still_s: float, threads: StorageThreads
) -> None:
    """Feed the body in large blocks: a worker thread costs as much for 1 MiB as for 16 KiB.

    One block is hashed and written while the next one comes. What the thread raises is told at
    once, though the client may pause, and comes before what became of the connection.
    """
    body = aiter(request.stream())
    feeding: asyncio.Task[None] | None = None
    coming: asyncio.Task[tuple[bytes, bool]] | None = None
    try:
        ended = False
        while not ended:
            coming = asyncio.create_task(_next_block(body, stand_still_s))
            if feeding is not None:
                await asyncio.wait({feeding, coming}, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.shield(feeding)
                failpoint("upload.mid_body")
            block, ended = await coming
            wait_s = stand_still_s if upload.has_file else None
            feeding = asyncio.create_task(threads.run(upload.feed, block, wait_s=wait_s))
        if feeding is not None:
            await asyncio.shield(feeding)
    finally:
        if coming is not None:
            coming.cancel()
        await _at_rest(feeding, coming)


async def _at_rest(*tasks: asyncio.Task[Any] | None) -> None:
    """Wait for both, whatever they say: nobody may close the file while the thread writes it.

    Raises:
        CancelledError: we were cancelled meanwhile.
    """
    running = {task for task in tasks if task is not None}
    cancelled: asyncio.CancelledError | None = None
    while not all(task.done() for task in running):
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in running:
        if not task.cancelled():
            task.exception()
    if cancelled is not None:
        raise cancelled


async def _next_block(body: AsyncIterator[bytes], stand_still_s: float) -> tuple[bytes, bool]:
    """Return the next megabyte or more, and whether the body ends behind it."""
    pending: list[bytes] = []
    pending_bytes = 0
    while pending_bytes < BLOCK_BYTES:
        try:
            async with asyncio.timeout(stand_still_s):
                chunk = await anext(body)
        except StopAsyncIteration:
            return b"".join(pending), True
        except TimeoutError:
            detail = f"No byte of the body came for {stand_still_s:.0f} s."
            raise Problem(408, "BODY_TIMEOUT", detail) from None
        except ClientDisconnect:
            raise Problem(400, "BODY_CUT", "The connection ended before the body did.") from None
        pending.append(chunk)
        pending_bytes += len(chunk)
    return b"".join(pending), False

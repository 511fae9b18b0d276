"""Step 1: how many files and bytes a user may upload: looked at first, taken for what is new."""

from uuid import UUID

import anyio.from_thread

from sluice.limits.policy import Taken, headers_of
from sluice.web.limits import too_many
from upload_api.parts import Parts

_CODE = {"uploads": "TOO_MANY_UPLOADS", "upload-bytes": "TOO_MANY_UPLOADED_BYTES"}
_WHAT = {
    "uploads": "You uploaded too many files",
    "upload-bytes": "You uploaded too many bytes today",
}


async def refuse_over_limit(parts: Parts, user_id: UUID) -> None:
    """Spare a user the upload of a file that would be refused; raises `Problem`: 429.

    Not for a request with an idempotency key: it may be one that is answered already.
    """
    for policy in (parts.policies.uploads, parts.policies.upload_bytes):
        _raise_if_refused(await parts.limiter.look(policy, str(user_id)))


def take_upload(parts: Parts, user_id: UUID, size_bytes: int) -> dict[str, str]:
    """Take one upload and its bytes, from a worker thread; return the headers that tell of it.

    Behind the look-up of an idempotency key: an answer that is given again costs nothing.

    Raises:
        Problem: 429; nothing is taken then.
    """
    return anyio.from_thread.run(_take, parts, str(user_id), size_bytes)


async def _take(parts: Parts, subject: str, size_bytes: int) -> dict[str, str]:
    upload = await parts.limiter.take(parts.policies.uploads, subject)
    _raise_if_refused(upload)
    size = await parts.limiter.take(parts.policies.upload_bytes, subject, size_bytes)
    if not size.allowed:
        await parts.limiter.give_back(upload, subject)
    _raise_if_refused(size)
    return headers_of(upload, size)


def _raise_if_refused(taken: Taken) -> None:
    name = taken.policy.name
    if not taken.allowed:
        raise too_many(_CODE[name], _WHAT[name], taken)

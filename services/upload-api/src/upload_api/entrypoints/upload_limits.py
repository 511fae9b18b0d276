"""Step 1: how many files and bytes a user may upload: looked at first, taken for what is new."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sluice.limits.policy import Taken, headers_of
from sluice.web.limits import too_many
from upload_api.parts import Parts

_CODE = {"uploads": "TOO_MANY_UPLOADS", "upload-bytes": "TOO_MANY_UPLOADED_BYTES"}
_WHAT = {
    "uploads": "You uploaded too many files",
    "upload-bytes": "You uploaded too many bytes today",
}


async def refuse_over_limit(parts: Parts, user_id: UUID) -> None:
    """Spare a user the upload of a file that would be refused; raises `Problem`: 429."""
    for policy in (parts.policies.uploads, parts.policies.upload_bytes):
        _raise_if_refused(await parts.limiter.look(policy, str(user_id)))


@asynccontextmanager
async def taken_upload(
    parts: Parts, user_id: UUID, size_bytes: int
) -> AsyncIterator[dict[str, str]]:
    """Take one upload and its bytes, and lend the headers that tell of it.

    It belongs behind the look-up of an idempotency key, for an answer that is given again costs
    nothing; what is refused within costs nothing either.

    Raises:
        Problem: 429; nothing is taken then.
    """
    subject, size = str(user_id), max(1, size_bytes)
    upload = await parts.limiter.take(parts.policies.uploads, subject)
    _raise_if_refused(upload)
    volume = await parts.limiter.take(parts.policies.upload_bytes, subject, size)
    try:
        _raise_if_refused(volume)
        yield headers_of(upload, volume)
    except BaseException:
        await parts.limiter.give_back(upload, subject)
        await parts.limiter.give_back(volume, subject, size)
        raise


def _raise_if_refused(taken: Taken) -> None:
    name = taken.policy.name
    if not taken.allowed:
        raise too_many(_CODE[name], _WHAT[name], taken)

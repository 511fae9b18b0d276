"""How often a sign-in may fail, for one name and from one address."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sluice.limits.policy import Taken
from sluice.web.limits import too_many
from upload_api.parts import Parts


class Attempt:
    """One attempt; it costs nothing when it succeeds."""

    succeeded = False


@asynccontextmanager
async def sign_in_attempt(parts: Parts, username: str, address: str) -> AsyncIterator[Attempt]:
    """Take an attempt before the password is looked at, and give it back when it was right.

    Raises:
        Problem: 429, for known and unknown names alike.
    """
    # Passwords are typed as names at times: no name is kept anywhere
    name = hashlib.sha256(username.casefold().encode()).hexdigest()[:24]
    of_name = await parts.limiter.take(parts.policies.sign_ins_of_name, name)
    _raise_if_refused(of_name)
    of_address = await parts.limiter.take(parts.policies.sign_ins_of_address, address)
    if not of_address.allowed:
        await parts.limiter.give_back(of_name, name)
    _raise_if_refused(of_address)
    attempt = Attempt()
    yield attempt
    if attempt.succeeded:
        await parts.limiter.give_back(of_name, name)
        await parts.limiter.give_back(of_address, address)


def _raise_if_refused(taken: Taken) -> None:
    if not taken.allowed:
        raise too_many("TOO_MANY_SIGN_INS", "Too many sign-ins have failed", taken)

"""A limit that is reached, as an answer: 429 with the headers of draft-10."""

from sluice.limits.policy import Taken, headers_of
from sluice.web.problems import Problem


def too_many(code: str, what: str, *taken: Taken) -> Problem:
    """Return the 429 of a refused taking; `what` begins the sentence that people read."""
    refused = next(one for one in taken if not one.allowed)
    detail = f"{what}: try again in {refused.retry_after_s} seconds."
    return Problem(
        429,
        code,
        detail,
        headers=headers_of(*taken),
        limit=refused.policy.limit,
        policy=refused.policy.name,
    )

"""The 429 of a user who has as many unfinished jobs as they may have."""

from sluice.web.problems import Problem

RETRY_AFTER_S = 15
"""A guess: a slot is free when one of the user's jobs ends."""


def no_slot(max_unfinished: int) -> Problem:
    """Return the 429 that names the limit and what to do."""
    detail = (
        f"You have {max_unfinished} unfinished jobs, the most at a time: wait until one ends, or "
        "cancel one."
    )
    return Problem(
        429,
        "TOO_MANY_JOBS",
        detail,
        headers={"Retry-After": str(RETRY_AFTER_S)},
        maxUnfinishedJobs=max_unfinished,
    )

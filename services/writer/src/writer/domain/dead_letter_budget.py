"""How many dead letters are an accident, and how many are a fault of ours or of the target."""

from __future__ import annotations

from dataclasses import dataclass

BUDGET_CODE = "DEAD_LETTER_BUDGET"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterBudget:
    """Past these a job fails, and past so many failed jobs the writers stand still."""

    in_a_row: int = 5
    share: float = 0.05
    at_least: int = 5
    """A share counts only from so many dead letters on: one of ten is no tenth of a job."""
    jobs: int = 3
    jobs_within_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcomes:
    """What the ledger has of one job so far."""

    written: int
    dead: int
    last_in_a_row: int
    """How many of the newest outcomes, one after the other, are dead letters."""


def why_over_budget(budget: DeadLetterBudget, outcomes: JobOutcomes) -> str:
    """Return why a job has spent its budget, as a sentence; empty while it has not."""
    if outcomes.last_in_a_row >= budget.in_a_row:
        return f"{outcomes.last_in_a_row} chunks in a row could not be written"
    chunks = outcomes.written + outcomes.dead
    if outcomes.dead >= budget.at_least and outcomes.dead >= budget.share * chunks:
        return f"{outcomes.dead} of the {chunks} chunks so far could not be written"
    return ""


def must_halt(budget: DeadLetterBudget, failed_jobs: int) -> bool:
    """Tell whether so many jobs over their budget lately mean that the fault is not theirs."""
    return failed_jobs >= budget.jobs

"""What a run does, all of it drawn from its seed: workbooks, faults, moments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from tests.faults.workbooks import (
    KINDS,
    LARGE_FILE,
    LARGE_FILE_ROWS,
    LONG_TEXT_ROWS,
    LONG_TEXTS,
    ImportPlan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.faults.fault_catalog import Fault

LEAST_ROWS, MOST_ROWS = 20_000, 60_000
BAD_SHARES = (0.0, 0.0, 0.01, 0.05)
OUTAGE_S = (5.0, 10.0)
LATEST_SHARE = 0.8
MAX_IMPORTS, MAX_FAULTS = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMoment:
    """One fault of a run: after which share of the chunks, for how long, with which draws."""

    fault: Fault
    at_share: float
    duration_s: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One run."""

    seed: int
    imports: Sequence[ImportPlan]
    faults: Sequence[FaultMoment]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.imports)

    def __str__(self) -> str:
        books = ", ".join(f"{each.rows:,} {each.kind}" for each in self.imports)
        harm = ", ".join(f"{each.fault.name} at {each.at_share:.0%}" for each in self.faults)
        return f"{books}; {harm}"


def plan_of(seed: int, catalog: Mapping[str, Fault], only: Sequence[str] = ()) -> RunPlan:
    """Return the run of a seed: its first fault goes round the catalog, so that none is left out.

    Args:
        seed: of everything.
        catalog: what can be done on this machine.
        only: the names of the faults to do; without, one to three are drawn.
    """
    rng = Random(seed)
    names = list(catalog)
    first = names[seed % len(names)]
    more = rng.sample([name for name in names if name != first], rng.randint(0, MAX_FAULTS - 1))
    chosen = only or [first, *more]
    faults = [catalog[name] for name in chosen]
    return RunPlan(seed=seed, imports=_imports(rng, faults), faults=_moments(rng, faults))


def _imports(rng: Random, faults: Sequence[Fault]) -> list[ImportPlan]:
    kinds = rng.sample(KINDS, rng.randint(1, MAX_IMPORTS))
    plans = [
        ImportPlan(
            kind=kind,
            rows=rng.randrange(LEAST_ROWS, MOST_ROWS, 1_000) // len(kinds) + rng.randint(0, 249),
            seed=rng.randrange(1, 1 << 30),
            bad_share=0.0 if kind == "records" else rng.choice(BAD_SHARES),
            first_id=rng.randrange(1, 1_000_000),
        )
        for kind in kinds
    ]
    needs = {fault.needs for fault in faults}
    if LARGE_FILE in needs:
        plans[0] = replace(plans[0], rows=LARGE_FILE_ROWS)
    if LONG_TEXTS in needs:
        long = ImportPlan(
            kind="long texts", rows=LONG_TEXT_ROWS, seed=rng.randrange(1 << 30), first_id=2_000_000
        )
        plans.append(long)
    return plans


def _moments(rng: Random, faults: Sequence[Fault]) -> list[FaultMoment]:
    moments = [
        FaultMoment(
            fault=fault,
            at_share=0.0 if fault.moment == "before upload" else rng.uniform(0.02, LATEST_SHARE),
            duration_s=rng.uniform(*OUTAGE_S),
            seed=rng.randrange(1 << 30),
        )
        for fault in faults
    ]
    return sorted(moments, key=lambda each: each.at_share)

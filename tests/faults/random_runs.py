"""`make test-faults`: seeded runs with faults in the middle, every oracle after each, a table.

Environment: `SEED` (drawn and printed), `RUNS` (5), `FAULT` (a name, or a part of some names: only
these, one a run; RUNS counts for each of them). A red run keeps its logs in `build/faults/seed-N`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import RunPlan, plan_of
from tests.faults.fault_report import table
from tests.faults.fault_run import RunReport, run_plan
from tests.faults.fault_world import FaultWorld, fault_world, machine_load
from tests.faults.small_disk import disks_are_possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.fault_catalog import Fault

KEPT = Path("build/faults")
WORLD = "faults"


def possible() -> dict[str, Fault]:
    """Return what can be done here."""
    disks = disks_are_possible() is None
    return {name: fault for name, fault in CATALOG.items() if disks or not fault.disks}


def plans(catalog: dict[str, Fault]) -> Iterator[RunPlan]:
    """Yield the runs that were asked for."""
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    runs = int(os.environ.get("RUNS") or 5)
    wanted = os.environ.get("FAULT", "")
    names = [name for name in catalog if wanted in name]
    if not names:
        raise SystemExit(f"no fault is called {wanted!r}; there are: {', '.join(catalog)}")
    print(f"seed {seed}: {runs} runs{f' of each of {names}' if wanted else ''}", flush=True)
    # No seed twice: files of one name are one upload to an idempotency key
    for only in [[name] for name in names] if wanted else [[]]:
        for _ in range(runs):
            yield plan_of(seed, catalog, only)
            seed += 1


def do_all(books: Path) -> list[RunReport]:
    """Do the runs, on one stack as long as they are green."""
    reports: list[RunReport] = []
    left = list(plans(possible()))
    while left:
        with fault_world(WORLD) as world:
            while left:
                report = run_plan(world, left.pop(0), books)
                reports.append(report)
                tell(report, len(reports))
                clear(books)
                if not report.is_green:
                    keep(world, report)
                    break  # what a red run left must not colour the next
    return reports


def tell(report: RunReport, number: int) -> None:
    colour = "green" if report.is_green else "RED"
    notes = "".join(f"\n    {done.name} {done.note}" for done in report.faults if done.note)
    print(
        f"run {number}, seed {report.plan.seed}: {colour} in {report.took_s:.1f} s,"
        f" terminal {report.terminal_s:.1f} s after the healing: {report.plan}{notes}",
        flush=True,
    )
    for wrong in report.verdict.wrong:
        print(f"    {wrong}", flush=True)


def keep(world: FaultWorld, report: RunReport) -> None:
    folder = KEPT / f"seed-{report.plan.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    world.keep_logs(folder)
    story = {
        "plan": str(report.plan),
        "wrong": report.verdict.wrong,
        "faults": [f"{d.name}: {d.healed_s} {d.note}" for d in report.faults],
        "load": machine_load(),
    }
    (folder / "run.json").write_text(json.dumps(story, indent=1))
    print(f"    kept in {folder}; again: make test-faults SEED={report.plan.seed} RUNS=1")


def clear(books: Path) -> None:
    for book in books.glob("*.xlsx"):
        book.unlink()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the disks are unmounted on the way
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-books-") as books:
        reports = do_all(Path(books))
    KEPT.mkdir(parents=True, exist_ok=True)
    shown = table(reports)
    red = [report.plan.seed for report in reports if not report.is_green]
    summary = f"{len(reports)} runs in {time.monotonic() - begun_s:.0f} s, " + (
        f"RED seeds: {red}" if red else "all green"
    )
    (KEPT / "faults.md").write_text(f"{shown}\n\n{summary}\n")
    print(f"\n{shown}\n\n{summary}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())

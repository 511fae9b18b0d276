"""What benchmarks found, kept as JSON: a part that is measured again replaces its older figures.

`RESULTS` names another folder than `docs/benchmarks`, for trials. With `ADD_RUNS=1` a part is not
measured anew: its runs are added to those that were taken at the same commit, so that many runs
need not be one long one.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]


def results_path(name: str) -> Path:
    """Return the file of one benchmark's raw results."""
    folder = os.environ.get("RESULTS")
    return (Path(folder) if folder else ROOT / "docs" / "benchmarks") / f"{name}.json"


def read_results(name: str) -> list[dict[str, Any]]:
    """Return what was found so far; nothing before the first run."""
    path = results_path(name)
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return found


def keep_results(
    name: str, found: Iterable[Mapping[str, Any]], identity: Sequence[str]
) -> list[dict[str, Any]]:
    """Put results in the place of those with the same values under `identity`; return all."""
    where = taken_where()
    fresh = [dict(each) | where for each in found]

    def key(result: Mapping[str, Any]) -> str:
        return json.dumps([result.get(field) for field in identity])

    replaced = {key(each) for each in fresh}
    kept = [old for old in read_results(name) if key(old) not in replaced]
    results = kept + fresh
    path = results_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"  {json.dumps(each)}" for each in results)
    path.write_text(f'{{"results": [\n{lines}\n]}}\n', encoding="utf-8")
    return results


def with_earlier_runs(
    name: str, result: Mapping[str, Any], identity: Sequence[str], runs: Sequence[Any]
) -> list[Any]:
    """Return the runs of a result, behind those that are to be kept of it."""
    if os.environ.get("ADD_RUNS") != "1":
        return list(runs)
    mine = [result.get(field) for field in identity]
    same = [
        old
        for old in read_results(name)
        if old["commit"] == _commit() and [old.get(field) for field in identity] == mine
    ]
    return [*(run for old in same for run in old["runs"]), *runs]


def taken_where() -> dict[str, str]:
    """Return when, at which commit and on what the figures were taken."""
    return {
        "at": SystemClock().now().isoformat(timespec="minutes"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
    }


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure that all runs have."""
    names = [name for name in runs[0] if all(name in run for run in runs)]
    return {name: round(median(run[name] for run in runs), 3) for name in names}

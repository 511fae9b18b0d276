"""How many cores of what: arithmetic over the measured costs of docs/benchmarks/costs.json.

`python -m scripts.scaling_model parser=4 writer=3 postgres=8` tells what such an installation
takes and what bounds it; without arguments it writes the figures of the README, docs/scaling.md
and docs/operations.md anew.
"""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
COSTS = ROOT / "docs" / "benchmarks" / "costs.json"
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "scaling.md", ROOT / "docs" / "operations.md")
STAGES = {
    "upload-api": "any number",
    "parser": "any number; one import is read by one",
    "kafka": "brokers",
    "writer": "up to the partitions of `imports.chunks`",
    "postgres": "one primary a database",
    "progress-fold": "one process",
    "progress-settler": "one leads",
    "progress-gateway": "any number; costs by viewers, not by rows",
}
SINGLE = ("progress-fold", "progress-settler")
LOAD = 0.7
"""How busy a core is planned to be: what is left takes bursts, and the work of one that died."""
RATES = (100_000, 300_000, 1_000_000, 3_000_000)
PROCESSES = {"redis": "Redis"} | {name: name for name in STAGES}
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a million rows cost; `cpu_s` by stage, `room` in bytes by what holds it."""

    cpu_s: Mapping[str, float]
    room: Mapping[str, float]
    memory_mb: Mapping[str, float]
    rows_per_s: float
    machine: str
    taken: str

    @classmethod
    def read(cls, path: Path = COSTS) -> Self:
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            cpu_s=found["cpu_s_per_million_rows"],
            room=found["bytes_per_million_rows"],
            memory_mb=found["peak_rss_mb"],
            rows_per_s=found["rows_per_s"],
            machine=found["machine"],
            taken=(
                f"{found['taken']}, {found['machine']}, {found['reader']} reader, the median of"
                f" {found['runs']} imports of {found['rows']:,} rows at"
                f" {found['rows_per_s']:,} rows/s"
            ),
        )

    def of_stage(self, stage: str, replicas: int = 1) -> float:
        """Return the CPU s of a stage; each replica of a topic is written by a broker again."""
        return self.cpu_s.get(stage, 0.0) * (replicas if stage == "kafka" else 1)


def capacities(costs: Costs, cores: Mapping[str, float], replicas: int = 1) -> dict[str, float]:
    """Return how many rows a second each stage can take with so many cores, all of them busy.

    A stage of one process has one core, whatever it is given.
    """
    return {
        stage: (min(count, 1) if stage in SINGLE else count) * 1e6 / costs.of_stage(stage, replicas)
        for stage, count in cores.items()
        if costs.of_stage(stage) > 0
    }


def bottleneck(costs: Costs, cores: Mapping[str, float], replicas: int = 1) -> tuple[str, float]:
    """Return the stage that bounds the others, and its rows a second."""
    found = capacities(costs, cores, replicas)
    stage = min(found, key=found.__getitem__)
    return stage, found[stage]


def cores_for(costs: Costs, rows_per_s: float, replicas: int = 1) -> dict[str, float]:
    """Return how many cores of each stage take this rate without being busier than planned."""
    return {stage: rows_per_s / 1e6 * costs.of_stage(stage, replicas) / LOAD for stage in STAGES}


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def costs_table(costs: Costs) -> str:
    """Return what each stage costs, and what one core of it takes."""
    rows = [
        [f"`{stage}`", f"{costs.of_stage(stage):.2f}", _rate(costs, stage), STAGES[stage]]
        for stage in STAGES
    ]
    total = sum(map(costs.of_stage, STAGES))
    rows.append(["all", f"{total:.2f}", f"{_two_digits(1e6 / total):,}", ""])
    names = ["stage", "CPU s per million rows", "rows/s of one core", "how many"]
    return f"Measured {costs.taken}.\n\n{_table(names, rows)}"


def _rate(costs: Costs, stage: str) -> str:
    cost = costs.of_stage(stage)
    return f"{_two_digits(1e6 / cost):,}" if cost else "(nothing measurable)"


def _two_digits(value: float) -> int:
    return int(float(f"{value:.2g}"))


def rates_table(costs: Costs) -> str:
    """Return the cores that some rates need, with every topic on three brokers."""
    needed = [cores_for(costs, rate, replicas=3) for rate in RATES]
    rows = [[f"`{stage}`", *(_cores(each[stage], stage) for each in needed)] for stage in STAGES]
    rows.append(["cores in all", *(f"{math.ceil(sum(each.values())):,}" for each in needed)])
    return _table(["stage", *(f"{rate:,} rows/s" for rate in RATES)], rows)


def _cores(count: float, stage: str) -> str:
    beyond = " (beyond one process)" if stage in SINGLE and count * LOAD > 1 else ""
    return f"{count:.1f}{beyond}"


def short(costs: Costs) -> str:
    """Return the README's sentence."""
    memory = costs.memory_mb
    return (
        f"**A million rows of ten columns in {1e6 / costs.rows_per_s:.1f} s**"
        f" ({costs.rows_per_s:,.0f} rows/s on {costs.machine}), for"
        f" {sum(map(costs.of_stage, STAGES)):.1f} CPU seconds of all processes together; the"
        f" parser's largest process {memory['parser']:.0f} MB, the writer"
        f" {memory['writer']:.0f} MB; every row compared with the generator's.\n"
    )


def room_table(costs: Costs) -> str:
    """Return the bytes on disk of a million rows, and the memory of each process."""
    kept = {
        "upload": "`SLUICE_STORAGE_URL`, until the retention",
        "imports.chunks": "Kafka, 3 days, on every replica",
        "imports.results": "Kafka, 7 days, on every replica",
        "WAL": "PostgreSQL, until the checkpoint and the archive have it",
        "target's table": "yours, with its primary key",
        "ledger": "PostgreSQL, until the job is erased",
    }
    rows = [[name, _mb(costs.room[name]), where] for name, where in kept.items()]
    room = _table(["a million rows", "MB on disk", "where, and how long"], rows)
    peaks = [[f"`{name}`", f"{costs.memory_mb[name]:.0f}"] for name in sorted(costs.memory_mb)]
    memory = _table(["process", "MB resident at the peak"], peaks)
    return f"Measured {costs.taken}.\n\n{room}\n{memory}"


def _mb(size: float) -> str:
    return f"{size / 2**20:.1f}" if size < 10 * 2**20 else f"{size / 2**20:.0f}"


def example_table(costs: Costs, millions_a_day: float = 50) -> str:
    """Return what fifty million rows a day come to."""
    room = costs.room
    days = {"imports.chunks": 3, "imports.results": 7}
    kafka = 3 * sum(room[topic] * count for topic, count in days.items()) * millions_a_day
    files = room["upload"] * millions_a_day * 30
    hours = sum(map(costs.of_stage, STAGES)) * millions_a_day / 3600
    rows = [
        ["CPU of all processes", f"{hours:.1f} core hours a day"],
        ["one hour that takes a fifth of it", f"{hours * 0.2 / LOAD:.1f} cores"],
        ["Kafka, three replicas", f"{kafka / 2**30:.0f} GB"],
        ["uploads, kept for 30 days", f"{files / 2**30:.0f} GB"],
        ["WAL to be archived", f"{room['WAL'] * millions_a_day / 2**30:.0f} GB a day"],
        ["ledger, jobs kept for 30 days", f"{room['ledger'] * millions_a_day * 30 / 2**30:.1f} GB"],
    ]
    return _table([f"{millions_a_day:.0f} million rows a day", "needs"], rows)


TABLES = {
    "short": short,
    "costs": costs_table,
    "rates": rates_table,
    "room": room_table,
    "example": example_table,
}


def with_tables(text: str, costs: Costs) -> str:
    """Return a document with its tables made anew."""
    return _MADE.sub(lambda found: f"{found[1]}{TABLES[found[2]](costs)}{found[3]}", text)


def write_documents() -> None:
    costs = Costs.read()
    for path in DOCUMENTS:
        path.write_text(with_tables(path.read_text("utf-8"), costs), encoding="utf-8")


def answer(costs: Costs, given: Sequence[str]) -> str:
    """Tell what `stage=cores …` takes (`replicas=3`: each topic on three brokers)."""
    numbers = {name: float(value) for name, _, value in (word.partition("=") for word in given)}
    replicas = int(numbers.pop("replicas", 1))
    unknown = set(numbers) - set(STAGES)
    if unknown:
        raise SystemExit(f"no such stage: {', '.join(sorted(unknown))}; known: {', '.join(STAGES)}")
    cores = dict.fromkeys(STAGES, 1.0) | numbers
    found = capacities(costs, cores, replicas)
    lines = [f"{stage:17} {cores[stage]:4g} cores  {rate:12,.0f} rows/s" for stage, rate in
             sorted(found.items(), key=lambda pair: pair[1])]  # fmt: skip
    stage, rate = bottleneck(costs, cores, replicas)
    lines.append(f"{stage} bounds it: {rate:,.0f} rows/s, {rate * LOAD:,.0f} at {LOAD:.0%} load")
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(answer(Costs.read(), sys.argv[1:]))
    else:
        write_documents()

"""The metrics that the sources define, and those that docs/metrics.md lists."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "metrics.md"
KINDS = {
    "Counter": "counter",
    "CounterMetricFamily": "counter",
    "Gauge": "gauge",
    "GaugeMetricFamily": "gauge",
    "Histogram": "histogram",
}
PREFIX = "sluice_"


@dataclass(frozen=True, slots=True)
class Metric:
    """What a reader of /metrics has to know to ask for it."""

    name: str
    kind: str
    labels: tuple[str, ...]


def metrics_of_the_code() -> list[Metric]:
    """Return each metric as often as it is defined."""
    sources = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/*/src/**/*.py")]
    return [
        _metric_of(node)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS
        if _is_named(node)
    ]


def _is_named(node: ast.Call) -> bool:
    """Tell a metric from `collections.Counter`, which is given no text."""
    return bool(node.args) and isinstance(node.args[0], ast.Constant)


def _metric_of(node: ast.Call) -> Metric:
    kind = KINDS[ast.unparse(node.func)]
    name = ast.literal_eval(node.args[0])
    if kind == "counter" and not name.endswith("_total"):
        name += "_total"
    listed: list[str] = []
    for part in [*node.args[2:], *(each.value for each in node.keywords if each.arg == "labels")]:
        if isinstance(part, ast.List):
            listed = ast.literal_eval(part)
    return Metric(name, kind, tuple(listed))


def documented_metrics() -> dict[Metric, frozenset[str]]:
    """Return each metric of the document with the processes that it names."""
    found = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"| `{PREFIX}"):
            name, kind, labels, processes, _ = (cell.strip() for cell in line.split("|")[1:6])
            told = tuple(label.strip(" `") for label in labels.split(",") if label)
            metric = Metric(name.strip("`"), kind, told)
            found[metric] = frozenset(each.strip() for each in processes.split(","))
    return found

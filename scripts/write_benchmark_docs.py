"""Write the tables of docs/benchmarks/README.md from the raw results beside it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
PAGE = FOLDER / "README.md"
_SECTION = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

MILLION = 1_000_000
Result = dict[str, Any]


def results_of(name: str) -> list[Result]:
    """Return a benchmark's raw results; none where it was never run."""
    path = FOLDER / f"{name}.json"
    found: list[Result] = json.loads(path.read_text("utf-8"))["results"] if path.exists() else []
    return found


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def taken(results: Sequence[Result]) -> str:
    """Return a line that says when and where results were taken."""
    if not results:
        return "Not run yet.\n"
    commits = ", ".join(dict.fromkeys(result["commit"] for result in results))
    last = max(results, key=lambda result: str(result["at"]))
    return f"Taken {last['at'][:10]} at {commits}, on {last['machine']}.\n"


def stages() -> str:
    """Return what each stage takes alone, a column for each kind of input."""
    results = results_of("stages")
    kinds = sorted({_kind(result) for result in results})
    found = {(result["stage"], _kind(result)): result["median"] for result in results}
    rows = [
        [_STAGES[stage], *(_stage_cell(found.get((stage, kind))) for kind in kinds)]
        for stage in _STAGES
        if any((stage, kind) in found for kind in kinds)
    ]
    return taken(results) + "\n" + markdown(["CPU s per 1M rows", *kinds], rows)


_STAGES = {
    "inflate": "inflate the sheet",
    "reader": "inflate and tokenize",
    "cut": "cut into chunks",
    "encode": "hash and encode",
    "child": "**the reading child: these four**",
    "produce": "produce (client + broker)",
    "consume": "consume and decode (client + broker)",
    "validate": "validate",
    "copy": "COPY (client + PostgreSQL)",
    "ledger": "the ledger's transaction (client + PostgreSQL)",
    "write": "**validate, COPY and ledger (client + PostgreSQL)**",
    "whole": "**the whole, all processes**",
}


def _kind(result: Result) -> str:
    rows = "" if result["rows"] == MILLION else f", {result['rows']:,} rows"
    return f"{result['strings']} strings, {result['reader']}{rows}"


def _stage_cell(figures: dict[str, float] | None) -> str:
    if figures is None:
        return ""
    if "cpu_s" in figures:
        return f"{figures['cpu_s']:.2f} ({figures['wall_s']:.2f} s)"
    servers = [s for name, s in figures.items() if name in {"kafka_cpu_s", "postgres_cpu_s"}]
    return " + ".join(f"{seconds:.2f}" for seconds in [figures["client_cpu_s"], *servers])


def sse() -> str:
    """Return what many viewers see, and what they cost the gateway."""
    results = sorted(results_of("sse"), key=lambda result: int(result["clients"]))
    rows = [
        [
            f"{result['clients']:,}",
            *(f"{result['commit_to_client_ms'][name]:.0f}" for name in ("p50", "p99", "most")),
            f"{result['end_to_client_ms']['p99']:.0f}",
            f"{result['messages'] / result['wall_s']:,.0f}",
            f"{result['gateway_core_share']:.2f}",
            f"{result['gateway_us_per_message']:.0f}",
            f"{result['gateway_kb_per_client']:.0f}",
            "none" if not result["faults"] and not result["slots_left"] else "yes",
        ]
        for result in results
    ]
    head = [
        *("viewers", "commit to viewer, ms p50", "p99", "most", "end to viewer, ms p99"),
        *("messages/s", "cores of the gateway", "µs a message", "KB a viewer", "faults"),
    ]
    return taken(results) + "\n" + markdown(head, rows)


def scale() -> str:
    """Return how everything grows, a line for each case."""
    results = results_of("scale")
    order = {name: place for place, name in enumerate(_PARTS)}
    results.sort(key=lambda result: (order[result["part"]], result["median"]["rows"]))
    rows = [_scale_row(result) for result in results]
    head = [
        *("case", "rows", "wall s", "rows/s", "CPU s per 1M rows", "parser / child / writer MB"),
        *("largest lag, chunks", "commit to viewer, ms p50 / p99"),
    ]
    return taken(results) + "\n" + markdown(head, rows)


_PARTS = {
    "rows": "one workbook",
    "concurrent": "imports at once:",
    "workers": "4 imports; parsers, writers:",
    "pair": "two imports",
    "csv": "one",
}


def _scale_row(result: Result) -> list[str]:
    figures = result["median"]
    peaks, lag, delay = figures["peak_mb"], figures["largest_lag"], figures["commit_to_client_ms"]
    cpu_s = figures["total_cpu_s"] * MILLION / figures["rows"]
    case = "" if result["part"] == "rows" else f" {result['case'].partition(',')[0]}"
    case = f" {result['case']}" if result["part"] == "workers" else case
    return [
        f"{_PARTS[result['part']]}{case}",
        f"{figures['rows']:,}",
        f"{figures['wall_s']:.1f}",
        f"{figures['rows_per_s']:,}",
        f"{cpu_s:.1f}",
        f"{peaks['parser']} / {peaks['reading child']} / {peaks['writer']}",
        f"{lag.get('imports.chunks', 0)}",
        f"{delay.get('p50', 0):.0f} / {delay.get('p99', 0):.0f}",
    ]


TABLES: dict[str, Callable[[], str]] = {"stages": stages, "sse": sse, "scale": scale}


def page_text() -> str:
    """Return the page as it must be committed."""
    text = PAGE.read_text(encoding="utf-8")
    return _SECTION.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

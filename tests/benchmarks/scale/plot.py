"""Draws docs/benchmarks/scale.json as docs/pictures/scale.svg; run where matplotlib is.

uv run --no-project --with matplotlib==3.10.7 python tests/benchmarks/scale/plot.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[3]
RAW = ROOT / "docs" / "benchmarks" / "scale.json"
PICTURE = ROOT / "docs" / "pictures" / "scale.svg"
OURS, OTHERS, FAINT, INK = "#0b6e4f", "#5b6b7b", "#d5dbe1", "#1c2733"
MILLION = 1_000_000
NO_METADATA = {"Date": None, "Type": None, "Format": None, "Creator": None}
"""A picture says nothing of who drew it and when: the same results are the same file."""

Result = dict[str, Any]


def draw(results: list[Result], path: Path) -> None:
    """Draw four panels: pace, CPU and memory by rows, and pace by imports and workers."""
    rcParams["svg.hashsalt"] = path.stem  # the same results, the same bytes
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    pace, cpu, memory, crowd = figure.subplots(2, 2).flat
    sheets, texts = _of(results, "rows"), _of(results, "csv")
    for line, color, name in ((sheets, OURS, "workbook"), (texts, OTHERS, "CSV")):
        rows = [each["median"]["rows"] for each in line]
        pace.plot(rows, [each["median"]["rows_per_s"] / 1000 for each in line], "o-", color=color)
        per_million = [each["median"]["total_cpu_s"] * MILLION / n
                       for each, n in zip(line, rows, strict=True)]  # fmt: skip
        cpu.plot(rows, per_million, "o-", color=color, label=name)
    _memory(memory, sheets + texts)
    _crowd(crowd, results)
    for axes, title in ((pace, "thousand rows/s"), (cpu, "CPU s per million rows, all processes"),
                        (memory, "peak memory, MB"), (crowd, "thousand rows/s")):  # fmt: skip
        _dress(axes, title)
    for axes in (pace, cpu, memory):
        axes.set_xscale("log")
        axes.set_xticks([10_000, 100_000, MILLION, 10 * MILLION], ["10k", "100k", "1M", "10M"])
        axes.set_xlabel("rows of the file", color=INK)
        axes.minorticks_off()
    cpu.legend(frameon=False, fontsize=9)
    figure.savefig(path, metadata=NO_METADATA, facecolor="white")


def _of(results: list[Result], part: str) -> list[Result]:
    found = [each for each in results if each["part"] == part and each["reader"] == "rust"]
    return sorted(found, key=lambda each: int(each["median"]["rows"]))


def _memory(axes: Any, line: list[Result]) -> None:
    line = sorted(line, key=lambda each: int(each["median"]["rows"]))
    shades = {"parser": OTHERS, "reading child": FAINT, "writer": OURS, "progress-fold": INK}
    for name, color in shades.items():
        points = [(each["median"]["rows"], each["median"]["peak_mb"][name]) for each in line]
        axes.plot(*zip(*points, strict=True), "o-", color=color, label=name)
    axes.legend(frameon=False, fontsize=9)


def _crowd(axes: Any, results: list[Result]) -> None:
    bars = [(f"{each['case']} at once", each) for each in _of(results, "concurrent")]
    bars += [(f"{each['case'].replace(', ', '+')}", each) for each in _of(results, "workers")]
    names = [name for name, _ in bars]
    heights = [each["median"]["rows_per_s"] / 1000 for _, each in bars]
    colors = [OURS if "at once" in name else OTHERS for name in names]
    axes.bar(range(len(bars)), heights, color=colors, width=0.6)
    axes.set_xticks(range(len(bars)), names, rotation=20, fontsize=9)
    axes.set_xlabel("imports of one million rows in all · parsers+writers, 4 imports", color=INK)


def _dress(axes: Any, title: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=10)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=FAINT, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


if __name__ == "__main__":
    draw(json.loads(RAW.read_text(encoding="utf-8"))["results"], PICTURE)

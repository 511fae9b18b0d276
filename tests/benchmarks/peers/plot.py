"""Draws `docs/benchmarks/peers.json`; run by the interpreter that has matplotlib.

python -m tests.benchmarks.peers.plot docs/benchmarks/peers.json docs/pictures/peers.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib import rcParams
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from tests.benchmarks.peers import figures
from tests.benchmarks.peers.catalog import BY_NAME, FLOOR, SLUICE

if TYPE_CHECKING:
    from tests.benchmarks.peers.figures import ByStrings

OURS, OTHERS, FAINT, INK = "#0b6e4f", "#5b6b7b", "#d5dbe1", "#1c2733"
NO_METADATA = {"Date": None, "Type": None, "Format": None, "Creator": None}
"""A picture says nothing of who drew it and when: the same results are the same file."""
_TICKS: Final = (1, 2, 5, 10, 20, 50, 100)
"""Seconds, on an axis of factors."""


def draw(peers: dict[str, ByStrings], path: Path) -> None:
    rcParams["svg.hashsalt"] = path.stem  # the same results, the same bytes
    rows = sorted(peers.items(), key=lambda item: -_wall(item[1]))
    figure = Figure(figsize=(9, 0.42 * len(rows) + 1.4), layout="constrained")
    axes = figure.subplots()
    for place, (name, kinds) in enumerate(rows):
        _row(axes, place, name, kinds)
    axes.set_yticks(range(len(rows)), [BY_NAME[name].title.replace("*", "").replace("`", "")
                                       for name, _ in rows])  # fmt: skip
    for label, (name, _) in zip(axes.get_yticklabels(), rows, strict=True):
        label.set(color=OURS if name == SLUICE else INK,
                  fontweight="bold" if name == SLUICE else "normal")  # fmt: skip
    _dress(axes)
    figure.savefig(path, metadata=NO_METADATA, facecolor="white")


def _row(axes: Any, place: int, name: str, kinds: ByStrings) -> None:
    color = OURS if name in {SLUICE, FLOOR} else OTHERS
    walls = [each.wall_s for each in kinds.values()]
    cpus = [each.cpu_s for each in kinds.values()]
    axes.plot([min(walls + cpus), max(walls + cpus)], [place, place], color=FAINT, lw=4, zorder=1)
    axes.plot(cpus, [place] * len(cpus), "|", color=color, ms=11, mew=1.5, zorder=2)
    for strings, each in kinds.items():
        face = color if strings == "inline" else "white"
        axes.plot(each.wall_s, place, "o", mec=color, mfc=face, ms=8, mew=1.6, zorder=3)
    shown = " / ".join(f"{wall:.0f}" if wall >= _TICKS[4] else f"{wall:.1f}" for wall in walls)
    axes.annotate(
        f"{shown} s", (max(walls + cpus), place), (10, 0), textcoords="offset points",
        va="center", fontsize=9, color=color, fontweight="bold" if name == SLUICE else "normal",
    )  # fmt: skip


def _dress(axes: Any) -> None:
    axes.set_xscale("log")
    axes.set_xlim(1, 250)
    axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([str(tick) for tick in _TICKS])
    axes.set_xlabel("seconds for 1,000,000 rows into PostgreSQL (axis of factors)", color=INK)
    axes.grid(axis="x", color=FAINT, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for style, mark, text in (("o", OTHERS, "wall, inline strings"),
                              ("o", "white", "wall, shared strings"),
                              ("|", OTHERS, "CPU of all processes")):  # fmt: skip
        axes.plot([], [], style, mec=OTHERS, mfc=mark, ms=8, mew=1.6, label=text)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=9)


def _wall(kinds: ByStrings) -> float:
    return next(iter(kinds.values())).wall_s


def main(found: str, picture: str) -> int:
    entries = json.loads(Path(found).read_text(encoding="utf-8"))["results"]
    draw(figures.by_peer(entries), Path(picture))
    print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The table of `docs/benchmarks/peers.json`, put between its marks in the README and the docs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.peers import figures
from tests.benchmarks.peers.catalog import BY_NAME, SLUICE
from tests.benchmarks.raw_results import ROOT, read_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.benchmarks.peers.figures import ByStrings, Entry, Figures

PAGES: Final = (Path("README.md"), Path("docs/benchmarks/peers.md"))
BEGIN, END = "<!-- peers:begin -->", "<!-- peers:end -->"
_BLOCK: Final = re.compile(f"(?<={BEGIN}\n).*?(?={END})", re.DOTALL)
_HEAD: Final = """\
| loader | wall s | CPU s | peak MB | does not | takes less than Sluice in |
|---|---|---|---|---|---|
"""
_WHOLE_FROM: Final = 20
"""From here on tenths say nothing."""


def table(entries: Iterable[Entry]) -> str:
    """Return the table; inline and shared strings are parted by a slash."""
    peers = figures.by_peer(entries)
    unlike = figures.unlike(peers)
    sluice = peers.get(SLUICE, {})
    lines = []
    for name, kinds in peers.items():
        ahead = figures.still_ahead(kinds, sluice) if name != SLUICE else []
        damaged = _damage(kinds) if name in unlike else ""
        cells = [
            BY_NAME[name].title,
            _both(kinds, lambda each: _number(each.wall_s)),
            _both(kinds, lambda each: _number(each.cpu_s)),
            _both(kinds, _memory),
            BY_NAME[name].lacks + damaged,
            ", ".join(ahead),
        ]
        lines.append(f"| {' | '.join(cells)} |\n")
    return _HEAD + "".join(lines)


def _both(kinds: ByStrings, shown: Callable[[Figures], str]) -> str:
    return " / ".join(shown(kinds[each]) if each in kinds else "-" for each in figures.STRINGS)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= _WHOLE_FROM else f"{value:.1f}"


def _memory(each: Figures) -> str:
    if each.largest == "client" or each.own_peak_mb == each.peak_mb:
        return f"{each.peak_mb:,.0f}"
    return f"{each.peak_mb:,.0f} ({each.largest.capitalize()}; else {each.own_peak_mb:,.0f})"


def _damage(kinds: ByStrings) -> str:
    """Return what a table that is unlike the others says of itself."""
    most = max(each.damaged_rows for each in kinds.values())
    return f"; damages letters in {most:,} rows" if most else "; its cells differ"


def write(page: Path, text: str) -> None:
    """Put the table in the place of the one between the marks.

    Raises:
        ValueError: the page has no marks.
    """
    before = page.read_text(encoding="utf-8")
    if not _BLOCK.search(before):
        raise ValueError(f"{page} has no {BEGIN} … {END} to put the table between")
    page.write_text(_BLOCK.sub(lambda _: text, before), encoding="utf-8")


def main() -> int:
    text = table(read_results("peers"))
    for page in PAGES:
        write(ROOT / page, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
